import {
  type AtomFeed,
  type JsonFeed,
  parseAtomFeed,
  parseFeed,
  parseJsonFeed,
  parseRdfFeed,
  parseRssFeed,
  type RdfFeed,
  type RssFeed,
  type SyNs,
} from "feedsmith";
import { type Document, type Item, mediaPictures, pictureEnclosure } from "./item.ts";

/** RDF names its items twice and they are matched one by one: past this a hostile feed would take minutes. */
const mostRdfItems = 500;

/** Reads one document of the named kind; "unknown" tries them all. @throws what feedsmith throws when it is none */
export function readDocument(text: string, root: string): Document {
  switch (root) {
    case "json":
      return fromJson(parseJsonFeed(text));
    case "rss":
      return fromRss(parseRssFeed(text));
    case "feed":
      return fromAtom(parseAtomFeed(text));
    case "rdf":
      return fromRdf(parseRdfFeed(text, { maxItems: mostRdfItems }));
    default: {
      const parsed = parseFeed(text, { maxItems: mostRdfItems });
      if (parsed.format === "rss") return fromRss(parsed.feed);
      if (parsed.format === "atom") return fromAtom(parsed.feed);
      if (parsed.format === "rdf") return fromRdf(parsed.feed);
      return fromJson(parsed.feed);
    }
  }
}

type Rss = RssFeed.Feed<string>;
type Atom = AtomFeed.Feed<string>;
type Rdf = RdfFeed.Feed<string>;
type Json = JsonFeed.Feed<string>;

function fromRss(feed: Partial<Rss>): Document {
  const links = feed.atom?.links;
  return {
    title: text(feed.title) ?? feed.dc?.titles?.[0] ?? feed.atom?.title?.value,
    link: text(feed.link) ?? pageLink(links)[0],
    language: feed.language ?? feed.dc?.languages?.[0] ?? feed.xml?.lang,
    base: feed.xml?.base,
    ttlMinutes: Math.max(feed.ttl ?? 0, syndicationMinutes(feed.sy)) || undefined,
    items: (feed.items ?? []).map((item): Item => {
      const guid = text(item.guid?.value);
      const isLink = item.guid?.isPermaLink !== false && /^https?:/i.test(guid ?? "");
      return {
        id: guid ?? item.atom?.id ?? item.dc?.identifiers?.[0],
        links: [
          item.link,
          ...pageLink(item.atom?.links),
          isLink ? guid : undefined,
          item.enclosures?.[0]?.url as string,
        ],
        title:
          text(item.title) ??
          item.dc?.titles?.[0] ??
          item.media?.title?.value ??
          item.itunes?.title ??
          item.atom?.title?.value,
        texts: [
          item.description,
          item.dc?.descriptions?.[0],
          item.atom?.summary?.value,
          item.itunes?.summary,
          item.content?.encoded,
          item.atom?.content?.value,
          item.itunes?.subtitle,
          item.media?.description?.value,
          ...(item.media?.groups ?? []).map((group) => group.description?.value as string | undefined),
        ],
        kicker: item.prism?.section,
        dates: [item.pubDate, item.dc?.dates?.[0], item.atom?.published, item.dcterms?.issued?.[0], item.atom?.updated],
        topics: [...(item.categories ?? []).map((category) => text(category.name)), ...(item.dc?.subjects ?? [])],
        images: [
          ...mediaPictures(item.media),
          ...(item.enclosures ?? []).map((file) => pictureEnclosure(text(file.url), text(file.type))),
          item.itunes?.image,
        ],
        language: item.dc?.languages?.[0] ?? item.xml?.lang,
        base: item.xml?.base,
      };
    }),
  };
}

