import type { Span } from "#core/model";
import { cut } from "#core/text";

/** Telegram takes 32768 bytes of a text with its markup. */
export const rawByteLimit = 32_000;
/** The longest link that is given to Telegram; a longer one is left out. Markup and all, a text may have 32768 bytes. */
const longestLink = 2_048;

/** No message is near this long: what a hostile feed says beyond it is not even read. */
export const longestText = 16_384;

/** Shown where a message would have nothing to see, which Telegram refuses. */
export const nothing = "…";
/** A strong letter of right-to-left direction that nobody sees. */
export const rightToLeftMark = "\u200F";

/** Text made harmless: no control characters, no direction overrides, no half characters, no isolate without its end. */
export function clean(text: string): string {
  const kept = text
    .slice(0, longestText)
    .toWellFormed()
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replace(/\t/g, " ")
    .replace(/[^\P{Cc}\n]|[\uFEFF\uFFFC\u202A-\u202E]/gu, "");
  return isBalanced(kept) ? kept : kept.replace(/[\u2066-\u2069]/g, "");
}

/** `clean`, on one line. */
export const cleanLine = (text: string): string => clean(text).replace(/\s+/g, " ").trim();

/** Something of it can be seen. */
export const isVisible = (text: string): boolean =>
  /[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replace(/[\u115F\u1160\u2800\u3164\uFFA0]/g, ""));

/** Telegram knows these entities and &quot; by name, and no other: a general escaper's &nbsp; would be shown as it stands. */
export const escapeText = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** The address as Telegram takes it, or null: only http and https, and not too long. */
export function safeLink(address: string | null | undefined): string | null {
  const url = address ? URL.parse(address.trim()) : null;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.href.length > longestLink) return null;
  return url.href;
}

/** A link in Telegram's HTML; `html` is markup already. */
export const linkTo = (href: string, html: string): string =>
  `<a href="${escapeText(href).replace(/"/g, "&quot;")}">${html}</a>`;

/** Spans as Telegram's HTML. Code stands alone: Telegram allows no other dress in or around it. */
export const spansToHtml = (spans: Span[], withLinks: boolean): string =>
  spans.map((span) => dress(span, withLinks)).join("");

/** At most `max` UTF-16 units of the spans' text, cut like a text. */
export function cutSpans(spans: Span[], max: number): Span[] {
  const kept: Span[] = [];
  let room = max;
  for (const span of spans) {
    if (span.text.length > room) {
      if (room > 0) kept.push({ ...span, text: cut(span.text, room) });
      break;
    }
    kept.push(span);
    room -= span.text.length;
  }
  return kept;
}

function dress(span: Span, withLinks: boolean): string {
  let html = escapeText(span.text);
  if (html === "") return "";
  if (span.code) return `<code>${html}</code>`;
  if (span.strike) html = `<s>${html}</s>`;
  if (span.italic) html = `<i>${html}</i>`;
  if (span.bold) html = `<b>${html}</b>`;
  const href = withLinks ? safeLink(span.link) : null;
  return href ? linkTo(href, html) : html;
}

/** Every isolate (U+2066 to U+2068) has its end (U+2069) on the same line. */
function isBalanced(text: string): boolean {
  let open = 0;
  for (const [mark] of text.matchAll(/[\u2066-\u2069\n]/g)) {
    if (mark === "\u2069") open -= 1;
    else if (mark !== "\n") open += 1;
    else if (open > 0) return false;
    if (open < 0) return false;
  }
  return open === 0;
}
