import { nameKey } from "#core/article-text";
import type { Span } from "#core/model";
import { cleanEntry, wordKey } from "#core/preferences";
import { textOf } from "#core/spans";

/** What is cut off a message that is longer than any list of preferences. */
const longestWritten = 8_000;

/** What was written after a command, between commas or on lines of their own: without quotes around it or a hashtag's mark. */
export function entriesIn(spans: Span[]): string[] {
  return textOf(spans)
    .slice(0, longestWritten)
    .split(/[,،、;؛\n]/)
    .map((part) => unquoted(unhashed(cleanEntry(part))))
    .filter((entry) => wordKey(entry) !== "");
}

/** "#Tel_Aviv" is how a topic stands under a message. */
const unhashed = (text: string): string => (/^#[^\s#]/.test(text) ? text.slice(1).replaceAll("_", " ").trim() : text);

const quotes = /^(?:"(.*)"|'(.*)'|“(.*)”|„(.*)[“”]|«(.*)»)$/;

function unquoted(text: string): string {
  const inside = quotes
    .exec(text)
    ?.slice(1)
    .find((part) => part !== undefined);
  return inside === undefined ? text : inside.trim();
}

const all = new Set(["all", "everything", "הכל", "הכול", "все", "الكل", "كل"].map(nameKey));
const on = new Set(["on", "yes", "כן", "פעיל", "да", "вкл", "نعم"].map(nameKey));
const off = new Set(["off", "no", "לא", "כבוי", "нет", "выкл", "لا"].map(nameKey));

/** One word alone that stands for everything there is. */
export const isAll = ([word, ...more]: readonly string[]): boolean =>
  word !== undefined && more.length === 0 && all.has(nameKey(word));

/** A switch's new place; null for what says neither. */
export function switchIn([word = "", ...more]: readonly string[]): boolean | null {
  const key = nameKey(word);
  if (more.length > 0 || !(on.has(key) || off.has(key))) return null;
  return on.has(key);
}
