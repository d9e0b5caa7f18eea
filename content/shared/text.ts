import { decodeHTML, decodeHTMLAttribute, decodeHTMLStrict } from "entities";
import { Tokenizer } from "htmlparser2";

/** What no line has: control characters, lone surrogates, overrides of direction. */
const forbidden = /[\0-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\u202d\u202e]|\p{Cs}/gu;
/** What may be one of these, or a blank that is no single space: most lines have none, and are done with one look. */
const doubtful =
  /[\0-\x1f\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202d-\u202f\u205f\u3000\ufeff\ufffe\uffff\ud800-\udfff]|  /;

/** One line of plain text: no control characters, no lone surrogates, no overrides of direction, single spaces. */
export const oneLine = (text: string): string =>
  (doubtful.test(text) ? text.replace(forbidden, "").replace(/\s+/g, " ") : text).trim();

/** Elements whose tags in a text mean that it is HTML. */
const anyTag =
  /<\/?(?:a|abbr|address|article|aside|audio|b|big|blockquote|body|br|button|caption|center|cite|code|dd|del|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|li|link|main|map|mark|meta|nav|noscript|object|ol|p|param|picture|pre|q|s|samp|script|section|small|source|span|strike|strong|style|sub|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|tt|u|ul|var|video)(?:\s[^<>]*)?\/?>|<!--/i;

/** Elements that only dress a few words: what a headline may hold. */
const dressTag =
  /<\/?(?:a|abbr|b|big|br|cite|code|del|div|em|font|h[1-6]|i|img|ins|mark|nobr|p|q|s|small|span|strike|strong|sub|sup|tt|u|wbr)(?:\s[^<>]*)?\/?>/gi;

const hasEntities = (text: string): boolean =>
  text.includes("&") && /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/i.test(text);

const decodeOnceMore = (text: string): string => (hasEntities(text) ? decodeHTMLStrict(text) : text);

/** A headline, a name or a topic: its dress taken off, and entities decoded that were escaped once too often. */
export function headline(raw: string): string {
  // Longer is no headline, and would be slow to search.
  let text = raw.slice(0, 4000);
  if (text.includes("<")) {
    text = text
      .replace(/<(script|style)(?:\s[^<>]*)?>[\s\S]*?<\/\1\s*>/gi, "")
      .replace(dressTag, (tag) => (/^<\/?(?:br|p|div|h\d)/i.test(tag) ? " " : ""));
  }
  return oneLine(decodeOnceMore(text));
}

/** A headline that may say itself that it is plain: then its angle brackets are words. */
export const headlineOf = (text: { kind: "plain" | "html"; value: string } | undefined): string =>
  text?.kind === "plain" ? oneLine(decodeOnceMore(text.value.slice(0, 4000))) : headline(text?.value ?? "");

/** What HTML says: its text by blocks, and its pictures' addresses as they are written. */
export interface Reading {
  blocks: string[];
  images: string[];
}

/** Past this a text is not read: the lead of an article stands at its head. */
const mostCharacters = 64 * 1024;

const blockElements = new Set(
  "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul".split(
    " ",
  ),
);
/** Not part of what an article says; a caption speaks of its picture. */
const silentElements = new Set(
  "script style template iframe svg noscript head title textarea select button figcaption".split(" "),
);

/** Reads HTML, or plain text that merely may hold entities. */
export function readHtml(html: string): Reading {
  let { blocks, images } = readOnce(html.slice(0, mostCharacters));
  // Escaped once too often: the text that came out is HTML itself, or holds entities.
  const text = blocks.some((block) => block.includes("<")) ? blocks.join("\n") : "";
  if (text && anyTag.test(text)) {
    const again = readOnce(text);
    blocks = again.blocks;
    images = [...images, ...again.images];
  }
  if (blocks.some((block) => block.includes("&"))) {
    blocks = blocks.map((block) => (hasEntities(block) ? oneLine(decodeHTMLStrict(block)) : block));
  }
  return { blocks, images };
}

