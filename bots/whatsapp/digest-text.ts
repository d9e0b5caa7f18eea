import { type DigestLayout, type DigestLine, isolated, sayDigest } from "#core/digest-layout";
import type { DigestMessage } from "#core/model";
import { direction } from "#core/text";
import { bareAddress, cleanLine, finishLine, isVisible, neutralise, wrap } from "./dress.ts";

/** Nobody scrolls through more. */
const most = 99;
/** A strong letter of left-to-right direction that nobody sees. */
const leftToRightMark = "\u200E";

/**
 * A digest of at most `limit` UTF-16 units: topics as bold heads, numbered headlines, each with its link on the next
 * line. Whole articles are left out where there is no room, the last ones first, and counted.
 */
export const digestText = (message: DigestMessage, limit: number): string =>
  sayDigest(message, { clean: cleanLine, isVisible, most, say, fits: (text) => text.length <= limit });

function say({ isRtl, title, blocks, rest, changed }: DigestLayout): string {
  const line = (text: string): string =>
    !isRtl && direction(text) === "rtl" ? leftToRightMark + text : finishLine(text, isRtl);
  const bold = (text: string): string => text && line(wrap("*", neutralise(text, "*")));
  const bare = (text: string): string => text && line(neutralise(text));
  let number = 0;
  const article = (one: DigestLine): string => {
    number += 1;
    const said = one.isTurned ? isolated(dress(one), isRtl) : dress(one);
    const marked = `${number}. ${one.isBreaking ? "🔴 " : ""}${said}${one.isChanged ? " ✏️" : ""}`;
    return joined([line(marked), bareAddress(one.url)]);
  };
  // With a link under each, headlines are told apart by the air between them.
  const sections = blocks.map(({ head, lines }) => joined([bold(head), lines.map(article).join("\n\n")]));
  return [bold(title), ...sections, joined([bare(rest), bare(changed)])].filter(Boolean).join("\n\n");
}

const dress = ({ kicker, headline }: DigestLine): string =>
  `${kicker && `${wrap("_", neutralise(kicker, "_"))} | `}${neutralise(headline)}`;

const joined = (lines: (string | null)[]): string => lines.filter(Boolean).join("\n");
