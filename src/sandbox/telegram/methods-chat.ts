import type { Api, Methods } from "./api.ts";
import { readableChat, writableChat } from "./chats.ts";
import { showChat, showMember, showMessage, showPerson } from "./show.ts";
import { badRequest } from "./wire.ts";
import type { Chat } from "./world.ts";

/** @param leave takes the bot out of a chat, with the update that this brings */
export function chatMethods({ world, bot }: Api, leave: (chat: Chat) => void): Methods {
  const statusOf = (chat: Chat, user: number): string => {
    if (user === bot.id) return chat.bot;
    if (chat.creator === user) return "creator";
    return chat.admins.has(user) ? "administrator" : "member";
  };

  return {
    getchat(params) {
      const chat = readableChat(world, params);
      const pinned = chat.pinned === null ? undefined : world.find(chat, chat.pinned);
      return {
        ...showChat(chat),
        accent_color_id: 0,
        max_reaction_count: 11,
        ...(chat.type === "private" ? {} : { permissions: { can_send_messages: true } }),
        ...(pinned ? { pinned_message: showMessage(pinned) } : {}),
      };
    },

    getchatmember(params) {
      const chat = readableChat(world, params);
      const id = params.integer("user_id");
      if (!id || id < 0) throw badRequest("invalid user_id specified");
      const person = world.person(id);
      if (id === bot.id) return showMember(bot, statusOf(chat, id));
      if (!person || (chat.type === "private" && chat.id !== id)) throw badRequest("member not found");
      return showMember(showPerson(person), statusOf(chat, id));
    },

    getchatadministrators(params) {
      const chat = readableChat(world, params);
      if (chat.type === "private") throw badRequest("there are no administrators in the private chat");
      const people = [...new Set([...(chat.creator === null ? [] : [chat.creator]), ...chat.admins])]
        .map((id) => world.person(id))
        .filter((person) => person !== undefined)
        .map((person) => showMember(showPerson(person), statusOf(chat, person.id)));
      return chat.bot === "administrator" ? [...people, showMember(bot, "administrator")] : people;
    },

    pinchatmessage(params) {
      const chat = writableChat(world, params);
      const message = world.find(chat, params.integer("message_id"));
      if (!message) throw badRequest("message to pin not found");
      if (chat.type !== "private" && chat.bot !== "administrator")
        throw badRequest("not enough rights to manage pinned messages in the chat");
      chat.pinned = message.id;
      return true;
    },

    leavechat(params) {
      const chat = readableChat(world, params);
      if (chat.type === "private") throw badRequest("chat member status can't be changed in private chats");
      leave(chat);
      return true;
    },
  };
}
