import type { Client } from "whatsapp-web.js";
import type { BotHealth, Clock, Log } from "#core/ports";
import { createClient } from "./client.ts";
import { notReady } from "./errors.ts";
import type { Profile } from "./profile.ts";

export interface SessionDeps {
  profile: Profile;
  chromePath: string;
  browserArgs: readonly string[];
  clock: Clock;
  log: Log;
  onHealth(health: BotHealth): void;
  /** Called once for each client, before it starts: listen to its messages here. */
  onClient(client: Client): void;
  /** The client can be asked now; the session counts as ready when this resolved. */
  onReady(client: Client): Promise<void>;
}

/** Keeps one WhatsApp number linked: starts a client, watches it, and starts another one when it fails. */
export interface Session {
  /** Works until `stop`. */
  run(): Promise<void>;
  health(): BotHealth;
  /** The client that is ready. @throws SendError "temporary" when none is */
  client(): Client;
  /** A call broke: nothing more is asked of the client until it has shown that it works. */
  doubt(): void;
  /** Ends the browser; nothing is left running. */
  stop(): Promise<void>;
}

/** Why a client's time was over. */
type Ending = "logged-out" | "lost" | "stopped";

const firstPauseMs = 1_000;
const lastPauseMs = 60_000;
/** How often an open client that is not ready is looked at. */
const lookMs = 1_000;
/** Without a code to scan, a client must be ready after so long. */
const patienceMs = 90_000;
/** WhatsApp renews its code about every 20 seconds, and gives up after some: an old one scans no more. */
const codeLifeMs = 4 * 60_000;
/** A browser that is asked to close gets this long before it is ended. */
const closeMs = 5_000;

const needsScan = "WhatsApp is not linked: scan the code with the newsroom's phone (Linked devices).";

