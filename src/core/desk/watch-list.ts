import { termOf } from "#core/article-text";
import { type Answer, refused } from "#core/broadcast/desk";
import type { Store } from "#core/ports";
import { cut } from "#core/text";

/** More of them hold nearly every story. */
const mostWords = 500;
const longestWord = 100;

const keyOf = (word: string): string => termOf(word).text;

/** Adds words that make a story wait for an editor. */
export async function watch(store: Store, words: readonly string[], now: Date): Promise<Answer> {
  const long = words.find((word) => [...word].length > longestWord);
  if (long) return refused(`“${cut(long, 20)}” has more than ${longestWord} characters: put a comma after each word.`);
  const entries = words.map((word) => ({ key: keyOf(word), word })).filter(({ key }) => key !== "");
  if (entries.length === 0) return refused("Name at least one word.");
  return store.transaction(async (tx) => {
    const known = await tx.desk.watchWords();
    if (known.length + entries.length > mostWords) {
      return refused(`The list takes ${mostWords} words at most, and has ${known.length}: nothing is changed.`);
    }
    const added = await tx.desk.watch(entries, now);
    if (added.length === 0) return refused("They are on the list already.");
    return { done: true, text: `From now on a story waits for an editor when ${eitherOf(added)} stands in it.` };
  });
}

/** Takes words off the list; stories that wait because of them wait on. */
export function unwatch(store: Store, words: readonly string[] | "all"): Promise<Answer> {
  return store.transaction(async (tx) => {
    const known = await tx.desk.watchWords();
    const keys = (words === "all" ? known : words).map(keyOf);
    if (known.length === 0) return refused("The list is empty already.");
    const missing = words === "all" ? undefined : words.find((word) => !known.map(keyOf).includes(keyOf(word)));
    if (missing !== undefined || keys.length === 0) {
      return refused(`“${cut(missing ?? "", 60)}” is not on the list: nothing is changed.`);
    }
    const gone = await tx.desk.unwatch(keys);
    return { done: true, text: `No story waits because of ${eitherOf(gone)} any more. What waits already waits on.` };
  });
}

const eitherOf = (words: readonly string[]): string =>
  new Intl.ListFormat("en", { type: "disjunction" }).format(words.map((word) => `“${word}”`));
