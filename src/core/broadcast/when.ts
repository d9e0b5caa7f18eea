import { dayIn, timeOfDay } from "#core/text";
import { dayMs, instantsOf } from "#core/wall-clock";

/** A moment that somebody wrote, or why it cannot be meant. */
export type When =
  | {
      at: Date;
      /** The clocks go back over it: it comes twice, and the first time is meant. */
      comesTwice: boolean;
      /** How much of the text names it. */
      length: number;
    }
  | { problem: string };

/** What is planned for later than this is mistyped. */
const furthestMs = 366 * dayMs;

/**
 * Reads "18:30", "tomorrow 07:00" or "2026-11-25 07:00" at the beginning of a text, as the clocks of the zone show it.
 * Null where the text begins with nothing of the kind.
 */
export function readWhen(text: string, now: Date, timeZone: string): When | null {
  const [said, day = "", hour, minutes] =
    /^\s*(?:(today|tomorrow|\d{4}-\d{1,2}-\d{1,2})[\sT,]{1,3})?(\d{1,2})[:.](\d{2})(?=\s|$)/i.exec(text) ?? [];
  if (said === undefined) return null;
  const named = said.trim();
  const date = dateOf(day.toLowerCase(), now, timeZone);
  if (date === null) return { problem: `${day} is no day of the calendar.` };
  if (Number(hour) > 23 || Number(minutes) > 59) return { problem: `${hour}:${minutes} is no time of day.` };
  const shown = date + (Number(hour) * 60 + Number(minutes)) * 60_000;
  const [at, second] = instantsOf(shown, timeZone);
  if (!at) {
    return {
      problem: `On that day there is no ${hour}:${minutes} in ${timeZone}: the clocks are put forward over it.`,
    };
  }
  // Of a time that comes twice the second may be the one that is still to come.
  const next = at > now || !second ? at : second;
  if (next <= now) return { problem: `${named} has passed: it is ${nowWords(now, timeZone)}.` };
  if (next.getTime() - now.getTime() > furthestMs) return { problem: `${named} is more than a year away.` };
  return { at: next, comesTwice: second !== undefined && next === at, length: said.length };
}

/** "18:42 on Tuesday 24 November (Asia/Jerusalem)". */
export const nowWords = (now: Date, timeZone: string): string =>
  `${timeOfDay(now, timeZone)} on ${dayWords(now, timeZone)} (${timeZone})`;

/** "at 18:30", "tomorrow at 07:00", "on Wednesday 25 November at 07:00". */
export function momentWords(at: Date, now: Date, timeZone: string): string {
  const days = dayIn(at, timeZone) - dayIn(now, timeZone);
  const time = `at ${timeOfDay(at, timeZone)}`;
  if (days === 0) return time;
  if (days === 1) return `tomorrow ${time}`;
  if (days === -1) return `yesterday ${time}`;
  return `on ${dayWords(at, timeZone)} ${time}`;
}

const dayWords = (at: Date, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone })
    .format(at)
    .replace(",", "");

/** Midnight of the day, as UTC would show it; null for what is no day. */
function dateOf(day: string, now: Date, timeZone: string): number | null {
  if (day === "" || day === "today") return dateShown(now, timeZone);
  if (day === "tomorrow") return dateShown(now, timeZone) + dayMs;
  const [year = 0, month = 0, date = 0] = day.split("-").map(Number);
  const midnight = new Date(Date.UTC(year, month - 1, date));
  return midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === date ? midnight.getTime() : null;
}

const dateShown = (at: Date, timeZone: string): number => dayIn(at, timeZone) * dayMs;
