import { alignWords, contentOf, isAmong, type Overlap } from "#core/align";
import { primaryLanguage } from "#core/language";
import type { Article } from "#core/model";
import { gistOf, isSeries, type StoryWord, stem, storyWords } from "#core/story-words";
import { compareFigures, headlinesOf, type Telling, tellingOf, writtenOf } from "#core/telling";
import { fold } from "#core/words-in";

/**
 * From here on two texts are one story. Chosen on the stories of tests/fixtures/pairs and held against others that were
 * written afterwards: `npm run bench -- twins` prints what each threshold finds and what it merges wrongly.
 */
export const sameStoryThreshold = 0.85;

/** Of the smaller article's words, the part that two tellings share at the least; what shares less is not looked at. */
const leastShared = 0.3;
/** Content words below which a standfirst says nothing that a headline could be checked by. */
const leastLead = 5;
/** Content words that two standfirsts share when they tell a story on their own, whatever the headline over them. */
const tellingLead = 11;
/** Share of a standfirst that is the same in both when it is one text, but for a word or so. */
const sameWords = 0.97;
/** Content words of a headline that stands without a standfirst: where the times are near, and where there are none. */
const tellingTitle = 5;
const tellingTitleWithoutTime = 7;
/** Without standfirsts only what comes within three hours is one story: the next alarm comes in the same words. */
const titleAloneMs = 3 * 60 * 60_000;

/** Most terms of an article: half of them from its headline, half from the beginning of its standfirst. */
const mostTerms = 8;
/** Words of a standfirst from which its terms are taken: a cut one has them too. */
const termWords = 20;
/** Terms are cut here, before most inflections. */
const termLength = 6;

/** Whether two articles tell the same story: near-equal headline and summary, and no other number, day, name or "not". */
export const isNearEqual = (a: Article, b: Article): boolean => likeness(a, b) >= sameStoryThreshold;

/** How near two articles' texts are, from 0 to 1; 0 where a fact stands against it. */
export const likeness = (a: Article, b: Article): number => likenessTo(a)(b);

/** The same for one article beside many. */
export function likenessTo(a: Article): (b: Article) => number {
  const language = primaryLanguage(a.language);
  const gist = gistOf(writtenOf(a));
  let one: Telling | undefined;
  return (b) => {
    const otherLanguage = primaryLanguage(b.language);
    if (language && otherLanguage && language !== otherLanguage) return 0;
    // Most of what shares a term shares little else.
    if (sharedPart(gist, gistOf(writtenOf(b))) < leastShared) return 0;
    return compare((one ??= tellingOf(a)), tellingOf(b), apart(a.publishedAt, b.publishedAt));
  };
}

/** `apartMs`: how far apart they were published; null where one of them does not say. */
function compare(one: Telling, other: Telling, apartMs: number | null): number {
  const [titleOne, titleOther] = headlinesOf(one, other);
  const figures = compareFigures(one, titleOne, other, titleOther);
  if (figures === "differ") return 0;
  const title = alignWords(titleOne, titleOther);
  if (title.hasNegation) return 0;
  const comesAgain = one.isSeries || other.isSeries;
  if (Math.min(contentOf(one.lead), contentOf(other.lead)) < leastLead) {
    return comesAgain || figures === "unsaid" ? 0 : byTitle(title, apartMs);
  }
  const lead = alignWords(one.lead, other.lead);
  if (lead.hasNegation || lead.hasOtherName || haveSwapped(title, lead) || tellOther(title, lead)) return 0;
  if (comesAgain) return inSeries(title, lead);
  return byBoth(title, lead, figures === "unsaid");
}

/** Who did it and to whom it was done have changed places in headline and standfirst. */
const haveSwapped = (title: Overlap, lead: Overlap): boolean => title.moved.some((word) => isAmong(word, lead.moved));

/** What one headline says and the other does not, its standfirst says where the other says something else, or nothing. */
const tellOther = ({ leftOne, leftOther }: Overlap, lead: Overlap): boolean =>
  [...leftOne, ...leftOther].some((word) => isAmong(word, lead.inside));

