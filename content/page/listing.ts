import { selectAll } from "css-select";
import { FeedError } from "#core/errors";
import type { Article } from "#core/model";
import type { ContentAdapter } from "#core/ports";
import { decodePage } from "../shared/charset.ts";
import { acceptPage } from "../shared/complete.ts";
import { findLanguage, isBreaking } from "../shared/extract/about.ts";
import { findSource } from "../shared/extract/authors.ts";
import { readJsonLd } from "../shared/extract/json-ld.ts";
import { readMeta } from "../shared/extract/meta.ts";
import { type AnyNode, byName, type Document, type Element, first, lineOf, parsePage } from "../shared/extract/tree.ts";
import type { HttpGet } from "../shared/http.ts";
import { freshFor, readSource } from "../shared/source.ts";
import { linkAsId } from "../shared/source-id.ts";
import { headline } from "../shared/text.ts";
import { absolute } from "../shared/url.ts";
import { readCards } from "./card.ts";
import { type ArticleLink, guessLinks, linkOf } from "./links.ts";

/** Articles of one listing; a front page has half as many. */
const mostArticles = 100;

/** Reads a site without a feed from a page that lists its articles; what the list leaves out is in the articles' own pages. */
export const createListingAdapter = (http: HttpGet): ContentAdapter => ({
  kind: "listing",

  async fetch(source, signal) {
    const read = await readSource(http, source, { accept: acceptPage, signal });
    if (read.kind !== "answer") return read;
    const { answer, validators, movedTo } = read;
    const listing = parseListing(answer.bytes, {
      url: answer.url,
      contentType: answer.headers["content-type"] ?? null,
      ...(source.rules?.selector ? { selector: source.rules.selector } : {}),
    });
    return { kind: "fetched", ...listing, validators, ...freshFor(answer.maxAgeMs), ...(movedTo ? { movedTo } : {}) };
  },
});

/** What one reading of a listing came to. */
export interface Listing {
  title: string | null;
  articles: Article[];
}

/** The articles that a page lists, in its own order. @throws FeedError "not-a-feed" where there are none */
export function parseListing(
  bytes: Uint8Array,
  from: { url: string; contentType: string | null; selector?: string },
): Listing {
  const document = parsePage(decodePage(bytes, from.contentType));
  const base = absolute(first(document, byName("base"))?.attribs.href, from.url) ?? from.url;
  const links = from.selector
    ? selectedLinks(document, from.selector, from.url, base)
    : guessLinks(document, from.url, base);
  if (links.length === 0) {
    throw new FeedError(
      "not-a-feed",
      from.selector
        ? `The selector "${from.selector}" finds no link on ${from.url}: look whether the page has changed, and give another.`
        : `${from.url} shows no links that look like articles: give a CSS selector of its article links.`,
    );
  }
  const meta = readMeta(document);
  const ld = readJsonLd(document, from.url);
  const source = findSource(ld, meta, from.url);
  const language = findLanguage(document, ld, meta);
  const element = first(document, byName("title"));
  return {
    title: (element ? headline(lineOf(element, 1000)) : "") || source,
    articles: readCards(links.slice(0, mostArticles), base).map(({ link, ...card }) => ({
      sourceId: linkAsId(link.url),
      url: link.url,
      title: link.title,
      ...card,
      text: null,
      authors: [],
      source,
      topics: [],
      language,
      updatedAt: null,
      breaking: isBreaking([], card.kicker),
    })),
  };
}

function selectedLinks(document: Document, selector: string, url: string, base: string): ArticleLink[] {
  let found: Element[];
  try {
    found = selectAll<AnyNode, Element>(selector, document);
  } catch (cause) {
    throw new FeedError(
      "not-a-feed",
      `"${selector}", by which the articles of ${url} are found, is not a CSS selector: mend it.`,
      { cause },
    );
  }
  const links = new Map<string, ArticleLink>();
  for (const element of found) {
    const link = linkOf(element, base);
    if (link && !links.has(link.url)) links.set(link.url, link);
  }
  return [...links.values()];
}
