export type LimiterKind = "soft" | "block" | "off";

interface Cost {
  chat: number;
  isGroup: boolean;
  /** Messages: each item of an album is one. */
  messages: number;
  /** Paid for with Stars. */
  isPaid: boolean;
}

/** @returns null where the call may pass, else the whole seconds to wait */
export type Limiter = (cost: Cost) => number | null;

/** Telegram: about 30 messages a second over all chats. */
const globalPerSecond = 30;
/** Telegram: so many with `allow_paid_broadcast`. */
const paidPerSecond = 1_000;
/** Telegram: one message a second into one chat; short bursts pass. */
const chatPerSecond = 1;
const chatBurst = 3;
/** Telegram: 20 messages a minute into one group, edits among them. */
const groupPerMinute = 20;
const minuteMs = 60_000;
/** How long the whole bot is refused after an overflow where the limiter punishes. */
const blockMs = 5_000;

/**
 * What real Telegram does on an overflow is not documented and lies between these two: "soft" refuses the one call,
 * "block" refuses the whole bot for five seconds, counting down.
 */
export function createLimiter(kind: LimiterKind, now: () => number): Limiter {
  if (kind === "off") return () => null;
  const free = createBucket(globalPerSecond, globalPerSecond, now());
  const paid = createBucket(paidPerSecond, paidPerSecond, now());
  const chats = new Map<number, Bucket>();
  const groups = new Map<number, number[]>();
  let blockedUntil = 0;

  const waitMs = ({ chat, isGroup, messages, isPaid }: Cost, at: number): number => {
    const everywhere = isPaid ? paid : free;
    const own = chats.get(chat) ?? createBucket(chatPerSecond, chatBurst, at);
    chats.set(chat, own);
    const recent = isGroup ? (groups.get(chat) ?? []).filter((sent) => sent > at - minuteMs) : [];
    const overflow = recent.length + messages - groupPerMinute;
    // The oldest of the minute have to fall out of it before this one fits.
    const inGroup = isGroup && overflow > 0 ? (recent[Math.min(overflow, recent.length) - 1] ?? at) + minuteMs - at : 0;
    const wait = Math.max(everywhere.waitMs(messages, at), own.waitMs(messages, at), inGroup);
    if (wait > 0) return wait;
    everywhere.take(messages);
    own.take(messages);
    if (isGroup) groups.set(chat, [...recent, ...Array<number>(messages).fill(at)]);
    return 0;
  };

  return (cost) => {
    const at = now();
    if (at < blockedUntil) return Math.max(1, Math.ceil((blockedUntil - at) / 1_000));
    const wait = waitMs(cost, at);
    if (wait <= 0) return null;
    if (kind === "block") blockedUntil = at + blockMs;
    return Math.max(1, Math.ceil((kind === "block" ? blockMs : wait) / 1_000));
  };
}

type Bucket = ReturnType<typeof createBucket>;

/** A call larger than the bucket passes when it is full, and leaves a debt. */
function createBucket(perSecond: number, burst: number, start: number) {
  let tokens = burst;
  let filledAt = start;
  return {
    waitMs(cost: number, at: number): number {
      tokens = Math.min(burst, tokens + ((at - filledAt) / 1_000) * perSecond);
      filledAt = at;
      const missing = Math.min(cost, burst) - tokens;
      // Fractions of a token are lost to rounding, never a wait.
      return missing > 1e-6 ? (missing / perSecond) * 1_000 : 0;
    },
    take(cost: number): void {
      tokens -= cost;
    },
  };
}
