import { linkKey } from "#core/link-key";
import type { Article, FeedId, StoredArticle } from "#core/model";
import { changeOf } from "#core/revise";
import { areNearWords, isNearEqual, likenessTo, sameStoryThreshold } from "#core/similar";
import { wordsIn } from "#core/words-in";

/** What an item of a feed is, seen beside what is known. */
export type Verdict =
  | { kind: "new" }
  /** Known as it stands. */
  | { kind: "known"; article: StoredArticle }
  /** Known in an older version; `change` says whether readers of the message see the difference. */
  | { kind: "changed"; article: StoredArticle; change: "message" | "body" }
  /** A known story under another id or from another feed. */
  | { kind: "twin"; article: StoredArticle };

/** What is known that an article could be. */
export interface Known {
  /** The article under this id in this feed, or the one that the id is an alias of. */
  own: StoredArticle | null;
  /** Articles of any feed under the same link key, oldest first. */
  byLink: readonly StoredArticle[];
  /** Articles seen within the window that share a term. */
  sharing: readonly StoredArticle[];
}

/** What one read of a feed says of its links and ids. */
export interface BatchLinks {
  /** How many different headlines stand under a link key. */
  headlines(key: string): number;
  /** Whether the feed still has this id. */
  has(sourceId: string): boolean;
}

/** How far apart two feeds may tell one story, by what they say of their time: two days, as one may be read a weekend late. */
export const twinWindowMs = 48 * 60 * 60_000;

/** Counts links and ids over all articles of one read. */
export function batchLinks(articles: readonly Article[]): BatchLinks {
  const ids = new Set<string>();
  const headlines = new Map<string, Set<string>>();
  for (const { sourceId, url, title } of articles) {
    ids.add(sourceId);
    const key = url === null ? null : linkKey(url);
    if (key === null) continue;
    const known = headlines.get(key);
    if (known) known.add(comparable(title));
    else headlines.set(key, new Set([comparable(title)]));
  }
  return { headlines: (key) => headlines.get(key)?.size ?? 0, has: (sourceId) => ids.has(sourceId) };
}

/**
 * Decides by the feed's own id, then by the link, then by the words. A link that several headlines share (a feed whose items
 * all link to one page, a live blog) says nothing. What its publisher took back stays so in another feed under its own link
 * and headline; a story told anew, or by others, is no twin of it.
 */
export function judge(article: Article, feed: FeedId, known: Known, batch: BatchLinks): Verdict {
  if (known.own) return judgeOwn(article, feed, known.own, batch);
  const key = article.url === null ? null : linkKey(article.url);
  // What another feed brought and nobody was told is no reason to leave a story out, but for an editor's decision.
  const counts = (other: StoredArticle): boolean =>
    other.feedId === feed || other.announcedAt !== null || isDecided(other);
  return (
    (key === null ? null : judgeByLink(article, feed, key, known.byLink.filter(counts), batch)) ??
    judgeByItself(article, feed, known.sharing, batch) ??
    judgeByWords(article, feed, key, known.sharing.filter(counts).filter(stands)) ?? { kind: "new" }
  );
}

/**
 * Keys under which a feed says the very same thing, whatever id it gives it this time: the same words under one link, or of
 * one moment. Words alone are none: "no delays today" comes again.
 */
export function sayings(article: Article): string[] {
  const { url, publishedAt } = article;
  const link = url === null ? null : linkKey(url);
  const places = [link, publishedAt?.toISOString() ?? null].filter((place) => place !== null);
  return places.map((place) => `said:${place}|${wordsOf(article)}`);
}

const wordsOf = ({ title, summary }: Article): string => `${comparable(title) || title}|${comparable(summary ?? "")}`;

/** An editor decides about it, or did. */
const isDecided = ({ desk }: StoredArticle): boolean => desk === "held" || desk === "dropped";

const stands = ({ retractedAt }: StoredArticle): boolean => retractedAt === null;

/**
 * A twin's own feed tells its changes: what another feed says of the story must not be taken for a revision. An alias of the
 * same feed stands for the article when its former id has left the feed.
 */
