import type { Client } from "whatsapp-web.js";
import type { BotHealth } from "#core/ports";
import { type Attempt, type AttemptDeps, type Outcome, startAttempt } from "./attempt.ts";
import { notReady } from "./errors.ts";

export interface SessionDeps extends AttemptDeps {
  onHealth(health: BotHealth): void;
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
  /** Asks for the end; the browser is gone when `run` resolves. */
  stop(): void;
}

const firstPauseMs = 1_000;
const lastPauseMs = 60_000;
/** After so many tries in a row that came to nothing a person is asked to look. */
const patience = 3;

export function createSession(deps: SessionDeps): Session {
  const { profile, clock, log } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  let health: BotHealth = { state: "starting" };
  let attempt: Attempt | null = null;

  const turn = (next: BotHealth): void => {
    if (health.state === "stopped" || JSON.stringify(next) === JSON.stringify(health)) return;
    health = next;
    deps.onHealth(next);
  };

  const tryOnce = async (): Promise<Outcome> => {
    try {
      attempt = startAttempt(deps, turn, signal);
      const outcome = await attempt.over;
      if (outcome.ending === "logged-out") {
        log.warn({ platform: "whatsapp" }, "the number was unlinked: it must be linked again");
        profile.forget();
      }
      return outcome;
    } catch (err) {
      log.error({ platform: "whatsapp", err }, "WhatsApp could not be started");
      const problem = err instanceof Error ? err.message : String(err);
      return { ending: "lost", wasReady: false, problem, isGrave: true };
    } finally {
      attempt = null;
    }
  };

  return {
    health: () => health,
    client() {
      const client = signal.aborted ? null : attempt?.ready();
      if (!client) throw notReady();
      return client;
    },
    doubt: () => attempt?.doubt(),
    async run() {
      for (let failures = 0; !signal.aborted; ) {
        const { ending, wasReady, problem, isGrave } = await tryOnce();
        failures = wasReady || ending !== "lost" ? 0 : failures + 1;
        if (problem && (isGrave || failures >= patience)) turn({ state: "blocked", detail: problem });
        if (!signal.aborted)
          await clock.sleep(Math.min(lastPauseMs, firstPauseMs * 2 ** Math.min(failures, 6)), signal);
      }
    },
    stop() {
      turn({ state: "stopped" });
      stopping.abort();
    },
  };
}
