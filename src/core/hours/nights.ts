import type { Interval } from "#core/hours/interval";
import type { Hours } from "#core/model";
import { dayIn } from "#core/text";
import { instantAt, minutesOf } from "#core/wall-clock";

/**
 * The quiet hours of each night that are not over by `since` and begin by `until`. Where the clocks go back they last from
 * the first time that the hour comes to the last; where they go forward over one of their ends, they end or begin there.
 */
export function nights(quiet: NonNullable<Hours["quiet"]>, since: Date, until: Date, timeZone: string): Interval[] {
  const days = minutesOf(quiet.to) > minutesOf(quiet.from) ? 0 : 1;
  const found: Interval[] = [];
  for (let day = dayIn(since, timeZone) - 1; day <= dayIn(until, timeZone); day++) {
    const from = instantAt(day, quiet.from, timeZone);
    const to = instantAt(day + days, quiet.to, timeZone, "last");
    if (from < to && to > since && from <= until) found.push({ from, to });
  }
  return found;
}
