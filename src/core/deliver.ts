import { endsWithin } from "#core/ends-within";
import { SendError } from "#core/errors";
import { createSoleLease, type Lease } from "#core/lease";
import type { ChatId, ClaimedDelivery, DeliveryId, Receipt } from "#core/model";
import { createPace } from "#core/pace";
import type { Bot, Clock, Log, Store } from "#core/ports";
import { createReconciler } from "#core/reconcile";
import { type CallEnd, firstRetryMs, settle } from "#core/settle";
import { fieldsOf, toMessage } from "#core/to-message";
import { createWriter } from "#core/write-down";

export interface DeliverDeps {
  store: Store;
  bot: Bot;
  clock: Clock;
  log: Log;
  timeZone: string;
  /** Word to the admins; a key that was used before says nothing again. */
  tellAdmins(key: string, text: string): Promise<void>;
  /** Says when the bot is this process's; left out where it always is. */
  lease?: Lease;
  /** The outbox is looked at this often even when nothing rings; half a minute where it is left out. */
  idleMs?: number;
}

export interface Courier {
  /** Empties the outbox of one bot until the signal is aborted, then waits for the sends under way, `drainMs` at most. */
  run(signal: AbortSignal): Promise<void>;
  /** Something was queued, or the bot's health changed: look again now. */
  wake(): void;
}

/** Time that sends under way get to end when Crier stops. */
const drainMs = 10_000;
/** Where everybody who queues something rings. */
const quietIdleMs = 30_000;
/** The last instant that a Date holds: whenever a claim was made, by whatever clock, it was before this. */
const endOfTime = new Date(8.64e15);
/** What a platform counts against a group: the last minute. */
const memoryMs = 60_000;
/** While messages wait, a look at an unknown one has its turn after so many of them: a quarter of the pace. */
const sendsBeforeLook = 3;

