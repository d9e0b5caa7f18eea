import { readFile } from "node:fs/promises";
import { collectDefaultMetrics, Registry } from "prom-client";
import { type CounterName, counters, type Tally, type TimerName, timers } from "#core/meter";
import type { Bot, BotHealth, Clock, FeedGauge, Store } from "#core/ports";
import type { Readings, Vitals } from "#core/vitals";
import type { MetricsPage } from "./metrics.ts";
import { type Family, type Sample, writeFamilies } from "./metrics-text.ts";

interface PageDeps {
  tally: Tally;
  vitals: Vitals;
  store: Pick<Store, "gauges" | "alarms">;
  bots: readonly Pick<Bot, "platform" | "health">[];
  clock: Pick<Clock, "now">;
  /** "SQLite" or "PostgreSQL". */
  engine: string;
}

/** Feeds that have series of their own; where there are more of them none has. */
const mostFeeds = 200;
const botStates = [
  "standby",
  "starting",
  "ready",
  "degraded",
  "blocked",
  "stopped",
] as const satisfies BotHealth["state"][];

/** Joins what was counted since the start, what the store says now, and what prom-client says of the process. */
export async function openMetricsPage(deps: PageDeps): Promise<MetricsPage> {
  const { tally, vitals, store, bots, clock, engine } = deps;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const build = { version: await version(), node: process.version, store: engine };
  return {
    contentType: registry.contentType,
    async write() {
      const [readings, feeds, alarms] = await Promise.all([
        vitals.read(),
        store.gauges.eachFeed(0, mostFeeds + 1),
        store.alarms.standing(),
      ]);
      const now = clock.now().getTime();
      const ours = writeFamilies([
        gauge("crier_build_info", "What runs here; always 1.", [{ labels: build, value: 1 }]),
        ...ofTally(tally),
        ...ofOutbox(readings, bots, now),
        ...ofFeeds(readings, feeds.length > mostFeeds ? [] : feeds, now),
        gauge("crier_bot_state", "1 for the state in which a bot is, 0 for the others.", bots.flatMap(ofBot)),
        gauge("crier_store_writable", "0 while the store refuses to be written to.", [
          { value: vitals.refusesSince() ? 0 : 1 },
        ]),
        gauge("crier_alarms_standing", "Alarms that the admins heard of and that are not over.", [
          { value: alarms.length },
        ]),
      ]);
      return `${ours}\n${await registry.metrics()}`;
    },
  };
}

const gauge = (name: string, help: string, samples: Sample[]): Family => ({ name, help, type: "gauge", samples });

const ofTally = (tally: Tally): Family[] => [
  ...(Object.keys(counters) as CounterName[]).map((name): Family => {
    return { name, help: counters[name].help, type: "counter", samples: tally.counted(name) };
  }),
  ...(Object.keys(timers) as TimerName[]).map((name): Family => {
    return { name, help: timers[name].help, type: "histogram", timings: tally.timed(name) };
  }),
];

function ofOutbox({ waiting }: Readings, bots: PageDeps["bots"], now: number): Family[] {
  const platforms = new Set([...bots.map(({ platform }) => platform), ...waiting.map(({ platform }) => platform)]);
  const oldest = (platform: string): number =>
    waiting.reduce(
      (age, gauge) =>
        gauge.platform === platform && gauge.state === "pending" && gauge.since
          ? Math.max(age, (now - gauge.since.getTime()) / 1000)
          : age,
      0,
    );
  return [
    gauge(
      "crier_deliveries_waiting",
      "Deliveries that wait, are under way, or of which nobody knows whether they arrived.",
      waiting.map(({ platform, lane, state, count }) => ({ labels: { platform, lane, state }, value: count })),
    ),
    gauge(
      "crier_outbox_oldest_due_seconds",
      "For how long the oldest delivery that may go has waited; 0 where none does.",
      [...platforms].map((platform) => ({ labels: { platform }, value: oldest(platform) })),
    ),
  ];
}

function ofFeeds({ feeds }: Readings, each: readonly FeedGauge[], now: number): Family[] {
  const secondsSince = (at: Date): number => Math.max(0, (now - at.getTime()) / 1000);
  const sampled = (valueOf: (feed: FeedGauge) => number | null): Sample[] =>
    each.flatMap((feed) => {
      const value = valueOf(feed);
      return value === null ? [] : [{ labels: { feed: String(feed.id) }, value }];
    });
  return [
    gauge("crier_feeds", "Feeds that are read.", [{ value: feeds.active }]),
    gauge("crier_feeds_failing", "Feeds whose last read failed.", [{ value: feeds.failing }]),
    gauge(
      "crier_feeds_oldest_read_seconds",
      "Seconds since the last good read of the feed that waits longest for one.",
      feeds.oldestRead ? [{ value: secondsSince(feeds.oldestRead) }] : [],
    ),
    gauge(
      "crier_feed_failures",
      "Failed reads of a feed since its last good one.",
      sampled(({ failures }) => failures),
    ),
    gauge(
      "crier_feed_last_read_seconds",
      "Seconds since the last good read of a feed.",
      sampled(({ readAt }) => readAt && secondsSince(readAt)),
    ),
    gauge(
      "crier_feed_last_article_seconds",
      "Seconds since a feed's newest article was seen.",
      sampled(({ newestAt }) => newestAt && secondsSince(newestAt)),
    ),
  ];
}

const ofBot = (bot: PageDeps["bots"][number]): Sample[] => {
  const current = bot.health().state;
  return botStates.map((state) => ({
    labels: { platform: bot.platform, state },
    value: state === current ? 1 : 0,
  }));
};

async function version(): Promise<string> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
