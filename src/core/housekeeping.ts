import type { ArticleId } from "#core/model";
import type { Clock, Log, Store } from "#core/ports";

export interface Housekeeper {
  /** Removes what is older than is kept, in small steps with pauses between; what was removed. To be called each day. */
  run(signal: AbortSignal): Promise<{ deliveries: number; messages: number; articles: number }>;
}

interface HousekeeperDeps {
  store: Store;
  clock: Clock;
  log: Log;
  /** Days for which deliveries, messages and articles are kept. */
  keepDays: number;
}

/** Rows removed in one transaction: some milliseconds in which nobody else writes. */
const chunk = 500;
/** Between two transactions: whoever waits to write comes first. */
const pauseMs = 20;
/** Articles that stay however old they are: a site without much news shows its old ones. */
const newestKept = 1_000;
const dayMs = 24 * 60 * 60_000;

/** Keeps the store to what is of use: the past stays as numbers, and as the names of articles that must not come back as new. */
export function createHousekeeper({ store, clock, log, keepDays }: HousekeeperDeps): Housekeeper {
  const { upkeep } = store;
  let running: ReturnType<Housekeeper["run"]> | null = null;

  /** Asks for the next chunk until one is not full. */
  const drain = async (step: () => Promise<number>, signal: AbortSignal): Promise<number> => {
    let all = 0;
    while (!signal.aborted) {
      const removed = await step();
      all += removed;
      if (removed < chunk) break;
      await clock.sleep(pauseMs, signal);
    }
    return all;
  };

  const sweep = async (signal: AbortSignal): ReturnType<Housekeeper["run"]> => {
    const before = new Date(clock.now().getTime() - keepDays * dayMs);
    // In this order: a message stays while it has deliveries, an article while it has messages.
    const deliveries = await drain(() => upkeep.retireDeliveries(before, chunk), signal);
    const messages = await drain(() => upkeep.retireMessages(before, chunk), signal);
    let articles = 0;
    for (let after: ArticleId | null = 0; after !== null && !signal.aborted; ) {
      const step = await upkeep.retireArticles(before, { newest: newestKept, after, limit: chunk });
      articles += step.retired;
      after = step.last;
      await clock.sleep(pauseMs, signal);
    }
    if (deliveries + messages + articles > 0) {
      log.info({ deliveries, messages, articles }, `what is older than ${keepDays} days was removed`);
    }
    return { deliveries, messages, articles };
  };

  return {
    run(signal) {
      running ??= sweep(signal).finally(() => {
        running = null;
      });
      return running;
    },
  };
}
