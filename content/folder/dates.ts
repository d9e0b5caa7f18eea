import { offsetAt } from "#core/text";
import { parseDate } from "../shared/dates.ts";

/** Reads a date as an editor writes it: without a zone of its own it is the newsroom's time. Null when it is none. */
export function localDate(text: string, timeZone: string): Date | null {
  const read = parseDate(text);
  return read && !namesInstant(text) ? inZone(read, timeZone) : read;
}

/** Seconds since 1970, or a time of day with its zone behind it. */
function namesInstant(text: string): boolean {
  if (/^\s*\d{9,13}\s*$/.test(text)) return true;
  const after = /\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(.*)$/.exec(text)?.[1] ?? "";
  return /[+-]\s?\d{1,2}:?(?:\d{2})?\s*$|[a-z]/i.test(after.replace(/\b[ap]\.?m\b\.?/i, ""));
}

/** The instant at which the clocks of a zone show what `shown` shows in UTC. */
function inZone(shown: Date, timeZone: string): Date {
  const guess = shown.getTime() - offsetAt(shown.getTime(), timeZone);
  // The offset of the instant itself: clocks may have changed between the two.
  return new Date(shown.getTime() - offsetAt(guess, timeZone));
}
