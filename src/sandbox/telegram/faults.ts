/** What goes wrong with a call. */
export interface FaultRule {
  /** Any but getUpdates when left out. */
  method?: string;
  /** Any when left out. */
  chat?: number;
  /** How often it strikes; until the faults are cleared when left out. */
  times?: number;
  /**
   * "reset-before": the connection breaks, nothing was done. "reset-after": it was done, the answer is lost.
   * "half-open": nothing is done and the connection stays silent. "photo-refused": a picture given by its address
   * is no picture. "photo-unreachable": it cannot be loaded.
   */
  kind:
    | "reset-before"
    | "reset-after"
    | "html502"
    | "http500"
    | "slow"
    | "half-open"
    | "429"
    | "401"
    | "photo-refused"
    | "photo-unreachable";
  /** For "slow": how long the answer takes. 1,000 when left out. */
  ms?: number;
  /** For "429": whole seconds. 1 when left out. */
  retryAfter?: number;
  /** For the two of pictures: only addresses that contain this. */
  picture?: string;
}

export interface Faults {
  add(rule: FaultRule): void;
  clear(): void;
  /** The first rule that fits this call, counted as used. */
  take(method: string, chat: number | null, picture: string | null): FaultRule | null;
}

export function createFaults(): Faults {
  let rules: { rule: FaultRule; left: number }[] = [];
  return {
    add(rule) {
      rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
    },
    clear() {
      rules = [];
    },
    take(method, chat, picture) {
      const found = rules.find(({ rule }) => fits(rule, method, chat, picture));
      if (!found) return null;
      found.left -= 1;
      rules = rules.filter(({ left }) => left > 0);
      return found.rule;
    },
  };
}

function fits(rule: FaultRule, method: string, chat: number | null, picture: string | null): boolean {
  if (rule.method === undefined ? method === "getupdates" : rule.method.toLowerCase() !== method) return false;
  if (rule.chat !== undefined && rule.chat !== chat) return false;
  const isOfPicture = rule.kind === "photo-refused" || rule.kind === "photo-unreachable";
  return !isOfPicture || (picture?.includes(rule.picture ?? "") ?? false);
}
