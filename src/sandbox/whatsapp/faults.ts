/** What can go wrong, on demand. */
type FaultKind =
  /** The library's call fails; the message goes nowhere. */
  | "send-rejects"
  /** The message arrives, and Crier never hears of it: no answer, no ack, until the page is loaded anew. */
  | "ack-never"
  /** The message waits `ms` (3 s) before anything happens to it. */
  | "send-slow"
  /** The message arrives, and the page reloads in the middle of the call. */
  | "delivered-then-reload"
  /** The message arrives, but the library does not find it and answers `undefined`. */
  | "undefined-result"
  /** Nobody more can enter a group: 419 for each one added. */
  | "group-full"
  /** The page has synced before the library listens: it never says `ready`. */
  | "early-sync"
  /** The page never syncs. */
  | "no-sync";

export interface FaultRule {
  kind: FaultKind;
  /** Only in this chat; in every chat without. */
  chat?: string;
  /** How many times; without end when left out. */
  times?: number;
  /** For `send-slow`. */
  ms?: number;
}

export interface Faults {
  add(rule: FaultRule): void;
  clear(): void;
  /** Uses up one turn of the first rule of one of these kinds that fits. */
  take(kinds: FaultKind[], chat?: string): FaultRule | null;
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
    take(kinds, chat) {
      const found = rules.find(
        ({ rule, left }) => left > 0 && kinds.includes(rule.kind) && (!rule.chat || !chat || rule.chat === chat),
      );
      if (!found) return null;
      found.left -= 1;
      return found.rule;
    },
  };
}
