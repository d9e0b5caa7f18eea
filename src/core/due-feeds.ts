import type { Feed, FeedId } from "#core/model";
import type { Clock, Log, Store } from "#core/ports";

/** Who reads which feed when. */
export interface DueFeeds {
  /** Reads the feeds that are due and not being read; resolves when those reads ended. Never rejects. */
  readDue(signal: AbortSignal): Promise<void>;
  /** Resolves when no feed is being read. */
  settled(): Promise<void>;
}

/** Feeds read at once. */
const concurrency = 64;
/** Of one host: what the fetcher lets through at once, so that a slow host holds up no other. */
const perHost = 2;
/** While feeds wait for their host, others are looked for this often. */
const busyHostMs = 1_000;
/** Due feeds looked at in one go. */
const mostDue = 2_000;

export function createDueFeeds(
  { store, clock, log }: { store: Store; clock: Clock; log: Log },
  readOne: (feed: Feed, signal: AbortSignal) => Promise<void>,
): DueFeeds {
  const underWay = new Map<FeedId, Promise<void>>();
  const hosts = new Map<string, number>();
  let isPulling = false;

  const start = (feed: Feed, signal: AbortSignal): Promise<void> => {
    const host = hostOf(feed);
    hosts.set(host, (hosts.get(host) ?? 0) + 1);
    const reading = readOne(feed, signal)
      .catch((err: unknown) => log.error({ feed: feed.id, err }, "a read could not be written down"))
      .finally(() => {
        underWay.delete(feed.id);
        const left = (hosts.get(host) ?? 1) - 1;
        if (left > 0) hosts.set(host, left);
        else hosts.delete(host);
      });
    underWay.set(feed.id, reading);
    return reading;
  };

  /** Starts what is due, as room gets free, until nothing is left to be started. */
  const pull = async (signal: AbortSignal): Promise<Promise<void>[]> => {
    const started: Promise<void>[] = [];
    while (!signal.aborted) {
      const due = (await store.feeds.due(clock.now(), underWay.size + mostDue)).filter(({ id }) => !underWay.has(id));
      if (due.length === 0) break;
      while (!signal.aborted) {
        if (underWay.size >= concurrency) await Promise.race(underWay.values());
        const at = due.findIndex((feed) => (hosts.get(hostOf(feed)) ?? 0) < perHost);
        const [feed] = at < 0 ? [] : due.splice(at, 1);
        if (!feed) break;
        started.push(start(feed, signal));
      }
      // Hosts that were busy may have room by then, and other feeds be due.
      if (due.length > 0) await Promise.race([...underWay.values(), clock.sleep(busyHostMs, signal)]);
    }
    return started;
  };

  return {
    async readDue(signal) {
      if (isPulling) return;
      isPulling = true;
      let started: Promise<void>[] = [];
      try {
        started = await pull(signal);
      } catch (err) {
        if (!signal.aborted) log.error({ err }, "feeds could not be read");
      } finally {
        isPulling = false;
      }
      await Promise.all(started);
    },

    async settled() {
      await Promise.allSettled(underWay.values());
    },
  };
}

const hostOf = ({ url, id }: Feed): string => URL.parse(url)?.hostname || `feed ${id}`;
