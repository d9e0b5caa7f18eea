import type { Span } from "#core/model";
import { direction } from "#core/text";
import { addressIn, addressPattern, isWordUnit } from "./marks.ts";

/** Nothing near this long is ever sent; what a hostile text says beyond it is not read. */
export const longestRead = 16_384;
const longestAddress = 2_048;

/** Invisible: a line that begins with it begins neither a quote nor a list. */
const wordJoiner = "\u2060";
/** A strong letter of right-to-left direction that nobody sees. */
const rightToLeftMark = "\u200F";

/**
 * WhatsApp knows no escape, and an invisible neighbour does not stop a mark: only white space inside or a word outside
 * does. So a mark that is meant as a character becomes its nearest likeness.
 */
const likeness: Record<string, string> = { "*": "∗", _: "＿", "~": "∼", "`": "‵" };

/** Text made harmless: no control characters or direction overrides, no half characters, no isolate without its end. */
export function clean(text: string): string {
  const kept = text
    .slice(0, longestRead)
    .toWellFormed()
    .replace(/\r\n|[\r\u0085\u2028\u2029]/g, "\n")
    .replaceAll("\t", " ")
    .replace(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\uFEFF\uFFFC\u202A-\u202E]/g, "");
  return kept.split("\n").every(hasWholeIsolates) ? kept : kept.replace(/[\u2066-\u2069]/g, "");
}

/** `clean`, on one line, with nothing unseen at its ends. */
export const cleanLine = (text: string): string =>
  clean(text)
    .replace(/\s+/g, " ")
    .replace(/^[ \u200B\u2060]+/, "")
    .replace(/(?<![ \u200B\u2060])[ \u200B\u2060]+$/, "");

/** Something of it can be seen; the fillers are letters to Unicode and blank to the eye. */
export const isVisible = (text: string): boolean => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replace(/[ᅟᅠ⠀ㅤﾠ]/g, ""));

/** Text whose characters dress nothing, as long as before. Inside a word marks may stay, but for those in `always`. */
export const neutralise = (text: string, always = ""): string =>
  text.replace(/[*_~`]/g, (mark, at: number) => {
    const isInWord = isWordUnit(text, at - 1) && isWordUnit(text, at + 1);
    return isInWord && mark !== "`" && !always.includes(mark) ? mark : (likeness[mark] ?? mark);
  });

/** Puts a pair of marks around the text, inside of the blanks at its ends, which WhatsApp would not dress. */
export function wrap(mark: string, text: string): string {
  const [, before = "", inner = "", after = ""] = /^([\s\u200B\u2060]*)(.*?)([\s\u200B\u2060]*)$/su.exec(text) ?? [];
  return isVisible(inner) ? before + mark + inner + mark + after : text;
}

