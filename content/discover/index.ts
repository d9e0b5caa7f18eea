import { FeedError } from "#core/errors";
import type { ContentAdapter } from "#core/ports";
import { challengeIn, isHtml } from "../shared/challenge.ts";
import { decode } from "../shared/charset.ts";
import type { HttpAnswer, HttpGet } from "../shared/http.ts";
import { bestFirst, type Found, isOfComments, type Look, lookAt, sameAddress } from "./found.ts";
import { linksIn, linksInHeader, type PageLinks } from "./links.ts";
import { addressesOf, sitemapsIn, usualFeeds, usualSitemaps, wordpressSite } from "./places.ts";

/** What a site offers to be read by. */
interface Discovery {
  /** The page or feed that was looked at, after redirects. */
  site: string;
  /** Best first; never empty. */
  found: Found[];
}

/** Finds what a site can be read by, from whatever a person types for it. @throws FeedError */
export type Discover = (address: string, signal: AbortSignal) => Promise<Discovery>;

/** Requests that one search may cost a site, about. */
const mostRequests = 25;
/** What a reading costs: an index brings its newest children, WordPress its site's name and a second form of its address. */
const costs: Record<Found["kind"], number> = { feed: 1, sitemap: 2, wordpress: 3, listing: 1 };
/** Three that never answer end the search. */
const costOfWaiting = 8;
/** Newsrooms link to a feed for each of their sections. */
const mostLinkedFeeds = 8;

const acceptPage = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8";

/** Each candidate is read by the adapter that would read it later, so that what is proposed also works. */
export const createDiscover =
  ({ http, adapters }: { http: HttpGet; adapters: readonly ContentAdapter[] }): Discover =>
  async (typed, signal) => {
    const search = createSearch(http, adapters, signal);
    const { address, answer } = await search.open(addressesOf(typed));
    const page = answer.url;
    const isPage = isHtml(answer.bytes);
    if (!isPage && answer.status < 300) {
      const own = await search.firstOf((["feed", "sitemap", "wordpress"] as const).map((kind) => ({ kind, address })));
      if (own) return { site: page, found: [own.found] };
    }

    const front = new URL("/", page).href;
    const links = [linksOf(answer)];
    const hasFeeds = (): boolean => links.some(({ feeds, anchors }) => feeds.length + anchors.length > 0);
    if (!hasFeeds() && sameAddress(page) !== sameAddress(front)) {
      const other = await search.get(front);
      if (other) links.push(linksOf(other));
    }

    const looks = await search.feeds(links);
    const robots = await search.get(new URL("/robots.txt", page).href);
    const named =
      robots && robots.status < 300 && !isHtml(robots.bytes) ? sitemapsIn(decode(robots.bytes, null), robots.url) : [];
    looks.push(...(await search.all(named.map((address) => ({ kind: "sitemap", address })))));
    const hint = links.find(({ wordpress }) => wordpress)?.wordpress;
    if (hint) looks.push(...(await search.all([{ kind: "wordpress", address: wordpressSite(hint) }])));

    const add = (look: Look | null): void => {
      if (look) looks.push(look);
    };
    // Comments alone are no feed of the site's.
    const hasFeed = looks.some(({ found }) => found.kind === "feed" && !isOfComments(found));
    if (!hasFeed) add(await search.firstOf(usualFeeds(page).map((address) => ({ kind: "feed", address }))));
    add(await search.firstOf(usualSitemaps(front, named).map((address) => ({ kind: "sitemap", address }))));
    if (looks.length === 0) add(await search.firstOf([{ kind: "wordpress", address: front }]));
    if (looks.length === 0 && isPage) add(await search.firstOf([{ kind: "listing", address: page }]));
    if (looks.length === 0) throw nothingFound(answer);
    const section = sameAddress(page) === sameAddress(front) ? "" : sameAddress(page);
    return { site: page, found: bestFirst(looks, section) };
  };

interface Candidate {
  kind: Found["kind"];
  address: string;
}

