import { isObject, objectOf } from "./chats.ts";
import { cleanUrl } from "./links.ts";
import type { Params } from "./params.ts";
import { badRequest, type LinkPreviewOptions } from "./wire.ts";

/** Telegram: bytes of what a button answers. */
const mostData = 64;

/** The keyboard under a message; null for none, and for the kinds that are not kept with a message. */
export function readMarkup(params: Params): object | null {
  const given = objectOf(params, "reply_markup", "reply keyboard markup");
  const rows = given?.inline_keyboard;
  if (!given || rows === undefined) return null;
  if (!Array.isArray(rows)) throw badRequest('field "inline_keyboard" must be of type Array');
  const kept = rows.map((row) => {
    if (!Array.isArray(row)) throw badRequest('field "inline_keyboard" must be an Array of Arrays');
    return row.map(readButton);
  });
  const filled = kept.filter((row) => row.length > 0);
  return filled.length > 0 ? { inline_keyboard: filled } : null;
}

const actions = ["url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text", "pay"];

function readButton(button: unknown): object {
  const refuse = (why: string) => badRequest(`can't parse inline keyboard button: ${why}`);
  if (!isObject(button)) throw refuse("InlineKeyboardButton must be an Object");
  const { text, url, callback_data: data } = button;
  if (typeof text !== "string") throw refuse('Field "text" must be of type String');
  if (text === "") throw refuse("Text buttons are unallowed in the inline keyboard");
  const present = actions.filter((action) => button[action] !== undefined && button[action] !== "");
  if (present.length === 0) throw refuse("Text buttons are unallowed in the inline keyboard");
  if (typeof data === "string" && Buffer.byteLength(data) > mostData) throw badRequest("BUTTON_DATA_INVALID");
  if (typeof url !== "string" || url === "") return button;
  const clean = cleanUrl(url);
  if (!clean) throw badRequest(`inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`);
  return { ...button, url: clean };
}

/** What a call says about the preview of its link; the older switch counts only where it says nothing. */
export function readPreview(params: Params): LinkPreviewOptions | null {
  const given = objectOf(params, "link_preview_options", "link preview options");
  if (!given) return params.flag("disable_web_page_preview") ? { is_disabled: true } : null;
  for (const name of flags) {
    if (given[name] !== undefined && typeof given[name] !== "boolean")
      throw badRequest(`can't parse link preview options: Field "${name}" must be of type Boolean`);
  }
  const url = typeof given.url === "string" ? given.url : "";
  const set = flags.filter((name) => given[name] === true).map((name) => [name, true] as const);
  return { ...(url ? { url } : {}), ...Object.fromEntries(set) };
}

const flags = ["is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text"] as const;
