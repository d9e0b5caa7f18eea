import { isHtml, signInIn } from "#content/shared/challenge";
import { decodePage } from "#content/shared/charset";
import { acceptPage } from "#content/shared/complete";
import { canonicalLink, extract, type Page } from "#content/shared/extract/index";
import { parsePage } from "#content/shared/extract/tree";
import type { HttpAnswer, HttpGet } from "#content/shared/http";
import { readLinkHeader } from "#content/shared/link-header";
import { FeedError } from "#core/errors";
import { linkKey } from "#core/link-key";
import { isGood, noAnswer, problem, type Seen, shown, there, wallBefore } from "./seen.ts";

/** The longest pages of newspapers are a third of it. */
const mostBytes = 5 * 1024 * 1024;

/** An answer, and whether all of it was loaded. */
interface Loaded extends HttpAnswer {
  isWhole: boolean;
}

/** Looks whether an article's link leads to its page, and to it alone. Never throws for what a server answers. */
export async function lookAtPage(http: HttpGet, url: string, signal: AbortSignal): Promise<Seen> {
  try {
    const answer = await load(http, url, signal);
    const wall = wallBefore(answer, "its page");
    if (wall) return wall;
    if (!isGood(answer)) return problem(`its page answers ${answer.status}`);
    if (answer.isWhole && answer.bytes.byteLength === 0) return problem("its page is empty");
    const elsewhere = endsElsewhere(url, answer);
    if (elsewhere) return elsewhere;
    const own = ownAddress(answer);
    if (own === null || isSame(own, answer.url) || isSame(own, url)) return there;
    if (linkKey(own) === null)
      return problem(`its page says that its canonical address is the front page, ${shown(own)}`);
    const why = await whyOther(http, own, answer, signal);
    return why === null ? there : problem(`its page says that its canonical address is ${shown(own)}${why}`);
  } catch (error) {
    return noAnswer(error, "its page", signal);
  }
}

/** What is too large to be loaded was answered all the same: a video, a newspaper's whole edition. */
async function load(http: HttpGet, url: string, signal: AbortSignal): Promise<Loaded> {
  const how = { signal, accept: acceptPage, urgent: true };
  try {
    return { ...(await http.get(url, { ...how, maxBytes: mostBytes })), isWhole: true };
  } catch (error) {
    if (!(error instanceof FeedError) || error.reason !== "too-large") throw error;
    return { ...(await http.get(url, { ...how, withoutBody: true })), isWhole: false };
  }
}

/** The same article, in whatever spelling, dress or with whatever marks. What names no one article is compared as it is written. */
const isSame = (one: string, other: string): boolean => (linkKey(one) ?? one) === (linkKey(other) ?? other);

/** Where a redirect ended that left the article; null where it did not, or where another article's address is this one's new one. */
function endsElsewhere(url: string, answer: Loaded): Seen | null {
  if (isSame(url, answer.url)) return null;
  const to = shown(answer.url);
  if (linkKey(answer.url) === null) return problem(`its link leads to the front page, ${to}`);
  if (!isPage(answer)) return null;
  const page = pageOf(answer);
  if (page?.isArticle) return null;
  if (signInIn(answer) || /\/(?:log-?in|sign-?in|auth|sso)\b/i.test(new URL(answer.url).pathname)) {
    return problem(`its link leads to a page to sign in at, ${to}`);
  }
  return problem(`its link leads to a page that is no article, ${to}`);
}

/** The address that an answer gives as its own; null where it gives none. */
function ownAddress(answer: Loaded): string | null {
  const { headers, url } = answer;
  const inHeader = readLinkHeader(headers.link, url).find(({ rels }) => rels.includes("canonical"));
  if (!isPage(answer)) return inHeader?.url ?? null;
  const html = decodePage(answer.bytes, headers["content-type"] ?? null);
  return canonicalLink(parsePage(html), url) ?? inHeader?.url ?? null;
}

/**
 * Why an address that a page calls its own is another's, as the end of a sentence. null where it is the same article all
 * the same: sites give an article one address by number and one by words.
 */
async function whyOther(http: HttpGet, own: string, answer: Loaded, signal: AbortSignal): Promise<string | null> {
  if (!isSameSite(own, answer.url)) return "";
  try {
    const other = await load(http, own, signal);
    if (wallBefore(other, "its page")) return "";
    if (!isGood(other)) return `, which answers ${other.status}`;
    if (isSame(other.url, answer.url)) return null;
    const headline = isPage(other) ? pageOf(other)?.title : null;
    return headline && headline === pageOf(answer)?.title ? null : "";
  } catch (error) {
    if (error instanceof FeedError) return ", which cannot be opened";
    throw error;
  }
}

const isSameSite = (one: string, other: string): boolean => siteOf(one) === siteOf(other);

/** A key begins with the site: what stands before its first slash. */
const siteOf = (address: string): string => (linkKey(address) ?? "").split("/")[0] ?? "";

const isPage = ({ headers, bytes }: Loaded): boolean => {
  const type = headers["content-type"];
  return type ? /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(type) : isHtml(bytes);
};

function pageOf({ bytes, url, headers }: Loaded): Page | null {
  try {
    return extract(bytes, { url, contentType: headers["content-type"] ?? null });
  } catch (error) {
    if (error instanceof FeedError) return null;
    throw error;
  }
}
