import { setTimeout as sleep } from "node:timers/promises";
import type { FaultRule, Faults } from "./faults.ts";
import { type Page, Refusal, silence } from "./pages.ts";
import { previewOf } from "./preview.ts";
import type { Says } from "./wire.ts";
import type { WireForm } from "./wire-form.ts";
import type { Media, Message, World } from "./world.ts";

interface MessageAnswersDeps {
  world: World;
  form: WireForm;
  faults: Faults;
  media(path: string): Media | null;
  /** Ends all waiting. */
  signal: AbortSignal;
  autoAck: boolean;
}

const earlierAtOnce = 20;
/** WhatsApp's own windows. */
const editWindowMs = 15 * 60_000;
const revokeWindowMs = 48 * 3600_000;
/** Delivered and read, after the sending. */
const ackAfterMs = [
  [2, 120],
  [3, 240],
] as const;

/** What the page asks about messages. */
export function createMessageAnswers(deps: MessageAnswersDeps) {
  const { world, form, faults, signal } = deps;
  const offers = new Map<string, { say: Says<"offer">; rule: FaultRule | null }>();

  /** Why WhatsApp's servers would not take it. */
  const isRefused = (chat: string): boolean => {
    const group = world.group(chat);
    if (!group) return world.person(chat) === null;
    const rank = group.members.get(world.me.id);
    return !rank || (group.announce && rank === "member");
  };

  const accept = (say: Says<"offer">, isMute: boolean): Message => {
    const message = world.write({
      id: say.id,
      chat: world.resolve(say.chat),
      author: null,
      type: say.type,
      text: say.text,
      media: say.media ? deps.media(say.media) : null,
      preview: say.preview,
      quoted: say.quoted ? form.messageOf(say.quoted) : null,
      isMute,
    });
    if (deps.autoAck && !isMute) for (const [ack, ms] of ackAfterMs) acknowledge(message, ack, ms);
    return message;
  };

  const acknowledge = (message: Message, ack: 2 | 3, ms: number): void => {
    sleep(ms, undefined, { signal, ref: false }).then(
      () => message.ack < ack && world.acknowledge(message, ack),
      () => {},
    );
  };

  const own = (named: string, withinMs: number): Message => {
    const message = form.messageOf(named);
    if (!message || message.author !== null || message.notice) throw new Refusal("The message is not ours.");
    if (message.deleted || Date.now() - message.at.getTime() > withinMs) {
      throw new Refusal("The message can be changed no longer.");
    }
    return message;
  };

  return {
    /** The first half of a send: what happens to it is decided here. */
    async offer(say: Says<"offer">, page: Page) {
      const chat = world.resolve(say.chat);
      const rule = faults.take(
        ["send-rejects", "ack-never", "send-slow", "delivered-then-reload", "undefined-result"],
        chat,
      );
      if (rule?.kind === "send-slow") await sleep(rule.ms ?? 3000, undefined, { signal, ref: false });
      if (rule?.kind === "send-rejects") throw new Refusal("The message could not be sent.");
      if (rule?.kind === "delivered-then-reload") {
        if (!isRefused(chat)) accept(say, true);
        page.tell({ event: "reload" });
        return silence;
      }
      offers.set(say.id, { say, rule });
      return { isFound: rule?.kind !== "undefined-result" };
    },

    /** The second half: the message leaves for the chat. */
    commit(say: Says<"commit">) {
      const offer = offers.get(say.id);
      offers.delete(say.id);
      const taken = world.message(say.id);
      // Asked again, after the first answer was lost with the connection.
      if (taken) return { ack: taken.ack, t: form.message(taken).t };
      const chat = offer ? world.resolve(offer.say.chat) : "";
      if (!offer || isRefused(chat)) return { ack: -1, t: 0 };
      const isMute = offer.rule?.kind === "ack-never";
      const message = accept(offer.say, isMute);
      return isMute ? silence : { ack: 1, t: form.message(message).t };
    },

    edit(say: Says<"edit">) {
      world.edit(own(say.id, editWindowMs), say.text, say.preview);
    },

    revoke(say: Says<"revoke">) {
      for (const message of say.ids.map((id) => own(id, revokeWindowMs))) world.remove(message);
    },

    earlier(say: Says<"earlier">) {
      const history = form.history(world.resolve(say.chat));
      const end = say.before === null ? history.length : history.findIndex(({ id }) => id === say.before);
      return history.slice(Math.max(0, end - earlierAtOnce), Math.max(0, end)).map(form.message);
    },

    byId: (say: Says<"byId">) =>
      say.ids
        .map(form.messageOf)
        .filter((message) => message?.wasForCrier)
        .map((message) => message && form.message(message)),

    search: (say: Says<"search">) =>
      world
        .messages(say.chat ? world.resolve(say.chat) : undefined)
        .filter(({ text, deleted, wasForCrier }) => wasForCrier && !deleted && text.includes(say.query))
        .map(form.message),

    preview: (say: Says<"preview">) => previewOf(say.link, signal),

    received(say: Says<"received">) {
      for (const message of say.ids.map((id) => world.message(id))) if (message) message.isUndelivered = false;
    },
  };
}
