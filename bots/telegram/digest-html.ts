import { type DigestLayout, type DigestLine, isolated, sayDigest } from "#core/digest-layout";
import type { DigestMessage } from "#core/model";
import { direction } from "#core/text";
import { cleanLine, escapeText, isVisible, linkTo, rawByteLimit, rightToLeftMark, safeLink } from "./html.ts";

/** Telegram forgets what is dressed beyond a hundred pieces: their links would be lost. */
const dressLimit = 100;
/** A strong letter of left-to-right direction that nobody sees. */
const leftToRightMark = "\u200E";

/**
 * A digest in Telegram's HTML, of at most `limit` UTF-16 units once the markup is read: topics as bold heads, one line an
 * article, its headline linked. Whole articles are left out where there is no room, the last ones first, and counted.
 */
export const digestHtml = (message: DigestMessage, limit: number): string =>
  sayDigest(message, {
    clean: cleanLine,
    isVisible,
    most: dressLimit,
    say,
    fits: (html) =>
      shownLength(html) <= limit &&
      Buffer.byteLength(html) <= rawByteLimit &&
      (html.match(/<[abi][ >]/g) ?? []).length <= dressLimit,
  });

function say({ isRtl, title, blocks, rest, changed }: DigestLayout): string {
  // The whole digest keeps to one side: a line whose first letter is of the other direction would turn round.
  const line = (text: string, html: string): string =>
    direction(text) === (isRtl ? "rtl" : "ltr") ? html : (isRtl ? rightToLeftMark : leftToRightMark) + html;
  const bold = (text: string): string => text && line(text, `<b>${escapeText(text)}</b>`);
  const bare = (text: string): string => text && line(text, escapeText(text));
  const article = (one: DigestLine): string => {
    const html = one.isTurned ? isolated(dress(one), isRtl) : dress(one);
    return line(one.kicker || one.headline, `${one.isBreaking ? "🔴" : "•"} ${html}${one.isChanged ? " ✏️" : ""}`);
  };
  const sections = blocks.map(({ head, lines }) => joined([bold(head), ...lines.map(article)]));
  return [bold(title), ...sections, joined([bare(rest), bare(changed)])].filter(Boolean).join("\n\n");
}

function dress({ kicker, headline, url }: DigestLine): string {
  const link = safeLink(url);
  const said = escapeText(headline);
  return `${kicker && `<i>${escapeText(kicker)}</i> | `}${link ? linkTo(link, said) : said}`;
}

const joined = (lines: string[]): string => lines.filter(Boolean).join("\n");

/** UTF-16 units that are left of our own markup once it is read. */
const shownLength = (html: string): number => html.replace(/<[^>]*>/g, "").replace(/&[a-z]+;/g, " ").length;
