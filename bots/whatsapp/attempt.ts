import type { Client } from "whatsapp-web.js";
import type { BotHealth, Clock, Log } from "#core/ports";
import { createClient } from "./client.ts";
import { closeClient, patienceMs, probe } from "./page.ts";
import type { Profile } from "./profile.ts";

export interface AttemptDeps {
  profile: Profile;
  chromePath: string;
  browserArgs: readonly string[];
  clock: Clock;
  log: Log;
  /** Called once for each client, before it starts: listen to its messages here. */
  onClient(client: Client): void;
  /** The client can be asked now; it counts as ready when this resolved. A failure is logged and does no harm. */
  onReady(client: Client): Promise<void>;
}

/** Why a client's time was over: `idle` is a code that nobody scanned in time. */
type Ending = "logged-out" | "idle" | "lost" | "stopped";

export interface Outcome {
  ending: Ending;
  wasReady: boolean;
  /** What went wrong, in words for a person; null where nothing did. */
  problem: string | null;
  /** Another try alone will not mend it. */
  isGrave: boolean;
}

/** One client from its start to its end. */
export interface Attempt {
  /** Null while it cannot be asked. */
  ready(): Client | null;
  /** A call broke: the client is not ready before it has shown that it works. */
  doubt(): void;
  /** Resolves once the browser is gone. Rejects where none could be started, in words. */
  readonly over: Promise<Outcome>;
}

/** How often a client that is not ready is looked at. */
const lookMs = 1_000;
/** WhatsApp renews its code every 20 to 60 seconds: an older one scans no more. */
const codeLifeMs = 2 * 60_000;

const needsScan = "WhatsApp is not linked: scan the code with the newsroom's phone (Linked devices).";
/** What WhatsApp says for good when it ends a connection. */
const verdicts: Readonly<Record<string, string>> = {
  TOS_BLOCK: "WhatsApp has blocked this number: open WhatsApp on its phone to see why.",
  SMB_TOS_BLOCK: "WhatsApp has blocked this number: open WhatsApp on its phone to see why.",
  PROXYBLOCK: "WhatsApp refuses connections from this server's address: run Crier elsewhere.",
  DEPRECATED_VERSION: "WhatsApp asks for a newer WhatsApp Web: update Crier.",
};

export function startAttempt(deps: AttemptDeps, turn: (health: BotHealth) => void, signal: AbortSignal): Attempt {
  const { profile, clock, log } = deps;
  const end = Promise.withResolvers<Omit<Outcome, "wasReady">>();
  let hasEnded = false;
  let ready: Client | null = null;
  let wasReady = false;
  let isOpen = false;
  /** Counts up with each turn for the worse: who began to greet before it greets in vain. */
  let turns = 0;
  let since = clock.now().getTime();
  let codeAt: number | null = null;

  const finish = (ending: Ending, problem: string | null = null, isGrave = false): void => {
    hasEnded = true;
    ready = null;
    end.resolve({ ending, problem, isGrave });
  };
  const lose =
    (problem: string) =>
    (cause?: unknown): void => {
      if (!hasEnded) log.warn({ platform: "whatsapp", err: cause }, problem);
      finish("lost", cause === undefined ? problem : `${problem}: ${firstLine(cause)}`);
    };
  const wait = (): void => {
    if (hasEnded) return;
    turns += 1;
    ready = null;
    codeAt = null;
    since = clock.now().getTime();
    turn({ state: "starting" });
  };

  const greet = async (client: Client): Promise<void> => {
    if (ready || hasEnded) return;
    turns += 1;
    const begun = turns;
    let failure: unknown;
    await deps.onReady(client).catch((err: unknown) => {
      failure = err;
    });
    // A page that was reloaded meanwhile is greeted again.
    if (begun !== turns || hasEnded) return;
    if (failure !== undefined) {
      log.warn({ platform: "whatsapp", err: failure }, "WhatsApp did not answer the first questions");
      if (!(await probe(client))) return lose("WhatsApp's page does not answer")(failure);
      if (begun !== turns || hasEnded) return;
    }
    ready = client;
    wasReady = true;
    profile.linked();
    turn({ state: "ready" });
  };

  const listen = (client: Client): void => {
    client.on("qr", (qr) => {
      if (hasEnded) return;
      turns += 1;
      ready = null;
      codeAt = clock.now().getTime();
      turn({ state: "blocked", detail: needsScan, qr });
    });
    client.on("authenticated", () => {
      if (!ready) wait();
    });
    // Said again after each reload, and sometimes twice.
    client.on("ready", () => void greet(client));
    // Offline, or opened elsewhere: what is sent now would hang.
    client.on("change_state", (state) => {
      if (String(state) !== "CONNECTED") wait();
    });
    client.on("disconnected", (reason) => {
      const why = String(reason);
      log.warn({ platform: "whatsapp", reason: why }, "WhatsApp disconnected");
      if (why === "LOGOUT") return finish("logged-out");
      finish("lost", verdicts[why] ?? "WhatsApp ended the connection.", why in verdicts);
    });
  };

  const open = async (client: Client): Promise<void> => {
    await client.initialize();
    isOpen = true;
    const { pupBrowser: browser, pupPage: page } = client;
    browser?.on("disconnected", () => lose("Chromium ended.")());
    page?.on("error", lose("WhatsApp's page crashed"));
    page?.on("framenavigated", (frame) => {
      if (frame === page.mainFrame()) wait();
    });
    if (browser?.connected === false) lose("Chromium ended.")();
  };

  /** Looks now and then at a client that is not ready: one whose page synced unheard is woken, one that is late is given up. */
  const watch = async (client: Client): Promise<void> => {
    const done = new AbortController();
    void end.promise.then(() => done.abort());
    while (!hasEnded) {
      await clock.sleep(lookMs, done.signal);
      if (hasEnded || ready) continue;
      const now = clock.now().getTime();
      if (codeAt !== null && now - codeAt > codeLifeMs) finish("idle");
      else if (codeAt === null && now - since > patienceMs) lose("WhatsApp did not become ready in time.")();
      else if (isOpen) {
        const found = await probe(client);
        if (found === "idle") finish("idle");
        if (found === "working" && wasReady) await greet(client);
      }
    }
  };

  const run = async (): Promise<Outcome> => {
    await profile.prepare();
    const client = await createClient({
      folder: profile.folder,
      chromePath: deps.chromePath,
      browserArgs: deps.browserArgs,
      onBroken: lose("WhatsApp's page could not be taken over after a reload"),
    });
    listen(client);
    deps.onClient(client);
    const onStop = (): void => finish("stopped");
    signal.addEventListener("abort", onStop, { once: true });
    if (signal.aborted) onStop();
    const opening = hasEnded ? Promise.resolve() : open(client).catch(lose("WhatsApp Web could not be opened"));
    const watching = watch(client);

    const outcome = await end.promise;
    signal.removeEventListener("abort", onStop);
    if (outcome.ending !== "stopped" && (wasReady || codeAt !== null)) turn({ state: "starting" });
    await closeClient(client, opening, clock, log);
    await watching;
    return { ...outcome, wasReady };
  };

  return { ready: () => ready, doubt: () => (ready ? wait() : undefined), over: run() };
}

const firstLine = (cause: unknown): string =>
  ((cause instanceof Error ? cause.message : String(cause)).split("\n")[0] ?? "").slice(0, 200);
