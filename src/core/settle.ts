import { SendError } from "#core/errors";
import type { ClaimedDelivery, Receipt } from "#core/model";
import type { Pace } from "#core/pace";
import type { Bot, Clock, Log, Store } from "#core/ports";
import { fieldsOf } from "#core/to-message";

/** Pauses between tries that sent nothing: doubled from the first to the last. */
export const firstRetryMs = 1_000;
const lastRetryMs = 5 * 60_000;

export const retryMs = (attempts: number): number => Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(attempts, 20));

interface SettleDeps {
  store: Store;
  bot: Bot;
  clock: Clock;
  log: Log;
  pace: Pace;
  /** Its answer was lost at this moment. */
  onLost(): void;
  /** A delivery has become unknown. */
  onUnknown(): void;
}

/** How a call ended: what the chat holds now (null: nothing any more), or what went wrong. */
export type CallEnd = { receipt: Receipt | null } | { error: unknown };

/**
 * What the end of a call means for its delivery and its chat, as work for the store: the time and the reason are those
 * of the end, however often the work is run. Slows the pace at once where the platform asks for it.
 */
export function settle(deps: SettleDeps, delivery: ClaimedDelivery, end: CallEnd): () => Promise<unknown> {
  const { store, bot, clock, log, pace } = deps;
  const { action, chat, attempts } = delivery;
  const { outbox } = store;
  const now = clock.now();
  const inMs = (ms: number): Date => new Date(now.getTime() + ms);
  if ("receipt" in end) {
    const { receipt } = end;
    return () => outbox.finish(delivery, receipt ? { state: "sent", receipt } : { state: "recalled" }, now);
  }

  const failure = toFailure(end.error);
  const { reason, message, movedTo } = failure;
  if (failure !== end.error) log.error({ ...fieldsOf(delivery), err: end.error }, "a bot failed");
  else log.warn({ ...fieldsOf(delivery), reason }, `not sent: ${message}`);
  switch (reason) {
    case "rate-limited": {
      const waitMs = failure.retryAfterMs ?? firstRetryMs;
      pace.pause(waitMs, now);
      return () => outbox.retry(delivery, inMs(waitMs), message, false);
    }
    case "temporary":
      return () => outbox.retry(delivery, inMs(retryMs(attempts)), message, true);
    case "unknown": {
      // To edit or recall twice is to do it once: only a new message must not be repeated.
      if (action !== "send") return () => outbox.retry(delivery, inMs(retryMs(attempts)), message, true);
      // A request that was cut off may be on its way for as long as a call may take.
      const lookAt = inMs(bot.limits.callTimeoutMs);
      deps.onLost();
      return async () => {
        await outbox.finish(delivery, { state: "unknown", reason: message, lookAt }, now);
        deps.onUnknown();
      };
    }
    case "rejected":
      return () => outbox.finish(delivery, { state: "failed", reason: message }, now);
    case "gone":
      return () =>
        store.transaction(async (tx) => {
          await tx.outbox.finish(delivery, { state: "failed", reason: message }, now);
          await tx.chats.close(chat.id, message, now);
        });
    case "moved":
      return () =>
        store.transaction(async (tx) => {
          await tx.outbox.retry(delivery, now, message, false);
          if (movedTo) await tx.chats.move(chat.id, movedTo, now);
        });
    default:
      return reason satisfies never;
  }
}

/** What no bot should throw counts as a lost answer; so does a move to nowhere. */
function toFailure(error: unknown): SendError {
  if (error instanceof SendError && (error.reason !== "moved" || error.movedTo)) return error;
  return new SendError("unknown", "Crier itself failed while sending.", { cause: error });
}
