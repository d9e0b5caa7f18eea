import { deliveryDelayMs } from "#core/delivery-delay";
import type { Bot, Store, WaitingGauge } from "#core/ports";
import type { Readings } from "#core/vitals";
import { howLong, when } from "#core/when";

/** What a look found of one thing that can be amiss. */
export type Finding = { key: string } & (
  | { state: "amiss"; since: Date; text: string }
  | { state: "well"; text: string }
  /** What it was about is there no more. */
  | { state: "void" }
  /** What was said of it before stands. */
  | { state: "unclear" }
);

/** What all finders are given. */
export interface Look {
  now: Date;
  timeZone: string;
  /** Alarms that stand, with their beginnings. */
  standing: ReadonlyMap<string, Date>;
  signal: AbortSignal;
}

const minuteMs = 60_000;
/** Something passing needs nobody: a bot that connects again. */
const passingMs = 5 * minuteMs;
/** Nothing was sent for so long although something could go. A chat's messages wait ten minutes for one that is in doubt. */
const stalledMs = 15 * minuteMs;
/** The span of which delays are looked at, and how many of its deliveries; fewer than the least say nothing. */
const delaysMs = 15 * minuteMs;
const mostDelays = 5_000;
const leastDelays = 5;
/** One in twenty may take so long from its publication; it is over when they take less than the second. */
const lateMs = 15 * minuteMs;
const inTimeMs = 10 * minuteMs;
/** A disk with less room than either is nearly full; with a little more it is not yet well. */
const leastFree = { share: 0.05, bytes: 200e6 };
const wellFree = { share: 0.06, bytes: 250e6 };

/** A bot that waits for a person, longer than a passing moment. `blockedSince` outlives the look. */
export function findBlocked(
  bot: Pick<Bot, "platform" | "health">,
  blockedSince: Map<string, Date>,
  { now, timeZone }: Look,
): Finding {
  const { platform } = bot;
  const key = `bot:${platform}`;
  const current = bot.health();
  if (current.state === "ready" || current.state === "degraded") {
    blockedSince.delete(platform);
    return { key, state: "well", text: `The bot on ${platform} can send again.` };
  }
  if (current.state !== "blocked") {
    if (current.state === "standby") blockedSince.delete(platform);
    return { key, state: "unclear" };
  }
  const since = blockedSince.get(platform) ?? now;
  blockedSince.set(platform, since);
  if (now.getTime() - since.getTime() < passingMs) return { key, state: "unclear" };
  const text = `The bot on ${platform} has not been able to send since ${when(since, now, timeZone)}. ${current.detail}`;
  return { key, state: "amiss", since, text };
}

/** Nothing goes out although something could. */
export async function findStalled(
  bot: Pick<Bot, "platform" | "health">,
  store: Pick<Store, "gauges">,
  { waiting }: Readings,
  { upSince, look: { now, timeZone } }: { upSince: Date; look: Look },
): Promise<Finding> {
  const { platform } = bot;
  const key = `stalled:${platform}`;
  const pending = waiting.filter((gauge) => gauge.platform === platform && gauge.state === "pending");
  const due = earliest(pending);
  const sent = await store.gauges.lastSent(platform);
  const latest = Math.max(due?.getTime() ?? 0, sent?.getTime() ?? 0, upSince.getTime());
  if (!due || (sent && now.getTime() - sent.getTime() < stalledMs)) {
    return { key, state: "well", text: `Messages on ${platform} go out again.` };
  }
  // Blocked, it has an alarm of its own; standing by, it is another process that sees to it.
  if (["blocked", "standby"].includes(bot.health().state) || now.getTime() - latest < stalledMs)
    return { key, state: "unclear" };
  const count = pending.reduce((sum, gauge) => sum + gauge.count, 0);
  const since = sent && sent > due ? sent : due;
  const text = `Nothing has been sent on ${platform} since ${when(since, now, timeZone)}, and ${messages(count)} wait${count === 1 ? "s" : ""}. “crier check” tries each part; Crier's log says what ${platform} answers.`;
  return { key, state: "amiss", since, text };
}

/** Articles reach their chats late. */
export async function findLate(platform: string, store: Pick<Store, "gauges">, { now }: Look): Promise<Finding> {
  const key = `late:${platform}`;
  const since = new Date(now.getTime() - delaysMs);
  const sent = (await store.gauges.delays(platform, since, mostDelays)).flatMap(({ publishedAt, seenAt, sentAt }) => {
    const ms = deliveryDelayMs(publishedAt, seenAt, sentAt);
    return ms === null ? [] : [{ ms, unseenMs: Math.min(ms, Math.max(0, seenAt.getTime() - publishedAt.getTime())) }];
  });
  const slow = sent.sort((a, b) => a.ms - b.ms)[Math.floor(0.95 * (sent.length - 1))];
  if (!slow || sent.length < leastDelays) return { key, state: "unclear" };
  if (slow.ms <= inTimeMs)
    return { key, state: "well", text: `Articles reach the chats on ${platform} in time again.` };
  if (slow.ms <= lateMs) return { key, state: "unclear" };
  const advice =
    slow.unseenMs > slow.ms / 2
      ? "Most of that passed before Crier saw them: read the feeds more often (FEED_INTERVAL), or have them pushed (docs/push.md)."
      : `Most of that passed in the queue: /healthz says how many wait, and whether the bot on ${platform} is well.`;
  const text = `Articles reach the chats on ${platform} late: of those delivered in the last quarter of an hour, one in twenty took ${howLong(slow.ms)} or more from its publication. ${advice}`;
  return { key, state: "amiss", since: now, text };
}

/** The disk of DATA_DIR is nearly full. `machine` is named where there may be others. */
export function findFullDisk(
  room: { free: number; total: number } | null,
  machine: string | null,
  { now }: Look,
): Finding {
  const [key, where] = machine === null ? ["disk", ""] : [`disk:${machine}`, ` on ${machine}`];
  if (!room) return { key, state: "unclear" };
  const isBelow = ({ share, bytes }: typeof leastFree): boolean => room.free < bytes || room.free < share * room.total;
  if (!isBelow(wellFree)) return { key, state: "well", text: `The disk that holds DATA_DIR${where} has room again.` };
  if (!isBelow(leastFree)) return { key, state: "unclear" };
  const text = `The disk that holds DATA_DIR${where} is nearly full: ${size(room.free)} of ${size(room.total)} are free. Make room: Crier sends nothing that it cannot write down first.`;
  return { key, state: "amiss", since: now, text };
}

const earliest = (gauges: readonly WaitingGauge[]): Date | null =>
  gauges.reduce<Date | null>((first, { since }) => (since && (!first || since < first) ? since : first), null);

const messages = (count: number): string => `${count.toLocaleString("en")} message${count === 1 ? "" : "s"}`;

const size = (bytes: number): string =>
  bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
