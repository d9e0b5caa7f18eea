import { FeedError } from "#core/errors";
import type { Article, Feed, FeedId } from "#core/model";
import { afterFailure, afterSuccess, type ReadPlan } from "#core/next-read";
import { cameIntoSight, oldByTheirPages } from "#core/old-news";
import type { Clock, CompilePattern, ContentAdapter, FeedRead, FetchResult, Log, Store } from "#core/ports";
import { compileRules } from "#core/rules";
import { type Intake, oldestFirst, type TakenIn, takeIn } from "#core/take-in";
import { createVersions } from "#core/versions";

type Rule = Intake["rule"];

/** What the first sight of a feed sends. */
type FirstRun = "none" | "newest" | "all";

export interface CollectDeps extends ReadPlan {
  store: Store;
  adapters: readonly ContentAdapter[];
  clock: Clock;
  log: Log;
  firstRun: FirstRun;
  compilePattern: CompilePattern;
  /** How long after it went out an article's own link is first looked at; null for never. */
  probeAfterMs: number | null;
  /** Hubs that tell of news at once; null where none can reach Crier. */
  push: {
    /** After each full read: the hub that the feed names, null when it names none. */
    offer(feed: FeedId, hub: { url: string; topic: string } | null): Promise<void>;
    isLive(feed: FeedId, now: Date): Promise<boolean>;
    /** A read found news that the hub had not told of. */
    missed(feed: FeedId): void;
  } | null;
  /** Called after something was queued. */
  onQueued(): void;
  /** Word to the admins. */
  tellAdmins(key: string, text: string): Promise<void>;
}

