import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "#core/ports";
import { createClient } from "./client.ts";
import { isTokenRefused, tokenRefused, toSendError } from "./errors.ts";

/** What Telegram says of a token. */
export type TelegramIdentity = { good: true; username: string } | { good: false; problem: string };

const timeoutMs = 10_000;

/** Outside of a bot's life there is no other clock than the machine's. */
const clock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
};

/** Asks Telegram once whose token this is. Reads no updates, so it may run beside the bot. */
export async function identifyTelegram({
  token,
  apiRoot,
}: {
  token: string;
  apiRoot: string;
}): Promise<TelegramIdentity> {
  const client = createClient({ token, apiRoot, connections: 1, callTimeoutMs: timeoutMs, clock });
  try {
    const { username } = Object(await client.call("getMe", {}));
    return typeof username === "string"
      ? { good: true, username }
      : { good: false, problem: "Telegram's answer names no bot: check TELEGRAM_API_ROOT." };
  } catch (error) {
    return { good: false, problem: isTokenRefused(error) ? tokenRefused : problemOf(error) };
  } finally {
    await client.close(0);
  }
}

function problemOf(error: unknown): string {
  const { message, reason } = toSendError(error);
  return reason === "unknown" || reason === "temporary"
    ? "Telegram does not answer: check the network and TELEGRAM_API_ROOT."
    : message;
}
