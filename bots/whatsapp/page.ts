import type { Client } from "whatsapp-web.js";
import type { Clock, Log } from "#core/ports";
import { endFamily } from "./processes.ts";

/** Without a code to scan, a client must be ready after so long. */
export const patienceMs = 90_000;
/** A browser that is asked to close gets this long before it is ended. */
const closeMs = 5_000;

/**
 * How the page fares: `working` when it is connected and the library at work on it; `idle` when its code has run out;
 * null when neither, or when it does not answer. The library hears of the first sync only when it listens by then:
 * where the page has synced and the library did not hear it, it is told.
 */
export async function probe(client: Client): Promise<"working" | "idle" | null> {
  try {
    const found: unknown = await client.pupPage?.evaluate(`(() => {
      const socket = window.require?.("WAWebSocketModel")?.Socket;
      if (socket?.state === "UNPAIRED_IDLE") return "idle";
      if (!socket?.hasSynced) return null;
      if (window.WWebJS !== undefined) return socket.state === "CONNECTED" ? "working" : null;
      window.onAppStateHasSyncedEvent?.();
      return null;
    })()`);
    return found === "working" || found === "idle" ? found : null;
  } catch {
    return null;
  }
}

/** Ends a client and waits for the browser's end, however far it got; `opening` is its `initialize`, under way or over. */
export async function closeClient(client: Client, opening: Promise<unknown>, clock: Clock, log: Log): Promise<void> {
  // A browser that is just being launched is nobody's yet.
  const isOver = endOf(opening);
  for (let waited = 0; !client.pupBrowser && !isOver.aborted && waited < patienceMs; waited += 50) {
    await clock.sleep(50, isOver);
  }
  const child = client.pupBrowser?.process();
  const closed = client.destroy().catch((err: unknown) => log.debug({ err }, "the browser did not close by itself"));
  await Promise.race([closed, clock.sleep(closeMs, endOf(closed))]);
  if (child?.pid) await endFamily(child.pid, (ms) => clock.sleep(ms));
}

/** A signal that is given when the promise has ended: a timer beside it need not run on. */
function endOf(promise: Promise<unknown>): AbortSignal {
  const ended = new AbortController();
  promise.finally(() => ended.abort()).catch(() => undefined);
  return ended.signal;
}
