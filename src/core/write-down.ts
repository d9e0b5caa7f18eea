import { NotUnderWay } from "#core/errors";
import type { ChatId, ClaimedDelivery, DeliveryId } from "#core/model";
import type { Clock, Log } from "#core/ports";

type Written = Pick<ClaimedDelivery, "id" | "chat">;

/** Outcomes on their way into the store. */
export interface Writer {
  /** Writes an outcome, again and again until the store takes it. Resolves after the first try; never rejects. */
  write(delivery: Written, work: () => Promise<unknown>): Promise<void>;
  /** Deliveries whose outcome is kept in memory alone, with their chats. */
  unwritten(): { id: DeliveryId; chat: ChatId }[];
  /** Resolves when all is written. */
  settled(): Promise<void>;
  /** Gives up what the store does not take. */
  end(): void;
}

/** Pauses while the store takes nothing: doubled from the first to the last. */
const firstPauseMs = 250;
const lastPauseMs = 15_000;

/**
 * Keeps what is known of a delivery until the store has it: a disk that is full for a moment makes no outcome unknown.
 * It stays small: while the store takes nothing, nothing new is claimed either.
 */
export function createWriter({ clock, log }: { clock: Clock; log: Log }): Writer {
  const kept = new Map<DeliveryId, { chat: ChatId; writing: Promise<void> }>();
  const over = new AbortController();

  /** True when there is nothing more to write. */
  const attempt = async (id: DeliveryId, work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (err) {
      // A commit whose answer was lost, or another process: the row says more than we know.
      if (err instanceof NotUnderWay) log.info({ delivery: id }, "the outcome of a delivery was written already");
      else
        log.error({ delivery: id, err }, "the outcome of a delivery could not be written; it is kept and tried again");
      return err instanceof NotUnderWay;
    }
  };
  const insist = async (id: DeliveryId, work: () => Promise<unknown>): Promise<void> => {
    for (let pause = firstPauseMs; ; pause = Math.min(lastPauseMs, pause * 2)) {
      await clock.sleep(pause, over.signal);
      // The row stays `sending` and is `unknown` at the next start: nothing is sent twice.
      if (over.signal.aborted || (await attempt(id, work))) return;
    }
  };

  return {
    async write({ id, chat }, work) {
      if (await attempt(id, work)) return;
      kept.set(id, { chat: chat.id, writing: insist(id, work).finally(() => kept.delete(id)) });
    },
    unwritten: () => [...kept].map(([id, { chat }]) => ({ id, chat })),
    settled: async () => void (await Promise.all([...kept.values()].map(({ writing }) => writing))),
    end: () => over.abort(),
  };
}
