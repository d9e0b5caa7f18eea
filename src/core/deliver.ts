import { SendError } from "#core/errors";
import type { ChatId, ClaimedDelivery, Message, Receipt } from "#core/model";
import { createPace } from "#core/pace";
import type { Bot, Clock, Log, Store } from "#core/ports";
import { timeOfDay } from "#core/text";

export interface DeliverDeps {
  store: Store;
  bot: Bot;
  clock: Clock;
  log: Log;
  timeZone: string;
  /** Word to the admins; a key that was used before says nothing again. */
  tellAdmins(key: string, text: string): Promise<void>;
}

export interface Courier {
  /** Empties the outbox of one bot until the signal is aborted, then waits for the sends under way, `drainMs` at most. */
  run(signal: AbortSignal): Promise<void>;
  /** Something was queued, or the bot's health changed: look again now. */
  wake(): void;
}

/** Time that sends under way get to end when Crier stops. */
const drainMs = 10_000;
/** The outbox is looked at this often even when nothing rings. */
const idleMs = 30_000;
/** Pauses between tries that sent nothing: doubled from the first to the last. */
const firstRetryMs = 1_000;
const lastRetryMs = 5 * 60_000;
/** The last instant that a Date holds: whenever a claim was made, by whatever clock, it was before this. */
const endOfTime = new Date(8.64e15);
/** What a platform counts against a group: the last minute. */
const memoryMs = 60_000;

