import { FeedError } from "#core/errors";
import type { Feed } from "#core/model";
import { afterFailure, type ReadPlan } from "#core/next-read";
import type { Clock, Log, Store } from "#core/ports";

interface OutageDeps extends ReadPlan {
  store: Store;
  clock: Clock;
  log: Log;
  /** Word to the admins. */
  tellAdmins(key: string, text: string): Promise<void>;
}

/** Failed reads in a row after which the admins hear of it. At the default interval that is a quarter of an hour. */
const toldAfter = 4;

/** True for a feed that has failed for so long that the admins know of it. */
export const isOut = ({ failures }: Pick<Feed, "failures">): boolean => failures >= toldAfter;

/** Writes down a failed read; after several in a row the admins hear of it, once an outage. */
export async function recordFailure(deps: OutageDeps, feed: Feed, error: unknown): Promise<void> {
  const { store, clock, log } = deps;
  const problem = error instanceof FeedError ? error.message : "Crier itself failed while reading it; see the log.";
  const nextAt = new Date(clock.now().getTime() + afterFailure(deps, feed, error));
  const failures = await store.feeds.failed(feed.id, { nextAt, problem });
  if (error instanceof FeedError)
    log.warn({ feed: feed.id, failures, reason: error.reason }, `feed not read: ${problem}`);
  else log.error({ feed: feed.id, failures, err: error }, "feed not read");
  if (failures !== toldAfter) return;
  await deps.tellAdmins(
    `feed:${feed.id}:failing:${outageOf(feed.readAt)}`,
    `The feed ${feed.address} could not be read ${failures} times in a row. ${problem} It is tried again, ever more seldom.`,
  );
}

/** Tells the admins that an outage is over. */
export const tellRecovered = ({ tellAdmins }: OutageDeps, { id, address, readAt }: Feed): Promise<void> =>
  tellAdmins(`feed:${id}:back:${outageOf(readAt)}`, `The feed ${address} can be read again.`);

/** Ends a feed whose source says that it is gone for good, with word to the admins. */
export async function endFeed({ store, clock, tellAdmins }: OutageDeps, { id, address }: Feed): Promise<void> {
  await store.feeds.end(id, "The server says that the feed is gone (410).");
  await tellAdmins(
    `feed:${id}:gone:${clock.now().getTime()}`,
    `The feed ${address} has ended: its server says that it is gone for good. It is read no more; “crier feeds add” takes it up again.`,
  );
}

/** Names an outage: by the last good read before it. */
const outageOf = (readAt: Date | null): number => readAt?.getTime() ?? 0;