/** One search: counts what it asks for, and asks for nothing twice. */
function createSearch(http: HttpGet, adapters: readonly ContentAdapter[], signal: AbortSignal) {
  let left = mostRequests;
  const tried = new Set<string>();

  /** Null when it fails or too much was asked for already; only an end of the whole search is thrown. */
  const attempt = async <T>(cost: number, work: () => Promise<T>): Promise<T | null> => {
    if (left < cost) return null;
    left -= cost;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof FeedError) || signal.aborted) throw error;
      // What fails does so at its first request; a site that leaves Crier waiting is soon asked no more.
      left += cost - (error.reason === "timeout" ? costOfWaiting : 1);
      return null;
    }
  };
  const get = (url: string): Promise<HttpAnswer | null> =>
    attempt(1, () => http.get(url, { signal, accept: acceptPage }));

  const look = async ({ kind, address }: Candidate): Promise<Look | null> => {
    const adapter = adapters.find((candidate) => candidate.kind === kind);
    const key = `${kind} ${sameAddress(address)}`;
    if (!adapter || tried.has(key)) return null;
    tried.add(key);
    const result = await attempt(costs[kind], () => adapter.fetch({ url: address, validators: {} }, signal));
    // A feed may be between two stories; what else is empty is of no use.
    if (result?.kind !== "fetched" || (kind !== "feed" && result.articles.length === 0)) return null;
    return lookAt(kind, address, result);
  };

  const all = async (candidates: readonly Candidate[]): Promise<Look[]> =>
    (await Promise.all(candidates.map(look))).filter((found) => found !== null);

  const firstOf = async (candidates: readonly Candidate[]): Promise<Look | null> => {
    for (const candidate of candidates) {
      const found = await look(candidate);
      if (found) return found;
    }
    return null;
  };

  return {
    get,
    all,
    firstOf,

    /** The first of these addresses that answers. @throws FeedError of the first when none does */
    async open(addresses: readonly string[]): Promise<{ address: string; answer: HttpAnswer }> {
      let failure: unknown;
      for (const address of addresses) {
        left -= 1;
        try {
          return { address, answer: await http.get(address, { signal, accept: acceptPage }) };
        } catch (error) {
          if (signal.aborted || !(error instanceof FeedError)) throw error;
          failure ??= error;
        }
      }
      throw failure;
    },

    /** Feeds that pages link to; where a link leads to a page that lists them, those. */
    async feeds(pages: readonly PageLinks[]): Promise<Look[]> {
      const asFeeds = (addresses: readonly string[]): Candidate[] =>
        addresses
          .toSorted(
            (a, b) =>
              Number(isOfComments({ address: a, title: null })) - Number(isOfComments({ address: b, title: null })),
          )
          .slice(0, mostLinkedFeeds)
          .map((address) => ({ kind: "feed", address }));
      const anchors = pages.flatMap((page) => page.anchors);
      const looks = await all(asFeeds([...pages.flatMap((page) => page.feeds), ...anchors]));
      const [list] = anchors;
      if (looks.length > 0 || !list) return looks;
      const answer = await get(list);
      const listed = answer && linksOf(answer);
      return listed ? all(asFeeds([...listed.feeds, ...listed.anchors])) : [];
    },
  };
}

function linksOf(answer: HttpAnswer): PageLinks {
  const said = linksInHeader(answer.headers.link, answer.url);
  if (!isHtml(answer.bytes)) return said;
  const shown = linksIn(decode(answer.bytes, answer.headers["content-type"] ?? null), answer.url);
  return {
    feeds: [...new Set([...shown.feeds, ...said.feeds])],
    anchors: shown.anchors,
    wordpress: shown.wordpress ?? said.wordpress,
  };
}

function nothingFound(answer: HttpAnswer): FeedError {
  const { url, status } = answer;
  const obstacle = challengeIn(answer);
  if (obstacle) return new FeedError("refused", `${url} ${obstacle}.`);
  const refused = status >= 400 ? ` (the page itself answered with HTTP ${status})` : "";
  return new FeedError(
    "not-a-feed",
    `Nothing was found at ${url} that Crier can read${refused}: it looked at the page's links, the usual places of feeds, robots.txt, sitemaps and WordPress. ` +
      "Give the feed's own address if there is one, ask the publisher for it, or add the page as a listing with a selector of its article links.",
  );
}
