import type { Chat, ChatId } from "#core/model";
import type { BotLimits } from "#core/ports";

/** Decides when the next message may go, before it goes: nothing is sent to find out that it was too early. */
export interface Pace {
  /** How many sends may start now, all chats together. */
  permits(now: Date): number;
  /** Chats that must rest at this moment. */
  resting(now: Date): ChatId[];
  /** Counts a send that starts at `at`. */
  take(chat: Pick<Chat, "id" | "kind">, at: Date): void;
  /** Forgets all that was counted: it is to be counted anew. A pause that was asked for stays. */
  forget(): void;
  /** The platform asked for a pause: the whole bot rests that long and goes on a little slower. */
  pause(ms: number, now: Date): void;
  /** When more may go than now: the next send of all, or that of a chat that rests; null when nothing rests. */
  nextAt(now: Date): Date | null;
}

/** A late timer may be made up for by this much, never by more: there is no other burst. */
const slackMs = 20;
/** A clock that shows so much less than before was set back; what is less passes by itself. */
const setBackMs = 5_000;
/** Sends that follow one another faster than this start together: to claim each by itself is a commit each. */
const lotMs = 8;
/** Messages that a group may get at once after a quiet time; the rest of its minute is spread evenly. */
const groupBurst = 3;
/** After a 429 the rate falls by a tenth, never below half, and comes back by one part in a hundred every ten seconds. */
const slowdown = 0.9;
const slowest = 0.5;
const recoveryStep = 0.01;
const recoveryMs = 10_000;

interface ChatPace {
  /** Theoretical arrival time of the next message (GCRA); groups only. */
  tat: number;
  readyAt: number;
}

/**
 * The generic cell rate algorithm for the bot and for each chat. In any minute a group gets at most
 * `groupPerMinute` messages: `groupBurst` at once, and one each 60 s / (groupPerMinute - groupBurst).
 */
export function createPace(limits: BotLimits): Pace {
  let tat = 0;
  let pausedUntil = 0;
  let factor = 1;
  let factorAt = 0;
  let newest = 0;
  const chats = new Map<ChatId, ChatPace>();
  const groupBurstHere = Math.min(groupBurst, Math.max(1, limits.groupPerMinute - 1));
  const groupIntervalMs = 60_000 / Math.max(1, limits.groupPerMinute - groupBurstHere);

  const interval = (now: number): number => {
    if (factor < 1) {
      const steps = Math.floor((now - factorAt) / recoveryMs);
      if (steps > 0) {
        factor = Math.min(1, factor + steps * recoveryStep);
        factorAt += steps * recoveryMs;
      }
    }
    return 1000 / (limits.perSecond * factor);
  };

  /** This moment. Where the clock was set back, all that was to be waited for comes as much earlier. */
  const moment = (at: Date): number => {
    const now = at.getTime();
    const backMs = newest - now;
    if (backMs < setBackMs) {
      newest = Math.max(newest, now);
      return now;
    }
    newest = now;
    tat -= backMs;
    pausedUntil -= backMs;
    factorAt -= backMs;
    for (const chat of chats.values()) {
      chat.tat -= backMs;
      chat.readyAt -= backMs;
    }
    return now;
  };

  /** When the whole bot may send again, as many as make a lot: less than the slack, so that the rate is kept. */
  const openAt = (now: number): number => {
    const each = interval(now);
    return Math.max(pausedUntil, tat + Math.max(0, Math.floor(lotMs / each) - 1) * each);
  };

  return {
    permits(at) {
      const now = moment(at);
      if (now < openAt(now)) return 0;
      return Math.floor((now - Math.max(tat, now - slackMs)) / interval(now)) + 1;
    },

    resting(at) {
      const now = moment(at);
      const found: ChatId[] = [];
      for (const [id, chat] of chats) {
        if (chat.readyAt > now) found.push(id);
        else if (chat.tat <= now) chats.delete(id);
      }
      return found;
    },

    take(chat, at) {
      const now = at.getTime();
      tat = Math.max(tat, now - slackMs) + interval(now);
      const before = chats.get(chat.id)?.tat ?? 0;
      if (chat.kind === "group") {
        const next = Math.max(before, now) + groupIntervalMs;
        const spread = next - (groupBurstHere - 1) * groupIntervalMs;
        chats.set(chat.id, { tat: next, readyAt: Math.max(now + limits.chatIntervalMs, spread) });
      } else {
        chats.set(chat.id, { tat: 0, readyAt: now + limits.chatIntervalMs });
      }
    },

    forget() {
      tat = 0;
      chats.clear();
    },

    pause(ms, at) {
      const now = moment(at);
      pausedUntil = Math.max(pausedUntil, now + ms);
      interval(now);
      factor = Math.max(slowest, factor * slowdown);
      factorAt = pausedUntil;
    },

    nextAt(at) {
      const now = moment(at);
      const opens = openAt(now);
      const times =
        opens > now ? [opens] : [...chats.values()].map(({ readyAt }) => readyAt).filter((time) => time > now);
      // A Date holds whole milliseconds: rounded down it would name a moment at which nothing has changed yet.
      return times.length === 0 ? null : new Date(Math.ceil(Math.min(...times)));
    },
  };
}
