import { FeedError } from "#core/errors";
import type { Article, Validators } from "#core/model";
import type { ContentAdapter, FetchResult } from "#core/ports";
import type { HttpGet } from "../shared/http.ts";
import { listAddresses, listOf, type Page } from "./address.ts";
import { createClient, type PostPage, type WordpressClient } from "./client.ts";

/** Pages of one list that one read may ask for. */
const mostPages = 5;
/** How long after it was published a story's corrections are followed. The first read goes as far back, so that they are known. */
const followedMs = 7 * 24 * 3_600_000;

/**
 * Reads a WordPress site by its REST API: articles whole, and their corrections.
 *
 * Two lists are read, since neither has all: by date, where a story stands that was written days ago and is published
 * by the clock; and by time of change. The newest change that was seen is kept as the feed's Last-Modified, which
 * WordPress itself does not send.
 */
export function createWordpressAdapter(http: HttpGet): ContentAdapter {
  const client = createClient(http);
  return {
    kind: "wordpress",

    async fetch({ url, validators }, signal) {
      let closed: FeedError | undefined;
      for (const list of listAddresses(url)) {
        try {
          return await readList(client, list, validators, signal);
        } catch (error) {
          if (!(error instanceof FeedError) || error.reason !== "not-a-feed") throw error;
          closed ??= error;
        }
      }
      throw closed ?? new FeedError("not-a-feed", `${url} is no address of a WordPress site.`);
    },
  };
}

async function readList(
  client: WordpressClient,
  list: string,
  { etag, lastModified }: Validators,
  signal: AbortSignal,
): Promise<FetchResult> {
  const since = lastModified && !Number.isNaN(Date.parse(lastModified)) ? new Date(lastModified) : null;
  const byDate: Page = { orderby: "date", page: 1 };
  const first = await client.page(list, byDate, signal, etag);
  if (first.kind === "gone") return first;

  let latest: Article[] = [];
  if (first.kind === "page") {
    const knownUpTo = since?.getTime() ?? Math.max(...first.articles.map(publishedTime)) - followedMs;
    latest = await withFurther(client, list, byDate, first, (last) => publishedTime(last) <= knownUpTo, signal);
  }
  const changed = since ? await changedSince(client, list, since, signal) : [];
  if (first.kind === "unchanged" && !changed?.length) return first;

  const articles = [...new Map([...latest, ...(changed ?? [])].map((article) => [article.sourceId, article])).values()];
  const moved = first.kind === "page" ? first.movedTo : undefined;
  const tag = first.kind === "page" ? first.etag : etag;
  // Changes that could not be read are asked for again.
  const seenUpTo = changed ? lastChange(articles, since, first) : since;
  return {
    kind: "fetched",
    title: await client.siteName(list, signal),
    articles: articles.sort((a, b) => publishedTime(b) - publishedTime(a)),
    validators: { ...(tag ? { etag: tag } : {}), ...(seenUpTo ? { lastModified: seenUpTo.toUTCString() } : {}) },
    ...(first.freshForMs ? { freshForMs: first.freshForMs } : {}),
    ...(moved ? { movedTo: listOf(moved) } : {}),
  };
}

const publishedTime = ({ publishedAt }: Article): number => publishedAt?.getTime() ?? 0;

/** A page and those behind it, until one ends with an article that was reached before, or fails: what it held shows among the changes. */
async function withFurther(
  client: WordpressClient,
  list: string,
  page: Page,
  first: PostPage,
  isReached: (last: Article) => boolean,
  signal: AbortSignal,
): Promise<Article[]> {
  const articles = [...first.articles];
  for (let number = 2; number <= Math.min(mostPages, first.pages); number++) {
    const last = articles.at(-1);
    if (!last || isReached(last)) break;
    try {
      const next = await client.page(list, { ...page, page: number }, signal);
      if (next.kind !== "page") break;
      articles.push(...next.articles);
    } catch (error) {
      if (!(error instanceof FeedError) || signal.aborted) throw error;
      break;
    }
  }
  return articles;
}

/** What was changed since then, of stories young enough; null when it could not be read, which loses no new article. */
async function changedSince(
  client: WordpressClient,
  list: string,
  since: Date,
  signal: AbortSignal,
): Promise<Article[] | null> {
  const page: Page = { orderby: "modified", page: 1, modifiedAfter: since };
  // Versions of WordPress before 5.7 do not know the question and answer with all.
  const isSeen = ({ updatedAt }: Article): boolean => !updatedAt || updatedAt <= since;
  const isYoung = (article: Article): boolean =>
    (article.updatedAt?.getTime() ?? 0) - publishedTime(article) <= followedMs;
  try {
    const first = await client.page(list, page, signal);
    if (first.kind !== "page") return null;
    const articles = await withFurther(client, list, page, first, isSeen, signal);
    return articles.filter((article) => !isSeen(article) && isYoung(article));
  } catch (error) {
    if (!(error instanceof FeedError) || signal.aborted) throw error;
    return null;
  }
}

/** A clock that runs ahead at the site must not hide what is changed until then: the server's own time is the latest. */
function lastChange(articles: Article[], since: Date | null, read: PostPage | { kind: "unchanged" }): Date | null {
  const latest = Math.max(since?.getTime() ?? 0, ...articles.map(({ updatedAt }) => updatedAt?.getTime() ?? 0));
  const now = read.kind === "page" ? (read.answeredAt?.getTime() ?? latest) : latest;
  return latest > 0 ? new Date(Math.min(latest, now)) : null;
}
