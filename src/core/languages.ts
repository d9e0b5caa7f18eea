import { nameKey } from "#core/article-text";
import { comparableTag } from "#core/language";

/** Languages in which readers may write the name of another, beside its own. */
const tellers = ["en", "he", "ar", "ru"];

let tagsByName: Map<string, string> | undefined;

/** The tag of a language by its tag or its name: "he", "en-GB", "Hebrew", "עברית", "иврит". Null where it is none. */
export function languageFrom(text: string): string | null {
  const named = (tagsByName ??= nameLanguages()).get(nameKey(text));
  if (named) return named;
  const tag = comparableTag(text.trim());
  const [primary = ""] = tag.split("-", 1);
  if (!/^[a-z]{2,3}$/.test(primary) || tag.length > 35) return null;
  try {
    const isKnown = new Intl.DisplayNames("en", { type: "language", fallback: "none" }).of(primary) !== undefined;
    return isKnown ? (Intl.getCanonicalLocales(tag)[0]?.toLowerCase() ?? null) : null;
  } catch {
    return null;
  }
}

/** All languages with a code of two letters, by their names. */
function nameLanguages(): Map<string, string> {
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  const tags = letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((tag) => comparableTag(tag) === tag);
  const names = new Map<string, string>();
  const options = { type: "language", fallback: "none" } as const;
  const told = tellers.map((teller) => new Intl.DisplayNames(teller, options));
  for (const tag of tags) {
    // Not every pair of letters is a language.
    if (told[0]?.of(tag) === undefined) continue;
    for (const name of [...told, new Intl.DisplayNames(tag, options)].map((names) => names.of(tag))) {
      const key = nameKey(name ?? "");
      if (key !== "" && !names.has(key)) names.set(key, tag);
    }
  }
  return names;
}
