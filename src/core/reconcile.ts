import { endsWithin } from "#core/ends-within";
import { SendError } from "#core/errors";
import type { ChatId } from "#core/model";
import type { Pace } from "#core/pace";
import type { Bot, Clock, Log, Proof, Store, UnknownDelivery } from "#core/ports";
import { firstRetryMs, retryMs } from "#core/settle";
import { fieldsOf, toMessage } from "#core/to-message";
import type { Writer } from "#core/write-down";

export interface ReconcileDeps {
  store: Store;
  bot: Bot;
  clock: Clock;
  log: Log;
  pace: Pace;
  writer: Writer;
  timeZone: string;
  /** Word to the admins; a key that was used before says nothing again. */
  tellAdmins(key: string, text: string): Promise<void>;
}

/** Finds out what became of deliveries whose answers were lost. None of its calls rejects. */
export interface Reconciler {
  /** Another process may have worked here before: what it left is looked at, and told. */
  begin(now: Date): void;
  /** Something has become unknown. */
  lost(): void;
  /** For as long as a call may take nothing is looked at in this chat: one whose answer was lost may be on its way. */
  leaveAlone(chat: ChatId): void;
  /** What may be looked at now, the most urgent first. */
  due(limit: number, resting: ChatId[], now: Date): Promise<UnknownDelivery[]>;
  /** Asks the platform and writes down what it says. */
  look(delivery: UnknownDelivery): Promise<void>;
  /** Tells the admins what they have to decide: all of it together, once what can be proven is. */
  tell(now: Date): Promise<void>;
  /** When something is due, or may be; null when nothing is. */
  nextAt(): Date | null;
}

/** What cannot be looked at for so long counts as unknowable. Its chat's later messages wait for it no longer. */
const longestProofMs = 10 * 60_000;
/** Pauses between looks that told nothing grow with the time since the loss, within these. */
const firstPauseMs = 5_000;
const lastPauseMs = 2 * 60_000;
/** Calls that one look may be made of, each as long as a call may be: one that has not ended by then never will. */
const longestLook = 4;
/** What is due is read again after so long, or when the clock shows so much less. */
const readAgainMs = 60_000;
/** Admins hear of what they have to decide this often at most, and when nothing more can be decided for them in a minute. */
const wordEveryMs = 10 * 60_000;
const quietMs = 60_000;

/** What a look came to, and what else it told of the chat. */
interface Finding {
  proof: Proof;
  also?: (tx: Store, now: Date) => Promise<void>;
}

