import type { ArticleMessage, BroadcastMessage, Message, Span } from "#core/model";
import { textOf, trimSpans } from "#core/spans";
import { cut, direction, excerpt, readsRightToLeft } from "#core/text";
import { wordsFor } from "#core/words";
import { digestText } from "./digest-text.ts";
import { bareAddress, clean, cleanLine, dressSpans, finishLine, isVisible, longestRead, neutralise } from "./dress.ts";
import { linesOf } from "./lines.ts";

/** UTF-16 units, marks and all. WhatsApp takes longer texts, but folds them behind "Read more". */
const textLimit = 4_096;
/** A digest is folded in any case: what counts is that thirty headlines with their links have room. WhatsApp takes 65,536. */
const digestLimit = 12_000;
/** The same for the text under a picture. */
const captionLimit = 1_024;
/** A longer address would leave a caption no room for its headline: such an article goes without its picture. */
const longestCaptionLink = 512;
/** Of whole sentences. */
const summaryLimit = 300;
/** A shorter rest of a summary says nothing. */
const leastSummary = 40;
const kickerLimit = 120;
/** A longer one is no kicker that a brief message has room for. */
const briefKickerLimit = 40;
const nameLimit = 64;
const timeLimit = 40;
/** Marks, line ends and direction marks around what is counted. */
const slack = 32;
/** WhatsApp refuses a message with nothing in it. */
const nothing = "…";

/** What WhatsApp is asked for. `content` is the text, or the caption of `media`: the address of a picture. */
interface WhatsAppCall {
  method: "sendMessage";
  payload: { chatId: string; content: string; media: string | null; options: { linkPreview: boolean } };
}

/** An article of which the chat wants no more than headline and link. */
export const isBrief = ({ kind, style }: Message): boolean => kind === "article" && style?.template === "brief";

/**
 * The exact call that sends a message to a chat's address. No text is refused: each is made harmless, cut and dressed.
 * WhatsApp knows no message without a sound: its readers mute the chat, and `style.silent` changes nothing here.
 */
export function renderWhatsApp(message: Message, chat: string): WhatsAppCall {
  const call = (content: string, media: string | null, linkPreview: boolean): WhatsAppCall => ({
    method: "sendMessage",
    payload: { chatId: chat, content: isVisible(content) ? content : nothing, media, options: { linkPreview } },
  });
  switch (message.kind) {
    case "article": {
      const link = bareAddress(message.article.url);
      if (isBrief(message)) return call(articleText(message, link, textLimit, true), null, false);
      const media = (link ?? "").length > longestCaptionLink ? null : pictureAddress(message.article.image);
      const content = articleText(message, link, media ? captionLimit : textLimit);
      return call(content, media, link !== null && media === null);
    }
    case "broadcast":
      return call(broadcastText(message), null, false);
    case "notice":
      return call(dressToFit(message.spans, "below", message.picture ? captionLimit : textLimit), null, false);
    case "digest":
      return call(digestText(message, digestLimit), null, false);
  }
}

/** A brief one has its headline and link, and a kicker that is short. */
function articleText(
  { article, correctedAt }: ArticleMessage,
  link: string | null,
  limit: number,
  isBrief = false,
): string {
  const title = cleanLine(article.title);
  const overline = cleanLine(article.kicker ?? "");
  const kicker = isBrief && overline.length > briefKickerLimit ? "" : overline;
  const standfirst = cleanLine(article.summary ?? "");
  const summary = isBrief ? "" : standfirst;
  const source = cut(cleanLine(article.source), nameLimit);
  const words = wordsFor(article.language, `${title} ${standfirst}`);
  const isRtl = readsRightToLeft(article.language, `${kicker} ${title} ${summary}`);
  const { bare, dressed } = linesOf(isRtl);

  const breaking = article.breaking ? finishLine(`🔴 *${words.breaking}*`, isRtl) : "";
  const over = dressed("_", cut(kicker, kickerLimit));
  const corrected = correctedAt ? bare(`✏️ ${words.corrected(cut(cleanLine(correctedAt), timeLimit))}`) : "";
  const last = link ?? bare(source);

  const room = limit - slack - [breaking, over, corrected, last].join("").length;
  const headline = dressed("*", cut(title, room));
  const left = Math.min(summaryLimit, room - headline.length);
  const said = left >= leastSummary ? bare(excerpt(summary, left, article.language)) : "";
  const blocks = [joined([breaking, over, headline]), said, joined([corrected, last])].filter(Boolean);
  return blocks.join(isBrief ? "\n" : "\n\n");
}

const joined = (lines: string[]): string => lines.filter(Boolean).join("\n");

/** A broadcast, with the newsroom's name under it. */
function broadcastText({ spans, signature }: BroadcastMessage): string {
  const name = cut(cleanLine(signature ?? ""), nameLimit);
  const isRtl = direction(textOf(spans)) === "rtl";
  const under = isVisible(name) ? finishLine(neutralise(clean(`— ${name}`)), isRtl) : "";
  const text = dressToFit(spans, "inBrackets", textLimit - under.length - 2);
  return [text, under].filter(Boolean).join("\n\n");
}

/** Spans in their dress, with as much of their text as keeps the whole within the limit. */
function dressToFit(spans: Span[], addresses: "inBrackets" | "below", limit: number): string {
  const whole = trimSpans(cutSpans(spans, longestRead).map((span) => ({ ...span, text: clean(span.text) })));
  let room = limit;
  for (;;) {
    const kept = cutSpans(whole, room).map((span) => ({ ...span, text: clean(span.text) }));
    const text = dressSpans(kept, addresses);
    if (text.length <= limit) return isVisible(text) ? text : "";
    // Less text has fewer marks and addresses too: not all that is too much must go at once.
    room = Math.max(room - (text.length - limit), Math.floor(room * 0.75));
  }
}

function cutSpans(spans: Span[], max: number): Span[] {
  const kept: Span[] = [];
  let room = max;
  for (const span of spans) {
    if (room <= 0) break;
    kept.push({ ...span, text: cut(span.text, room) });
    room -= span.text.length;
  }
  return kept;
}

function pictureAddress(address: string | null): string | null {
  const url = address ? URL.parse(address.trim()) : null;
  return url && /^https?:$/.test(url.protocol) ? url.href : null;
}
