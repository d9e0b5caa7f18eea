import { FeedError } from "#core/errors";
import { decodePage } from "../charset.ts";
import { absolute, canonical } from "../url.ts";
import { findLanguage, findTopics, isArticle, isBreaking, isRetracted } from "./about.ts";
import { findAuthors, findSource } from "./authors.ts";
import { readBody, textOf, wholeTextOf } from "./body.ts";
import { findHeading, findKicker, findSummary, findTitle, markedStandfirsts } from "./headlines.ts";
import { readJsonLd } from "./json-ld.ts";
import { readMeta } from "./meta.ts";
import { findPicture } from "./pictures.ts";
import { findTimes } from "./times.ts";
import { byName, type Document, first, parsePage } from "./tree.ts";

/** What an article's own page says. Null or empty where it does not. */
export interface Page {
  /** The page's own name for itself, absolute. */
  url: string;
  /** It says of itself, or shows, that it is one article. */
  isArticle: boolean;
  title: string | null;
  kicker: string | null;
  summary: string | null;
  /** Its paragraphs divided by blank lines. */
  text: string | null;
  image: string | null;
  authors: string[];
  /** The line in which the page names its authors, in its own words. */
  byline: string | null;
  source: string;
  topics: string[];
  language: string | null;
  publishedAt: Date | null;
  updatedAt: Date | null;
  breaking: boolean;
  /** The page says that its article no longer stands. */
  retracted?: boolean;
}

export interface ExtractOptions {
  /** As the page writes it, not as its readers need it: the headline of its head, and captions within the text. */
  verbatim?: boolean;
}

/** Reads one article's page. @throws FeedError "not-a-feed" for what is no HTML; nothing else, whatever the bytes */
export function extract(
  bytes: Uint8Array,
  from: { url: string; contentType: string | null },
  { verbatim = false }: ExtractOptions = {},
): Page {
  const html = decodePage(bytes, from.contentType);
  const document = parsePage(html);
  if (!first(document, () => true)) {
    throw new FeedError(
      "not-a-feed",
      `${from.url} is not a page of HTML: give the address of an article as a browser shows it.`,
    );
  }
  const base = baseOf(document, from.url);
  const url = canonical(canonicalLink(document, from.url) ?? from.url);
  const ld = readJsonLd(document, url);
  const meta = readMeta(document);
  const source = findSource(ld, meta, url);
  const heading = findHeading(document);
  const image = findPicture(document, ld, meta, base, heading);
  const times = findTimes(document, ld, meta, { heading, url });
  const topics = findTopics(ld, meta);
  const body = readBody(document, ld, verbatim);
  const title = findTitle(document, ld, meta, { heading, source, guessed: body.title, verbatim });
  const kicker = findKicker(document, heading, title);
  const summary = findSummary(document, ld, meta, { heading, title, guessed: body.excerpt });
  return {
    url,
    isArticle: isArticle(document, ld, meta, body.blocks),
    title,
    kicker,
    summary,
    text: verbatim
      ? wholeTextOf(body.blocks, markedStandfirsts(document, heading))
      : textOf(body.blocks, { kicker, title, summary }),
    image,
    ...findAuthors(document, ld, meta, { heading, source, seen: body.byline }),
    source,
    topics,
    language: findLanguage(document, ld, meta),
    ...times,
    breaking: isBreaking(topics, kicker),
    ...(isRetracted(title, ld) ? { retracted: true } : {}),
  };
}

const baseOf = (document: Document, url: string): string =>
  absolute(first(document, byName("base"))?.attribs.href, url) ?? url;

/** The address that a page gives as its own, absolute; null where it gives none. */
export function canonicalLink(document: Document, url: string): string | null {
  const link = first(document, ({ name, attribs }) => name === "link" && /\bcanonical\b/i.test(attribs.rel ?? ""));
  return absolute(link?.attribs.href, baseOf(document, url));
}