export function createReconciler(deps: ReconcileDeps): Reconciler {
  const { store, bot, clock, log, pace, writer } = deps;
  const { platform } = bot;
  let nextLook: Date | null = null;
  /** `nextLook` is no longer what the store would say. */
  let isStale = true;
  let readAt = 0;
  let looking = 0;
  /** Chats that are left alone, with how often: by the time that passes, since a clock that is set forward shows too much. */
  const leftAlone = new Map<ChatId, number>();
  /** Since when the admins are owed word. What an ended process left untold is told at the start; nothing is told twice. */
  let owesWordSince: Date | null = null;
  let mayTellAt = clock.now();

  const refresh = async (): Promise<void> => {
    const at = clock.now().getTime();
    // What the store would say is another thing once the clock was set.
    if (!isStale && Math.abs(at - readAt) < readAgainMs) return;
    isStale = false;
    readAt = at;
    try {
      nextLook = await store.outbox.unknown.nextLook(platform);
    } catch (error) {
      isStale = true;
      throw error;
    }
  };

  const ask = async (delivery: UnknownDelivery): Promise<Finding> => {
    try {
      const message = toMessage({ ...delivery, action: "send" }, deps.timeZone);
      const asked = bot.find(delivery.chat, delivery.key, message);
      const found = await endsWithin(clock, longestLook * bot.limits.callTimeoutMs, asked, neverEnded);
      if (found === "unknowable") return ruleFor(delivery, `${platform} cannot say whether it arrived.`);
      if (found !== "absent") return { proof: { kind: "found", receipt: found } };
      const notBefore = inMs(clock.now(), retryMs(delivery.attempts));
      return { proof: { kind: "absent", notBefore, reason: "It had not arrived." } };
    } catch (error) {
      return read(delivery, error);
    }
  };

  /** What an error of a look means: look later, or nothing can be found out. */
  const read = (delivery: UnknownDelivery, error: unknown): Finding => {
    const now = clock.now();
    if (!(error instanceof SendError)) {
      log.error({ ...fieldsOf(delivery), err: error }, "a bot failed");
      return ruleFor(delivery, "Crier itself failed to find out whether it arrived.");
    }
    const { reason, message, movedTo, retryAfterMs = firstRetryMs } = error;
    log.warn({ ...fieldsOf(delivery), reason }, `not found out whether it arrived: ${message}`);
    const sinceMs = now.getTime() - delivery.lostAt.getTime();
    const later = (waitMs: number): Finding =>
      sinceMs >= longestProofMs
        ? ruleFor(delivery, message)
        : { proof: { kind: "later", lookAt: inMs(now, Math.max(waitMs, pauseAfter(sinceMs))) } };
    switch (reason) {
      case "rate-limited":
        pace.pause(retryAfterMs, now);
        return later(retryAfterMs);
      case "temporary":
        return later(0);
      case "moved":
        if (!movedTo) return ruleFor(delivery, message);
        return { ...later(0), also: (tx) => tx.chats.move(delivery.chat.id, movedTo, now) };
      case "gone":
        return {
          proof: { kind: "failed", reason: message },
          also: (tx) => tx.chats.close(delivery.chat.id, message, now),
        };
      case "rejected":
      case "unknown":
        return ruleFor(delivery, message);
      default:
        return reason satisfies never;
    }
  };

  return {
    begin(now) {
      owesWordSince = now;
      isStale = true;
    },

    lost: () => {
      isStale = true;
    },

    leaveAlone(chat) {
      leftAlone.set(chat, (leftAlone.get(chat) ?? 0) + 1);
      void clock.sleep(bot.limits.callTimeoutMs).then(() => {
        const left = (leftAlone.get(chat) ?? 1) - 1;
        if (left > 0) leftAlone.set(chat, left);
        else leftAlone.delete(chat);
      });
    },

    async due(limit, resting, now) {
      try {
        await refresh();
        if (limit <= 0 || !nextLook || nextLook > now) return [];
        const found = await store.outbox.unknown.due(platform, limit, [...resting, ...leftAlone.keys()], now);
        // Those that are left rest, or wait for a call in their chat.
        if (found.length < limit) nextLook = inMs(now, firstRetryMs);
        return found;
      } catch (err) {
        // News must not wait for what is wrong here.
        log.error({ platform, err }, "what is unknown could not be read");
        isStale = false;
        nextLook = inMs(now, firstPauseMs);
        return [];
      }
    },

    async look(delivery) {
      looking += 1;
      try {
        const { proof, also } = await ask(delivery);
        const now = clock.now();
        log.info({ ...fieldsOf(delivery), proof: proof.kind }, "a delivery with an unknown outcome was looked at");
        await writer.write(delivery, async () => {
          await store.transaction(async (tx) => {
            await also?.(tx, now);
            await tx.outbox.unknown.prove(delivery, proof, now);
          });
          if (proof.kind === "undecided") owesWordSince ??= now;
          isStale = true;
        });
      } finally {
        looking -= 1;
      }
    },

    async tell(now) {
      // No pause is longer: what the clock showed before it was set back does not count.
      if (!owesWordSince || (now < mayTellAt && inMs(now, wordEveryMs) >= mayTellAt)) return;
      const isMoreComing = looking > 0 || isStale || (nextLook && nextLook < inMs(now, quietMs));
      if (isMoreComing && now < inMs(owesWordSince, wordEveryMs)) return;
      try {
        const { count, mark } = await store.outbox.unknown.undecided(platform);
        if (count > 0) {
          await deps.tellAdmins(`undecided:${platform}:${mark}`, undecidedWords(count, platform));
          mayTellAt = inMs(now, wordEveryMs);
        }
        owesWordSince = null;
      } catch (err) {
        log.error({ platform, err }, "the admins could not be told of what is unknown");
        mayTellAt = inMs(now, quietMs);
      }
    },

    nextAt: () => (isStale ? clock.now() : nextLook),
  };
}

const neverEnded = (): never => {
  throw new SendError("temporary", "The look did not end.");
};

/** What the lane says where nobody knows: breaking news is worth a double, once; everything else waits for a person. */
function ruleFor({ lane, wasResent }: UnknownDelivery, why: string): Finding {
  return lane === "breaking" && !wasResent
    ? {
        proof: {
          kind: "resent",
          reason: `${why} It is breaking news, and was sent again: it may have arrived before.`,
        },
      }
    : { proof: { kind: "undecided", reason: `${why} It is not sent again on its own.` } };
}

const inMs = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

const pauseAfter = (sinceMs: number): number => Math.min(lastPauseMs, Math.max(firstPauseMs, sinceMs / 2));

const undecidedWords = (count: number, platform: string): string => {
  const [what, they, are, it] =
    count === 1
      ? ["One message", "It was", "is", "sends it"]
      : [`${count} messages`, "They were", "are", "sends one of them"];
  return [
    `${what} on ${platform} may or may not have arrived.`,
    `${they} under way when the answer was lost, and ${are} not sent again on ${count === 1 ? "its" : "their"} own.`,
    `On Crier's machine “crier unknown list” shows ${count === 1 ? "it" : "them"}, “crier unknown send ID” ${it} again, and “crier unknown drop ID” lets it be.`,
  ].join(" ");
};
