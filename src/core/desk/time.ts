import { readWhen } from "#core/broadcast/when";
import type { DeskManner } from "#core/desk/say";

/** A time that an editor wrote, with what must be said of it; in words, what is wrong with it. */
export function readTime(text: string, { now, timeZone }: DeskManner): { at: Date; note: string } | string {
  const read = readWhen(text, now, timeZone);
  if (!read || ("length" in read && read.length < text.trimEnd().length)) {
    return `“${text.slice(0, 40)}” is no time. ${timeHelp}`;
  }
  if ("problem" in read) return `${read.problem} ${timeHelp}`;
  const twice = "\nThe clocks go back that night and this time comes twice: the first one is meant.";
  return { at: read.at, note: read.comesTwice ? twice : "" };
}

const timeHelp = "Write it as 18:30, tomorrow 07:00 or 2026-11-25 07:00.";
