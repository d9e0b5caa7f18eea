import { nameKey, searchedTexts, termOf } from "#core/article-text";
import { areTwins } from "#core/dedupe";
import type { ArticleId, DigestMessage, StoredArticle, Wants } from "#core/model";
import type { NewDigest } from "#core/ports";
import { terms } from "#core/similar";
import { createTermIndex } from "#core/term-index";

/** More headlines than these are no digest any more; the rest is counted. */
export const mostInDigest = 30;

/** What a digest shows, and what becomes of the articles that it does not. */
export interface Composed {
  sections: NewDigest["body"]["sections"];
  more: number;
  /** Articles that tell the same story as one that is shown. */
  twins: ArticleId[];
  /** Articles that it had no room for. */
  left: ArticleId[];
}

/** Puts digests together: for the same wants and articles the same, and what was found out for one is used for the next. */
export type Compose = (wants: Wants, articles: readonly StoredArticle[]) => Promise<Composed | null>;

/** Pairs judged before others have a turn: some milliseconds. */
const breathEvery = 50;
/** Judgements that are remembered. */
const mostKnown = 20_000;

/**
 * Ranks by breaking news, then by what the chat asked for, then by time; merges twins; groups by topic. Null where nothing
 * is to be told.
 */
export function createCompose(breath: () => Promise<void>): Compose {
  const keysOf = remember((article: StoredArticle) => new Set(terms(article)));
  const judged = new Map<string, boolean>();
  let pairs = 0;

  const isTwin = async (one: StoredArticle, other: StoredArticle): Promise<boolean> => {
    const [first, second] = one.id < other.id ? [one, other] : [other, one];
    const key = `${versionOf(first)}:${versionOf(second)}`;
    const known = judged.get(key);
    if (known !== undefined) return known;
    pairs += 1;
    if (pairs % breathEvery === 0) await breath();
    // Near-equal texts share a term; most pairs share none.
    const is = !keysOf(one).isDisjointFrom(keysOf(other)) && areTwins(first, second);
    if (judged.size >= mostKnown) judged.clear();
    judged.set(key, is);
    return is;
  };

  return async (wants, given) => {
    const matches = createMatch(wants);
    const ranked = given
      .filter(({ retractedAt }) => retractedAt === null)
      .map((article) => ({ article, isMatch: matches(article) }))
      .sort((a, b) => rank(b) - rank(a) || timeOf(b.article) - timeOf(a.article) || b.article.id - a.article.id)
      .map(({ article }) => article);
    const shown: StoredArticle[] = [];
    const twins: ArticleId[] = [];
    const left: ArticleId[] = [];
    for (const article of ranked) {
      if (await isAny(shown, (other) => isTwin(article, other))) twins.push(article.id);
      else if (shown.length < mostInDigest) shown.push(article);
      else left.push(article.id);
    }
    if (shown.length === 0) return null;
    return { sections: sectionsOf(wants, shown), more: left.length, twins, left };
  };
}

async function isAny<T>(all: readonly T[], holds: (one: T) => Promise<boolean>): Promise<boolean> {
  for (const one of all) if (await holds(one)) return true;
  return false;
}

const rank = ({ article, isMatch }: { article: StoredArticle; isMatch: boolean }): number =>
  (article.breaking ? 2 : 0) + (isMatch ? 1 : 0);

const timeOf = ({ publishedAt, seenAt }: StoredArticle): number =>
  // A date in the future says less than when the article was seen.
  Math.min((publishedAt ?? seenAt).getTime() || seenAt.getTime(), seenAt.getTime());

const versionOf = ({ id, revision }: StoredArticle): string => `${id}.${revision}`;

/** Whether an article is what the chat asked for by a topic or a word; true for all where it asked for none. */
function createMatch({ topics = [], follows = [] }: Wants): (article: StoredArticle) => boolean {
  const chosen = new Set(topics.map(nameKey));
  const words = createTermIndex();
  for (const word of follows) words.add(termOf(word));
  return (article) =>
    article.topics.some((topic) => chosen.has(nameKey(topic))) ||
    (follows.length > 0 && searchedTexts(article).some((text) => words.foundIn(text).size > 0));
}

/** Each article under one topic: one that the chat chose, else the one that most of the articles here share. The best first. */
function sectionsOf({ topics = [] }: Wants, shown: readonly StoredArticle[]): Composed["sections"] {
  const chosen = new Set(topics.map(nameKey));
  const counts = new Map<string, number>();
  for (const { topics: own } of shown) {
    for (const key of new Set(own.map(nameKey))) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const weight = (topic: string): number =>
    (chosen.has(nameKey(topic)) ? 1_000 : 0) + (counts.get(nameKey(topic)) ?? 0);
  const sections = new Map<string | null, { topic: string | null; articles: ArticleId[] }>();
  for (const { id, topics: own } of shown) {
    // Of equals the first: publishers name the main topic first.
    const topic = own.reduce<string | null>(
      (best, one) => (best === null || weight(one) > weight(best) ? one : best),
      null,
    );
    const key = topic === null ? null : nameKey(topic);
    const section = sections.get(key);
    if (section) section.articles.push(id);
    else sections.set(key, { topic, articles: [id] });
  }
  const isChosen = ({ topic }: { topic: string | null }): number =>
    topic !== null && chosen.has(nameKey(topic)) ? 0 : 1;
  // What stands under no topic comes last, unless it is all there is.
  return [...sections.values()].sort(
    (a, b) => isChosen(a) - isChosen(b) || Number(a.topic === null) - Number(b.topic === null),
  );
}

/** Keeps what was made of an article's version. */
function remember<T>(make: (article: StoredArticle) => T): (article: StoredArticle) => T {
  const known = new Map<string, T>();
  return (article) => {
    const key = versionOf(article);
    const made = known.get(key) ?? make(article);
    if (known.size >= mostKnown) known.clear();
    known.set(key, made);
    return made;
  };
}

/** Why a digest comes, where it comes by a change of hours: at an hour like any other. */
export const occasionOf = (occasion: DigestMessage["occasion"] | "change"): DigestMessage["occasion"] =>
  occasion === "change" ? "hour" : occasion;
