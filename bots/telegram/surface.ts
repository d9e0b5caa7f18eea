import type { Context } from "telegraf";
import { channelPost, message } from "telegraf/filters";
import type { Chat, Message, Update } from "telegraf/types";
import type { Person } from "#core/model";
import type { BotEvent, Clock, Log } from "#core/ports";
import type { Client } from "./client.ts";
import { chatRef, commandOf, membershipChange, platform, titleOf, type WrittenCommand } from "./updates.ts";

export interface SurfaceDeps {
  client: Client;
  /** User ids. */
  admins: readonly string[];
  /** The commands that Crier knows. */
  commands: readonly { name: string }[];
  /** True for a chat that the settings name. */
  isNamed(chat: Chat): boolean;
  /** The bot came into a chat. */
  onPresent(chat: Chat): void;
  /** Resolves when the event is safe. */
  tell(event: BotEvent): Promise<void>;
  clock: Clock;
  log: Log;
}

/** How long a group's word on who governs it is believed. */
const governorsMs = 5 * 60_000;
const mostGovernors = 10_000;

/** The event could not be made safe: the update must come again. */
class NotRecorded extends Error {
  constructor(cause: unknown) {
    super("An event could not be recorded.", { cause });
  }
}

/** Puts Crier's handlers on telegraf. The answer takes one update and rejects only where it must be taken again. */
export function createSurface({
  client,
  admins,
  commands,
  isNamed,
  onPresent,
  tell,
  clock,
  log,
}: SurfaceDeps): (update: Update) => Promise<void> {
  const { telegraf } = client;
  const governors = new Map<string, { governs: boolean; until: number }>();

  const record = async (event: BotEvent): Promise<void> => {
    try {
      await tell(event);
    } catch (error) {
      throw new NotRecorded(error);
    }
  };

  /** Asks the group, once in a while; where it does not answer, nobody governs it. */
  const governs = async (ctx: Context, chat: number, user: string): Promise<boolean> => {
    const key = `${chat}:${user}`;
    const now = clock.now().getTime();
    const known = governors.get(key);
    if (known && known.until > now) return known.governs;
    try {
      const { status } = await ctx.telegram.getChatMember(chat, Number(user));
      const answer = status === "creator" || status === "administrator";
      if (governors.size >= mostGovernors) governors.clear();
      governors.set(key, { governs: answer, until: now + governorsMs });
      return answer;
    } catch (err) {
      log.warn({ platform, chat, err }, "a group did not say who its admins are; the command counts as a member's");
      return false;
    }
  };

  const personOf = async (ctx: Context, chat: Chat, { sender, name }: WrittenCommand): Promise<Person> => {
    const { id, isChat } = sender;
    // In a group an unknown command is another bot's: nobody waits for its answer.
    const isAsked = chat.type !== "private" && !isChat && commands.some((command) => command.name === name);
    const governsChat = chat.type === "private" || isChat || (isAsked && (await governs(ctx, chat.id, id)));
    return { id, isAdmin: !isChat && admins.includes(id), governsChat };
  };

  const onText = async (ctx: Context, text: Message.TextMessage): Promise<void> => {
    const command = commandOf(text, ctx.botInfo.username);
    if (!command) return;
    const from = await personOf(ctx, text.chat, command);
    const { chat, title, name, spans } = command;
    await record({ kind: "command", id: eventId(ctx.update.update_id, text.date), chat, title, from, name, spans });
  };

  telegraf.on(message("text"), (ctx) => onText(ctx, ctx.message));
  telegraf.on(channelPost("text"), (ctx) => onText(ctx, ctx.channelPost));

  // The twin in the new chat, migrate_from_chat_id, says nothing more.
  telegraf.on(message("migrate_to_chat_id"), (ctx) =>
    record({ kind: "migrated", chat: chatRef(ctx.chat), to: String(ctx.message.migrate_to_chat_id) }),
  );

  telegraf.on("my_chat_member", async (ctx) => {
    const { chat, from, date } = ctx.myChatMember;
    const change = membershipChange(ctx.myChatMember);
    if (change?.kind === "left") return record({ kind: "left", chat: chatRef(chat), why: change.why });
    if (change?.kind !== "joined") return;
    const isAdmin = admins.includes(String(from.id));
    // Only a channel's admins can bring a bot in.
    const person: Person = { id: String(from.id), isAdmin, governsChat: chat.type === "channel" };
    const by = isNamed(chat) && !isAdmin ? null : person;
    await record({
      kind: "joined",
      id: eventId(ctx.update.update_id, date),
      chat: chatRef(chat),
      title: titleOf(chat),
      by,
    });
    onPresent(chat);
  });

  // An old message's button still waits for an answer on the reader's screen.
  telegraf.on("callback_query", async (ctx) => {
    await ctx.answerCbQuery();
  });

  return async (update) => {
    try {
      await telegraf.handleUpdate(update);
    } catch (err) {
      if (err instanceof NotRecorded) throw err;
      log.warn({ platform, update: update.update_id, err }, "an update was not understood and is passed over");
    }
  };
}

/** Telegram may begin its numbers anew after a quiet week: with its time an update is unique for good. */
const eventId = (updateId: number, date: number): string => `${updateId}.${date}`;
