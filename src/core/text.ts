/** Text as people count and read it: graphemes, sentences, direction. Intl does the work; nothing here knows a platform. */

import { comparableTag } from "#core/language";

/** Made when it is first asked for: its tables take a while to load. */
let graphemes: Intl.Segmenter | undefined;

/** "Dr.", "St.", "U.S.": a point that rarely ends a sentence, although a segmenter takes it for one. */
const abbreviation = /(^|\s)\p{Lu}[\p{L}.]{0,3}\.\s*$/u;

/** Whole sentences up to `max` UTF-16 units; where even the first is longer, whole words and an ellipsis. */
export function excerpt(text: string, max: number, language?: string | null): string {
  const flat = text.replace(/\s+/g, " ").trim();
  if (flat.length <= max) return flat;
  let read = "";
  let kept = "";
  for (const { segment } of sentencesOf(flat.slice(0, max * 2), language)) {
    read += segment;
    if (read.trimEnd().length > max) break;
    if (!abbreviation.test(read)) kept = read;
  }
  return kept.trimEnd() || cut(flat, max);
}

/** At most `max` UTF-16 units, ending in "…" where something was cut: at a word where one ends near, never inside a grapheme. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  // A grapheme begins at every space: only what follows the last one well before the end is taken apart.
  const from = Math.max(0, text.lastIndexOf(" ", max - 64));
  let end = 0;
  for (const { index, segment } of (graphemes ??= graphemeSegmenter()).segment(text.slice(from, max + 64))) {
    if (from + index + segment.length > max - 1) break;
    end = from + index + segment.length;
  }
  const head = text.slice(0, end);
  const space = head.search(/\s\S*$/);
  return `${(space > max * 0.6 ? head.slice(0, space) : head).trimEnd()}…`;
}

/** The direction of a text by its first strong letter, as the Unicode bidirectional algorithm finds it (UAX 9, P2). */
export function direction(text: string): "ltr" | "rtl" {
  const strong = /\p{L}/u.exec(text)?.[0];
  return strong && /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(strong)
    ? "rtl"
    : "ltr";
}

/** Whether an article is read from the right: by the script of its language; where none is named, or lies, by most of its letters. */
export function readsRightToLeft(language: string | null, sample: string): boolean {
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  const rtl = sample.match(rightToLeftLetters)?.length ?? 0;
  return rtl > 0 && (rtl * 2 >= letters || isRightToLeftLanguage(language));
}

const rightToLeftLetters = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/gu;

function isRightToLeftLanguage(language: string | null): boolean {
  try {
    const { script } = new Intl.Locale(comparableTag(language ?? "en")).maximize();
    return /^(Hebr|Arab|Syrc|Thaa|Nkoo)$/.test(script ?? "");
  } catch {
    // A feed may name a language that does not exist.
    return false;
  }
}

/** The time of day in a zone, as a newspaper prints it: "14:05". */
export function timeOfDay(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(at);
}

/** Milliseconds that the clocks of a zone are ahead of UTC at an instant. */
export function offsetAt(at: number, timeZone: string): number {
  const parts = clockOf(timeZone).formatToParts(at);
  const shown = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** By zone: to make one takes a hundred times as long as to ask it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat("en", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  clocks.set(timeZone, clock);
  return clock;
}

/** The calendar's day in a zone, as a number: days of 23 and 25 hours count as one. */
export const dayIn = (at: Date, timeZone: string): number =>
  Math.floor((at.getTime() + offsetAt(at.getTime(), timeZone)) / 86_400_000);

function sentencesOf(text: string, language?: string | null): Iterable<{ segment: string }> {
  try {
    return new Intl.Segmenter(language ?? undefined, { granularity: "sentence" }).segment(text);
  } catch {
    // A feed may name a language that does not exist.
    return new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(text);
  }
}

const graphemeSegmenter = (): Intl.Segmenter => new Intl.Segmenter(undefined, { granularity: "grapheme" });