function fromAtom(feed: Partial<Atom>): Document {
  return {
    title: valueOf(feed.title),
    link: pageLink(feed.links)[0],
    language: feed.xml?.lang ?? feed.dc?.languages?.[0],
    base: feed.xml?.base,
    ttlMinutes: syndicationMinutes(feed.sy) || undefined,
    items: (feed.entries ?? []).map((entry): Item => {
      const id = text(entry.id);
      const files = (entry.links ?? []).filter((link) => link.rel === "enclosure");
      return {
        id,
        links: [
          ...pageLink(entry.links),
          entry.content?.src,
          /^https?:/i.test(id ?? "") ? id : undefined,
          text(files[0]?.href),
        ],
        title: valueOf(entry.title) ?? entry.media?.title?.value ?? entry.dc?.titles?.[0],
        texts: [
          entry.summary?.value,
          entry.content?.value,
          entry.dc?.descriptions?.[0],
          entry.media?.description?.value,
          ...(entry.media?.groups ?? []).map((group) => group.description?.value as string | undefined),
        ],
        dates: [entry.published, entry.dc?.dates?.[0], entry.dcterms?.issued?.[0], text(entry.updated)],
        topics: [
          // A term that is an address names nothing to a reader.
          ...(entry.categories ?? []).map(
            ({ label, term }) => label ?? (/^https?:/i.test(text(term) ?? "") ? undefined : text(term)),
          ),
          ...(entry.dc?.subjects ?? []),
        ],
        images: [
          ...mediaPictures(entry.media),
          ...files.map((file) => pictureEnclosure(text(file.href), file.type)),
          entry.itunes?.image,
        ],
        language: entry.xml?.lang ?? entry.content?.xml?.lang ?? entry.dc?.languages?.[0],
        base: entry.xml?.base,
      };
    }),
  };
}

function fromRdf(feed: Partial<Rdf>): Document {
  return {
    title: text(feed.title) ?? feed.dc?.titles?.[0],
    link: text(feed.link),
    language: feed.dc?.languages?.[0] ?? feed.xml?.lang,
    base: feed.xml?.base,
    ttlMinutes: syndicationMinutes(feed.sy) || undefined,
    items: (feed.items ?? []).map(
      (item): Item => ({
        id: item.rdf?.about ?? item.dc?.identifiers?.[0],
        links: [text(item.link), item.rdf?.about],
        title: text(item.title) ?? item.dc?.titles?.[0],
        texts: [item.description, item.dc?.descriptions?.[0], item.content?.encoded, item.media?.description?.value],
        dates: [item.dc?.dates?.[0], item.dcterms?.issued?.[0], item.atom?.published, item.atom?.updated],
        topics: item.dc?.subjects ?? [],
        images: mediaPictures(item.media),
        language: item.dc?.languages?.[0] ?? item.xml?.lang,
        base: item.xml?.base,
      }),
    ),
  };
}

function fromJson(feed: Partial<Json>): Document {
  const items = (feed.items ?? []) as Partial<JsonFeed.Item<string>>[];
  return {
    title: text(feed.title),
    link: feed.home_page_url,
    language: feed.language,
    items: items.map(
      (item): Item => ({
        id: text(item.id),
        links: [item.url, item.external_url, /^https?:/i.test(text(item.id) ?? "") ? text(item.id) : undefined],
        title: item.title,
        texts: [item.summary, item.content_text, item.content_html],
        dates: [item.date_published, item.date_modified],
        topics: item.tags ?? [],
        images: [
          item.image,
          item.banner_image,
          ...(item.attachments ?? []).map((file) => pictureEnclosure(text(file.url), text(file.mime_type))),
        ],
        language: item.language,
      }),
    ),
  };
}

/** feedsmith marks what a format requires; a feed may lack it all the same. */
const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

const valueOf = (value: unknown): string | undefined =>
  typeof value === "object" && value !== null && "value" in value ? text(value.value) : text(value);

/** Addresses of the page that an entry stands for: HTML before other kinds, then links of no common kind. */
function pageLink(links: { href?: unknown; rel?: string; type?: string }[] | undefined): (string | undefined)[] {
  const alternate = (links ?? []).filter(({ rel }) => !rel || rel === "alternate" || rel.endsWith("/alternate"));
  const pages = alternate.filter(({ type }) => !type || /html/i.test(type));
  const other = (links ?? []).filter(({ rel }) => rel === "related" || rel === "via");
  return [...pages, ...alternate, ...other].map(({ href }) => text(href));
}

/** RSS 1.0 Syndication: period divided by how often in it. */
function syndicationMinutes(sy: SyNs.Feed<string> | undefined): number {
  const periods: Record<string, number> = { hourly: 60, daily: 1440, weekly: 10_080, monthly: 43_200, yearly: 525_600 };
  const minutes = periods[sy?.updatePeriod?.trim().toLowerCase() ?? ""] ?? 0;
  const times = sy?.updateFrequency;
  return minutes / (times && times > 0 ? times : 1);
}
