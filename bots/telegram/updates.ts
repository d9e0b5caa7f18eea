import type { ChatFromGetChat, ChatMember, ChatMemberUpdated, Message } from "telegraf/types";
import type { ChatKind, ChatRef } from "#core/model";
import { addressOf } from "./address.ts";
import { type CommandText, readCommand } from "./command-text.ts";
import { cleanLine } from "./html.ts";

export const platform = "telegram";

/** A chat as any update or answer of the Bot API names it. */
interface NamedChat {
  id: number;
  type: string;
  title?: string;
  first_name?: string;
  last_name?: string;
}

/** Who wrote a command. */
interface Sender {
  id: string;
  /** The sender is the chat itself: an admin of a group who stays anonymous, or a channel. */
  isChat: boolean;
}

export interface WrittenCommand extends CommandText {
  chat: ChatRef;
  title: string | null;
  sender: Sender;
}

const kinds: Readonly<Record<string, ChatKind>> = {
  private: "private",
  group: "group",
  supergroup: "group",
  channel: "channel",
};

export function chatRef(chat: Pick<NamedChat, "id" | "type">, thread?: number): ChatRef {
  return { platform, address: addressOf(chat.id, thread), kind: kinds[chat.type] ?? "group" };
}

/** A chat's name as people see it. */
export function titleOf(chat: NamedChat | ChatFromGetChat): string | null {
  const named: NamedChat = chat;
  return cleanLine(named.title ?? [named.first_name, named.last_name].filter(Boolean).join(" ")) || null;
}

/** The command in a message; null where there is none, or where it is not its sender's own word. */
export function commandOf(message: Message.TextMessage, username: string): WrittenCommand | null {
  const { chat, from, sender_chat: senderChat, text, entities } = message;
  if (message.forward_origin || message.via_bot || message.is_automatic_forward) return null;
  if (from?.is_bot && !senderChat) return null;
  const sender = senderChat?.id ?? from?.id ?? (chat.type === "channel" ? chat.id : undefined);
  const command = sender === undefined ? null : readCommand(text, entities ?? [], username);
  if (!command) return null;
  // Replies outside forums have a thread too, which is no place to post in.
  const thread = message.is_topic_message ? message.message_thread_id : undefined;
  return {
    ...command,
    chat: chatRef(chat, thread),
    title: titleOf(chat),
    sender: { id: String(sender), isChat: sender === chat.id && chat.type !== "private" },
  };
}

/** What a change of the bot's own membership means; null where it could and can post, or could not and cannot. */
export function membershipChange(change: ChatMemberUpdated): { kind: "joined" } | { kind: "left"; why: string } | null {
  const { chat, old_chat_member: before, new_chat_member: after } = change;
  if (!isPresent(after)) return { kind: "left", why: farewell(chat.type, after.status) };
  // A reader who unblocks the bot has asked for nothing yet.
  return chat.type === "private" || isPresent(before) ? null : { kind: "joined" };
}

/** Muted is still there: what cannot be posted fails by itself. */
const isPresent = (member: ChatMember): boolean =>
  member.status === "restricted" ? member.is_member : member.status !== "left" && member.status !== "kicked";

function farewell(type: string, status: string): string {
  if (type === "private") return "The reader blocked the bot.";
  return status === "kicked" ? "The bot was removed from the chat." : "The bot left the chat.";
}
