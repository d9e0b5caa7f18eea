import type { Params } from "./params.ts";
import { ApiError, badRequest, forbidden } from "./wire.ts";
import type { Chat, Stored, World } from "./world.ts";

/** How Telegram names each kind in a refusal. */
const kindNames = {
  private: "private chat",
  group: "group chat",
  supergroup: "supergroup chat",
  channel: "channel chat",
} as const;

/** The chat that a call names, whether or not the bot may write there; null where it names none that there is. */
export function namedChat(world: World, params: Params, name = "chat_id"): Chat | null {
  const id = params.text(name)?.trim() ?? "";
  if (id.startsWith("@")) {
    const username = id.slice(1).toLowerCase();
    // A person's @name is no address.
    const found = world.chats().find((chat) => chat.type !== "private" && chat.username?.toLowerCase() === username);
    return found ?? null;
  }
  return /^-?\d+$/.test(id) ? (world.chat(Number(id)) ?? null) : null;
}

/**
 * The chat to look at.
 * @throws ApiError where there is none, or where the bot was put out of it
 */
export function readableChat(world: World, params: Params, name = "chat_id"): Chat {
  if (!params.text(name)?.trim()) throw badRequest("chat_id is empty");
  const chat = namedChat(world, params, name);
  if (!chat) throw badRequest("chat not found");
  if (chat.type === "private") return chat;
  const kind = kindNames[chat.type];
  if (chat.migratedTo !== null)
    throw badRequest("group chat was upgraded to a supergroup chat", { migrate_to_chat_id: chat.migratedTo });
  if (chat.isGone)
    throw forbidden(chat.type === "channel" ? "the channel chat was deleted" : "the group chat was deleted");
  if (chat.bot === "kicked") throw forbidden(`bot was kicked from the ${kind}`);
  // A public chat can be looked at from outside.
  if (chat.bot === "left" && !chat.username) throw forbidden(`bot is not a member of the ${kind}`);
  return chat;
}

/**
 * The chat to write into.
 * @throws ApiError where the bot may not
 */
export function writableChat(world: World, params: Params): Chat {
  const chat = readableChat(world, params);
  if (chat.type === "private") {
    if (chat.isGone) throw forbidden("user is deactivated");
    if (chat.bot === "kicked") throw forbidden("bot was blocked by the user");
    if (chat.bot === "left") throw forbidden("bot can't initiate conversation with a user");
    return chat;
  }
  if (chat.bot === "left") throw forbidden(`bot is not a member of the ${kindNames[chat.type]}`);
  if (chat.type === "channel" && chat.bot !== "administrator")
    throw badRequest("need administrator rights in the channel chat");
  return chat;
}

/** The topic that a call writes into. The General topic is meant by leaving it out. */
export function threadOf(chat: Chat, params: Params): number | null {
  const thread = params.integer("message_thread_id") ?? 0;
  if (thread === 0) return null;
  if (!chat.isForum || !chat.topics.has(thread)) throw badRequest("message thread not found");
  return thread;
}

/** @throws ApiError where the answered message is not there and the call insists on it */
export function repliedTo(world: World, chat: Chat, params: Params): Stored | null {
  const given = objectOf(params, "reply_parameters", "reply parameters");
  const id = Number(given?.message_id ?? params.integer("reply_to_message_id") ?? 0);
  if (id === 0) return null;
  const found = world.find(chat, id);
  const isFree = given?.allow_sending_without_reply === true || params.flag("allow_sending_without_reply");
  if (!found && !isFree) throw badRequest("message to be replied not found");
  return found ?? null;
}

/** A parameter that is an object, in JSON or as it is; null where it is absent. */
export function objectOf(params: Params, name: string, words: string): Record<string, unknown> | null {
  const given = params.json(name);
  if (given === undefined || given === "") return null;
  if (typeof given === "string") throw badRequest(`can't parse ${words} JSON object`);
  if (!isObject(given)) throw badRequest(`object expected as ${words}`);
  return given;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The whole bot is refused. */
export const unauthorized = (): ApiError => new ApiError(401, "Unauthorized");
