import type { DigestTimes, Hours } from "#core/model";
import { dayIn, offsetAt } from "#core/text";
import { instantAt } from "#core/wall-clock";

/** When digests come to those who named no time. */
export const usualDigest: DigestTimes = { every: "day", at: ["18:00"] };

/** When these hours' digests come; those who only get so many articles an hour get the rest at each full one. Null for never. */
export function digestTimes({ delivery, digest, perHour }: Hours): DigestTimes | null {
  if (delivery) return digest ?? usualDigest;
  return perHour ? { every: "hour" } : null;
}

/** The first moment of a schedule after an instant, by the clocks of a zone. */
export function nextMoment(times: DigestTimes, after: Date, timeZone: string): Date | null {
  if (times.every === "hour") return nextFullHour(after, timeZone);
  const today = dayIn(after, timeZone);
  // Each schedule has a moment in any eight days.
  for (let day = today - 1; day <= today + 8; day++) {
    const next = momentsOn(day, times, timeZone).find((at) => at > after);
    if (next) return next;
  }
  return null;
}

/** A time that comes twice counts once, and one that the clocks skip is when they are put forward. */
function momentsOn(day: number, times: Exclude<DigestTimes, { every: "hour" }>, timeZone: string): Date[] {
  if (times.every === "week" && !times.on.includes(weekdayOf(day))) return [];
  return times.at.map((time) => instantAt(day, time, timeZone)).sort((one, other) => one.getTime() - other.getTime());
}

/** Day 0 was a Thursday. */
const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;

const hourMs = 3_600_000;

/** The next instant at which the clocks show a full hour: also one that they show for the second time. */
function nextFullHour(after: Date, timeZone: string): Date {
  let at = after.getTime();
  do at += hourMs - pastHour(at, timeZone);
  while (
    // Some clocks are changed by half an hour.
    pastHour(at, timeZone) !== 0
  );
  return new Date(at);
}

/** Milliseconds since the clocks showed a full hour. */
function pastHour(at: number, timeZone: string): number {
  const past = (at + offsetAt(at, timeZone)) % hourMs;
  return past < 0 ? past + hourMs : past;
}
