import type { BotHealth } from "#core/ports";

/** What is amiss: each subject has one trouble at most, and the newest word on it. */
export interface HealthBook {
  health(): BotHealth;
  /** Telegram answered who the bot is. */
  connected(): void;
  /** Telegram cannot be reached: nothing is sent until it can. */
  unreachable(): void;
  /** Only a person can mend it; `connected` ends it. */
  blocked(detail: string): void;
  /** Something a person should know while messages still go out; null ends it. */
  trouble(subject: string, detail: string | null): void;
  stopped(): void;
}

/** Keeps the bot's health; `onChange` is called when what `health` answers has changed. */
export function createHealth(onChange: (health: BotHealth) => void): HealthBook {
  let state: "starting" | "ready" | "stopped" | "blocked" = "starting";
  let reason = "";
  const troubles = new Map<string, string>();

  const health = (): BotHealth => {
    if (state === "blocked") return { state, detail: reason };
    if (state === "ready" && troubles.size > 0) return { state: "degraded", detail: [...troubles.values()].join(" ") };
    return { state };
  };
  let told = JSON.stringify(health());
  const changed = (): void => {
    const now = health();
    const text = JSON.stringify(now);
    if (text === told) return;
    told = text;
    onChange(now);
  };
  const turn = (next: typeof state, detail = ""): void => {
    if (state === "stopped") return;
    state = next;
    reason = detail;
    changed();
  };

  return {
    health,
    connected: () => turn("ready"),
    unreachable: () => turn("starting"),
    blocked: (detail) => turn("blocked", detail),
    stopped: () => turn("stopped"),
    trouble(subject, detail) {
      if (detail === null) troubles.delete(subject);
      else troubles.set(subject, detail);
      changed();
    },
  };
}
