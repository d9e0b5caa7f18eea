import { randomInt } from "node:crypto";
import type { Api } from "./api.ts";
import { findLinks } from "./links.ts";
import { showChat, showMember, showMessage, showPerson } from "./show.ts";
import { finishText } from "./text.ts";
import type { Updates } from "./updates.ts";
import type { Entity } from "./wire.ts";
import type { BotStatus, Chat, Draft, Person, Stored } from "./world.ts";

/** What people do on the simulated Telegram, and the updates that it brings the bot. */
export interface Deeds {
  say(chat: number, person: number, text: string, entities?: Entity[]): Stored;
  press(chat: number, messageId: number, person: number, data: string): void;
  /** Changes the bot's place in a chat; by the bot itself where nobody is named. */
  place(chat: Chat, status: BotStatus, by: number | null): void;
  block(person: number): void;
  unblock(person: number): void;
  /** @returns the supergroup that the group became */
  migrate(chat: number): number;
  chat(id: number): Chat;
}

/** @param queries takes the presses that wait for the bot's answer */
export function createDeeds({ world, bot, now }: Api, updates: Updates, queries: Set<string>): Deeds {
  const chatOf = (id: number): Chat => {
    const chat = world.chat(id);
    if (!chat) throw new Error(`There is no Telegram chat ${id}: add it first.`);
    return chat;
  };
  const personOf = (id: number): Person => {
    const person = world.person(id);
    if (!person) throw new Error(`There is no person ${id} on Telegram: add them first.`);
    return person;
  };

  /** Posts what a person, or Telegram for them, puts into a chat, and tells the bot where it may know. */
  const put = (chat: Chat, person: Person | null, draft: Omit<Draft, "from" | "isOwn">, place = chat.bot): Stored => {
    const from = chat.type === "channel" || !person ? null : showPerson(person);
    const stored = world.add(chat, { ...draft, from, isOwn: false });
    if (reaches(stored, place, bot.username ?? ""))
      updates.push(chat.type === "channel" ? "channel_post" : "message", showMessage(stored));
    return stored;
  };

  const place = (chat: Chat, status: BotStatus, by: number | null): void => {
    const before = chat.bot;
    if (before === status) return;
    const actor = by === null ? null : personOf(by);
    chat.bot = status;
    updates.push("my_chat_member", {
      chat: showChat(chat),
      from: actor ? showPerson(actor) : bot,
      date: Math.floor(now() / 1_000),
      old_chat_member: showMember(bot, before),
      new_chat_member: showMember(bot, status),
    });
    if (chat.type !== "group" && chat.type !== "supergroup") return;
    const wasIn = isIn(before);
    if (!wasIn && isIn(status)) put(chat, actor, { service: { new_chat_participant: bot, new_chat_members: [bot] } });
    // Put out of a group, the bot still gets the notice that says so.
    if (wasIn && !isIn(status)) put(chat, actor, { service: { left_chat_member: bot } }, before);
  };

  const deeds: Deeds = {
    place,
    chat: chatOf,

    say(id, who, text, entities) {
      const chat = chatOf(id);
      const person = personOf(who);
      if (chat.migratedTo !== null) return deeds.say(chat.migratedTo, who, text, entities);
      if (chat.type === "private") {
        if (chat.id !== person.id) throw new Error(`Only its owner writes into the private chat ${chat.id}.`);
        if (chat.isGone) throw new Error(`${person.name}'s account was deleted.`);
        if (chat.bot === "kicked") deeds.unblock(person.id);
        chat.bot = "member";
      }
      const words = entities
        ? { text, entities: [...entities, ...findLinks(text, entities)] }
        : finishText({ text, entities: [] });
      return put(chat, person, words);
    },

    press(id, messageId, who, data) {
      const chat = chatOf(id);
      const message = world.find(chat, messageId);
      if (!message?.isOwn) throw new Error(`The chat ${id} has no message ${messageId} with buttons.`);
      const query = `${now()}${randomInt(1_000_000, 9_999_999)}`;
      queries.add(query);
      const from = showPerson(personOf(who));
      const instance = String(chat.id).replace("-", "9");
      updates.push("callback_query", { id: query, from, message: showMessage(message), chat_instance: instance, data });
    },

    block: (who) => place(chatOf(personOf(who).id), "kicked", who),
    unblock: (who) => place(chatOf(personOf(who).id), "member", who),

    migrate(id) {
      const old = chatOf(id);
      if (old.type !== "group" || old.migratedTo !== null) throw new Error(`The chat ${id} is no group that can grow.`);
      const { title, bot: status, creator, admins } = old;
      const grown = world.addGroup({ type: "supergroup", title, bot: status, creator, admins: new Set(admins) });
      const by = creator === null ? null : personOf(creator);
      put(old, by, { service: { migrate_to_chat_id: grown.id } });
      old.migratedTo = grown.id;
      put(grown, by, { service: { migrate_from_chat_id: old.id } });
      return grown.id;
    },
  };
  return deeds;
}

const isIn = (status: BotStatus): boolean => status === "member" || status === "administrator";

/** Privacy mode: in a group a bot that is no admin hears commands, answers to it and notices only. */
function reaches(message: Stored, place: BotStatus, username: string): boolean {
  const { chat, text, entities, service, repliesTo } = message;
  if (!isIn(place)) return false;
  if (chat.type === "private" || place === "administrator" || service !== null || repliesTo?.isOwn) return true;
  const command = entities.find(({ type, offset }) => type === "bot_command" && offset === 0);
  if (!command) return false;
  const to = text.slice(0, command.length).split("@")[1];
  return to === undefined || to.toLowerCase() === username.toLowerCase();
}
