import { comparableTag } from "#core/language";
import type { Article } from "#core/model";

/** Scripts that tell languages apart, with what CLDR calls them where a language is usually written in them. */
const scripts: readonly (readonly [codes: readonly string[], letters: RegExp])[] = [
  [["Latn"], /\p{Script=Latin}/gu],
  [["Hebr"], /\p{Script=Hebrew}/gu],
  [["Arab"], /\p{Script=Arabic}/gu],
  [["Cyrl"], /\p{Script=Cyrillic}/gu],
  [["Grek"], /\p{Script=Greek}/gu],
  [["Ethi"], /\p{Script=Ethiopic}/gu],
  [["Deva"], /\p{Script=Devanagari}/gu],
  [["Thai"], /\p{Script=Thai}/gu],
  [["Jpan", "Hans", "Hant", "Kore"], /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu],
];

/** Under which a wished language is found: its own tag, the script it is written in, and what can be told of no article. */
export function keysOfWish(language: string): string[] {
  const tag = comparableTag(language);
  return [tag, `script ${scriptOf(tag)}`, unknownLanguage];
}

/**
 * Under which an article is looked for: its language from the narrowest tag to the widest ("en-gb", "en"). One that does
 * not say its language is taken for any that is written in its headline's script, and for all where that tells nothing:
 * better a story too many than one lost.
 */
export function keysOfArticle({ language, title }: Pick<Article, "language" | "title">): string[] {
  if (language !== null) {
    const parts = comparableTag(language).split("-");
    return parts.map((_part, index) => parts.slice(0, parts.length - index).join("-"));
  }
  const sample = title.slice(0, mostRead);
  const half = (sample.match(/\p{L}/gu)?.length ?? 0) / 2;
  const script = scripts.find(([, letters]) => (sample.match(letters)?.length ?? 0) > half);
  return script ? script[0].map((code) => `script ${code}`) : [unknownLanguage];
}

/** Characters of a headline in which its script shows. */
const mostRead = 500;
const unknownLanguage = "script";

function scriptOf(tag: string): string {
  try {
    return new Intl.Locale(tag).maximize().script ?? "";
  } catch {
    return "";
  }
}
