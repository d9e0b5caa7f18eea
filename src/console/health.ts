import type { Context, Hono } from "hono";
import type { Bot, Clock, FeedGauge } from "#core/ports";
import type { Readings, Vitals } from "#core/vitals";
import { when } from "#core/when";

interface HealthDeps {
  bots: readonly Pick<Bot, "platform" | "health">[];
  vitals: Vitals;
  clock: Clock;
  timeZone: string;
}

/** A store that has not answered by then does not count as there. */
const patienceMs = 2_000;
/** A message that could go waits so long only where something is amiss, or where there are very many. */
const oldMs = 10 * 60_000;

/** Not ready: nothing can be sent. Degraded: something needs a person. Standby: another Crier sends, and this one would go on. */
type State = "ready" | "standby" | "degraded" | "not ready";

interface Health {
  state: State;
  /** Each a sentence for people: no token, no phone number, no title of a chat. */
  reasons: string[];
  bots: { platform: string; state: string }[];
}

/** `GET /healthz`: 200 when Crier is ready, stands by or is degraded, 503 when it is not ready; why, in words. */
export const healthRoutes =
  (deps: HealthDeps) =>
  (app: Hono): void =>
    void app.get("/healthz", async (context: Context) => {
      const health = await examine(deps);
      return context.json(health, health.state === "not ready" ? 503 : 200);
    });

async function examine({ bots, vitals, clock, timeZone }: HealthDeps): Promise<Health> {
  const readings = await withPatience(vitals.read(), clock);
  const states = bots.map((bot) => ({ platform: bot.platform, health: bot.health() }));
  const standsBy = states.some(({ health }) => health.state === "standby");
  const sends = states.some(({ health }) => canSend(health.state));
  const isReady = readings !== null && (sends || standsBy);
  const reasons = [
    ...(readings ? [] : ["The store does not answer: see whether its disk, or PostgreSQL, is well."]),
    ...(bots.length > 0 ? [] : ["There is no bot: “crier check” says which settings are missing."]),
    ...states.flatMap(ofBot),
    ...ofWriting(vitals, clock.now(), timeZone),
    ...(readings ? ofReadings(readings, timeZone) : []),
  ];
  return {
    state: !isReady ? "not ready" : reasons.length > 0 ? "degraded" : sends ? "ready" : "standby",
    reasons,
    bots: states.map(({ platform, health }) => ({ platform, state: health.state })),
  };
}

/** Null where the store fails, or has not answered in time. */
async function withPatience(reading: Promise<Readings>, clock: Clock): Promise<Readings | null> {
  const timer = new AbortController();
  const tooLate = clock.sleep(patienceMs, timer.signal).then(() => null);
  try {
    return await Promise.race([reading.catch(() => null), tooLate]);
  } finally {
    timer.abort();
  }
}

const canSend = (state: string): boolean => state === "ready" || state === "degraded";

function ofBot({ platform, health }: { platform: string; health: ReturnType<Bot["health"]> }): string[] {
  switch (health.state) {
    case "ready":
      return [];
    case "standby":
      return health.detail ? [health.detail] : [];
    case "starting":
      return [`The bot on ${platform} is connecting.`];
    case "stopped":
      return [`The bot on ${platform} has stopped.`];
    case "degraded":
      return [`The bot on ${platform} sends, but: ${health.detail}`];
    case "blocked":
      return [`The bot on ${platform} waits for a person: ${health.detail}`];
    default:
      return health satisfies never;
  }
}

function ofWriting(vitals: Vitals, now: Date, timeZone: string): string[] {
  const since = vitals.refusesSince();
  if (!since) return [];
  return [
    `The store has refused to be written to since ${when(since, now, timeZone)}, so nothing is sent: see whether its disk is full or read-only.`,
  ];
}

function ofReadings({ at, waiting, failing, feeds }: Readings, timeZone: string): string[] {
  const sinceOf = (gauges: Readings["waiting"]): Date | null =>
    gauges.reduce<Date | null>((first, { since }) => (since && (!first || since < first) ? since : first), null);
  const platforms = [...new Set(waiting.map(({ platform }) => platform))];
  return [
    ...platforms.flatMap((platform) => {
      const ofPlatform = waiting.filter((gauge) => gauge.platform === platform);
      const pending = ofPlatform.filter(({ state }) => state === "pending");
      const undecided = ofPlatform.filter(({ state }) => state === "undecided");
      const [due, doubtful] = [sinceOf(pending), sinceOf(undecided)];
      return [
        ...(due && at.getTime() - due.getTime() > oldMs
          ? [`On ${platform} ${messages(pending)} wait, the oldest since ${when(due, at, timeZone)}.`]
          : []),
        ...(doubtful
          ? [
              `On ${platform} ${messages(undecided)} may or may not have arrived, the oldest of ${when(doubtful, at, timeZone)}: “crier unknown list” shows what to decide.`,
            ]
          : []),
      ];
    }),
    ...failing.map((feed) => ofFeed(feed, at, timeZone)),
    ...(failing.length > 0 && feeds.failing > failing.length
      ? [`${feeds.failing.toLocaleString("en")} feeds failed at their last read: “crier feeds list” says why.`]
      : []),
  ];
}

/** A feed by its host and number: its whole address may hold a key. */
function ofFeed({ id, address, readAt, failures }: FeedGauge, at: Date, timeZone: string): string {
  const host = URL.parse(address)?.hostname;
  const since = readAt ? `since ${when(readAt, at, timeZone)}` : "so far";
  return `Feed ${id}${host ? ` of ${host}` : ""} could not be read ${since}, ${failures} times in a row.`;
}

const messages = (gauges: Readings["waiting"]): string => {
  const count = gauges.reduce((sum, gauge) => sum + gauge.count, 0);
  return `${count.toLocaleString("en")} message${count === 1 ? "" : "s"}`;
};
