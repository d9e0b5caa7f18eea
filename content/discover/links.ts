import { Parser } from "htmlparser2";
import { readLinkHeader } from "../shared/link-header.ts";
import { absolute } from "../shared/url.ts";

/** What a page tells of its site's feeds; addresses absolute, each once, in the page's order. */
export interface PageLinks {
  /** Said to be feeds. */
  feeds: string[];
  /** Links for readers that look like feeds. */
  anchors: string[];
  /** The root of WordPress's API. */
  wordpress: string | null;
}

/** Feeds are told at the head of a page, lists of them at its foot: no page of a newsroom is longer. */
const mostCharacters = 4 * 1024 * 1024;
/** The parser pays for depth at each closing tag; pages that leave elements open are still far from this. */
const deepest = 2000;
const mostLinks = 100;

const feedType = /^\s*(?:application|text)\/(?:x-)?(?:rss|atom|rdf|feed)(?:\+(?:xml|json))?\s*(?:;|$)/i;
const xmlType = /^\s*(?:application|text)\/(?:xml|rdf\+xml)\s*(?:;|$)/i;
const wordpressRel = "https://api.w.org/";

/** True for an address that is written like a feed's: "/rss", "/sports-feed/", "/feeds/city.xml", "news.rss", "?feed=rss2"; not "/feedback". */
function looksLikeFeed(address: string): boolean {
  const { hostname, pathname, search } = new URL(address);
  return (
    (/\/(?:rss\d?|feeds?|atom|rdf)(?:\/|$)/i.test(pathname) &&
      !/\.(?:png|jpe?g|gif|svg|webp|css|js)$/i.test(pathname)) ||
    /(?:^|[/_.-])(?:rss\d?|feed|atom|rdf)(?:\.(?:xml|json|php|aspx?))?\/?$/i.test(pathname) ||
    /[?&](?:feed|format|type|output)=(?:rss\d?|atom|feed|rdf)\b/i.test(search) ||
    /^(?:feeds?|rss)\d?\./i.test(hostname)
  );
}

/** Reads a page's links to feeds. */
export function linksIn(html: string, url: string): PageLinks {
  const feeds = new Set<string>();
  const anchors = new Set<string>();
  let wordpress: string | null = null;
  let base = url;
  let depth = 0;
  const isNear = (address: string): boolean => siteOf(new URL(address).hostname) === siteOf(new URL(url).hostname);

  const parser = new Parser({
    onopentag(name, { href = "", rel = "", type = "" }) {
      if (++depth > deepest) parser.pause();
      const address = href && absolute(href, base);
      if (!address) return;
      const rels = rel.toLowerCase().split(/\s+/);
      if (name === "base") base = address;
      else if (name === "link" && rels.includes(wordpressRel)) wordpress ??= address;
      else if (name === "link" && isFeedLink(rels, type, address) && feeds.size < mostLinks) feeds.add(address);
      else if (name === "a" && looksLikeFeed(address) && anchors.size < mostLinks) {
        // A feed elsewhere is somebody else's, but for the services that keep feeds for others.
        if (isNear(address) || /^(?:feeds?|rss)\d?\./i.test(new URL(address).hostname)) anchors.add(address);
      }
    },
    onclosetag() {
      depth--;
    },
  });
  parser.write(html.slice(0, mostCharacters));
  parser.end();
  return { feeds: [...feeds], anchors: [...anchors].filter((address) => !feeds.has(address)), wordpress };
}

function isFeedLink(rels: string[], type: string, address: string): boolean {
  if (rels.includes("feed")) return true;
  if (!rels.includes("alternate")) return false;
  return feedType.test(type) || ((type === "" || xmlType.test(type)) && looksLikeFeed(address));
}

/** The same from HTTP's Link header. */
export function linksInHeader(header: string | undefined, base: string): PageLinks {
  const found: PageLinks = { feeds: [], anchors: [], wordpress: null };
  for (const { url, rels, type } of readLinkHeader(header, base)) {
    if (rels.includes(wordpressRel)) found.wordpress ??= url;
    else if (isFeedLink(rels, type, url)) found.feeds.push(url);
  }
  return found;
}

/** "www.news.example.co.il" and "feeds.example.co.il" belong together: by the last labels, with one more behind a short one. */
function siteOf(hostname: string): string {
  if (/^[\d.]+$|:/.test(hostname)) return hostname;
  const labels = hostname.split(".");
  return labels.slice((labels.at(-2)?.length ?? 0) <= 3 && labels.length > 2 ? -3 : -2).join(".");
}
