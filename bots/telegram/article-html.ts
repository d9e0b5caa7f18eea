import type { ArticleMessage } from "#core/model";
import { cut, direction, excerpt, readsRightToLeft } from "#core/text";
import { type Words, wordsFor } from "#core/words";
import { hashtagsOf } from "./hashtags.ts";
import { cleanLine, escapeText, isVisible, linkTo, nothing, rightToLeftMark } from "./html.ts";

const summaryLimit = 300;
/** A shorter rest of a summary says nothing. */
const leastSummary = 40;
const kickerLimit = 120;
/** A longer one is no kicker that a brief message has room for. */
const briefKickerLimit = 40;
const sourceLimit = 64;
const timeLimit = 40;
const tagLimit = 3;

/**
 * An article in Telegram's HTML, of at most `limit` UTF-16 units once the markup is read. `link` is checked already.
 * A brief one has its headline and link, and a kicker that is short.
 */
export function articleHtml(
  { article, correctedAt }: ArticleMessage,
  link: string | null,
  limit: number,
  isBrief = false,
): string {
  const title = cleanLine(article.title);
  const overline = cleanLine(article.kicker ?? "");
  const kicker = isBrief && overline.length > briefKickerLimit ? "" : cut(overline, kickerLimit);
  const standfirst = cleanLine(article.summary ?? "");
  const summary = isBrief ? "" : standfirst;
  const source = cut(cleanLine(article.source), sourceLimit);
  const words = wordsFor(article.language, `${title} ${standfirst}`);
  const isRtl = readsRightToLeft(article.language, `${kicker} ${title} ${summary}`);
  // Each line of a right-to-left message must begin with a strong letter of that direction, or it turns round.
  const line = (text: string): string => (text && isRtl && direction(text) !== "rtl" ? rightToLeftMark + text : text);

  const mark = article.breaking ? line(`🔴 ${words.breaking}`) : "";
  const over = isVisible(kicker) ? line(kicker) : "";
  const read = link ? line(readOn(words, isVisible(source) ? source : new URL(link).hostname, isRtl)) : "";
  const tags = isBrief ? "" : line(hashtagsOf(article.topics, tagLimit).join(" "));
  const corrected = correctedAt ? line(`✏️ ${words.corrected(cut(cleanLine(correctedAt), timeLimit))}`) : "";

  // Line ends: one after each short line and two around each block; and the marks before headline and summary.
  const fixed = [mark, over, read, tags, corrected].reduce((sum, text) => sum + text.length + 1, 8);
  const headline = isVisible(title) ? line(cut(title, limit - fixed)) : "";
  const room = Math.min(summaryLimit, limit - fixed - headline.length);
  const said = isVisible(summary) && room >= leastSummary ? line(excerpt(summary, room, article.language)) : "";

  const head = [mark, over && `<i>${escapeText(over)}</i>`, headline && `<b>${escapeText(headline)}</b>`];
  const foot = [link && linkTo(link, escapeText(read)), escapeText(tags), escapeText(corrected)];
  const blocks = [joined(head), escapeText(said), joined(foot)].filter((block) => block !== "");
  if (blocks.length > 0) return blocks.join(isBrief ? "\n" : "\n\n");
  return isVisible(source) ? escapeText(source) : nothing;
}

const joined = (lines: (string | null)[]): string => lines.filter(Boolean).join("\n");

/** A Latin name that begins or ends with a mark is isolated, so that the mark stays at its own end. */
function readOn(words: Words, source: string, isRtl: boolean): string {
  const isLoose = isRtl && direction(source) === "ltr" && /^[^\p{L}\p{N}]|[^\p{L}\p{N}]$/u.test(source);
  return words.readOn(isLoose ? `\u2066${source.replace(/[\u2066-\u2069]/g, "")}\u2069` : source);
}
