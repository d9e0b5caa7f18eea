import type { Feed, FeedId } from "#core/model";
import type { Clock, Log, Store } from "#core/ports";

/** Who reads which feed when. */
export interface DueFeeds {
  /** Reads the feeds that are due and that nobody reads; resolves when those reads ended. Never rejects. */
  readDue(signal: AbortSignal): Promise<void>;
  /** Resolves when no feed is being read. */
  settled(): Promise<void>;
}

/** Feeds read at once, and claimed in one go. */
const concurrency = 64;
/** Of one host: what the fetcher lets through at once, so that a slow host holds up no other. */
const perHost = 2;
/** While feeds wait for their host, others are looked for this often. */
const busyHostMs = 1_000;
/** Due feeds looked at in one go. */
const mostDue = 2_000;
/** What a process that died was reading is read by another one so much later; whoever lives prolongs its claims. */
const claimMs = 10_000;
const keepMs = 3_000;

export function createDueFeeds(
  { store, clock, log }: { store: Store; clock: Clock; log: Log },
  readOne: (feed: Feed, signal: AbortSignal) => Promise<void>,
): DueFeeds {
  /** Claimed ones, with the host at which each has a place; null for the work while it waits for its beginning. */
  const ours = new Map<FeedId, { host: string; work: Promise<void> | null }>();
  const hosts = new Map<string, number>();
  let keptAt = clock.now().getTime();
  let isPulling = false;

  const works = (): Promise<void>[] => [...ours.values()].flatMap(({ work }) => work ?? []);

  const take = (id: FeedId, host: string): void => {
    ours.set(id, { host, work: null });
    hosts.set(host, (hosts.get(host) ?? 0) + 1);
  };
  const leave = (id: FeedId): void => {
    const { host = "" } = ours.get(id) ?? {};
    ours.delete(id);
    const left = (hosts.get(host) ?? 1) - 1;
    if (left > 0) hosts.set(host, left);
    else hosts.delete(host);
  };

  const start = (feed: Feed, signal: AbortSignal): Promise<void> => {
    const work = readOne(feed, signal)
      // What was stopped midway is another process's at once.
      .then(() => (signal.aborted ? store.feeds.keep([feed.id], clock.now()) : undefined))
      .catch((err: unknown) => log.error({ feed: feed.id, err }, "a read could not be written down"))
      .finally(() => leave(feed.id));
    const own = ours.get(feed.id);
    if (own) own.work = work;
    return work;
  };

  /** Claims as many of those that are due as their hosts have room for, and takes them off the list; null for none. */
  const claim = async (due: Feed[]): Promise<Feed[] | null> => {
    const chosen: FeedId[] = [];
    for (let at = 0; at < due.length && chosen.length < concurrency; ) {
      const feed = due[at];
      const host = feed ? hostOf(feed) : "";
      if (!feed || (hosts.get(host) ?? 0) >= perHost) {
        at += 1;
        continue;
      }
      due.splice(at, 1);
      take(feed.id, host);
      chosen.push(feed.id);
    }
    if (chosen.length === 0) return null;
    let claimed = new Map<FeedId, Feed>();
    try {
      const now = clock.now();
      const rows = await store.feeds.claim(chosen, now, new Date(now.getTime() + claimMs));
      claimed = new Map(rows.map((feed) => [feed.id, feed]));
    } finally {
      for (const id of chosen) if (!claimed.has(id)) leave(id);
    }
    return chosen.flatMap((id) => claimed.get(id) ?? []);
  };

  /** Starts what is due, as room gets free, until nothing is left to be started. */
  const pull = async (signal: AbortSignal): Promise<Promise<void>[]> => {
    const started: Promise<void>[] = [];
    while (!signal.aborted) {
      const due = (await store.feeds.due(clock.now(), ours.size + mostDue)).filter(({ id }) => !ours.has(id));
      if (due.length === 0) break;
      for (let claimed = await claim(due); claimed; claimed = signal.aborted ? null : await claim(due)) {
        for (const feed of claimed) {
          while (works().length >= concurrency) await Promise.race(works());
          started.push(start(feed, signal));
        }
      }
      // Hosts that were busy may have room by then, and other feeds be due.
      if (due.length > 0) await Promise.race([...works(), clock.sleep(busyHostMs, signal)]);
    }
    return started;
  };

  const keep = async (): Promise<void> => {
    const now = clock.now().getTime();
    if (ours.size === 0 || now - keptAt < keepMs) return;
    keptAt = now;
    await store.feeds.keep([...ours.keys()], new Date(now + claimMs));
  };

  return {
    async readDue(signal) {
      let started: Promise<void>[] = [];
      try {
        await keep();
        if (isPulling) return;
        isPulling = true;
        started = await pull(signal).finally(() => {
          isPulling = false;
        });
      } catch (err) {
        if (!signal.aborted) log.error({ err }, "feeds could not be read");
      }
      await Promise.all(started);
    },

    async settled() {
      await Promise.allSettled(works());
    },
  };
}

const hostOf = ({ url, id }: Feed): string => URL.parse(url)?.hostname || `feed ${id}`;
