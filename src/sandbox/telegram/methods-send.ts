import type { Api, Methods } from "./api.ts";
import { isObject, readableChat, repliedTo, threadOf, writableChat } from "./chats.ts";
import { readMarkup, readPreview } from "./markup.ts";
import { itemParams, type Params } from "./params.ts";
import { pathOf, readPicture } from "./pictures.ts";
import { showMessage, sizesOf } from "./show.ts";
import { finishText, readCaption, readText } from "./text.ts";
import { ApiError, badRequest } from "./wire.ts";
import type { Chat, Draft, Stored } from "./world.ts";

/** Telegram: pictures in one album. */
const mostItems = 10;

export function sendMethods({ world, bot, strict16, now }: Api): Methods {
  let albums = 0;

  /** What every new message takes from its call. */
  const base = (chat: Chat, params: Params, method: string): Draft => ({
    from: chat.type === "channel" ? null : bot,
    isOwn: true,
    method,
    thread: threadOf(chat, params),
    repliesTo: repliedTo(world, chat, params),
    isProtected: params.flag("protect_content"),
    markup: readMarkup(params),
  });

  /** The message that a call wants sent on. */
  const sourceOf = (params: Params, verb: "forward" | "copy"): Stored => {
    const chat = readableChat(world, params, "from_chat_id");
    const source = world.find(chat, params.integer("message_id"));
    if (!source || source.service) throw badRequest(`message to ${verb} not found`);
    if (source.isProtected)
      throw badRequest(verb === "copy" ? "message can't be copied" : "message can't be forwarded");
    return source;
  };

  const albumItem = (item: unknown, params: Params): Draft => {
    if (!isObject(item)) throw badRequest("can't parse InputMedia: expected an Object");
    const { type } = item;
    if (type === "animation") throw badRequest("animation can't be sent as a part of an album");
    if (type !== "photo") throw badRequest(`can't parse InputMedia: type must be one of the supported ones`);
    const own = itemParams(item, params);
    const caption = readCaption(own, strict16);
    return { from: bot, isOwn: true, ...caption, picture: readPicture(world, own, "media") };
  };

  return {
    sendmessage(params) {
      const chat = writableChat(world, params);
      const words = readText(params, strict16);
      const draft = { ...base(chat, params, "sendMessage"), ...words, preview: readPreview(params) };
      return showMessage(world.add(chat, draft));
    },

    sendphoto(params) {
      const chat = writableChat(world, params);
      const caption = readCaption(params, strict16);
      const draft = base(chat, params, "sendPhoto");
      return showMessage(world.add(chat, { ...draft, ...caption, picture: readPicture(world, params, "photo") }));
    },

    sendmediagroup(params) {
      const chat = writableChat(world, params);
      const media = params.json("media");
      if (typeof media === "string") throw badRequest("can't parse media JSON object");
      if (!Array.isArray(media)) throw badRequest("expected an Array of InputMedia");
      if (media.length === 0) throw badRequest("there are no messages to send as an album");
      if (media.length > mostItems) throw badRequest("too many messages to send as an album");
      const draft = { ...base(chat, params, "sendMediaGroup"), markup: null };
      albums += 1;
      const album = String(13_000_000_000_000_000n + BigInt(now()) + BigInt(albums));
      const sent: Stored[] = [];
      let failure: string | null = null;
      for (const [index, item] of media.entries()) {
        try {
          const own = albumItem(item, params);
          sent.push(world.add(chat, { ...draft, ...own, from: draft.from, album }));
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          const why = error.message.replace(/^Bad Request: /, "");
          failure ??= `failed to send message #${index + 1} with the error message "${why}"`;
        }
      }
      // The items that could be sent stay delivered.
      if (failure) throw badRequest(failure);
      return sent.map(showMessage);
    },

    forwardmessage(params) {
      const chat = writableChat(world, params);
      const source = sourceOf(params, "forward");
      const { text, entities, picture, preview } = source;
      const draft = { ...base(chat, params, "forwardMessage"), markup: null, repliesTo: null };
      const forwardedFrom = source.forwardedFrom ?? source;
      return showMessage(world.add(chat, { ...draft, text, entities, picture, preview, forwardedFrom }));
    },

    copymessage(params) {
      const chat = writableChat(world, params);
      const { text, entities, picture, preview } = sourceOf(params, "copy");
      const isNewCaption = picture !== null && params.has("caption");
      const words = isNewCaption ? readCaption(params, strict16) : finishText({ text, entities });
      const draft = { ...base(chat, params, "copyMessage"), ...words, picture, preview };
      return { message_id: world.add(chat, draft).id };
    },

    getfile(params) {
      const file_id = params.text("file_id")?.trim() ?? "";
      if (file_id === "") throw badRequest("file_id not specified");
      const picture = world.pictures.get(file_id);
      if (!picture) throw badRequest("invalid file_id");
      return { ...sizesOf(picture)[0], width: undefined, height: undefined, file_path: pathOf(picture) };
    },

    sendchataction(params) {
      writableChat(world, params);
      const action = params.text("action") ?? "";
      if (!/^(typing|(upload|record)_\w+|choose_sticker|find_location)$/.test(action))
        throw badRequest("wrong parameter action in request");
      return true;
    },
  };
}
