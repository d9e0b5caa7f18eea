import { FeedError } from "#core/errors";
import type { Feed } from "#core/model";

/** When a feed is read again. All spans in milliseconds. */
export interface ReadPlan {
  /** The settings' time between two reads of a feed. */
  intervalMs: number;
  /** From 0 up to 1: spreads feeds that failed together. */
  random(): number;
}

/** A feed may ask to be left alone, yet news must not wait for longer than this. */
const longestFreshMs = 60 * 60_000;
/** The longest pause after failed reads. */
const longestPauseMs = 60 * 60_000;
/** A server may ask for a longer one by Retry-After, up to a day. */
const longestAskedMs = 24 * 60 * 60_000;
/** A feed whose hub tells of news is still read, that many times less often: hubs fail without a word. */
const pushedFactor = 10;

/**
 * After a good read: the newsroom's own interval for the feed where it gave one; else the settings' interval, or longer
 * where the source says that its answer stays good for longer or its hub tells of news at once.
 */
export function afterSuccess(
  { intervalMs }: ReadPlan,
  feed: Pick<Feed, "rules">,
  { freshForMs = 0, isPushed = false }: { freshForMs?: number; isPushed?: boolean },
): number {
  if (feed.rules.intervalMs !== undefined) return feed.rules.intervalMs;
  const own = isPushed ? Math.min(intervalMs * pushedFactor, longestFreshMs) : intervalMs;
  return Math.max(intervalMs, own, Math.min(freshForMs, longestFreshMs));
}

/** After a failed read: twice as long each time, up to an hour, a quarter more or less; and never before the server's own Retry-After. */
export function afterFailure({ intervalMs, random }: ReadPlan, feed: Pick<Feed, "failures">, error: unknown): number {
  const doubled = Math.min(intervalMs * 2 ** Math.min(feed.failures, 20), Math.max(longestPauseMs, intervalMs));
  const askedMs = error instanceof FeedError ? Math.min(error.retryAfterMs ?? 0, longestAskedMs) : 0;
  return Math.max(Math.round(doubled * (0.75 + random() / 2)), askedMs);
}
