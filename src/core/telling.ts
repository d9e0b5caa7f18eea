import type { Article } from "#core/model";
import { bareHeadline, isSeries, type StoryWord, stem, storyWords } from "#core/story-words";
import { fold, wordsIn } from "#core/words-in";

/** Words of a standfirst that are compared: about its first five lines. */
const mostLeadWords = 90;
const mostTitleWords = 40;
/** A publisher's name at a headline's end has at most so many words. */
const mostSuffixWords = 5;

/** An article's headline and standfirst as two tellings of a story are compared. */
export interface Telling {
  title: StoryWord[];
  lead: StoryWord[];
  isSeries: boolean;
  /** What may be its publisher's name at the end of the headline: its words, run together, and how many. */
  suffix: { name: string; words: number } | null;
  /** What its publisher is called. */
  names: string[];
}

export function tellingOf(article: Article): Telling {
  const headline = bareHeadline(article.title);
  const title = storyWords(headline, mostTitleWords);
  const lead = storyWords(leadOf(article), mostLeadWords);
  const behind = /\s[|•·\p{Pd}]\s*([^|•·]{2,60})$/u.exec(headline)?.[1];
  const suffix = behind === undefined ? [] : wordsIn(behind);
  return {
    title,
    lead,
    isSeries: isSeries(fold(`${article.kicker ?? ""} | ${article.title}`)),
    suffix:
      suffix.length > 0 && suffix.length <= mostSuffixWords && suffix.length < title.length
        ? { name: nameOf(suffix), words: storyWords(behind ?? "", mostTitleWords).length }
        : null,
    names: [nameOf(wordsIn(article.source)), siteName(article.url)].filter((name) => name !== ""),
  };
}

/** The standfirst; where a feed has none, the text begins with what one would say. */
const leadOf = ({ summary, text }: Article): string => summary ?? text ?? "";

/** Headline and standfirst as they are written, as far as they are compared. */
export const writtenOf = (article: Article): string =>
  `${article.title.slice(0, 400)} ${leadOf(article).slice(0, 600)}`;

/** "The Harbour Bell" and "Harbour Bell" are one. */
const nameOf = (words: string[]): string => words.join("").replace(/^the(?=.)/, "");

/** "www.the-bell.example" as it may stand at a headline's end: "bell". */
function siteName(url: string | null): string {
  const host = url === null ? undefined : URL.parse(url)?.hostname;
  const labels = host?.replace(/^www\./, "").split(".") ?? [];
  return nameOf((labels[0] ?? "").split("-"));
}

/** Both headlines without a publisher's name at the end, be it the other's: whoever passes a story on writes there whose it is. */
export function headlinesOf(one: Telling, other: Telling): [StoryWord[], StoryWord[]] {
  const names = new Set([...one.names, ...other.names]);
  const bare = ({ title, suffix }: Telling): StoryWord[] =>
    suffix && names.has(suffix.name) ? title.slice(0, -suffix.words) : title;
  return [bare(one), bare(other)];
}

/**
 * Whether numbers and days agree: those of each headline stand somewhere in the other article, in the same order where both
 * headlines have them, and of the standfirsts' numbers one has all of the other's. "unsaid" where one headline has numbers
 * that the other article does not give, and the other headline none.
 */
export function compareFigures(
  one: Telling,
  titleOne: StoryWord[],
  other: Telling,
  titleOther: StoryWord[],
): "agree" | "unsaid" | "differ" {
  const numbers = (words: StoryWord[]): string[] =>
    words.filter(({ kind }) => kind === "number").map(({ word }) => word);
  const [inOne, inOther] = [numbers(titleOne), numbers(titleOther)];
  const [leadOne, leadOther] = [new Set(numbers(one.lead)), new Set(numbers(other.lead))];
  const allOne = leadOne.union(new Set(inOne));
  const allOther = leadOther.union(new Set(inOther));
  if (inOne.length === inOther.length && inOne.join() !== inOther.join()) return "differ";
  if (one.lead.length > 0 && other.lead.length > 0 && !leadOne.isSubsetOf(allOther) && !leadOther.isSubsetOf(allOne)) {
    return "differ";
  }
  if (!agreeInDays(titleOne, [...titleOne, ...one.lead], titleOther, [...titleOther, ...other.lead])) return "differ";
  const isSaid = inOne.every((number) => allOther.has(number)) && inOther.every((number) => allOne.has(number));
  if (isSaid) return "agree";
  return inOne.length === 0 || inOther.length === 0 ? "unsaid" : "differ";
}

/** Another day is another story; a day left out is none. */
function agreeInDays(
  titleOne: StoryWord[],
  allOne: StoryWord[],
  titleOther: StoryWord[],
  allOther: StoryWord[],
): boolean {
  const days = (words: StoryWord[]): Set<string> =>
    new Set(words.filter(({ kind }) => kind === "date").map(({ word }) => stem(word)));
  const [one, other] = [days(allOne), days(allOther)];
  if (one.size === 0 || other.size === 0) return true;
  return days(titleOne).isSubsetOf(other) && days(titleOther).isSubsetOf(one) && !one.isDisjointFrom(other);
}