/** The address as WhatsApp links all of it, or null: http and https only, with no character that a mark could be made of. */
export function bareAddress(address: string | null | undefined): string | null {
  const url = address ? URL.parse(address.trim()) : null;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return null;
  // An address that ends with a question mark asks nothing.
  if (url.search === "") url.search = "";
  const { href } = url;
  const bare = href
    .replace(/[*_~`]/g, (mark, at: number) => (isWordUnit(href, at - 1) && isWordUnit(href, at + 1) ? mark : hex(mark)))
    // At an address's end these are taken for the sentence's.
    .replace(/[.,;:!?'")\]}]$/, hex);
  return bare.length > longestAddress ? null : bare;
}

/** A dressed line that keeps the message's direction, and that is no item of a list and no quote. */
export function finishLine(line: string, isRtl: boolean): string {
  if (line.trim() === "") return line;
  if (isRtl && direction(line) !== "rtl" && !/^https?:\/\/\S+$/.test(line)) {
    return line.replace(/^[*_~]*/, (marks) => marks + rightToLeftMark);
  }
  return /^\s*([>*•-]|\d+[.)])\s/.test(line) ? wordJoiner + line : line;
}

interface Piece extends Span {
  /** Goes out as it is. */
  isAddress?: boolean;
}

type Mark = "bold" | "italic" | "strike" | "code";
const markOf: Record<Mark, string> = { bold: "*", italic: "_", strike: "~", code: "`" };
const marks: Mark[] = ["bold", "italic", "strike", "code"];

/** Spans in WhatsApp's marks. A link's address stands in brackets after its text, or on a line `below` it. */
export function dressSpans(spans: Span[], addresses: "inBrackets" | "below"): string {
  const isRtl = direction(spans.map((span) => span.text).join("")) === "rtl";
  const lines: Piece[][] = [[]];
  for (const piece of piecesOf(spans, addresses)) {
    piece.text.split("\n").forEach((text, index) => {
      if (index > 0) lines.push([]);
      if (text !== "") lines.at(-1)?.push({ ...piece, text });
    });
  }
  return lines.map((line) => finishLine(dressLine(line), isRtl)).join("\n");
}

function piecesOf(spans: Span[], addresses: "inBrackets" | "below"): Piece[] {
  const pieces: Piece[] = [];
  const add = (text: string, isAddress = false): number => pieces.push({ text, ...(isAddress ? { isAddress } : {}) });
  let hasJustLinked = false;
  for (const [index, { link, ...worn }] of spans.entries()) {
    // Code stands alone: WhatsApp reads no mark inside it.
    const span: Span = worn.code ? { text: worn.text, code: true } : worn;
    if (span.text === "") continue;
    if (hasJustLinked) {
      if (addresses === "below" && !/^ *\n/.test(span.text)) add("\n");
      else if (!/^[.,;:!?'")\]}…]*(\s|$)/u.test(span.text)) add(" ");
    }
    hasJustLinked = false;
    const address = bareAddress(link);
    if (!address) {
      pieces.push(...(span.code ? [span] : withAddresses(span)));
      continue;
    }
    if (isSameAddress(span.text, link ?? "")) {
      if (!/(^|[\s(])$/.test(pieces.at(-1)?.text ?? "")) add(" ");
      add(address, true);
      hasJustLinked = true;
      continue;
    }
    pieces.push(span);
    // One link in several dresses says its address once.
    if (spans[index + 1]?.link === link) continue;
    add(addresses === "below" ? "\n" : " (");
    add(address, true);
    if (addresses === "inBrackets") add(")");
    hasJustLinked = true;
  }
  return pieces;
}

/** An address that was written without being marked as a link stays one. */
const withAddresses = (span: Span): Piece[] =>
  span.text.split(addressPattern).flatMap((part): Piece[] => {
    const shown = addressIn(part, 0);
    if (!shown) return [{ ...span, text: part }];
    const address = bareAddress(shown);
    return [
      address ? { text: address, isAddress: true } : { ...span, text: shown },
      { ...span, text: part.slice(shown.length) },
    ];
  });

function dressLine(line: Piece[]): string {
  // What cannot be seen wears nothing, and stands beside the words around it as any letter.
  const pieces = joinAlike(
    line.map((piece) => (/^\s*$/.test(piece.text) || isVisible(piece.text) ? piece : { text: piece.text })),
  );
  for (const mark of marks) dropWhereUnreadable(pieces, mark);
  const neutral = pieces.map((piece) => ({
    ...piece,
    text: piece.isAddress
      ? piece.text
      : piece.code
        ? piece.text.replaceAll("`", likeness["`"] ?? "")
        : neutralise(piece.text, marks.map((mark) => (piece[mark] ? markOf[mark] : "")).join("")),
  }));
  return nest(neutral, marks);
}

/** A mark next to a word's letter, or in what reads on as an address, dresses nothing: there the dress is left out. */
function dropWhereUnreadable(pieces: Piece[], mark: Mark): void {
  const line = pieces.map((piece) => piece.text).join("");
  let at = 0;
  for (let from = 0; from < pieces.length; from += 1) {
    if (!pieces[from]?.[mark]) {
      at += pieces[from]?.text.length ?? 0;
      continue;
    }
    let end = from;
    while (pieces[end]?.[mark]) end += 1;
    const before = pieces[from - 1]?.text ?? "";
    const after = pieces[end]?.text ?? "";
    const first = pieces[from]?.text ?? "";
    const last = pieces[end - 1]?.text ?? "";
    const isInWord =
      (isWordUnit(before, before.length - 1) && /^\S/.test(first)) || (isWordUnit(after, 0) && /\S$/.test(last));
    if (isInWord || isInAddress(line, at)) for (const piece of pieces.slice(from, end)) delete piece[mark];
    at += pieces.slice(from, end).reduce((length, piece) => length + piece.text.length, 0);
    // What stands there wears nothing of this kind.
    at += pieces[end]?.text.length ?? 0;
    from = end;
  }
}

/** What begins there is read as more of an address: nothing has ended the one before it. */
function isInAddress(line: string, at: number): boolean {
  if (at === 0 || /[\s<>"]/.test(line.charAt(at))) return false;
  let from = at;
  while (from > 0 && at - from <= longestAddress && !/[\s<>"]/.test(line.charAt(from - 1))) from -= 1;
  return /https?:\/\/|www\./i.test(line.slice(from, at));
}

function nest(pieces: Piece[], [mark, ...inner]: Mark[]): string {
  if (!mark) return pieces.map((piece) => piece.text).join("");
  let text = "";
  for (let from = 0, end = 0; from < pieces.length; from = end) {
    const isWorn = Boolean(pieces[from]?.[mark]);
    while (end < pieces.length && Boolean(pieces[end]?.[mark]) === isWorn) end += 1;
    const nested = nest(pieces.slice(from, end), inner);
    text += isWorn ? wrap(markOf[mark], nested) : nested;
  }
  return text;
}

function joinAlike(pieces: Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    const isAlike =
      last &&
      !last.isAddress &&
      !piece.isAddress &&
      marks.every((mark) => Boolean(last[mark]) === Boolean(piece[mark]));
    if (isAlike) last.text += piece.text;
    else joined.push({ ...piece });
  }
  return joined;
}

const isSameAddress = (text: string, link: string): boolean => {
  const shown = text.trim();
  return URL.parse(/^www\./i.test(shown) ? `https://${shown}` : shown)?.href === URL.parse(link.trim())?.href;
};

const hex = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

function hasWholeIsolates(line: string): boolean {
  let open = 0;
  for (const [mark] of line.matchAll(/[\u2066-\u2069]/g)) {
    open += mark === "\u2069" ? -1 : 1;
    if (open < 0) return false;
  }
  return open === 0;
}
