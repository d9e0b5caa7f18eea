import type { Article } from "#core/model";
import { parseDate } from "../shared/dates.ts";
import { languageTag } from "../shared/language.ts";
import { bodyText, firstSentence, standfirst } from "../shared/lead.ts";
import { distinctNames, isBreakingName, mostNames } from "../shared/names.ts";
import { headline, headlineOf, type Reading, readText } from "../shared/text.ts";
import { absolute, canonical, pageName, siteName } from "../shared/url.ts";
import { type From, openDocument } from "./document.ts";
import { derivedId, givenId, withoutDoubles } from "./ids.ts";
import type { Document, Item } from "./item.ts";

/** What one reading of a feed's document came to. */
export interface ParsedFeed {
  /** Null when the feed has none. */
  title: string | null;
  articles: Article[];
  /** Ids of articles that the feed says it has taken back. */
  retracted: string[];
  /** Who tells of news at once, and the feed's name there. */
  hub?: { url: string; topic: string };
  /** How long the feed itself asks to be left alone. */
  ttlMs?: number;
}

const mostAuthors = 10;

/** Reads RSS, Atom, RDF or JSON Feed. @throws FeedError "not-a-feed" for anything else; nothing else, whatever the bytes */
export function parseFeed(bytes: Uint8Array, from: From): ParsedFeed {
  const document = openDocument(bytes, from);
  const title = headlineOf(document.title) || null;
  // A base of "#" or "" points back to the feed and says nothing.
  const based = absolute(document.base, from.url);
  const feedBase = based && canonical(based) !== canonical(from.url) ? based : null;
  const site = absolute(document.link, feedBase ?? from.url);
  const source = publisherName(title) || siteName(site ?? from.url);
  const toArticle = createReader({
    base: feedBase ?? site ?? from.url,
    source,
    language: languageTag(document.language),
    // An editor of the feed who bears its name wrote none of its articles.
    authors: authorsOf(document.authors).filter((name) => name !== source && name !== title),
  });
  const articles = withoutDoubles(document.items.map(toArticle).filter((article) => article !== null));
  const ttlMs = Math.round((document.ttlMinutes ?? 0) * 60_000);
  return {
    title,
    ...withoutRetracted(articles, document),
    ...hubOf(document, from.url),
    ...(ttlMs > 0 && Number.isFinite(ttlMs) ? { ttlMs } : {}),
  };
}

/** A feed's title without what only its list of feeds needs: "The Post - RSS Feed" is "The Post". */
const publisherName = (title: string | null): string =>
  (title ?? "").replace(/(?:\s*[-–—|:»])?(?:\s+RSS(?:[\s-]+feed)?)?(?:\s*[-–—|:»])?$/iu, "").trim();

interface Context {
  base: string;
  source: string;
  language: string | null;
  authors: string[];
}

/** Makes articles of items; null for an item that says nothing at all. */
function createReader({ base: feedBase, source, language, authors: feedAuthors }: Context) {
  return (item: Item): Article | null => {
    const base = (item.base === undefined ? null : absolute(item.base, feedBase)) ?? feedBase;
    const link = absolute(item.origin, base) ?? firstOf(item.links, (address) => absolute(address, base));
    const url = link && canonical(link);
    const named = headlineOf(item.title);
    const texts = readTexts(item, named);
    const said = named || firstSentence(texts.summary ?? "");
    const title = said || (url ? headline(pageName(url)) : "");
    if (!title) return null;
    const updatedAt = firstOf(item.updated, parseDate);
    const publishedAt = firstOf(item.published, parseDate) ?? updatedAt;
    const topics = distinctNames(item.topics);
    const authors = authorsOf(item.authors);
    return {
      sourceId: givenId(item.id) ?? derivedId(url, title, publishedAt),
      url,
      title,
      ...(said ? {} : { titleIsGuess: true as const }),
      kicker: headline(item.kicker ?? "") || null,
      summary: !named && texts.summary === title ? null : texts.summary,
      text: texts.text,
      image:
        firstOf(item.images, (address) => absolute(address, base)) ??
        firstOf(texts.images, (address) => absolute(address, base)),
      authors: authors.length > 0 ? authors : feedAuthors,
      source,
      topics: topics.slice(0, mostNames),
      language: languageTag(item.language) ?? language,
      publishedAt,
      updatedAt,
      breaking: topics.some(isBreakingName),
    };
  };
}

/** Longer than any summary: what comes under that name is the article itself. */
const longestSummary = 1200;

/** The standfirst, the body and the pictures that stand in them; nothing is read twice. */
function readTexts(item: Item, title: string): { summary: string | null; text: string | null; images: string[] } {
  let summary: string | null = null;
  let first: Reading | undefined;
  for (const candidate of item.summaries) {
    const reading = readText(candidate);
    first ??= reading;
    summary = standfirst(reading.blocks, title);
    if (summary !== null) break;
  }
  const content = item.content && readText(item.content);
  const body = content && content.blocks.length > 0 ? content : undefined;
  summary ??= standfirst(body?.blocks ?? [], title);
  let text = bodyText((body ?? first)?.blocks ?? [], title);
  const said = first ? first.blocks.join(" ") : "";
  // The same words twice are a summary, unless they are too many for one.
  if (text !== null && text.length <= longestSummary && (!body || said === body.blocks.join(" "))) text = null;
  return { summary, text, images: [...(first?.images ?? []), ...(content?.images ?? [])] };
}

function firstOf<T, R>(candidates: readonly T[], read: (candidate: T) => R | null): R | null {
  for (const candidate of candidates) {
    const found = read(candidate);
    if (found !== null) return found;
  }
  return null;
}

/** Names as readers know them: without the word that leads a byline, and never a mail address. */
function authorsOf(names: string[]): string[] {
  const authors = names
    .slice(0, mostAuthors)
    .map((name) => headline(name).replace(/^(?:by|von|par|por|di|door|מאת:?|بقلم:?)\s+/iu, ""));
  return [...new Set(authors.filter((name) => name && name.length <= 120 && !/^\S+@\S+\.\S+$/.test(name)))];
}

/** Articles of this very document that a later mark takes back are left out; what came back after its mark stands. */
function withoutRetracted(articles: Article[], { retracted }: Document): { articles: Article[]; retracted: string[] } {
  if (retracted.length === 0) return { articles, retracted: [] };
  const marks = new Map(retracted.map(({ id, when }) => [givenId(id) ?? id, parseDate(when)]));
  const standing = articles.filter(({ sourceId, updatedAt }) => {
    if (!marks.has(sourceId)) return true;
    const when = marks.get(sourceId);
    const cameBack = when && updatedAt && updatedAt > when;
    if (cameBack) marks.delete(sourceId);
    return cameBack;
  });
  return { articles: standing, retracted: [...marks.keys()] };
}

function hubOf({ hub, self, base }: Document, url: string): { hub?: { url: string; topic: string } } {
  const hubUrl = absolute(hub, base ?? url);
  return hubUrl ? { hub: { url: hubUrl, topic: absolute(self, base ?? url) ?? url } } : {};
}
