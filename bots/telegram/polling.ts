import { TelegramError } from "telegraf";
import type { Update } from "telegraf/types";
import type { Clock, Log } from "#core/ports";
import type { Client } from "./client.ts";
import { CallNotSent, isTokenRefused, retryAfterOf, tokenRefused } from "./errors.ts";
import type { HealthBook } from "./health.ts";

export interface PollingDeps {
  client: Client;
  /** Resolves once the update is safe, or is none that Crier understands; rejects where it must be told again. */
  handle(update: Update): Promise<void>;
  health: HealthBook;
  clock: Clock;
  log: Log;
}

/** Telegram holds a poll up to 50 s; a shorter one finds a dead connection sooner. */
const pollSeconds = 25;
const pollDeadlineMs = 35_000;
const firstPauseMs = 500;
const lastPauseMs = 15_000;
/** A refused token comes back only by a person's hand. */
const refusedPauseMs = 60_000;
/** An empty answer that comes sooner is no long poll: asking again at once would only spin. */
const shortPollMs = 1_000;
/** Telegram's own hiccups are not worth a word. */
const toleratedFailures = 3;

const allowedUpdates = ["message", "channel_post", "my_chat_member", "callback_query"];

/**
 * Takes updates one after the other until the signal is aborted. An update is confirmed only when it was handled; no
 * answer of Telegram, and no lack of one, ends the loop.
 */
export async function poll({ client, handle, health, clock, log }: PollingDeps, signal: AbortSignal): Promise<void> {
  let offset: number | undefined;
  let failures = 0;

  const take = async (): Promise<number> => {
    const askedAt = clock.now().getTime();
    const payload = { offset, timeout: pollSeconds, limit: 100, allowed_updates: allowedUpdates };
    const updates = await client.call("getUpdates", payload, { deadlineMs: pollDeadlineMs, signal });
    if (!isUpdates(updates)) throw new Error("Telegram's answer to getUpdates is no list of updates.");
    failures = 0;
    health.connected();
    health.trouble("polling", null);
    for (const update of updates) {
      if (update.update_id < (offset ?? Number.NEGATIVE_INFINITY)) continue;
      if (!(await handleUntilSafe(update))) return 0;
      offset = update.update_id + 1;
    }
    return updates.length === 0 && clock.now().getTime() - askedAt < shortPollMs ? shortPollMs : 0;
  };

  const handleUntilSafe = async (update: Update): Promise<boolean> => {
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        await handle(update);
        health.trouble("recording", null);
        return true;
      } catch (err) {
        log.error(
          { platform: "telegram", update: update.update_id, err },
          "what Telegram told could not be recorded; it is tried again",
        );
        health.trouble("recording", "What people write cannot be recorded: see the log.");
        await clock.sleep(pauseMs(tries), signal);
      }
    }
    return false;
  };

  const endure = async (error: unknown): Promise<number> => {
    failures += 1;
    log[failures > toleratedFailures ? "warn" : "debug"](
      { platform: "telegram", failures, err: error },
      "Telegram's updates could not be read",
    );
    if (isTokenRefused(error)) {
      health.blocked(tokenRefused);
      return refusedPauseMs;
    }
    if (error instanceof CallNotSent) health.unreachable();
    else if (error instanceof TelegramError && error.code === 409) await explainConflict(error);
    else if (failures > toleratedFailures)
      health.trouble("polling", "Telegram does not answer as it should; commands wait.");
    return retryAfterOf(error) ?? pauseMs(failures - 1);
  };

  const explainConflict = async (error: TelegramError): Promise<void> => {
    if (!/webhook/i.test(error.description)) {
      health.trouble("polling", "Another program reads this bot's updates: stop it, or give Crier a bot of its own.");
      return;
    }
    log.warn({ platform: "telegram" }, "the bot had a webhook, which is removed: Crier polls");
    // What waits there is kept. Where this fails the next poll says so again.
    await client.telegraf.telegram.deleteWebhook({ drop_pending_updates: false }).catch((err: unknown) => {
      log.debug({ platform: "telegram", err }, "the webhook could not be removed");
    });
  };

  while (!signal.aborted) {
    let pause: number;
    try {
      pause = await take();
    } catch (error) {
      if (signal.aborted) return;
      pause = await endure(error);
    }
    if (pause > 0) await clock.sleep(pause, signal);
  }
}

/** The pause after so many failures in a row. */
export const pauseMs = (failures: number): number => Math.min(lastPauseMs, firstPauseMs * 2 ** Math.min(failures, 10));

const isUpdates = (value: unknown): value is Update[] =>
  Array.isArray(value) && value.every((update) => Number.isSafeInteger(update?.update_id));
