import { FeedError } from "#core/errors";
import type { Article } from "#core/model";
import { challengeIn, isHtml } from "../shared/challenge.ts";
import type { HttpAnswer, HttpGet } from "../shared/http.ts";
import { freshFor, readSource } from "../shared/source.ts";
import { type Page, pageAddress, rootAddress } from "./address.ts";
import { readPosts, readSite, type Site, toArticle } from "./parse.ts";

/** One page of a list of posts. */
export interface PostPage {
  kind: "page";
  articles: Article[];
  /** How many pages the list has. */
  pages: number;
  etag?: string;
  freshForMs?: number;
  movedTo?: string;
  /** The server's own time. */
  answeredAt: Date | null;
}

export interface WordpressClient {
  /** @throws FeedError "not-a-feed" where the API is closed or absent */
  page(
    list: string,
    page: Page,
    signal: AbortSignal,
    etag?: string,
  ): Promise<PostPage | { kind: "unchanged"; freshForMs?: number } | { kind: "gone" }>;
  /** The site's own name; null when it does not tell it. */
  siteName(list: string, signal: AbortSignal): Promise<string | null>;
}

const accept = "application/json, */*;q=0.5";
/** Sites whose names are remembered. */
const mostSites = 1000;

/** Asks WordPress's REST API; each site's name once. */
export function createClient(http: HttpGet): WordpressClient {
  const sites = new Map<string, Site>();

  const siteOf = async (list: string, signal: AbortSignal): Promise<Site> => {
    const unknown: Site = { name: null, offsetMs: 0 };
    const root = rootAddress(list);
    const known = root && sites.get(root);
    if (!root || known) return known || unknown;
    try {
      const answer = await http.get(root, { signal, accept });
      if (answer.status !== 200) return unknown;
      const site = readSite(answer.bytes, contentType(answer));
      if (sites.size >= mostSites) sites.clear();
      sites.set(root, site);
      return site;
    } catch (error) {
      // Its articles go out without the site's name rather than not at all.
      if (!(error instanceof FeedError) || signal.aborted) throw error;
      return unknown;
    }
  };

  return {
    async page(list, page, signal, etag) {
      const source = { url: pageAddress(list, page), validators: etag ? { etag } : {} };
      const read = await readSource(openOnly(http), source, { accept, signal });
      if (read.kind !== "answer") return read;
      const { answer, validators, movedTo } = read;
      const posts = readPosts(answer.bytes, { url: answer.url, contentType: contentType(answer) });
      const site = await siteOf(list, signal);
      const answeredAt = new Date(answer.headers.date ?? "");
      return {
        kind: "page",
        articles: posts.flatMap((post) => toArticle(post, site, answer.url) ?? []),
        pages: Number(answer.headers["x-wp-totalpages"]) || 1,
        answeredAt: Number.isNaN(answeredAt.getTime()) ? null : answeredAt,
        ...(validators.etag ? { etag: validators.etag } : {}),
        ...freshFor(answer.maxAgeMs),
        ...(movedTo ? { movedTo } : {}),
      };
    },
    siteName: async (list, signal) => (await siteOf(list, signal)).name,
  };
}

const contentType = (answer: HttpAnswer): string | null => answer.headers["content-type"] ?? null;

/** Tells a closed API, and a page in its place, in words of its own. */
const openOnly = (http: HttpGet): HttpGet => ({
  ...http,
  async get(url, how) {
    const answer = await http.get(url, how);
    // Who guards the site is told of by the common reader of answers.
    if (challengeIn(answer)) return answer;
    const isClosed = [401, 403, 404].includes(answer.status);
    if (!isClosed && !(isHtml(answer.bytes) && answer.status < 300)) return answer;
    const said = isClosed
      ? `does not let Crier use WordPress's API (HTTP ${answer.status})`
      : "answered with a page instead of WordPress's API";
    throw new FeedError(
      "not-a-feed",
      `${new URL(url).host} ${said}: use the site's feed instead, which is mostly under /feed/.`,
    );
  },
});