/** Sends what waits for one bot: in order, at the platform's pace, each row marked `sending` before its call begins. */
export function createCourier(deps: DeliverDeps): Courier {
  const { store, bot, clock, log } = deps;
  const { platform, limits } = bot;
  const { lease = createSoleLease(store), idleMs = quietIdleMs } = deps;
  const pace = createPace(limits);
  const writer = createWriter({ clock, log });
  const reconciler = createReconciler({ ...deps, pace, writer });
  const underWay = new Set<Promise<void>>();
  const sending = new Set<DeliveryId>();
  const lookedAt = new Set<ChatId>();
  let sendsSinceLook = 0;
  /** Since when a claim of this term may have taken what nobody has in hands. */
  let unheardSince: Date | null = null;
  /** No call takes so long: one that has not ended by then never will, and what was claimed earlier is under way no more. */
  const leaseMs = 2 * limits.callTimeoutMs + drainMs;
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

  /** At the beginning of a term. */
  const recover = async (): Promise<void> => {
    // Another one may have claimed since.
    unheardSince = null;
    // Before anything is given up: what was under way counts by when it began.
    const now = clock.now();
    const remembered = await store.outbox.sentSince(platform, new Date(now.getTime() - memoryMs));
    // The bot is this process's alone: what is under way and not its own was another one's, which claims no more.
    await giveUp("Crier ended while this was under way.", endOfTime);
    reconciler.begin(clock.now());
    pace.forget();
    // What a clock that was set back shows as still to come would hold up everything until then.
    for (const { chat, at } of remembered) if (at <= now) pace.take(chat, at);
  };

  /** What was claimed before `claimedBefore` and is not in this process's hands may or may not have arrived. */
  const giveUp = async (reason: string, claimedBefore: Date): Promise<void> => {
    const call = { callMs: limits.callTimeoutMs, except: inHands() };
    const lost = await lease.within((tx) => tx.outbox.abandon(platform, reason, clock.now(), claimedBefore, call));
    if (!lost) return;
    reconciler.lost();
    log.warn({ platform, unknown: lost }, `deliveries have an unknown outcome: ${reason}`);
  };

  /** Ends leases that ran out while this process runs: a claim whose answer was lost. Its chat would wait for ever. */
  const endLeases = async (): Promise<void> => {
    const now = clock.now().getTime();
    // Less than before: the clock was set back.
    if (Math.abs(now - leasesSeenAt) < leaseMs) return;
    leasesSeenAt = now;
    await giveUp("It was claimed, and Crier lost sight of it.", new Date(now - leaseMs));
  };

  const begin = (work: Promise<void>): void => {
    const running = work.finally(() => {
      underWay.delete(running);
      wake();
    });
    underWay.add(running);
  };

  /** Claims and starts what may go now. Returns when to look again; null to wait for the bell. */
  const round = async (): Promise<Date | null> => {
    const { state } = bot.health();
    if (state !== "ready" && state !== "degraded") return null;
    const now = clock.now();
    const room = Math.min(pace.permits(now), limits.concurrency - underWay.size);
    if (room <= 0) return underWay.size >= limits.concurrency ? null : pace.nextAt(now);
    const turns = Math.min(room, Math.floor(sendsSinceLook / sendsBeforeLook));
    const looks = await startLooks(turns, now);
    const claimed = room > looks ? await claim(room - looks, now) : [];
    for (const delivery of claimed) {
      pace.take(delivery.chat, clock.now());
      begin(carryOut(delivery));
    }
    sendsSinceLook = looks > 0 ? 0 : Math.min(sendsBeforeLook, sendsSinceLook + claimed.length);
    const more = await startLooks(room - looks - claimed.length, now);
    if (claimed.length + looks + more > 0) return pace.nextAt(now) ?? clock.now();
    const nextDue = earlier(await store.outbox.nextDue(platform, now), reconciler.nextAt());
    return earlier(nextDue, pace.nextAt(now));
  };

  /** None where the bot is another process's by now: a claim of ours can only come before the other's first one. */
  const claim = async (limit: number, now: Date): Promise<ClaimedDelivery[]> => {
    try {
      return (await lease.within((tx) => tx.outbox.claim(platform, limit, resting(now), now))) ?? [];
    } catch (error) {
      unheardSince ??= now;
      throw error;
    }
  };

  /** Puts back what a claim took of which no answer came: nothing of it was called. */
  const mendClaims = async (): Promise<void> => {
    const since = unheardSince;
    if (!since) return;
    const back = await lease.within((tx) => tx.outbox.unclaim(platform, since, inHands()));
    unheardSince = null;
    if (back) log.info({ platform, back }, "the answer to a claim was lost: its deliveries wait again");
  };

  /** Deliveries that this process calls for, or whose outcome it is yet to write down. */
  const inHands = (): DeliveryId[] => [...sending, ...writer.unwritten().map(({ id }) => id)];

  /** Looks at up to `limit` unknown deliveries. It counts as a message each: a platform does not tell them apart. */
  const startLooks = async (limit: number, now: Date): Promise<number> => {
    const due = await reconciler.due(limit, resting(now), now);
    for (const delivery of due) {
      pace.take(delivery.chat, clock.now());
      lookedAt.add(delivery.chat.id);
      begin(reconciler.look(delivery).finally(() => lookedAt.delete(delivery.chat.id)));
    }
    return due.length;
  };

  /** Chats that get nothing now: by the pace, or because something of theirs is being looked at or written down. */
  const resting = (now: Date): ChatId[] => [
    ...pace.resting(now),
    ...lookedAt,
    ...writer.unwritten().map(({ chat }) => chat),
  ];

  const carryOut = async (delivery: ClaimedDelivery): Promise<void> => {
    const started = clock.now();
    sending.add(delivery.id);
    const end = await endOf(delivery);
    await writer.write(delivery, end);
    sending.delete(delivery.id);
    log.debug({ ...fieldsOf(delivery), ms: clock.now().getTime() - started.getTime() }, "carried out");
  };

  /** Makes the call; what is to be written of it. */
  const endOf = async (delivery: ClaimedDelivery): Promise<() => Promise<unknown>> => {
    if (delivery.action !== "send" && !delivery.receipt) {
      const reason = "The chat does not hold the article, as far as is known.";
      const at = clock.now();
      return () => store.outbox.finish(delivery, { state: "skipped", reason }, at);
    }
    if (lease.term() === null) {
      // Claimed, and then this process stood still for so long that another one may have gone on.
      const at = clock.now();
      return () => store.outbox.retry(delivery, at, "The bot was given to another Crier: nothing was sent.", false);
    }
    const answered = call(delivery).then(
      (receipt): CallEnd => ({ receipt }),
      (error: unknown): CallEnd => ({ error }),
    );
    const end = await endsWithin(clock, leaseMs, answered, () => ({ error: neverEnded() }));
    const onLost = (): void => reconciler.leaveAlone(delivery.chat.id);
    return settle({ store, bot, clock, log, pace, onLost, onUnknown: reconciler.lost }, delivery, end);
  };

  /** What the chat holds now; null once it holds nothing. */
  const call = async (delivery: ClaimedDelivery): Promise<Receipt | null> => {
    const { action, chat, receipt, key } = delivery;
    if (!receipt) return bot.send(chat, toMessage(delivery, deps.timeZone), key);
    if (action === "correct") return bot.edit(chat, receipt, toMessage(delivery, deps.timeZone));
    await bot.recall(chat, receipt);
    return null;
  };

  return {
    wake,
    async run(signal) {
      let recovered: number | null = null;
      while (!signal.aborted) {
        try {
          const term = lease.term();
          if (term === null) {
            await rest(null, signal);
            continue;
          }
          if (recovered !== term) await recover();
          recovered = term;
          await mendClaims();
          await endLeases();
          const next = await round();
          await reconciler.tell(clock.now());
          if (next && next <= clock.now()) continue;
          await rest(next, signal);
        } catch (err) {
          log.error({ platform, err }, "the outbox could not be read");
          await clock.sleep(firstRetryMs, signal);
        }
      }
      const drained = Promise.allSettled(underWay).then(() => writer.settled());
      await endsWithin(clock, drainMs, drained, () => undefined);
      writer.end();
    },
  };
}

const neverEnded = (): SendError =>
  new SendError("unknown", "The call did not end. The message may or may not have arrived.");

const earlier = (a: Date | null, b: Date | null): Date | null => (a && b ? (a < b ? a : b) : (a ?? b));
