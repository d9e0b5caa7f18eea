import type { SearchedText, Term } from "#core/article-text";
import { joins } from "#core/words-in";

/** Terms that are looked for all at once: the time it takes grows with the text, hardly with the number of terms. */
export interface TermIndex {
  /** Known ones change nothing. */
  add(term: Term): void;
  /** The terms that stand in a text, as `finderOf` would find each of them. */
  foundIn(text: SearchedText): Set<string>;
}

/** Hebrew and Arabic write no more than this onto the front of a word. */
const mostParticles = 4;

export function createTermIndex(): TermIndex {
  /** Whole terms by their first word. */
  const byWord = new Map<string, Set<string>>();
  /** The others by their first two UTF-16 units, or their only one. */
  const byStart = new Map<string, Set<string>>();

  const findWhole = (words: string, found: Set<string>): void => {
    for (let start = 1, end = words.indexOf(" ", 1); end !== -1; start = end + 1, end = words.indexOf(" ", start)) {
      const word = words.slice(start, end);
      const most = takesParticles(word) ? Math.min(mostParticles, word.length - 1) : 0;
      for (let cut = 0; cut <= most; cut++) {
        for (const term of byWord.get(cut === 0 ? word : word.slice(cut)) ?? []) {
          const isThere = term.length === word.length - cut || words.startsWith(`${term} `, start + cut);
          if (isThere && (cut === 0 || joins(word.slice(0, cut), term))) found.add(term);
        }
      }
    }
  };

  const findAnywhere = (folded: string, found: Set<string>): void => {
    for (let at = 0; at < folded.length; at++) {
      for (const start of [folded.slice(at, at + 1), folded.slice(at, at + 2)]) {
        for (const term of byStart.get(start) ?? []) if (folded.startsWith(term, at)) found.add(term);
      }
    }
  };

  return {
    add({ text, isWhole }) {
      if (text === "") return;
      const [map, key] = isWhole ? [byWord, text.split(" ", 1)[0] ?? ""] : [byStart, text.slice(0, 2)];
      const terms = map.get(key);
      if (terms) terms.add(text);
      else map.set(key, new Set([text]));
    },

    foundIn(text) {
      const found = new Set<string>();
      if (byWord.size > 0) findWhole(text.words(), found);
      if (byStart.size > 0) findAnywhere(text.folded(), found);
      return found;
    },
  };
}

/** It begins with a letter of the blocks in which `joins` finds particles: Hebrew and Arabic. */
function takesParticles(word: string): boolean {
  const first = word.charCodeAt(0);
  return first >= 0x5d0 && first <= 0x64a;
}