export function createSession(deps: SessionDeps): Session {
  const { profile, clock, log } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  let health: BotHealth = { state: "starting" };
  let ready: Client | null = null;
  let doubt = (): void => {};

  const turn = (next: BotHealth): void => {
    if (health.state === "stopped" || JSON.stringify(next) === JSON.stringify(health)) return;
    health = next;
    deps.onHealth(next);
  };

  /** One client from its start to its end. */
  const attempt = async (): Promise<{ ending: Ending; wasReady: boolean }> => {
    const over = Promise.withResolvers<Ending>();
    let since = clock.now().getTime();
    let codeAt: number | null = null;
    let wasReady = false;
    let opened = false;
    let greetings = 0;
    const lose =
      (what: string) =>
      (cause?: unknown): void => {
        if (!signal.aborted) log.warn({ platform: "whatsapp", err: cause }, what);
        over.resolve("lost");
      };

    await profile.prepare();
    const client = await createClient({
      folder: profile.folder,
      chromePath: deps.chromePath,
      browserArgs: deps.browserArgs,
      onBroken: lose("WhatsApp's page could not be taken over after a reload"),
    });
    const waiting = (): void => {
      greetings += 1;
      ready = null;
      codeAt = null;
      since = clock.now().getTime();
      turn({ state: "starting" });
    };
    client.on("qr", (qr) => {
      ready = null;
      codeAt = clock.now().getTime();
      turn({ state: "blocked", detail: needsScan, qr });
    });
    client.on("authenticated", () => {
      if (!ready) waiting();
    });
    const greet = async (): Promise<void> => {
      if (ready) return;
      const begun = ++greetings;
      try {
        await deps.onReady(client);
      } catch (err) {
        // A page that was reloaded meanwhile is greeted again.
        if (begun === greetings) lose("WhatsApp did not answer the first questions")(err);
        return;
      }
      if (begun !== greetings) return;
      ready = client;
      wasReady = true;
      turn({ state: "ready" });
    };
    // Said again after each reload, and sometimes twice.
    client.on("ready", () => void greet());
    client.on("disconnected", (reason) => {
      log.warn({ platform: "whatsapp", reason: String(reason) }, "WhatsApp disconnected");
      over.resolve(String(reason) === "LOGOUT" ? "logged-out" : "lost");
    });
    deps.onClient(client);

    const starting = client.initialize().then(() => {
      opened = true;
      client.pupBrowser?.on("disconnected", lose("Chromium ended"));
      client.pupPage?.on("error", lose("WhatsApp's page crashed"));
      client.pupPage?.on("framenavigated", (frame) => {
        if (frame === client.pupPage?.mainFrame()) waiting();
      });
      if (client.pupBrowser?.connected === false) over.resolve("lost");
    }, lose("WhatsApp could not be opened"));
    const watching = watch(client, over.promise, {
      isReady: () => ready === client,
      isLate: () => {
        const now = clock.now().getTime();
        return codeAt === null ? now - since > patienceMs : now - codeAt > codeLifeMs;
      },
      isOpen: () => opened,
      onLate: lose("WhatsApp did not become ready in time"),
      onWorking: () => (wasReady ? greet() : Promise.resolve()),
    });
    doubt = waiting;
    const onStop = (): void => over.resolve("stopped");
    signal.addEventListener("abort", onStop, { once: true });
    if (signal.aborted) onStop();

    const ending = await over.promise;
    signal.removeEventListener("abort", onStop);
    ready = null;
    if (ending !== "stopped") turn({ state: "starting" });
    await close(client, starting);
    await watching;
    return { ending, wasReady };
  };

  /** Looks now and then at a client that is not ready: one whose page synced unheard is woken, one that is late is given up. */
  const watch = async (
    client: Client,
    over: Promise<unknown>,
    look: { isReady(): boolean; isLate(): boolean; isOpen(): boolean; onLate(): void; onWorking(): Promise<void> },
  ): Promise<void> => {
    const done = new AbortController();
    void over.finally(() => done.abort());
    while (!done.signal.aborted) {
      await clock.sleep(lookMs, done.signal);
      if (done.signal.aborted || look.isReady()) continue;
      if (look.isLate()) {
        look.onLate();
      } else if (look.isOpen()) {
        const isWorking = await probe(client).catch(() => false);
        if (isWorking) await look.onWorking();
      }
    }
  };

  /** Waits for the browser's end, however far the client got. */
  const close = async (client: Client, starting: Promise<unknown>): Promise<void> => {
    const isOver = new AbortController();
    void starting.finally(() => isOver.abort());
    // A browser that is just being launched is nobody's yet.
    for (let waited = 0; !client.pupBrowser && !isOver.signal.aborted && waited < patienceMs; waited += 50) {
      await clock.sleep(50, isOver.signal);
    }
    const child = client.pupBrowser?.process();
    const closed = client.destroy().catch((err: unknown) => log.debug({ err }, "the browser did not close by itself"));
    await Promise.race([closed, clock.sleep(closeMs, isClosed(closed))]);
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGKILL");
      await Promise.race([exited, clock.sleep(closeMs, isClosed(exited))]);
    }
  };

  return {
    health: () => health,
    client() {
      if (!ready || signal.aborted) throw notReady();
      return ready;
    },
    doubt: () => doubt(),
    async run() {
      for (let failures = 0; !signal.aborted; ) {
        let wasReady = false;
        try {
          const ended = await attempt();
          wasReady = ended.wasReady;
          if (ended.ending === "logged-out") {
            log.warn({ platform: "whatsapp" }, "the number was unlinked: it must be linked again");
            profile.forget();
          }
        } catch (err) {
          log.error({ platform: "whatsapp", err }, "WhatsApp could not be started");
          turn({ state: "blocked", detail: err instanceof Error ? err.message : String(err) });
        }
        failures = wasReady ? 0 : failures + 1;
        if (!signal.aborted)
          await clock.sleep(Math.min(lastPauseMs, firstPauseMs * 2 ** Math.min(failures, 6)), signal);
      }
    },
    async stop() {
      turn({ state: "stopped" });
      stopping.abort();
    },
  };
}

/**
 * True when the page is connected and the library at work on it. The library hears of the first sync only when it
 * listens by then: where the page has synced and the library did not hear it, it is told.
 */
async function probe(client: Client): Promise<boolean> {
  const found: unknown = await client.pupPage?.evaluate(`(() => {
    const socket = window.require?.("WAWebSocketModel")?.Socket;
    if (!socket?.hasSynced) return false;
    if (window.WWebJS !== undefined) return socket.state === "CONNECTED";
    window.onAppStateHasSyncedEvent?.();
    return false;
  })()`);
  return found === true;
}

/** A signal that is given when the promise has ended: its timer need not run on. */
function isClosed(promise: Promise<unknown>): AbortSignal {
  const ended = new AbortController();
  void promise.finally(() => ended.abort());
  return ended.signal;
}
