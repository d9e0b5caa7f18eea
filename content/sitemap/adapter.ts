import { FeedError } from "#core/errors";
import type { Article } from "#core/model";
import type { ContentAdapter } from "#core/ports";
import type { HttpAnswer, HttpGet } from "../shared/http.ts";
import { freshFor, readSource } from "../shared/source.ts";
import { publicationOf, toArticle } from "./article.ts";
import { newestChildren, newestUrls } from "./newest.ts";
import { parseSitemap, type Sitemap, type SitemapUrl } from "./parse.ts";
import { isListPage } from "./slug.ts";

const accept = "application/xml, text/xml;q=0.9, application/gzip;q=0.8, text/plain;q=0.7, */*;q=0.5";

/** Sitemaps that one read of an index may ask for. */
const mostChildren = 10;
/** An index of indexes is the deepest that is met. */
const deepest = 2;
/** sitemaps.org allows 50 MB; 50,000 addresses with pictures take a third of it, and more would take a second to read. */
const maxBytes = 24 * 1024 * 1024;
/** Sitemaps go back for years; two days of the busiest newsroom are fewer than this, and the store is asked for each. */
const mostArticles = 200;

/** Reads news sitemaps, plain sitemaps and indexes of them. */
export const createSitemapAdapter = (http: HttpGet): ContentAdapter => ({
  kind: "sitemap",

  async fetch(source, signal) {
    const read = await readSource(largeFiles(http), source, { accept, signal });
    if (read.kind !== "answer") return read;
    const { answer, validators, movedTo } = read;
    const named = parse(answer);
    const { urls, isWhole } = await withChildren(http, named, answer.url, signal);
    const articles = new Map<string, Article>();
    for (const entry of newestUrls(urls.filter(isArticle), mostArticles)) {
      const article = toArticle(entry);
      if (!articles.has(article.sourceId)) articles.set(article.sourceId, article);
    }
    return {
      kind: "fetched",
      title: publicationOf(urls),
      articles: [...articles.values()],
      // They are the index's own. It changes with its children only where it dates them; and a child that failed is
      // to be read again. Else nothing is remembered, and the next read is a whole one.
      validators: isWhole && named.children.every(({ lastModified }) => lastModified) ? validators : {},
      ...freshFor(answer.maxAgeMs),
      ...(movedTo ? { movedTo } : {}),
    };
  },
});

/** What has a headline is an article wherever it stands. */
const isArticle = ({ title, link }: SitemapUrl): boolean => title !== "" || !isListPage(link);

const parse = (answer: HttpAnswer): Sitemap =>
  parseSitemap(answer.bytes, { url: answer.url, contentType: answer.headers["content-type"] ?? null });

const largeFiles = (http: HttpGet): HttpGet => ({ ...http, get: (url, how) => http.get(url, { maxBytes, ...how }) });

interface Gathered {
  urls: SitemapUrl[];
  /** Every child that was asked for answered. */
  isWhole: boolean;
}

/** A sitemap's own addresses and those of its newest children. One child that fails loses none of the others. @throws FeedError when all fail */
async function withChildren(http: HttpGet, index: Sitemap, url: string, signal: AbortSignal): Promise<Gathered> {
  const urls = [...index.urls];
  const asked = new Set([url]);
  const failures: FeedError[] = [];

  const follow = async ({ children }: Sitemap, depth: number): Promise<void> => {
    for (const child of newestChildren(children, mostChildren)) {
      if (asked.has(child.url) || asked.size > mostChildren) continue;
      asked.add(child.url);
      try {
        const read = await readSource(largeFiles(http), { url: child.url, validators: {} }, { accept, signal });
        if (read.kind !== "answer") continue;
        const sitemap = parse(read.answer);
        // One by one: 50,000 arguments are too many for a call.
        for (const entry of sitemap.urls) urls.push(entry);
        if (depth < deepest) await follow(sitemap, depth + 1);
      } catch (error) {
        if (!(error instanceof FeedError) || signal.aborted) throw error;
        failures.push(error);
      }
    }
  };
  await follow(index, 1);
  const [failure] = failures;
  if (failure && urls.length === 0) throw failure;
  return { urls, isWhole: !failure };
}
