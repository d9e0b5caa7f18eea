import type { ArticleMessage, BroadcastMessage, Message, NoticeMessage, Receipt, Span, Style } from "#core/model";
import { textOf, trimSpans } from "#core/spans";
import { cut, direction } from "#core/text";
import { targetOf } from "./address.ts";
import { articleHtml } from "./article-html.ts";
import { digestHtml } from "./digest-html.ts";
import {
  clean,
  cleanLine,
  cutSpans,
  escapeText,
  isVisible,
  longestText,
  nothing,
  rawByteLimit,
  rightToLeftMark,
  safeLink,
  spansToHtml,
} from "./html.ts";

/** Telegram: characters of a text once its markup is read; counted here in UTF-16 units, which are never fewer. */
const textLimit = 4_096;
/** Telegram: the same for a picture's caption. */
const captionLimit = 1_024;
const signatureLimit = 64;

/** What stands for an uploaded picture in a payload: the part of the form that holds its bytes. */
export const uploadName = "picture";
const upload = `attach://${uploadName}`;

/** A message in Telegram's dress. A receipt remembers its form. */
export type FormattedMessage =
  /** `photo` is an address that Telegram fetches, or names the uploaded picture. */
  | { form: "photo"; html: string; photo: string }
  /** `preview` is Telegram's `link_preview_options`. */
  | { form: "text"; html: string; preview: Record<string, string | boolean> };

/** A method of the Bot API, its JSON, and the text in that: what readers see, with Telegram's markup. */
export interface Call {
  method: string;
  payload: Record<string, unknown>;
  text: string;
}

/**
 * Dresses a message; `form: "text"` leaves the picture out. Whatever it says, the markup is accepted and no limit
 * of Telegram is passed: texts are cut on graphemes, then escaped, then dressed.
 */
export function formatMessage(message: Message, form?: "text"): FormattedMessage {
  switch (message.kind) {
    case "article":
      return formatArticle(message, form);
    case "broadcast":
      return formatBroadcast(message);
    case "notice":
      return formatNotice(message, form);
    case "digest":
      return { form: "text", html: digestHtml(message, textLimit), preview: { is_disabled: true } };
  }
}

/** An article of which the chat wants no more than headline and link. */
export const isBrief = ({ kind, style }: Message): boolean => kind === "article" && style?.template === "brief";

/** The exact call that sends a message to a chat's address; without a sound where the chat wants none. */
export function renderTelegram(message: Message, chat: string, form?: "text"): Call {
  const dressed = formatMessage(message, form);
  const target = { ...targetOf(chat), ...(message.style?.silent ? { disable_notification: true } : {}) };
  if (dressed.form === "photo") {
    const { photo, html } = dressed;
    const payload = { ...target, photo, caption: html, parse_mode: "HTML", show_caption_above_media: false };
    return { method: "sendPhoto", payload, text: html };
  }
  const payload = { ...target, text: dressed.html, parse_mode: "HTML", link_preview_options: dressed.preview };
  return { method: "sendMessage", payload, text: dressed.html };
}

/**
 * The exact call that makes a message sent before say `message`. A text stays a text and a photo a photo, and what was
 * sent brief stays brief, whatever the chat wants by now.
 */
export function renderTelegramEdit(wanted: Message, chat: string, receipt: Receipt): Call {
  const message: Message = { ...wanted, style: receipt.template === "brief" ? { template: "brief" } : {} };
  const target = { chat_id: targetOf(chat).chat_id, message_id: Number(receipt.messageId) };
  if (receipt.form !== "photo") {
    const dressed = formatMessage(message, "text");
    const link_preview_options = dressed.form === "text" ? dressed.preview : { is_disabled: true };
    const payload = { ...target, text: dressed.html, parse_mode: "HTML", link_preview_options };
    return { method: "editMessageText", payload, text: dressed.html };
  }
  const caption = captionOf(message);
  if (message.kind === "notice" && message.picture) {
    const media = { type: "photo", media: upload, caption, parse_mode: "HTML", show_caption_above_media: false };
    return { method: "editMessageMedia", payload: { ...target, media }, text: caption };
  }
  const payload = { ...target, caption, parse_mode: "HTML", show_caption_above_media: false };
  return { method: "editMessageCaption", payload, text: caption };
}

/** What a message says under a picture that stands there already. */
function captionOf(message: Message): string {
  switch (message.kind) {
    case "article":
      return articleHtml(message, safeLink(message.article.url), captionLimit, isBrief(message));
    case "broadcast":
      return signed(message, captionLimit).html;
    case "notice":
      return toHtml(cutSpans(cleanSpans(message.spans), captionLimit), "");
    case "digest":
      return digestHtml(message, captionLimit);
  }
}

function formatArticle(message: ArticleMessage & { style?: Style }, form?: "text"): FormattedMessage {
  const link = safeLink(message.article.url);
  if (isBrief(message)) {
    return { form: "text", html: articleHtml(message, link, textLimit, true), preview: { is_disabled: true } };
  }
  const photo = form === "text" ? null : safeLink(message.article.image);
  if (photo) return { form: "photo", html: articleHtml(message, link, captionLimit), photo };
  const preview = link ? { url: link, prefer_large_media: true, show_above_text: true } : { is_disabled: true };
  return { form: "text", html: articleHtml(message, link, textLimit), preview };
}

function formatBroadcast(message: BroadcastMessage): FormattedMessage {
  const { html, spans } = signed(message, textLimit);
  const links = new Set(spans.map((span) => safeLink(span.link)).filter(Boolean));
  return { form: "text", html, preview: { is_disabled: links.size !== 1 } };
}

function formatNotice(message: NoticeMessage, form?: "text"): FormattedMessage {
  if (message.picture && form !== "text") return { form: "photo", html: captionOf(message), photo: upload };
  return { form: "text", html: toHtml(cutSpans(cleanSpans(message.spans), textLimit)), preview: { is_disabled: true } };
}

/** A broadcast with the newsroom's name under it; a name in another direction than the text keeps the text's side. */
function signed({ spans, signature }: BroadcastMessage, limit: number): { html: string; spans: Span[] } {
  const text = cleanSpans(spans);
  const name = cut(cleanLine(signature ?? ""), signatureLimit);
  const mark = direction(textOf(text)) === "rtl" && direction(name) === "ltr" ? rightToLeftMark : "";
  const under = isVisible(name) ? `\n\n${mark}— ${name}` : "";
  const kept = cutSpans(text, limit - under.length);
  return { html: toHtml(kept) + escapeText(under), spans: kept };
}

const cleanSpans = (spans: Span[]): Span[] =>
  trimSpans(cutSpans(spans, longestText).map((span) => ({ ...span, text: clean(span.text) })));

/** The markup, with as much of its dress as Telegram takes. */
function toHtml(spans: Span[], ifNothing = nothing): string {
  if (!isVisible(textOf(spans))) return ifNothing;
  const dresses = [() => spansToHtml(spans, true), () => spansToHtml(spans, false)];
  for (const dress of dresses) {
    const html = dress();
    if (Buffer.byteLength(html) <= rawByteLimit) return html;
  }
  return escapeText(textOf(spans));
}
