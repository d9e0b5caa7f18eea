import { dedupe } from "#core/dedupe";
import { FeedError } from "#core/errors";
import type { Article, Feed, FeedId, StoredArticle } from "#core/model";
import type { Clock, ContentAdapter, FetchResult, Log, Store } from "#core/ports";

/** What the first sight of a feed sends. */
type FirstRun = "none" | "newest" | "all";

export interface CollectDeps {
  store: Store;
  adapters: readonly ContentAdapter[];
  clock: Clock;
  log: Log;
  /** Time between two reads of a feed. */
  intervalMs: number;
  firstRun: FirstRun;
  /** Called after something was queued. */
  onQueued(): void;
  /** Word to the admins. */
  tellAdmins(key: string, text: string): Promise<void>;
}

export interface Collector {
  /** Starts reading every feed that is due and not being read; resolves when those reads ended. Never rejects. */
  collectDue(signal: AbortSignal): Promise<void>;
}

/** Feeds read at once. */
const concurrency = 8;
/** The longest pause after failed reads. */
const longestPauseMs = 60 * 60_000;
/** A server may ask for a longer one, up to a day. */
const longestAskedMs = 24 * 60 * 60_000;

export function createCollector(deps: CollectDeps): Collector {
  const { store, clock, log } = deps;
  const underWay = new Set<FeedId>();

  const collectOne = async (feed: Feed, signal: AbortSignal): Promise<void> => {
    const adapter = deps.adapters.find((candidate) => candidate.kind === feed.kind);
    if (!adapter) throw new Error(`Nothing here reads feeds of the kind "${feed.kind}".`);
    try {
      const result = await adapter.fetch(feed, signal);
      const queued = await store.transaction((tx) => takeIn(tx, feed, result, deps));
      log.debug({ feed: feed.id, result: result.kind, queued }, "feed read");
      if (queued > 0) {
        log.info({ feed: feed.id, queued }, "articles queued");
        deps.onQueued();
      }
      if (result.kind === "gone") {
        await deps.tellAdmins(
          `feed:${feed.id}:gone`,
          `The feed ${feed.address} has ended: its server says that it is gone for good.`,
        );
      }
    } catch (error) {
      if (signal.aborted) return;
      await recordFailure(deps, feed, error);
    }
  };

  return {
    async collectDue(signal) {
      try {
        const room = concurrency - underWay.size;
        if (room <= 0) return;
        const due = (await store.feeds.due(clock.now(), room + underWay.size)).filter((feed) => !underWay.has(feed.id));
        await Promise.all(
          due.slice(0, room).map(async (feed) => {
            underWay.add(feed.id);
            try {
              await collectOne(feed, signal);
            } finally {
              underWay.delete(feed.id);
            }
          }),
        );
      } catch (err) {
        if (!signal.aborted) log.error({ err }, "feeds could not be read");
      }
    },
  };
}

/** Writes down what a read brought: articles, revisions and, in the same transaction, what goes out for them. Returns how many messages. */
async function takeIn(tx: Store, feed: Feed, result: FetchResult, deps: CollectDeps): Promise<number> {
  const now = deps.clock.now();
  if (result.kind === "gone") {
    await tx.feeds.end(feed.id, "The server says that the feed is gone (410).");
    return 0;
  }
  const nextAt = new Date(now.getTime() + deps.intervalMs);
  if (result.kind === "unchanged") {
    await tx.feeds.read(feed.id, { at: now, nextAt });
    return 0;
  }
  let queued = 0;
  let newest: StoredArticle | null = null;
  for (const article of oldestFirst(result.articles)) {
    const verdict = await dedupe(tx.articles, feed.id, article);
    if (verdict.kind === "new") {
      newest = await tx.articles.add(feed.id, article, now);
      if (feed.firstReadAt || deps.firstRun === "all") queued += await announce(tx, newest, now);
    } else if (verdict.kind === "twin") {
      await tx.articles.alias(feed.id, article.sourceId, verdict.article.id);
    } else if (verdict.kind === "changed") {
      const revised = await tx.articles.revise(verdict.article.id, article, now);
      const key = `article:${revised.id}:revision:${revised.revision}`;
      const lane = verdict.article.breaking ? "breaking" : "article";
      if (await tx.outbox.add({ key, lane, kind: "article", action: "correct", article: revised.id }, "holders", now)) {
        queued += 1;
      }
    }
  }
  if (!feed.firstReadAt && deps.firstRun === "newest" && newest) queued += await announce(tx, newest, now);
  const { validators, movedTo } = result;
  await tx.feeds.read(feed.id, { at: now, nextAt, validators, ...(movedTo ? { movedTo } : {}) });
  return queued;
}

async function announce(tx: Store, { id, breaking }: StoredArticle, now: Date): Promise<number> {
  const lane = breaking ? "breaking" : "article";
  const added = await tx.outbox.add(
    { key: `article:${id}`, lane, kind: "article", action: "send", article: id },
    "subscribed",
    now,
  );
  return added === null ? 0 : 1;
}

/** The order in which readers should get them. Without a date the feed's own order counts, which runs from new to old. */
function oldestFirst(articles: Article[]): Article[] {
  const reversed = articles.toReversed();
  if (articles.some((article) => article.publishedAt === null)) return reversed;
  return reversed.sort((a, b) => (a.publishedAt?.getTime() ?? 0) - (b.publishedAt?.getTime() ?? 0));
}

async function recordFailure(
  { store, clock, log, intervalMs }: CollectDeps,
  feed: Feed,
  error: unknown,
): Promise<void> {
  const problem = error instanceof FeedError ? error.message : "Crier itself failed while reading it; see the log.";
  const backoffMs = Math.min(intervalMs * 2 ** Math.min(feed.failures, 10), Math.max(longestPauseMs, intervalMs));
  const askedMs = error instanceof FeedError ? Math.min(error.retryAfterMs ?? 0, longestAskedMs) : 0;
  const nextAt = new Date(clock.now().getTime() + Math.max(backoffMs, askedMs));
  const failures = await store.feeds.failed(feed.id, { nextAt, problem });
  if (error instanceof FeedError)
    log.warn({ feed: feed.id, failures, reason: error.reason }, `feed not read: ${problem}`);
  else log.error({ feed: feed.id, failures, err: error }, "feed not read");
}
