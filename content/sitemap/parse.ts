import { Parser } from "htmlparser2";
import { FeedError } from "#core/errors";
import { decode } from "../shared/charset.ts";
import { parseDate } from "../shared/dates.ts";
import { absolute } from "../shared/url.ts";

/** One `<url>` of a sitemap; texts as written. */
export interface SitemapUrl {
  link: string;
  lastModified: Date | null;
  title: string;
  /** The newspaper's name. */
  publication: string;
  language: string;
  publishedAt: Date | null;
  keywords: string;
  genres: string;
  image: string | null;
}

/** A sitemap that an index, or a careless sitemap, points to. */
export interface ChildSitemap {
  url: string;
  lastModified: Date | null;
}

/** What a sitemap, or an index of them, names. */
export interface Sitemap {
  /** In the document's order. */
  urls: SitemapUrl[];
  children: ChildSitemap[];
}

/** sitemaps.org: at most 50,000 addresses in one sitemap. */
const mostUrls = 50_000;
/** News titles, the longest field, are far shorter. */
const mostCharacters = 8192;
/** A sitemap is five elements deep; the parser pays for depth at each closing tag. */
const deepest = 100;
/** Languages that one page exists in. */
const mostAlternates = 60;

const opening =
  /<(?:[\w.-]{1,40}:)?(urlset|sitemapindex|sitemap|url|html|head|body|rss|feed|rdf|channel|opml)(?=[\s/>])/i;
const roots = new Set(["urlset", "sitemapindex", "sitemap", "url"]);

/** Where the XML begins, whatever a script wrote before it; negative when there is none. */
function startOf(text: string): number {
  const found = opening.exec(text.slice(0, 65_536));
  return found?.[1] && roots.has(found[1].toLowerCase()) ? found.index : -1;
}

/** A text sitemap has one address a line and nothing else. */
function textLines(text: string): string[] {
  const lines: string[] = [];
  for (const [line] of text.matchAll(/[^\r\n]+/g)) {
    const address = line.trim();
    if (!address) continue;
    if (!/^https?:\/\/\S+$/i.test(address)) return [];
    if (lines.push(address) === mostUrls) break;
  }
  return lines;
}

/** Reads a sitemap, a sitemap index or a text sitemap. @throws FeedError "not-a-feed" for anything else; nothing else, whatever the bytes */
export function parseSitemap(bytes: Uint8Array, from: { url: string; contentType: string | null }): Sitemap {
  const text = decode(bytes, from.contentType);
  const start = startOf(text);
  // A file on disk has no address that its links could be relative to.
  const base = from.url || null;
  if (start >= 0) return readXml(text.slice(start), base);
  const lines = textLines(text);
  if (lines.length === 0) throw notASitemap(text, from.url);
  const urls = lines.flatMap((line) => toUrl({ "url.loc": line }, [], base) ?? []);
  return { urls, children: [] };
}

function notASitemap(text: string, url: string): FeedError {
  const root = opening.exec(text.slice(0, 65_536))?.[1]?.toLowerCase();
  const words =
    text.trim() === ""
      ? "answered with nothing: is it the sitemap's address?"
      : root === "rss" || root === "feed" || root === "rdf" || root === "channel"
        ? "is a feed, not a sitemap: add it as a feed."
        : root === "html" || root === "head" || root === "body"
          ? "is a web page, not a sitemap: robots.txt of the site often names the sitemap's address."
          : "is no sitemap: check the address.";
  return new FeedError("not-a-feed", `${url} ${words}`);
}

/** Texts by where they stand: "news.title", "url.loc". */
type Fields = Record<string, string>;
type Alternate = { language: string; href: string };

/** Elements that give the fields within them their meaning, whatever prefix or namespace they are written in. */
const sections = new Set(["url", "sitemap", "news", "publication", "image", "video"]);

class Cut extends Error {}

function readXml(xml: string, base: string | null): Sitemap {
  const found: Sitemap = { urls: [], children: [] };
  const stack: string[] = [];
  let fields: Fields = {};
  let alternates: Alternate[] = [];
  let words: string[] = [];
  let isBrokenOff = false;

  const begin = (): void => {
    fields = {};
    alternates = [];
  };
  const end = (): void => {
    const url = toUrl(fields, alternates, base);
    if (url) found.urls.push(url);
    const child = absolute(asAddress(fields["sitemap.loc"]), base);
    if (child) found.children.push({ url: child, lastModified: parseDate(fields["sitemap.lastmod"]) });
    begin();
    if (found.urls.length + found.children.length >= mostUrls) throw new Cut();
  };
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const local = localName(name);
        // One that opens inside another: the first was never closed.
        if ((local === "url" || local === "sitemap") && fields[`${local}.loc`]) end();
        if (local === "link" && attributes.hreflang && attributes.href && alternates.length < mostAlternates) {
          alternates.push({ language: attributes.hreflang, href: attributes.href });
        }
        words = [];
        if (stack.push(local) > deepest) throw new Cut();
      },
      ontext(text) {
        words.push(text);
      },
      onclosetag() {
        const local = stack.pop() ?? "";
        // What the end of the document closes was cut in its midst: the next reading has it whole.
        if (isBrokenOff) return;
        if (local === "url" || local === "sitemap") return end();
        const section = stack.findLast((name) => sections.has(name));
        const text = words.join("").trim().slice(0, mostCharacters);
        words = [];
        if (section && text && !sections.has(local)) fields[`${section}.${local}`] ??= text;
      },
    },
    { xmlMode: true },
  );
  try {
    parser.write(xml);
    isBrokenOff = true;
    parser.end();
  } catch (error) {
    if (!(error instanceof Cut)) throw error;
  }
  return found;
}

const localName = (name: string): string => name.slice(name.lastIndexOf(":") + 1).toLowerCase();

/** Addresses are often escaped once too often, or inside CDATA where nothing needs escaping. */
const asAddress = (text: string | undefined): string | undefined => text?.replaceAll("&amp;", "&");

/** Null for an entry without an address of the web. */
function toUrl(fields: Fields, alternates: Alternate[], base: string | null): SitemapUrl | null {
  const link = absolute(asAddress(fields["url.loc"]), base);
  if (!link) return null;
  const first = (...names: string[]): string => names.map((name) => fields[name]).find(Boolean) ?? "";
  const own = alternates.find(
    ({ language, href }) => language !== "x-default" && absolute(asAddress(href), base) === link,
  );
  return {
    link,
    lastModified: parseDate(first("url.lastmod")),
    title: first("news.title", "url.title", "video.title"),
    publication: first("publication.name", "news.name"),
    language: first("publication.language", "news.language") || (own?.language ?? ""),
    publishedAt: parseDate(first("news.publication_date", "url.publication_date", "video.publication_date")),
    keywords: first("news.keywords", "url.keywords"),
    genres: first("news.genres"),
    image: absolute(asAddress(first("image.loc", "video.thumbnail_loc")), base),
  };
}
