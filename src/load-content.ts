import { type Collector, createCollector } from "#core/collect";
import { createPreflight, type Preflight } from "#core/desk/preflight";
import type { Meter } from "#core/meter";
import { meteredAdapter } from "#core/metered";
import type { Article } from "#core/model";
import type { Clock, ContentAdapter, Log, Store } from "#core/ports";
import { createLinkWatch, type LinkWatch } from "#core/retract";
import { type Config, deskOf, userAgentOf } from "./config.ts";
import { hookAdapter } from "./hook-feed.ts";

interface ContentDeps {
  config: Config;
  store: Store;
  meter: Meter;
  clock: Clock;
  log: Log;
  onQueued(): void;
  tellAdmins(key: string, text: string): Promise<void>;
}

/** What reads news, joined. */
export interface Content {
  adapters: readonly ContentAdapter[];
  collector: Collector;
  links: LinkWatch | null;
  preflight: Preflight;
  subscriber: import("#content/push/subscriber").Subscriber;
  parseFeed: typeof import("#content/feed/parse").parseFeed;
  complete(article: Article, signal: AbortSignal): Promise<Article>;
  fetchPicture(url: string, signal: AbortSignal): Promise<{ bytes: Uint8Array; type: string }>;
  close(): Promise<void>;
}

/** Joins what reads news. It is the heaviest part of Crier, and loaded here alone. */
export async function loadContent({
  config,
  store,
  meter,
  clock,
  log,
  onQueued,
  tellAdmins,
}: ContentDeps): Promise<Content> {
  const [
    { createAdapters, createLazyCompleter },
    { createHttp },
    { fetchPicture },
    { compilePattern },
    { createLinkProbe },
    { createPreflightCheck },
    push,
    { parseFeed },
  ] = await Promise.all([
    import("../content/index.ts"),
    import("#content/shared/http"),
    import("#content/shared/picture"),
    import("#content/shared/pattern"),
    import("#content/shared/probe"),
    import("#content/preflight/index"),
    import("#content/push/subscriber"),
    import("#content/feed/parse"),
  ]);
  const { allowPrivateHosts, publicUrl, feedIntervalMs, firstRun, linkIntervalMs } = config;
  const http = createHttp({ allowPrivateHosts, userAgent: userAgentOf(publicUrl), clock });
  const subscriber = push.createSubscriber({ http, pushes: store.pushes, clock, log, callbackBase: publicUrl });
  const adapters = [...createAdapters({ http, timeZone: config.timeZone, clock }), hookAdapter].map((adapter) =>
    meteredAdapter(adapter, meter, clock),
  );
  const collector = createCollector({
    store,
    adapters,
    clock,
    log,
    intervalMs: feedIntervalMs,
    random: Math.random,
    firstRun,
    compilePattern,
    desk: deskOf(config),
    push: subscriber,
    onQueued,
    tellAdmins,
  });
  const links =
    linkIntervalMs === null
      ? null
      : createLinkWatch({
          store,
          probe: createLinkProbe(http),
          clock,
          log,
          intervalMs: linkIntervalMs,
          onQueued,
          tellAdmins,
        });
  // A feed may have a rule of its own for it, whatever the settings say.
  const preflight = createPreflight({
    store,
    check: createPreflightCheck(http),
    settings: deskOf(config),
    clock,
    log,
    onQueued,
  });
  return {
    adapters,
    collector,
    links,
    preflight,
    subscriber,
    parseFeed,
    complete: createLazyCompleter(http),
    fetchPicture: (url, signal) => fetchPicture(http, url, signal),
    close: () => http.close(),
  };
}
