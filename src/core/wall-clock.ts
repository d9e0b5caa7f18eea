import type { TimeOfDay } from "#core/model";
import { offsetAt } from "#core/text";

export const dayMs = 24 * 3_600_000;

/** The instants at which the clocks of a zone show what `shown` shows in UTC: one, none, or two, the first one first. */
export function instantsOf(shown: number, timeZone: string): Date[] {
  return [...new Set(offsetsAround(shown, timeZone))]
    .map((offset) => shown - offset)
    .filter((at) => at + offsetAt(at, timeZone) === shown)
    .sort((a, b) => a - b)
    .map((at) => new Date(at));
}

/**
 * When the clocks of a zone show a time on a day (as `dayIn` counts them): the first or the last of two instants, and where
 * they are put forward over it, the moment at which that happens.
 */
export function instantAt(day: number, time: TimeOfDay, timeZone: string, which: "first" | "last" = "first"): Date {
  const shown = day * dayMs + minutesOf(time) * 60_000;
  const instants = instantsOf(shown, timeZone);
  return (which === "first" ? instants[0] : instants.at(-1)) ?? putForwardOver(shown, timeZone);
}

/** Minutes after midnight. */
export function minutesOf(time: TimeOfDay): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** Milliseconds ahead of UTC, before and after any change at that time: no zone changes its clocks twice within two days. */
const offsetsAround = (shown: number, timeZone: string): [before: number, after: number] => [
  offsetAt(shown - dayMs, timeZone),
  offsetAt(shown + dayMs, timeZone),
];

/** The first instant at which the clocks show more than a time that they skip. */
function putForwardOver(shown: number, timeZone: string): Date {
  const [before, after] = offsetsAround(shown, timeZone);
  let early = shown - after;
  let late = shown - before;
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (middle + offsetAt(middle, timeZone) < shown) early = middle;
    else late = middle;
  }
  return new Date(late);
}
