import type { StoryWord } from "#core/story-words";
import { joins } from "#core/words-in";

/** How far two texts say the same in the same order. */
export interface Overlap {
  /** Twice the shared weight over both weights, from 0 to 1. */
  dice: number;
  /** The shared weight over the smaller one: 1 where one text is a cut of the other. */
  contained: number;
  /** Content words shared. */
  content: number;
  /** Content words of one text that the other has nowhere. */
  leftOne: StoryWord[];
  leftOther: StoryWord[];
  /** Places where other content stands instead. */
  replaced: number;
  /** Such a place where one text names somebody or something, and the other another. */
  hasOtherName: boolean;
  /** One of them says "not" where the other does not. */
  hasNegation: boolean;
  /** Content words that only one text has, in the midst of what both say. */
  inside: StoryWord[];
  /** Content words that both have, but in another order. */
  moved: StoryWord[];
  /** The shared content words, as each text has them. */
  shared: StoryWord[];
}

/** A content word counts as much as four small ones; an inflected or prefixed one a little less than the same word. */
const weightOf = { exact: 4, near: 3, small: 1 };

/** From so many words on, what follows the last shared word is a text that goes on. */
const goingOn = 6;

const isContent = ({ kind }: StoryWord): boolean => kind !== "small";

/** How many words say something. */
export const contentOf = (words: StoryWord[]): number => words.filter(isContent).length;

/** The longest common run of words in order, each as it weighs, and what is left beside it. */
export function alignWords(one: StoryWord[], other: StoryWord[]): Overlap {
  const width = other.length + 1;
  const weights = new Uint8Array(one.length * other.length);
  const best = new Uint16Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      const weight = matchWeight(one[i], other[j]);
      weights[i * other.length + j] = weight;
      const skipped = Math.max(best[(i + 1) * width + j] ?? 0, best[i * width + j + 1] ?? 0);
      best[i * width + j] = weight === 0 ? skipped : Math.max(skipped, weight + (best[(i + 1) * width + j + 1] ?? 0));
    }
  }
  const shared: StoryWord[] = [];
  const inside: StoryWord[] = [];
  const moved: StoryWord[] = [];
  let content = 0;
  let replaced = 0;
  let hasOtherName = false;
  let hasNegation = false;
  let gapOne: StoryWord[] = [];
  let gapOther: StoryWord[] = [];
  const closeGap = (isTail: boolean): void => {
    const missingOne = gapOne.filter((word) => isContent(word) && !isAmong(word, other));
    const missingOther = gapOther.filter((word) => isContent(word) && !isAmong(word, one));
    moved.push(...gapOne.filter((word) => isContent(word) && !missingOne.includes(word)));
    // After the last shared word each may go on as it likes; but a few words instead of a few others are no going on.
    const longer = Math.max(gapOne.length, gapOther.length);
    const isInside = !isTail || (longer < goingOn && gapOne.length > 0 && gapOther.length > 0);
    if (isInside) inside.push(...missingOne, ...missingOther);
    if (isInside && missingOne.length > 0 && missingOther.length > 0) {
      replaced++;
      if (missingOne.some(isName) && missingOther.some(isName)) hasOtherName = true;
    }
    const isTurned = (word: StoryWord): boolean => word.kind === "negation";
    if (isInside && gapOne.some(isTurned) !== gapOther.some(isTurned)) hasNegation = true;
    gapOne = [];
    gapOther = [];
  };
  let i = 0;
  let j = 0;
  while (i < one.length || j < other.length) {
    const here = one[i];
    const there = other[j];
    const weight = here && there ? (weights[i * other.length + j] ?? 0) : 0;
    if (here && there && weight > 0 && best[i * width + j] === weight + (best[(i + 1) * width + j + 1] ?? 0)) {
      closeGap(false);
      if (isContent(here)) {
        content++;
        shared.push(here, there);
      }
      i++;
      j++;
    } else if (here && (!there || (best[(i + 1) * width + j] ?? 0) >= (best[i * width + j + 1] ?? 0))) {
      gapOne.push(here);
      i++;
    } else if (there) {
      gapOther.push(there);
      j++;
    }
  }
  closeGap(true);
  const sum = best[0] ?? 0;
  const [whole, otherWhole] = [one, other].map((words) => words.reduce((total, word) => total + ownWeight(word), 0));
  return {
    dice: (2 * sum) / Math.max(1, (whole ?? 0) + (otherWhole ?? 0)),
    contained: sum / Math.max(1, Math.min(whole ?? 0, otherWhole ?? 0)),
    content,
    leftOne: one.filter((word) => isContent(word) && !isAmong(word, other)),
    leftOther: other.filter((word) => isContent(word) && !isAmong(word, one)),
    replaced,
    hasOtherName,
    hasNegation,
    inside,
    moved,
    shared,
  };
}

const isName = (word: StoryWord): boolean => word.isName;
const ownWeight = (word: StoryWord): number => (isContent(word) ? weightOf.exact : weightOf.small);
/** Whether a word stands among others, in any form. */
export const isAmong = (word: StoryWord, words: StoryWord[]): boolean =>
  words.some((other) => matchWeight(word, other) > 0);

function matchWeight(one: StoryWord | undefined, other: StoryWord | undefined): number {
  if (!one || !other || one.kind !== other.kind) return 0;
  if (one.word === other.word) return ownWeight(one);
  return one.kind === "plain" || one.kind === "date" ? (isNear(one.word, other.word) ? weightOf.near : 0) : 0;
}

/** One word in two forms: with what Hebrew and Arabic write in front of it, or with another ending. */
function isNear(one: string, other: string): boolean {
  const first = one.charCodeAt(0);
  if (first >= 0x5d0 && first <= 0x64a) {
    const [short, long] = one.length < other.length ? [one, other] : [other, one];
    if (long.length > short.length && long.endsWith(short) && joins(long.slice(0, -short.length), short)) return true;
    if (short.length > 3 && particleOff(one) === particleOff(other)) return true;
  } else if (first !== other.charCodeAt(0)) return false;
  if (one.length > 2 && (other === `${one}s` || one === `${other}s`)) return true;
  let same = 0;
  while (same < one.length && one.charCodeAt(same) === other.charCodeAt(same)) same++;
  const longest = Math.max(one.length, other.length);
  return same >= 4 && same >= longest * 0.6 && longest - same <= 3 && Math.min(one.length, other.length) - same <= 3;
}

/** Without one particle, so that "in the town" and "to the town" meet. */
const particleOff = (word: string): string =>
  /^[הובלמשכ]/.test(word) ? word.slice(1) : word.replace(/^[وف]?(?:[بك]?ال|لل)(?=...)/, "");