/** Reads a text as what it says it is; plain text has its paragraphs divided by blank lines. */
export const readText = ({ kind, value }: { kind: "plain" | "html"; value: string }): Reading =>
  kind === "html" ? readHtml(value) : { blocks: paragraphs(value.slice(0, mostCharacters)), images: [] };

/** Entities have no place in plain text, and are there all the same. */
const paragraphs = (text: string): string[] =>
  decodeOnceMore(text)
    .split(/\n[^\S\n]*\n/)
    .map(oneLine)
    .filter(Boolean);

function readOnce(html: string): Reading {
  if (!html.includes("<") || !anyTag.test(html)) {
    return { blocks: paragraphs(html), images: [] };
  }
  const blocks: string[] = [];
  const images: string[] = [];
  let block = "";
  let breaks = 0;
  let name = "";
  /** The silent element that is open, and how often. */
  let silent = "";
  let depth = 0;
  let attributes: Record<string, string> | null = null;
  let attribute = "";
  let value = "";

  const endBlock = (): void => {
    const text = block && oneLine(block.includes("&") ? decodeHTML(block) : block);
    if (text) blocks.push(text);
    block = "";
  };
  function begin(isEmpty: boolean): void {
    if (name === "img" && attributes) {
      const image = pictureOf(attributes);
      if (image) images.push(image);
    } else if (name === "br") {
      block += " ";
      if (++breaks > 1) endBlock();
    } else if (blockElements.has(name)) endBlock();
    else if (!isEmpty && (silent ? name === silent : silentElements.has(name))) {
      silent = name;
      depth++;
    }
  }
  const tokenizer = new Tokenizer(
    { decodeEntities: false, recognizeSelfClosing: true },
    {
      onopentagname(from, to) {
        name = html.slice(from, to).toLowerCase();
        attributes = name === "img" ? {} : null;
      },
      onattribname(from, to) {
        if (attributes) attribute = html.slice(from, to).toLowerCase();
        value = "";
      },
      onattribdata(from, to) {
        if (attributes) value += html.slice(from, to);
      },
      onattribend() {
        if (attributes) attributes[attribute] ??= decodeHTMLAttribute(value);
      },
      onopentagend: () => begin(false),
      onselfclosingtag: () => begin(true),
      onclosetag(from, to) {
        const ended = html.slice(from, to).toLowerCase();
        if (silent && (ended === silent || (silent === "figcaption" && ended === "figure"))) {
          depth = ended === silent ? depth - 1 : 0;
          if (depth === 0) silent = "";
        }
        if (blockElements.has(ended)) endBlock();
      },
      ontext(from, to) {
        if (silent) return;
        const text = html.slice(from, to);
        if (breaks > 0 && text.trim()) breaks = 0;
        block += text;
      },
      oncdata(from, to, offset) {
        if (!silent) block += html.slice(from, to - offset);
      },
      onattribentity() {},
      oncomment() {},
      ondeclaration() {},
      onend() {},
      onprocessinginstruction() {},
      ontextentity() {},
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  endBlock();
  return { blocks, images };
}

/** Where a picture is really kept; null for one that only counts readers. */
function pictureOf(attributes: Record<string, string>): string | null {
  const isDot = (size: string | undefined): boolean => size !== undefined && /^\s*[0-3](?:px)?\s*$/.test(size);
  if (isDot(attributes.width) || isDot(attributes.height)) return null;
  const address = [
    attributes.src,
    attributes["data-src"],
    attributes["data-lazy-src"],
    attributes["data-original"],
  ].find((candidate) => candidate?.trim() && !/^\s*data:/i.test(candidate));
  if (
    !address ||
    /feedburner|doubleclick|\/pixel|pixel\.|stats\.wordpress|\/count(?:er)?[./?]|\bs\.w\.org\/images\/core\/emoji/i.test(
      address,
    )
  ) {
    return null;
  }
  return address;
}