function judgeOwn(article: Article, feed: FeedId, own: StoredArticle, batch: BatchLinks): Verdict {
  const isIts = own.feedId === feed && (own.sourceId === article.sourceId || !batch.has(own.sourceId));
  if (!isIts || !stands(own)) return { kind: "known", article: own };
  const change = changeOf(own, article);
  return change === "none" ? { kind: "known", article: own } : { kind: "changed", article: own, change };
}

function judgeByLink(
  article: Article,
  feed: FeedId,
  key: string,
  linked: readonly StoredArticle[],
  batch: BatchLinks,
): Verdict | null {
  const title = comparable(article.title);
  for (const other of linked) {
    if (comparable(other.title) !== title) continue;
    // Two items that a feed holds at once are one story only when they also say the same: a live blog repeats its headline.
    const isOther = other.feedId === feed && batch.has(other.sourceId) && saysOtherwise(other.summary, article.summary);
    if (!isOther) return { kind: "twin", article: other };
  }
  const [first, ...rest] = linked.filter(stands);
  const isOnesOwn =
    batch.headlines(key) <= 1 && rest.every((other) => comparable(other.title) === comparable(first?.title ?? ""));
  if (!first || !isOnesOwn) return null;
  const former = [first, ...rest].find((other) => other.feedId === feed);
  if (!former) return { kind: "twin", article: first };
  // One feed, one link, another id and another headline: a story told anew, or the next one under a standing link.
  const isSame =
    !batch.has(former.sourceId) &&
    (areNearWords(former.title, article.title) || areNearWords(former.summary, article.summary));
  if (!isSame) return null;
  const change = changeOf(former, article);
  return change === "none" ? { kind: "twin", article: former } : { kind: "changed", article: former, change };
}

/**
 * A feed that makes up ids and links anew at each reading: what it says in the same words and of the same moment, or without
 * any link and date, is what it said within the window under the id that is gone.
 */
function judgeByItself(
  article: Article,
  feed: FeedId,
  sharing: readonly StoredArticle[],
  batch: BatchLinks,
): Verdict | null {
  const moment = article.publishedAt?.getTime() ?? null;
  const words = wordsOf(article);
  const twin = sharing.find(
    (other) =>
      other.feedId === feed &&
      !batch.has(other.sourceId) &&
      (other.publishedAt?.getTime() ?? null) === moment &&
      (moment !== null || (article.url === null && other.url === null)) &&
      wordsOf(other) === words,
  );
  return twin ? { kind: "twin", article: twin } : null;
}

const saysOtherwise = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && !areNearWords(one, other);

function judgeByWords(article: Article, feed: FeedId, key: string | null, sharing: StoredArticle[]): Verdict | null {
  const likeness = likenessTo(article);
  const twin = sharing.find(
    (other) =>
      other.feedId !== feed &&
      isWithinWindow(article.publishedAt, other.publishedAt) &&
      !hasOwnPages(key, other.url) &&
      likeness(other) >= sameStoryThreshold,
  );
  return twin ? { kind: "twin", article: twin } : null;
}

/** Whether two articles that both went out tell one story, as `judge` would have it. */
export function areTwins(one: StoredArticle, other: StoredArticle): boolean {
  const [key, otherKey] = [one, other].map(({ url }) => (url === null ? null : linkKey(url)));
  if (key && key === otherKey && areNearWords(one.title, other.title)) return true;
  return (
    one.feedId !== other.feedId &&
    isWithinWindow(one.publishedAt, other.publishedAt) &&
    !hasOwnPages(key ?? null, other.url) &&
    isNearEqual(one, other)
  );
}

const isWithinWindow = (one: Date | null, other: Date | null): boolean =>
  one === null || other === null || Math.abs(one.getTime() - other.getTime()) <= twinWindowMs;

/** One site gave each a page of its own: it holds them for two stories, however alike they are worded. */
function hasOwnPages(key: string | null, otherUrl: string | null): boolean {
  const otherKey = otherUrl === null ? null : linkKey(otherUrl);
  return key !== null && otherKey !== null && key !== otherKey && siteOf(key) === siteOf(otherKey);
}

const siteOf = (key: string): string => key.split(/[/?#]/, 1)[0] ?? "";

/** A headline without what changes nothing for a reader: case, spaces, punctuation, marks of direction and vowels. */
const comparable = (title: string): string => wordsIn(title).join("");
