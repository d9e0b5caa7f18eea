import { createHash } from "node:crypto";
import type { Selectable } from "kysely";
import {
  type Article,
  type ByHand,
  type Chat,
  type Feed,
  type FeedRules,
  type Hours,
  type Lane,
  lanes,
  type Preferences,
  type Receipt,
  type StoredArticle,
  type Style,
  type Wants,
} from "#core/model";
import type { ArticleKeys } from "#core/ports";
import type { ArticleTable, ChatTable, FeedTable } from "#store/schema";

/** Milliseconds since 1970. @throws RangeError for an invalid date */
export function toInstant(date: Date): number {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new RangeError("An invalid date cannot be kept.");
  return ms;
}

/** What a feed says of time may be no date at all. */
const toValidInstant = (date: Date | null): number | null =>
  date === null || Number.isNaN(date.getTime()) ? null : date.getTime();

export const toDate = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

/** PostgreSQL takes no NUL in a text, and neither engine half of a surrogate pair: both engines keep the text without them. */
export const clean = (text: string): string => text.replaceAll("\0", "").toWellFormed();

export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_name, part: unknown) => (typeof part === "string" ? clean(part) : part));

/** Room is left between the lanes, so that one can be added without touching old rows. */
const laneNumbers: Readonly<Record<Lane, number>> = { breaking: 10, reply: 20, broadcast: 30, article: 40, digest: 50 };

export const toLaneNumber = (lane: Lane): number => laneNumbers[lane];

export function toLane(number: number): Lane {
  const lane = lanes.find((candidate) => laneNumbers[candidate] === number);
  if (!lane) throw new Error(`The database holds a delivery in lane ${number}, which this Crier does not know.`);
  return lane;
}

/** PostgreSQL's index refuses entries over 2,704 bytes, and a hostile feed's ids have any length. */
const longestKey = 128;

/** A text in a length that every index takes: itself, or its beginning and its digest. */
export function indexKey(text: string): string {
  const kept = clean(text);
  if (kept.length <= longestKey) return kept;
  return clean(`${kept.slice(0, 100)}#${createHash("sha256").update(kept).digest("base64url")}`);
}

export function toFeed(row: Selectable<FeedTable>): Feed {
  return {
    id: row.id,
    kind: row.kind,
    address: row.address,
    url: row.url,
    title: row.title,
    validators: {
      ...(row.etag === null ? {} : { etag: row.etag }),
      ...(row.last_modified === null ? {} : { lastModified: row.last_modified }),
    },
    rules: JSON.parse(row.rules) as FeedRules,
    firstReadAt: toDate(row.first_read_at),
    readAt: toDate(row.read_at),
    failures: row.failures,
    problem: row.problem,
    nextAt: new Date(row.next_at),
  };
}

export function toStoredArticle(row: Selectable<ArticleTable>): StoredArticle {
  return {
    id: row.id,
    feedId: row.feed_id,
    sourceId: row.source_id,
    url: row.url,
    title: row.title,
    kicker: row.kicker,
    summary: row.summary,
    text: row.text,
    image: row.image,
    authors: JSON.parse(row.authors) as string[],
    source: row.source,
    topics: JSON.parse(row.topics) as string[],
    language: row.language,
    publishedAt: toDate(row.published_at),
    updatedAt: toDate(row.updated_at),
    breaking: row.breaking === 1,
    revision: row.revision,
    seenAt: new Date(row.seen_at),
    revisedAt: toDate(row.revised_at),
    retractedAt: toDate(row.retracted_at),
    announcedAt: toDate(row.announced_at),
    desk: row.desk,
    byHand: row.by_hand === null ? null : (JSON.parse(row.by_hand) as ByHand),
  };
}

/** What a revision replaces: everything but the article's identity. */
export function toArticleContent(article: Article, keys: ArticleKeys) {
  return {
    url: article.url,
    url_key: keys.link === null ? null : indexKey(keys.link),
    title: article.title,
    kicker: article.kicker,
    summary: article.summary,
    text: article.text,
    image: article.image,
    authors: toJson(article.authors),
    source: article.source,
    topics: toJson(article.topics),
    language: article.language,
    published_at: toValidInstant(article.publishedAt),
    updated_at: toValidInstant(article.updatedAt),
    breaking: article.breaking ? 1 : 0,
  };
}

export const toChat = (row: Pick<Selectable<ChatTable>, "id" | "platform" | "address" | "kind" | "title">): Chat => ({
  id: row.id,
  platform: row.platform,
  address: row.address,
  kind: row.kind,
  title: row.title,
});

/** Chats that decided nothing have no row of wants or hours. */
export const toPreferences = ({
  wants,
  hours,
  style,
}: {
  wants: string | null;
  hours: string | null;
  style: string;
}): Preferences => ({
  ...(JSON.parse(wants ?? "{}") as Wants),
  ...(JSON.parse(style) as Style),
  ...(hours === null ? {} : { hours: JSON.parse(hours) as Hours }),
});

export const toReceipt = (json: string | null): Receipt | null =>
  json === null ? null : (JSON.parse(json) as Receipt);
