import { isDeepStrictEqual } from "node:util";
import type { Api, Methods } from "./api.ts";
import { isObject, readableChat, writableChat } from "./chats.ts";
import { readMarkup, readPreview } from "./markup.ts";
import { itemParams, type Params } from "./params.ts";
import { readPicture } from "./pictures.ts";
import { showMessage } from "./show.ts";
import { readCaption, readText } from "./text.ts";
import { badRequest } from "./wire.ts";
import type { Chat, Stored } from "./world.ts";

/** Telegram: a bot may delete what is younger. */
const deleteWindowMs = 48 * 60 * 60_000;
/** Telegram: messages deleted in one call. */
const mostDeleted = 100;

const notModified =
  "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

type Change = Parameters<Api["world"]["edit"]>[1];

export function editMethods({ world, strict16, now }: Api): Methods {
  /** The bot's own message that a call wants changed. */
  const editable = (params: Params): Stored => {
    const chat = writableChat(world, params);
    const id = params.integer("message_id") ?? 0;
    if (id <= 0) throw badRequest("message identifier is not specified");
    const message = world.find(chat, id);
    if (!message) throw badRequest("message to edit not found");
    if (!message.isOwn || message.service || message.forwardedFrom) throw badRequest("message can't be edited");
    return message;
  };

  const change = (message: Stored, changed: Change): object => {
    const before = shownParts(message);
    const after = shownParts({ ...message, ...changed });
    if (isDeepStrictEqual(before, after)) throw badRequest(notModified);
    world.edit(message, changed);
    return showMessage(message);
  };

  const refusalToDelete = (chat: Chat, message: Stored): string | null => {
    const isShared = chat.type === "supergroup" || chat.type === "channel";
    if (message.at < now() - deleteWindowMs)
      return isShared ? "message can't be deleted" : "message can't be deleted for everyone";
    const mayDelete = message.isOwn || chat.type === "private" || chat.bot === "administrator";
    return mayDelete ? null : "message can't be deleted";
  };

  return {
    editmessagetext(params) {
      const message = editable(params);
      if (message.picture) throw badRequest("there is no text in the message to edit");
      const words = readText(params, strict16);
      return change(message, { ...words, markup: readMarkup(params), preview: readPreview(params) });
    },

    editmessagecaption(params) {
      const message = editable(params);
      if (!message.picture) throw badRequest("there is no caption in the message to edit");
      return change(message, { ...readCaption(params, strict16), markup: readMarkup(params) });
    },

    editmessagemedia(params) {
      const message = editable(params);
      const media = params.json("media");
      if (typeof media === "string") throw badRequest("can't parse input media JSON object");
      if (!isObject(media)) throw badRequest("media must be non-empty");
      if (media.type !== "photo") throw badRequest("can't parse InputMedia: type must be one of the supported ones");
      const own = itemParams(media, params);
      const caption = readCaption(own, strict16);
      const picture = readPicture(world, own, "media");
      return change(message, { ...caption, picture, preview: null, markup: readMarkup(params) });
    },

    editmessagereplymarkup: (params) => change(editable(params), { markup: readMarkup(params) }),

    deletemessage(params) {
      const chat = readableChat(world, params);
      const message = world.find(chat, params.integer("message_id"));
      if (!message) throw badRequest("message to delete not found");
      const refusal = refusalToDelete(chat, message);
      if (refusal) throw badRequest(refusal);
      world.remove(message);
      return true;
    },

    deletemessages(params) {
      const chat = readableChat(world, params);
      const ids = params.json("message_ids");
      if (!Array.isArray(ids) || ids.length === 0) throw badRequest("message identifiers are not specified");
      if (ids.length > mostDeleted) throw badRequest("too many message identifiers specified");
      // What is not there is passed over.
      const found = ids.map((id) => world.find(chat, Number(id))).filter((message) => message !== undefined);
      const refusals = found.map((message) => refusalToDelete(chat, message));
      const refusal = refusals.find((why) => why !== null);
      if (refusal) throw badRequest(refusal);
      for (const message of found) world.remove(message);
      return true;
    },
  };
}

/** An address that was sent again is the same picture. */
const shownParts = ({ text, entities, picture, markup, preview }: Stored) => ({
  text,
  entities,
  picture: picture?.url ?? picture?.fileId ?? null,
  markup,
  preview: picture ? null : preview,
});
