import { parseDate } from "../shared/dates.ts";
import { firstSentence } from "../shared/lead.ts";
import { headline, headlineOf, readText } from "../shared/text.ts";
import { absolute } from "../shared/url.ts";
import { type From, openDocument } from "./document.ts";
import type { Item, Text } from "./item.ts";

/** A feed as its document says it, item by item, in plain text; null for what it does not say. */
export interface FeedDescription {
  title: string | null;
  link: string | null;
  language: string | null;
  items: ItemDescription[];
}

/** One item of a feed, for a person to look at. */
export interface ItemDescription {
  title: string | null;
  /** Absolute where it is known to what it is relative. */
  link: string | null;
  id: string | null;
  /** ISO 8601, in UTC. */
  published: string | null;
  updated: string | null;
  author: string | null;
  summary: string | null;
  content: string | null;
  image: string | null;
}

/** Everything that a feed's document holds, nothing judged or left out. @throws FeedError "not-a-feed" */
export function describeFeed(bytes: Uint8Array, from: From): FeedDescription {
  const document = openDocument(bytes, from);
  const feedBase = absolute(document.base, from.url || null) ?? (from.url || null);
  const link = document.link === undefined ? from.url || null : linkWithin(document.link, feedBase);
  const base = absolute(document.base, from.url || null) ?? absolute(link, null) ?? feedBase;
  const feed = { base, link, authors: document.authors };
  return {
    title: document.title ? titleOf(document.title) : link,
    link,
    language: document.language?.trim().toLowerCase() || null,
    items: document.items.map((item) => describeItem(item, feed)),
  };
}

function describeItem(
  item: Item,
  feed: { base: string | null; link: string | null; authors: string[] },
): ItemDescription {
  const base = absolute(item.base, feed.base) ?? feed.base;
  const [summaryText] = item.summaries;
  const readings = [summaryText, item.content].map((text) => text && readText(text));
  const [summary, content = summary] = readings.map((reading) => reading && (reading.blocks.join("\n\n") || null));
  const own = item.links.find((address) => absolute(address, base ?? "http://base.invalid/") !== null) ?? item.links[0];
  // An item without a page of its own stands on the site.
  const link = own === undefined ? feed.link : linkWithin(own, base);
  const authors = item.authors.length > 0 ? item.authors : feed.authors;
  const published = isoDate(item.published);
  const updated = isoDate(item.updated);
  const [picture] = [...item.images, ...readings.flatMap((reading) => reading?.images ?? [])];
  return {
    title: item.title ? titleOf(item.title) : firstSentence(summary ?? content ?? "") || link,
    link,
    // Atom's ids are addresses, so that one may be relative.
    id: (item.id?.startsWith("/") ? linkWithin(item.id, base) : item.id) ?? (own === undefined ? null : link),
    published: published ?? updated,
    updated: updated ?? published,
    author:
      authors
        .map((name) => headline(name))
        .filter(Boolean)
        .join(", ") || null,
    summary: summary ?? null,
    content: content ?? null,
    image: picture === undefined ? null : linkWithin(picture, base),
  };
}

const titleOf = (title: Text | undefined): string | null => headlineOf(title) || null;

/** Absolute, or as it is written when nobody knows to what it is relative. */
const linkWithin = (address: string, base: string | null): string =>
  absolute(address, base) ?? URL.parse(address, base ?? undefined)?.href ?? address;

function isoDate(candidates: string[]): string | null {
  for (const candidate of candidates) {
    const date = parseDate(candidate);
    if (date) return date.toISOString();
  }
  return null;
}