/** Without standfirsts the headlines must say the same, be long enough for one story, and be of about one time. */
function byTitle(title: Overlap, apartMs: number | null): number {
  if (apartMs !== null && apartMs > titleAloneMs) return 0;
  const isTelling = title.content >= (apartMs === null ? tellingTitleWithoutTime : tellingTitle);
  return isTelling && title.leftOne.length + title.leftOther.length === 0 ? title.dice : 0;
}

/** A series repeats its headline and half of its standfirst: only the same words are the same instalment. */
const inSeries = (title: Overlap, lead: Overlap): number =>
  title.leftOne.length + title.leftOther.length + lead.replaced === 0 ? Math.min(title.dice, lead.contained) : 0;

function byBoth(title: Overlap, lead: Overlap, isUnsaid: boolean): number {
  // Another word in each headline: a synonym, or another story in the same mould? What both standfirsts say decides; where
  // they differ in a word as well, they must say it all.
  const leastTold = lead.replaced > 0 ? 1 : 0.5;
  const isTold = (words: StoryWord[]): boolean =>
    words.filter((word) => isAmong(word, lead.shared)).length >= words.length * leastTold;
  const isReplaced = title.leftOne.length > 0 && title.leftOther.length > 0;
  const tellsAlone = lead.content >= tellingLead && lead.replaced === 0 && (isReplaced || title.content > 2);
  if (isReplaced && !isTold(title.leftOne) && !isTold(title.leftOther) && !(tellsAlone && isSynonym(title, lead)))
    return 0;
  const alone = tellsAlone ? lead.contained - 0.05 : 0;
  if (isUnsaid) return lead.contained >= sameWords ? alone : 0;
  return Math.max(alone, 0.4 * title.dice + 0.6 * lead.contained);
}

/** One word for one, no names, over the same standfirst, which tells all the rest of the headline: a mould would not. */
function isSynonym({ leftOne, leftOther, content, shared }: Overlap, lead: Overlap): boolean {
  const [one] = leftOne;
  const [other] = leftOther;
  return (
    leftOne.length === 1 &&
    leftOther.length === 1 &&
    one?.kind === "plain" &&
    other?.kind === "plain" &&
    !(one.isName && other.isName) &&
    content >= 3 &&
    lead.contained >= sameWords &&
    shared.every((word) => isAmong(word, lead.shared))
  );
}

/**
 * Whether two versions of a headline or a summary under one link say about the same. Numbers may differ, as in a corrected
 * one; days may not, and a series is always the next instalment.
 */
export function areNearWords(one: string | null, other: string | null): boolean {
  if (one === null || other === null || isSeries(fold(one)) || isSeries(fold(other))) return false;
  const [wordsOne, wordsOther] = [storyWords(one, 60), storyWords(other, 60)];
  const { dice, leftOne, leftOther } = alignWords(wordsOne, wordsOther);
  const isOtherDay = [leftOne, leftOther].every((left) => left.some(({ kind }) => kind === "date"));
  return dice >= 0.6 && !isOtherDay;
}

/**
 * Words by which near-equal articles find each other: they share at least one. The longest, which are the rarest; stable, so
 * that they can be kept.
 */
export function terms(article: Article): string[] {
  const { title, lead } = tellingOf(article);
  const found = new Set(longest(title, mostTerms / 2));
  for (const term of longest(lead.slice(0, termWords), mostTerms / 2)) found.add(term);
  return [...found];
}

function longest(words: StoryWord[], most: number): string[] {
  const stems = new Map<string, number>();
  for (const { word, kind } of words) {
    const term = stem(word, termLength);
    if (kind === "plain" && word.length > 2) stems.set(term, Math.max(stems.get(term) ?? 0, word.length));
  }
  return [...stems]
    .sort(([one, length], [other, otherLength]) => otherLength - length || (one < other ? -1 : 1))
    .slice(0, most)
    .map(([term]) => term);
}

/** The part of the smaller set that the other has; 1 where one is not known. */
function sharedPart(one: Set<string> | null, other: Set<string> | null): number {
  return one && other ? one.intersection(other).size / Math.max(1, Math.min(one.size, other.size)) : 1;
}

const apart = (one: Date | null, other: Date | null): number | null =>
  one && other ? Math.abs(one.getTime() - other.getTime()) : null;
