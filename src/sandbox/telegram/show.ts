import type { User } from "./wire.ts";
import type { Chat, Person, Stored } from "./world.ts";

/** A message, a chat and a member in the words of the Bot API's answers and updates. */

export const showPerson = ({ id, name, username }: Person): User & { language_code: string } => ({
  id,
  is_bot: false,
  first_name: name,
  ...(username ? { username } : {}),
  language_code: "en",
});

export const showChat = ({ id, type, title, username, isForum }: Chat) => ({
  id,
  ...(type === "private" ? { first_name: title } : { title }),
  ...(username ? { username } : {}),
  type,
  ...(isForum ? { is_forum: true } : {}),
});

export function showMessage(message: Stored): object {
  const { chat, from, picture, repliesTo, forwardedFrom, preview } = message;
  const words = picture
    ? { ...(message.text ? { caption: message.text } : {}), ...entitiesAs("caption_entities", message) }
    : { text: message.text, ...entitiesAs("entities", message) };
  return {
    message_id: message.id,
    ...(chat.type === "channel" ? { sender_chat: showChat(chat) } : { from }),
    chat: showChat(chat),
    date: seconds(message.at),
    ...(message.editedAt === null ? {} : { edit_date: seconds(message.editedAt) }),
    ...(message.thread === null ? {} : { message_thread_id: message.thread, is_topic_message: true }),
    ...(message.album === null ? {} : { media_group_id: message.album }),
    ...(message.isProtected ? { has_protected_content: true } : {}),
    ...(forwardedFrom ? forwardOf(forwardedFrom) : {}),
    ...(repliesTo ? { reply_to_message: showMessage({ ...repliesTo, repliesTo: null }) } : {}),
    ...(picture ? { photo: sizesOf(picture) } : {}),
    ...(message.service ?? words),
    ...(preview ? { link_preview_options: preview } : {}),
    ...(message.markup ? { reply_markup: message.markup } : {}),
  };
}

/** @param status "administrator" holds every right */
export function showMember(user: User, status: string): object {
  if (status === "creator") return { user, status, is_anonymous: false };
  if (status === "kicked") return { user, status, until_date: 0 };
  if (status !== "administrator") return { user, status };
  const rights = ["manage_chat", "change_info", "delete_messages", "invite_users", "restrict_members", "pin_messages"];
  const more = ["promote_members", "manage_video_chats", "post_messages", "edit_messages", "manage_topics"];
  return {
    user,
    status,
    can_be_edited: false,
    is_anonymous: false,
    ...Object.fromEntries([...rights, ...more].map((right) => [`can_${right}`, true])),
  };
}

const entitiesAs = (name: string, { entities }: Stored) => (entities.length > 0 ? { [name]: entities } : {});

const seconds = (at: number): number => Math.floor(at / 1_000);

/** The one size in which the simulator keeps a picture. */
export const sizesOf = ({ fileId, width, height, upload }: NonNullable<Stored["picture"]>) => [
  {
    file_id: fileId,
    file_unique_id: `AQAD${fileId.slice(-6)}`,
    width,
    height,
    file_size: upload?.bytes.length ?? 48_211,
  },
];

function forwardOf({ chat, from, at, id }: Stored) {
  const date = seconds(at);
  const origin =
    chat.type === "channel"
      ? { type: "channel", chat: showChat(chat), message_id: id, date }
      : { type: "user", sender_user: from, date };
  return { forward_origin: origin, forward_date: date, ...(from ? { forward_from: from } : {}) };
}
