import { createHash } from "node:crypto";
import type { Article } from "#core/model";
import { firstSentence, headline, type Reading, readHtml, standfirst } from "../shared/text.ts";
import { absolute, canonical, siteName } from "../shared/url.ts";
import { parseDate } from "../shared/dates.ts";
import { openDocument } from "./document.ts";
import type { Item } from "./item.ts";

export interface ParsedFeed {
  /** Null when the feed has none. */
  title: string | null;
  articles: Article[];
  /** How long the feed itself asks to be left alone. */
  ttlMs?: number;
}

/** Categories by which newsrooms mark breaking news. */
const breakingTopics = new Set(["breaking", "breaking news", "breakingnews", "מבזק", "מבזקים", "عاجل", "срочно"]);
const mostTopics = 10;

/** Reads RSS, Atom, RDF or JSON Feed. @throws FeedError "not-a-feed" for anything else; nothing else, whatever the bytes */
export function parseFeed(bytes: Uint8Array, from: { url: string; contentType: string | null }): ParsedFeed {
  const document = openDocument(bytes, from);
  const title = headline(document.title ?? "") || null;
  // A base of "#" or "" points back to the feed and says nothing.
  const based = absolute(document.base, from.url);
  const feedBase = based && canonical(based) !== canonical(from.url) ? based : null;
  const site = absolute(document.link, feedBase ?? from.url);
  const context: Context = {
    base: feedBase ?? site ?? from.url,
    source: publisherName(title) || siteName(site ?? from.url),
    language: languageTag(document.language),
  };
  const articles = new Map<string, Article>();
  for (const item of document.items) {
    const article = toArticle(item, context);
    if (article && !articles.has(article.sourceId)) articles.set(article.sourceId, article);
  }
  const ttlMs = Math.round((document.ttlMinutes ?? 0) * 60_000);
  return { title, articles: [...articles.values()], ...(ttlMs > 0 && Number.isFinite(ttlMs) ? { ttlMs } : {}) };
}

/** A feed's title without what only its list of feeds needs: "The Post - RSS Feed" is "The Post". */
const publisherName = (title: string | null): string =>
  (title ?? "").replace(/(?:\s*[-–—|:»])?(?:\s+RSS(?:[\s-]+feed)?)?(?:\s*[-–—|:»])?$/iu, "").trim();

interface Context {
  base: string;
  source: string;
  language: string | null;
}

/** Null for an item that says nothing at all. */
function toArticle(item: Item, { base: feedBase, source, language }: Context): Article | null {
  const base = absolute(item.base, feedBase) ?? feedBase;
  const link = firstOf(item.links, (address) => absolute(address, base));
  const url = link && canonical(link);
  const readings = item.texts.map((html) => (html ? readHtml(html) : undefined));
  const named = headline(item.title ?? "");
  const summary = firstOf(readings, (reading) => standfirst(reading?.blocks ?? [], named));
  const title = named || firstSentence(summary ?? "") || (url ? pageName(url) : "");
  if (!title) return null;
  const publishedAt = firstOf(item.dates, (date) => parseDate(date));
  const topics = topicsOf(item);
  return {
    sourceId: sourceIdOf(item, url, title, publishedAt),
    url,
    title,
    kicker: headline(item.kicker ?? "") || null,
    summary: !named && summary === title ? null : summary,
    image: pictureOf(item, readings, base),
    source,
    topics: topics.slice(0, mostTopics),
    language: languageTag(item.language) ?? language,
    publishedAt,
    breaking: topics.some((topic) => breakingTopics.has(topic.toLowerCase())),
  };
}

function firstOf<T, R>(candidates: readonly T[], read: (candidate: T) => R | null): R | null {
  for (const candidate of candidates) {
    const found = read(candidate);
    if (found !== null) return found;
  }
  return null;
}

/** Short enough for an index, and the same at each reading. */
function sourceIdOf(item: Item, url: string | null, title: string, publishedAt: Date | null): string {
  const id = item.id?.trim();
  if (id && id.length <= 500) return id;
  if (id) return `id:${fingerprint(id)}`;
  if (url) return `link:${fingerprint(url)}`;
  return `text:${fingerprint(`${title}\n${publishedAt?.toISOString() ?? ""}`)}`;
}

const fingerprint = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 40);

/** Each once, whatever its case. */
function topicsOf(item: Item): string[] {
  const topics = new Map<string, string>();
  for (const raw of item.topics) {
    const topic = headline(raw ?? "");
    const key = topic.toLowerCase();
    if (topic && topic.length <= 80 && !topics.has(key)) topics.set(key, topic);
  }
  return [...topics.values()];
}

function pictureOf(item: Item, readings: (Reading | undefined)[], base: string): string | null {
  const candidates = [...item.images, ...readings.flatMap((reading) => reading?.images ?? [])];
  return firstOf(candidates, (address) => absolute(address, base));
}

/** A tag that Intl knows, lower case; its newest form ("iw" is "he"). */
function languageTag(raw: string | undefined): string | null {
  const tag = raw?.trim().replaceAll("_", "-");
  if (!tag || tag.length > 35) return null;
  try {
    return Intl.getCanonicalLocales(tag)[0]?.toLowerCase() ?? null;
  } catch {
    return null;
  }
}

/** What to call a page that comes without a word: its address, readable. */
function pageName(url: string): string {
  const { hostname, pathname } = new URL(url);
  return headline(`${hostname.replace(/^www\./, "")}${pathname === "/" ? "" : pathname}`);
}
