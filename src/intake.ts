import type { Hono } from "hono";
import { twinWindowMs } from "#core/dedupe";
import { FeedError } from "#core/errors";
import type { Meter } from "#core/meter";
import type { Article, Feed, FeedId } from "#core/model";
import type { Clock, Log, Store } from "#core/ports";
import type { Config } from "./config.ts";
import { hookRoutes } from "./console/hooks.ts";
import { webSubRoutes } from "./console/websub.ts";
import { hookFeed } from "./hook-feed.ts";
import { type Content, loadContent } from "./load-content.ts";
import type { Schedule } from "./schedule.ts";

/** Everything that brings news in: feeds that are read, hubs and systems that tell of news, folders that are watched, links that are looked at. */
export interface Intake {
  /** Pages of Crier's own where news is handed in. */
  routes: readonly ((app: Hono) => void)[];
  fetchPicture(url: string, signal: AbortSignal): Promise<{ bytes: Uint8Array; type: string }>;
  /** Begins to read. */
  start(schedule: Schedule): Promise<void>;
  /** Resolves when all is written down that was read, and everything is closed. */
  close(): Promise<void>;
}

interface IntakeDeps {
  config: Config;
  store: Store;
  meter: Meter;
  clock: Clock;
  log: Log;
  /** Aborted when Crier stops. */
  signal: AbortSignal;
  onQueued(): void;
  tellAdmins(key: string, text: string): Promise<void>;
}

export function createIntake(deps: IntakeDeps): Intake {
  const { config, store, clock, log, signal } = deps;
  const running = new Set<Promise<void>>();
  const watched = new Map<FeedId, AbortController>();
  let loading: Promise<Content> | undefined;
  // What reads feeds is the heaviest part, and the bots need not wait for it.
  const content = (): Promise<Content> => (loading ??= loadContent(deps));

  /** Keeps in sight what must be written down before Crier ends. */
  const run = (work: () => Promise<void>): void => {
    const job = work()
      .catch((err: unknown) => log.error({ err }, "what came in could not be taken"))
      .finally(() => running.delete(job));
    running.add(job);
  };
  const collect = async (): Promise<void> => (await content()).collector.collectDue(signal);
  const readAtOnce = async (feed: FeedId): Promise<void> => {
    await store.feeds.wake(feed, clock.now());
    await collect();
  };

  const take = async (articles: Article[], retracted: string[]) => {
    const { collector } = await content();
    const { feed } = await store.feeds.add(hookFeed, clock.now());
    const taken = await collector.take(feed, { articles, retracted });
    const told = taken.map(({ sourceId, verdict, why }) => ({ sourceId, verdict, ...(why ? { why } : {}) }));
    const unheard = retracted.filter((id) => !taken.some(({ sourceId }) => sourceId === id));
    return [...told, ...unheard.map((sourceId) => ({ sourceId, verdict: "known" as const }))];
  };

  const takePush = async ({ feedId, content: pushed }: Push): Promise<void> => {
    const feed = await store.feeds.get(feedId);
    if (!feed) return;
    if (pushed) {
      try {
        const { collector, parseFeed } = await content();
        const { articles, retracted } = parseFeed(pushed.bytes, { url: feed.url, contentType: pushed.contentType });
        await collector.take(feed, { articles, retracted });
        return;
      } catch (error) {
        if (!(error instanceof FeedError)) throw error;
        log.info({ feed: feedId }, `what its hub sent cannot be read, so the feed is: ${error.message}`);
      }
    }
    await readAtOnce(feedId);
  };

  /** Watches the sources that can tell of a change by themselves, and no others. */
  const watch = async (): Promise<void> => {
    const { adapters } = await content();
    for (const adapter of adapters.filter((candidate) => candidate.watch)) {
      const feeds = await store.feeds.list(adapter.kind);
      for (const [id, stop] of watched) {
        if (feeds.some((feed) => feed.id === id)) continue;
        stop.abort();
        watched.delete(id);
      }
      for (const feed of feeds) {
        if (watched.has(feed.id)) continue;
        const stop = new AbortController();
        watched.set(feed.id, stop);
        adapter.watch?.(feed, () => run(() => readAtOnce(feed.id)), AbortSignal.any([signal, stop.signal]));
      }
    }
  };

  return {
    routes: [
      hookRoutes({
        secret: config.hookSecret,
        read: async (json) => (await import("#content/push/article-file")).readArticleFile(json),
        complete: async (article, until) => (await content()).complete(article, until),
        take,
        clock,
        log,
        signal,
      }),
      webSubRoutes({
        subscriber: {
          verify: async (...asked) => (await content()).subscriber.verify(...asked),
          receive: async (...sent) => (await content()).subscriber.receive(...sent),
        },
        onPush: (push) => run(() => takePush(push)),
      }),
    ],

    fetchPicture: async (url, until) => (await content()).fetchPicture(url, until),

    async start(schedule) {
      const { collector, links, preflight, subscriber } = await content();
      run(() => collector.collectDue(signal));
      schedule.ring("feeds", "* * * * * *", async () => run(() => collector.collectDue(signal)));
      const once = (look: (during: AbortSignal) => Promise<void>) => async (during: AbortSignal) =>
        run(() => look(during));
      schedule.ring("preflight", "* * * * * *", once(preflight.lookDue), "once");
      if (links) schedule.ring("links", "* * * * * *", once(links.lookDue), "once");
      schedule.ring("hubs", "*/5 * * * * *", once(subscriber.renewDue), "once");
      const forgetTerms = () => store.articles.forgetTerms(new Date(clock.now().getTime() - twinWindowMs));
      schedule.ring("terms", "0 11 * * * *", forgetTerms, "once");
      schedule.ring("folders", "*/10 * * * * *", watch);
      run(watch);
    },

    async close() {
      for (const stop of watched.values()) stop.abort();
      const { collector, close } = await content();
      await Promise.allSettled(running);
      await collector.settled();
      await close();
    },
  };
}

type Push = Parameters<Parameters<typeof webSubRoutes>[0]["onPush"]>[0];