/** Sends what waits for one bot: in order, at the platform's pace, each row marked `sending` before its call begins. */
export function createCourier(deps: DeliverDeps): Courier {
  const { store, bot, clock, log } = deps;
  const pace = createPace(bot.limits);
  const underWay = new Set<Promise<void>>();
  /** No call takes so long: what was claimed earlier than that is under way no more. */
  const leaseMs = 2 * bot.limits.callTimeoutMs + drainMs;
  let leasesSeenAt = clock.now().getTime();
  let bell = Promise.withResolvers<void>();
  const wake = (): void => bell.resolve();

  /** Waits for the bell, a time or the end, whichever comes first. */
  const rest = async (until: Date | null, signal: AbortSignal): Promise<void> => {
    const timer = new AbortController();
    const ms = until ? Math.max(1, until.getTime() - clock.now().getTime()) : idleMs;
    await Promise.race([bell.promise, clock.sleep(Math.min(ms, idleMs), AbortSignal.any([signal, timer.signal]))]);
    timer.abort();
    bell = Promise.withResolvers<void>();
  };

  const recover = async (): Promise<void> => {
    const now = clock.now();
    // The bot is this process's alone: whatever is under way now was another one's, which has ended.
    await giveUp("Crier ended while this was under way.", endOfTime);
    for (const { chat, at } of await store.outbox.sentSince(bot.platform, new Date(now.getTime() - memoryMs))) {
      pace.take(chat, at);
    }
  };

  /** What was claimed before `claimedBefore` and never ended may or may not have arrived. */
  const giveUp = async (reason: string, claimedBefore: Date): Promise<void> => {
    const now = clock.now();
    const lost = await store.outbox.abandon(bot.platform, reason, now, claimedBefore);
    if (lost === 0) return;
    log.warn({ platform: bot.platform, unknown: lost }, `deliveries have an unknown outcome: ${reason}`);
    await deps.tellAdmins(`abandoned:${bot.platform}:${now.getTime()}`, lostWords(lost, bot.platform));
  };

  /** Ends leases that ran out while this process runs: an outcome could not be written, and the chat would wait for ever. */
  const endLeases = async (): Promise<void> => {
    const now = clock.now().getTime();
    if (now - leasesSeenAt < leaseMs) return;
    leasesSeenAt = now;
    await giveUp("Its outcome could not be written down.", new Date(now - leaseMs));
  };

  /** Claims and starts what may go now. Returns when to look again; null to wait for the bell. */
  const round = async (): Promise<Date | null> => {
    const { state } = bot.health();
    if (state !== "ready" && state !== "degraded") return null;
    const now = clock.now();
    const room = Math.min(pace.permits(now), bot.limits.concurrency - underWay.size);
    if (room <= 0) return underWay.size >= bot.limits.concurrency ? null : pace.nextAt(now);
    const claimed = await store.outbox.claim(bot.platform, room, pace.resting(now), now);
    for (const delivery of claimed) {
      pace.take(delivery.chat, clock.now());
      const sending = carryOut(delivery).finally(() => {
        underWay.delete(sending);
        wake();
      });
      underWay.add(sending);
    }
    if (claimed.length > 0) return pace.nextAt(now) ?? clock.now();
    return earlier(await store.outbox.nextDue(bot.platform, now), pace.nextAt(now));
  };

  const carryOut = async (delivery: ClaimedDelivery): Promise<void> => {
    const started = clock.now();
    try {
      if (delivery.action !== "send" && !delivery.receipt) {
        await store.outbox.finish(
          delivery.id,
          { state: "skipped", reason: "The chat does not hold the article." },
          started,
        );
        return;
      }
      const receipt = await call(delivery);
      await store.outbox.finish(delivery.id, receipt ? { state: "sent", receipt } : { state: "recalled" }, clock.now());
      log.debug({ ...fields(delivery), ms: clock.now().getTime() - started.getTime() }, "sent");
    } catch (error) {
      try {
        await settle(delivery, error);
      } catch (err) {
        // The row stays `sending` until its lease ends, and is `unknown` then: nothing is sent twice.
        log.error({ ...fields(delivery), err }, "the outcome of a delivery could not be written");
      }
    }
  };

  /** What the chat holds now; null once it holds nothing. */
  const call = async (delivery: ClaimedDelivery): Promise<Receipt | null> => {
    const { action, chat, receipt, key } = delivery;
    if (!receipt) return bot.send(chat, toMessage(delivery, deps.timeZone), key);
    if (action === "correct") return bot.edit(chat, receipt, toMessage(delivery, deps.timeZone));
    await bot.recall(chat, receipt);
    return null;
  };

  /** Writes down what an error means for the delivery and its chat. */
  const settle = async (delivery: ClaimedDelivery, error: unknown): Promise<void> => {
    const now = clock.now();
    const failure =
      error instanceof SendError
        ? error
        : new SendError("unknown", "Crier itself failed while sending.", { cause: error });
    const { reason, message } = failure;
    if (!(error instanceof SendError)) log.error({ ...fields(delivery), err: error }, "a bot failed");
    else log.warn({ ...fields(delivery), reason }, `not sent: ${message}`);
    switch (reason) {
      case "rate-limited": {
        const waitMs = failure.retryAfterMs ?? firstRetryMs;
        pace.pause(waitMs, now);
        await store.outbox.retry(delivery.id, new Date(now.getTime() + waitMs), message, false);
        return;
      }
      case "temporary":
        await store.outbox.retry(delivery.id, new Date(now.getTime() + retryMs(delivery.attempts)), message, true);
        return;
      case "unknown":
        // To edit or recall twice is to do it once: only a new message must not be repeated.
        if (delivery.action !== "send") {
          await store.outbox.retry(delivery.id, new Date(now.getTime() + retryMs(delivery.attempts)), message, true);
          return;
        }
        await store.outbox.finish(delivery.id, { state: "unknown", reason: message }, now);
        await deps.tellAdmins(
          `unknown:${bot.platform}:${Math.floor(now.getTime() / 3_600_000)}`,
          lostWords(1, bot.platform),
        );
        return;
      case "rejected":
        await store.outbox.finish(delivery.id, { state: "failed", reason: message }, now);
        return;
      case "gone":
        await store.transaction(async (tx) => {
          await tx.outbox.finish(delivery.id, { state: "failed", reason: message }, now);
          await tx.chats.close(delivery.chat.id, message, now);
        });
        return;
      case "moved": {
        const { movedTo } = failure;
        if (!movedTo) throw failure;
        await store.transaction(async (tx) => {
          await tx.outbox.retry(delivery.id, now, message, false);
          await tx.chats.move(delivery.chat.id, movedTo, now);
        });
        return;
      }
      default:
        reason satisfies never;
    }
  };

  return {
    wake,
    async run(signal) {
      let hasRecovered = false;
      while (!signal.aborted) {
        try {
          if (!hasRecovered) await recover();
          hasRecovered = true;
          await endLeases();
          const next = await round();
          if (next && next <= clock.now()) continue;
          await rest(next, signal);
        } catch (err) {
          log.error({ platform: bot.platform, err }, "the outbox could not be read");
          await clock.sleep(firstRetryMs, signal);
        }
      }
      const timer = new AbortController();
      await Promise.race([Promise.allSettled(underWay), clock.sleep(drainMs, timer.signal)]);
      timer.abort();
    },
  };
}

/** A message in the words of its newest revision. */
function toMessage({ action, content }: ClaimedDelivery, timeZone: string): Message {
  if (content.kind !== "article") return content;
  const { article } = content;
  return action === "correct" && article.revisedAt
    ? { kind: "article", article, correctedAt: timeOfDay(article.revisedAt, timeZone) }
    : { kind: "article", article };
}

const retryMs = (attempts: number): number => Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(attempts, 20));

const earlier = (a: Date | null, b: Date | null): Date | null => (a && b ? (a < b ? a : b) : (a ?? b));

const lostWords = (count: number, platform: string): string =>
  count === 1
    ? `One message on ${platform} was under way when its answer was lost: it may or may not have arrived, and is not sent again on its own.`
    : `${count} messages on ${platform} were under way when Crier lost sight of them: they may or may not have arrived, and are not sent again on their own.`;

function fields(delivery: ClaimedDelivery): { delivery: number; key: string; chat: ChatId; platform: string } {
  return { delivery: delivery.id, key: delivery.key, chat: delivery.chat.id, platform: delivery.chat.platform };
}