export interface Collector {
  /** Reads the feeds that are due and not being read; resolves when those reads ended. Never rejects. */
  collectDue(signal: AbortSignal): Promise<void>;
  /** Takes in what a feed's source told of by itself. @throws Error when it could not be written down */
  take(feed: Feed, news: { articles: readonly Article[]; retracted: readonly string[] }): Promise<TakenIn[]>;
  /** Resolves when all is written down that was read. */
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
/** New articles of one read whose own pages are read; the rest of a flood goes out as it is. */
const mostCompleted = 10;
/** Failed reads in a row after which the admins hear of it. At the default interval that is a quarter of an hour. */
const toldAfter = 4;
/** Reads that brought nothing are written together, this long after the first of them: it keeps their places meanwhile. */
const batchMs = 25;

export function createCollector(deps: CollectDeps): Collector {
  const { store, clock, log } = deps;
  const underWay = new Map<FeedId, Promise<void>>();
  const hosts = new Map<string, number>();
  const intake = createQueue();
  const unchanged = createBatch(deps);
  const versions = createVersions(deps.intervalMs);
  let isPulling = false;

  const readOne = async (feed: Feed, signal: AbortSignal): Promise<void> => {
    try {
      const adapter = deps.adapters.find((candidate) => candidate.kind === feed.kind);
      if (!adapter) throw new FeedError("refused", `Nothing in Crier reads feeds of the kind "${feed.kind}".`);
      const result = await fetchFeed(adapter, feed, signal);
      log.debug({ feed: feed.id, result: result.kind }, "feed read");
      if (result.kind === "gone") await end(feed);
      else if (result.kind === "unchanged") await unchanged.add(feed.id, await readOf(feed, result));
      else await takeFetched(feed, adapter, result, signal);
      if (feed.failures >= toldAfter) await tellRecovered(feed);
    } catch (error) {
      if (!signal.aborted) await recordFailure(deps, feed, error);
    }
  };

  const readOf = async (feed: Feed, result: FetchResult): Promise<FeedRead> => {
    const at = clock.now();
    const isPushed = (await deps.push?.isLive(feed.id, at)) ?? false;
    const freshForMs = "freshForMs" in result && result.freshForMs ? { freshForMs: result.freshForMs } : {};
    const read: FeedRead = {
      at,
      nextAt: new Date(at.getTime() + afterSuccess(deps, feed, { isPushed, ...freshForMs })),
    };
    if (result.kind !== "fetched") return read;
    const { title, validators, movedTo } = result;
    return { ...read, title, validators, ...(movedTo ? { movedTo } : {}) };
  };

  const takeFetched = async (
    feed: Feed,
    adapter: ContentAdapter,
    result: Extract<FetchResult, { kind: "fetched" }>,
    signal: AbortSignal,
  ): Promise<void> => {
    const sends = feed.firstReadAt ? "all" : deps.firstRun;
    const articles = sends === "none" ? result.articles : await complete(feed, adapter, result.articles, sends, signal);
    const rule = ruleOf(feed);
    const { retracted = [], hub = null } = result;
    const touched = oldByTheirPages(result.articles, articles, feed);
    const isOld: Intake["isOld"] = (known) => {
      const uncovered = cameIntoSight(result.articles, known, feed);
      return ({ sourceId }) => touched.has(sourceId) || uncovered.has(sourceId);
    };
    // What tells of each change by itself shows all that it has, as it is: nothing old comes into sight, and no older copy.
    const doubts = adapter.watch ? {} : { isOld, versions };
    const read = await readOf(feed, result);
    const taken = await intake(() =>
      store.transaction(async (tx) => {
        const now = clock.now();
        const news = { articles, retracted, rule, sends, probeAt: probeAt(now), ...doubts };
        const came = await takeIn(tx, feed, news, now);
        // What is doubted is to be seen again, not to be called unchanged.
        await tx.feeds.read(feed.id, came.some(({ isDoubted }) => isDoubted) ? { ...read, validators: {} } : read);
        return came;
      }),
    );
    tell(feed, taken);
    if (feed.firstReadAt && taken.some(({ verdict }) => verdict === "new")) deps.push?.missed(feed.id);
    await deps.push?.offer(feed.id, hub);
  };

  /** Reads the own pages of new articles where the newsroom asks for it, or where the feed has no more than links. */
  const complete = async (
    feed: Feed,
    adapter: ContentAdapter,
    articles: Article[],
    sends: Intake["sends"],
    signal: AbortSignal,
  ): Promise<Article[]> => {
    if (!adapter.complete || feed.rules.pages === false) return articles;
    const known = await store.articles.bySourceIds(
      feed.id,
      articles.map(({ sourceId }) => sourceId),
    );
    const fresh = oldestFirst(articles).filter(
      ({ sourceId, summary, text }) =>
        !known.has(sourceId) && (feed.rules.pages || (summary === null && text === null)),
    );
    const asked = new Set(sends === "newest" ? fresh.slice(-1) : fresh.slice(-mostCompleted));
    return Promise.all(
      articles.map(async (article) => {
        if (!asked.has(article)) return article;
        try {
          return (await adapter.complete?.(article, signal)) ?? article;
        } catch (error) {
          if (!(error instanceof FeedError)) throw error;
          log.info({ feed: feed.id, reason: error.reason }, `an article goes out as its feed has it: ${error.message}`);
          return article;
        }
      }),
    );
  };

  const ruleOf = ({ rules }: Feed): Rule => {
    try {
      return compileRules(rules, deps.compilePattern);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new FeedError("refused", `Its rules cannot be used: ${why} Mend them with “crier feeds set”.`, { cause });
    }
  };

  const probeAt = (now: Date): Date | null =>
    deps.probeAfterMs === null ? null : new Date(now.getTime() + deps.probeAfterMs);

  const tell = (feed: Feed, taken: TakenIn[]): void => {
    const counts = Map.groupBy(taken, ({ verdict }) => verdict);
    const [added, changed, retracted] = (["new", "changed", "retracted"] as const).map(
      (verdict) => counts.get(verdict)?.length ?? 0,
    );
    if (!added && !changed && !retracted) return;
    log.info({ feed: feed.id, added, changed, retracted }, "articles taken in");
    deps.onQueued();
  };

  const end = async (feed: Feed): Promise<void> => {
    await store.feeds.end(feed.id, "The server says that the feed is gone (410).");
    await deps.tellAdmins(
      `feed:${feed.id}:gone:${clock.now().getTime()}`,
      `The feed ${feed.address} has ended: its server says that it is gone for good. It is read no more; “crier feeds add” takes it up again.`,
    );
  };

  const tellRecovered = ({ id, address, readAt }: Feed): Promise<void> =>
    deps.tellAdmins(`feed:${id}:back:${outageOf(readAt)}`, `The feed ${address} can be read again.`);

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
    async collectDue(signal) {
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

    async take(feed, { articles, retracted }) {
      const rule = ruleOf(feed);
      const taken = await intake(() =>
        store.transaction((tx) => {
          const now = clock.now();
          return takeIn(tx, feed, { articles, retracted, rule, sends: "all", probeAt: probeAt(now) }, now);
        }),
      );
      tell(feed, taken);
      return taken;
    },

    async settled() {
      await Promise.allSettled(underWay.values());
    },
  };
}

/** A feed that moved and fails at its new address may be back at the one that the newsroom gave. */
async function fetchFeed(adapter: ContentAdapter, feed: Feed, signal: AbortSignal): Promise<FetchResult> {
  const { url, address, failures } = feed;
  if (url === address || failures < toldAfter) return adapter.fetch(feed, signal);
  const result = await adapter.fetch({ ...feed, url: address, validators: {} }, signal);
  return result.kind === "fetched" ? { movedTo: address, ...result } : result;
}

/** One after the other: what is taken in must see what was taken in before. */
function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  };
}

/** Reads that brought nothing, written in one transaction: a disk takes some hundred commits a second. */
function createBatch({ store, clock }: CollectDeps) {
  let waiting: (FeedRead & { id: FeedId })[] = [];
  let writing: Promise<void> | null = null;
  const flush = async (): Promise<void> => {
    const reads = waiting;
    waiting = [];
    writing = null;
    await store.feeds.unchanged(reads);
  };
  return {
    /** Resolves when it is written down. */
    add(id: FeedId, read: FeedRead): Promise<void> {
      waiting.push({ id, ...read });
      writing ??= clock.sleep(batchMs).then(flush);
      return writing;
    },
  };
}

async function recordFailure(deps: CollectDeps, feed: Feed, error: unknown): Promise<void> {
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

/** Names an outage: by the last good read before it. */
const outageOf = (readAt: Date | null): number => readAt?.getTime() ?? 0;

const hostOf = ({ url, id }: Feed): string => URL.parse(url)?.hostname || `feed ${id}`;
