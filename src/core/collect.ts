import { createComplete } from "#core/complete";
import type { DeskSettings } from "#core/desk/hold";
import { createDueFeeds } from "#core/due-feeds";
import { FeedError } from "#core/errors";
import type { Article, Feed, FeedId } from "#core/model";
import { afterSuccess, type ReadPlan } from "#core/next-read";
import { cameIntoSight, oldByTheirPages } from "#core/old-news";
import { endFeed, isOut, recordFailure, tellRecovered } from "#core/outage";
import type { Clock, CompilePattern, ContentAdapter, FeedRead, FetchResult, Log, Store } from "#core/ports";
import { createRoutes } from "#core/route";
import { compileRules } from "#core/rules";
import { type Intake, type TakenIn, takeIn } from "#core/take-in";

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
  /** What makes an article wait for an editor. */
  desk: DeskSettings;
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

/** Reads that brought nothing are written together, this long after the first of them: it keeps their places meanwhile. */
const batchMs = 25;

export function createCollector(deps: CollectDeps): Collector {
  const { store, clock, log } = deps;
  const intake = createQueue();
  const routes = createRoutes();
  const unchanged = createBatch(deps);
  const complete = createComplete(deps);

  const readOne = async (feed: Feed, signal: AbortSignal): Promise<void> => {
    try {
      const adapter = deps.adapters.find((candidate) => candidate.kind === feed.kind);
      if (!adapter) throw new FeedError("refused", `Nothing in Crier reads feeds of the kind "${feed.kind}".`);
      const result = await fetchFeed(adapter, feed, signal);
      log.debug({ feed: feed.id, result: result.kind }, "feed read");
      if (result.kind === "gone") await endFeed(deps, feed);
      else if (result.kind === "unchanged") await unchanged.add(feed.id, await readOf(feed, result));
      else await takeFetched(feed, adapter, result, signal);
      if (isOut(feed)) await tellRecovered(deps, feed);
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
    const { articles, isOpen } =
      sends === "none"
        ? { articles: result.articles, isOpen: false }
        : await complete(feed, adapter, result.articles, sends, signal);
    const rule = ruleOf(feed);
    const { retracted = [], hub = null } = result;
    const touched = oldByTheirPages(result.articles, articles, feed);
    const isOld: Intake["isOld"] = (known) => {
      const uncovered = cameIntoSight(result.articles, known, feed);
      return ({ sourceId }) => touched.has(sourceId) || uncovered.has(sourceId);
    };
    // What tells of each change by itself shows all that it has, as it is: nothing old comes into sight, and no older copy.
    const doubts = adapter.watch ? {} : { isOld, doubtMs: deps.intervalMs };
    const read = await readOf(feed, result);
    const taken = await intake(() =>
      store.transaction(async (tx) => {
        await tx.articles.turn();
        if (await wasReadSince(tx, feed)) return null;
        const now = clock.now();
        const route = await routes(tx);
        const news = { articles, retracted, rule, sends, route, desk: deps.desk, ...doubts };
        const came = await takeIn(tx, withDates(feed), news, now);
        // What is doubted, or waits for its page, is to be seen again, not to be called unchanged.
        const isSettled = !isOpen && !came.some(({ isDoubted }) => isDoubted);
        await tx.feeds.read(feed.id, isSettled ? read : { ...read, validators: {} });
        return came;
      }),
    );
    if (!taken) {
      log.info({ feed: feed.id }, "another Crier has read the feed meanwhile: what was read here may be older");
      return;
    }
    tell(feed, taken);
    if (feed.firstReadAt && taken.some(({ verdict }) => verdict === "new" || verdict === "held"))
      deps.push?.missed(feed.id);
    await deps.push?.offer(feed.id, hub);
  };

  const ruleOf = ({ rules }: Feed): Rule => {
    try {
      return compileRules(rules, deps.compilePattern);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new FeedError("refused", `Its rules cannot be used: ${why} Mend them with “crier feeds set”.`, { cause });
    }
  };

  /** Dates of what is the newsroom's own are meant, where its rules say nothing else. */
  const withDates = (feed: Feed): Feed => {
    const adapter = deps.adapters.find(({ kind }) => kind === feed.kind);
    return adapter?.datesAhead ? { ...feed, rules: { embargo: true, ...feed.rules } } : feed;
  };

  const tell = (feed: Feed, taken: TakenIn[]): void => {
    const counts = Map.groupBy(taken, ({ verdict }) => verdict);
    const [added, held, changed, retracted] = (["new", "held", "changed", "retracted"] as const).map(
      (verdict) => counts.get(verdict)?.length ?? 0,
    );
    if (!added && !held && !changed && !retracted) return;
    log.info({ feed: feed.id, added, held, changed, retracted }, "articles taken in");
    deps.onQueued();
  };

  const dueFeeds = createDueFeeds(deps, readOne);

  return {
    collectDue: dueFeeds.readDue,
    settled: dueFeeds.settled,

    async take(feed, { articles, retracted }) {
      const rule = ruleOf(feed);
      const taken = await intake(() =>
        store.transaction(async (tx) => {
          await tx.articles.turn();
          const now = clock.now();
          const route = await routes(tx);
          return takeIn(tx, withDates(feed), { articles, retracted, rule, sends: "all", route, desk: deps.desk }, now);
        }),
      );
      tell(feed, taken);
      return taken;
    },
  };
}

/** A feed that moved and fails at its new address may be back at the one that the newsroom gave. */
async function fetchFeed(adapter: ContentAdapter, feed: Feed, signal: AbortSignal): Promise<FetchResult> {
  const { url, address } = feed;
  if (url === address || !isOut(feed)) return adapter.fetch(feed, signal);
  const result = await adapter.fetch({ ...feed, url: address, validators: {} }, signal);
  return result.kind === "fetched" ? { movedTo: address, ...result } : result;
}

/** A process that stood still for long has lost its claim: its copy of the feed may be older than what another one took in. */
async function wasReadSince(tx: Store, { id, readAt }: Feed): Promise<boolean> {
  const current = await tx.feeds.get(id);
  return current !== null && current.readAt?.getTime() !== readAt?.getTime();
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
