import { FeedError, SendError } from "#core/errors";
import type { Meter } from "#core/meter";
import type { Bot, Clock, ContentAdapter } from "#core/ports";

/** A bot whose calls are counted and timed. */
export function meteredBot(bot: Bot, meter: Meter, clock: Pick<Clock, "now">): Bot {
  const { platform } = bot;
  const metered = async <T>(call: "send" | "edit" | "recall" | "find", work: () => Promise<T>): Promise<T> => {
    const begun = clock.now().getTime();
    let outcome: string = "ok";
    try {
      return await work();
    } catch (error) {
      outcome = error instanceof SendError ? error.reason : "unknown";
      if (error instanceof SendError && error.reason === "rate-limited") {
        meter.count("crier_rate_limited_total", { platform });
        meter.count("crier_pause_seconds_total", { platform }, (error.retryAfterMs ?? 0) / 1000);
      }
      throw error;
    } finally {
      meter.count("crier_bot_calls_total", { platform, call, outcome });
      meter.observe("crier_bot_call_duration_seconds", { platform }, (clock.now().getTime() - begun) / 1000);
    }
  };
  return {
    ...bot,
    send: (chat, message, key) => metered("send", () => bot.send(chat, message, key)),
    edit: (chat, receipt, message) => metered("edit", () => bot.edit(chat, receipt, message)),
    recall: (chat, receipt) => metered("recall", () => bot.recall(chat, receipt)),
    find: (chat, key, message) => metered("find", () => bot.find(chat, key, message)),
  };
}

/** An adapter whose reads are counted and timed. */
export const meteredAdapter = (adapter: ContentAdapter, meter: Meter, clock: Pick<Clock, "now">): ContentAdapter => ({
  ...adapter,
  async fetch(feed, signal) {
    const { kind } = adapter;
    const begun = clock.now().getTime();
    try {
      const result = await adapter.fetch(feed, signal);
      meter.count("crier_feed_reads_total", { kind, outcome: result.kind });
      meter.observe("crier_feed_read_duration_seconds", { kind }, (clock.now().getTime() - begun) / 1000);
      return result;
    } catch (error) {
      // What ends because Crier stops is no failure of the feed.
      if (!signal.aborted) {
        meter.count("crier_feed_reads_total", { kind, outcome: "failed" });
        const reason = error instanceof FeedError ? error.reason : "fault";
        meter.count("crier_feed_failures_total", { reason });
      }
      throw error;
    }
  },
});
