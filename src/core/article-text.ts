import type { Article } from "#core/model";
import { fold, joins, unspaced, wordsIn } from "#core/words-in";

/** A text in the forms that words are looked for in, each made once and only when it is asked for. */
export interface SearchedText {
  /** As it was written. */
  plain(): string;
  folded(): string;
  /** Its words with one space around each. */
  words(): string;
}

/** Characters of an article that are searched: past it nobody's words find what the lead and the first pages did not say. */
const mostSearched = 60_000;

/** Kicker, headline, summary and text of an article. */
export function searchedText(article: Pick<Article, "kicker" | "title" | "summary" | "text">): SearchedText {
  return searched(() =>
    [article.kicker, article.title, article.summary, article.text]
      .filter((part) => part !== null)
      .join("\n")
      .slice(0, mostSearched),
  );
}

/** Where followed and muted words count: an article's own words, and the name of each of its topics. */
export const searchedTexts = (article: Article): SearchedText[] => [
  searchedText(article),
  ...article.topics.map((topic) => searched(() => topic)),
];

/** A text to be searched; it is made when it is first looked into. */
export function searched(text: () => string): SearchedText {
  const plain = once(text);
  return { plain, folded: once(() => fold(plain())), words: once(() => phraseOf(plain())) };
}

/** A word or several in a row, as they are looked for. */
export interface Term {
  /** Folded; the same for all ways of writing it. Empty where nothing is left to look for. */
  text: string;
  /** Words are found whole; what holds no letter ("🔴") and what is in a script without spaces is found wherever it stands. */
  isWhole: boolean;
}

export function termOf(word: string): Term {
  const phrase = wordsIn(word).join(" ");
  const isWhole = phrase !== "" && !unspaced.test(phrase);
  return { text: isWhole ? phrase : fold(word).trim(), isWhole };
}

/** Looks for a term: searched as text, since a regular expression for each would be slow. */
export function finderOf({ text, isWhole }: Term): (searched: SearchedText) => boolean {
  if (!isWhole) return ({ folded }) => text !== "" && folded().includes(text);
  const ending = `${text} `;
  return (searched) => {
    const words = searched.words();
    for (let at = words.indexOf(ending); at !== -1; at = words.indexOf(ending, at + 1)) {
      const start = words.lastIndexOf(" ", at - 1) + 1;
      if (start === at || joins(words.slice(start, at), text)) return true;
    }
    return false;
  };
}

/** The words with one space around each. */
export const phraseOf = (text: string): string => ` ${wordsIn(text).join(" ")} `;

/** The same for all ways of writing a name. */
export const nameKey = (name: string): string => fold(name).trim();

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
