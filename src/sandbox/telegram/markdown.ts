import { inOrder, linkOf, type Parsed, unparsable } from "./html.ts";
import type { Entity } from "./wire.ts";

const reserved = "_*[]()~`>#+-=|{}.!\n";

type Kind =
  | "Bold"
  | "Italic"
  | "Underline"
  | "Strikethrough"
  | "Spoiler"
  | "Code"
  | "Pre"
  | "PreCode"
  | "TextUrl"
  | "CustomEmoji"
  | "BlockQuote";

interface Open {
  kind: Kind;
  argument: string;
  offset: number;
  /** Where it begins in the source, in UTF-16 units. */
  begin: number;
}

const types: Readonly<Record<Kind, string>> = {
  Bold: "bold",
  Italic: "italic",
  Underline: "underline",
  Strikethrough: "strikethrough",
  Spoiler: "spoiler",
  Code: "code",
  Pre: "pre",
  PreCode: "pre",
  TextUrl: "text_link",
  CustomEmoji: "custom_emoji",
  BlockQuote: "blockquote",
};

/** The mark that ends each. */
const ends: Readonly<Record<Kind, string>> = {
  Bold: "*",
  Italic: "_",
  Underline: "__",
  Strikethrough: "~",
  Spoiler: "||",
  Code: "`",
  Pre: "```",
  PreCode: "```",
  TextUrl: "]",
  CustomEmoji: "]",
  BlockQuote: "",
};

/**
 * Reads MarkdownV2 as the server does.
 * @throws ApiError "can't parse entities: …", with offsets in bytes of the source
 */
export function parseMarkdown(source: string): Parsed {
  const open: Open[] = [];
  const entities: Entity[] = [];
  let text = "";
  let index = 0;
  let isQuoting = false;
  let isLineStart = true;
  const bytesTo = (end: number): number => Buffer.byteLength(source.slice(0, end));
  const unclosed = ({ kind, begin }: Open) =>
    unparsable(`Can't find end of ${kind} entity at byte offset ${bytesTo(begin)}`);
  const keep = (char: string, length = char.length): void => {
    text += char;
    index += length;
    isLineStart = char === "\n";
  };
  const push = (kind: Kind, length: number, argument = ""): void => {
    open.push({ kind, argument, offset: text.length, begin: index });
    index += length;
  };

  /** What stands behind "](" up to ")"; null where nothing does. */
  const takeAddress = (): string | null => {
    if (source[index] !== "(") return null;
    index += 1;
    const begin = index;
    let address = "";
    while (index < source.length && source[index] !== ")") {
      if (source[index] === "\\" && isAscii(source[index + 1])) index += 1;
      address += source[index] ?? "";
      index += 1;
    }
    if (index >= source.length) throw unparsable(`Can't find end of a URL at byte offset ${bytesTo(begin)}`);
    index += 1;
    return address;
  };

  const close = (current: Open): void => {
    index += ends[current.kind].length;
    const isLink = current.kind === "TextUrl" || current.kind === "CustomEmoji";
    const entity = finished(current, text, isLink ? takeAddress() : null);
    if (entity && text.length > current.offset) entities.push(entity);
  };

  /** A quote ends with its last line; "||" before that end makes it expandable. */
  const closeQuote = (): void => {
    const mark = open.at(-1);
    const isExpandable = mark?.kind === "Spoiler" && mark.begin === index - 2;
    if (isExpandable) open.pop();
    const quote = open.pop();
    if (quote && quote.kind !== "BlockQuote") throw unclosed(quote);
    isQuoting = false;
    if (!quote || text.length === quote.offset) return;
    const type = isExpandable ? "expandable_blockquote" : "blockquote";
    entities.push({ type, offset: quote.offset, length: text.length - quote.offset });
  };

  const begin = (char: string): void => {
    const next = source[index + 1];
    if (char === "\n") return keep(char);
    if (char === "_") return next === "_" ? push("Underline", 2) : push("Italic", 1);
    if (char === "*") return push("Bold", 1);
    if (char === "~") return push("Strikethrough", 1);
    if (char === "|" && next === "|") return push("Spoiler", 2);
    if (char === "[") return push("TextUrl", 1);
    if (char === "!" && next === "[") return push("CustomEmoji", 2);
    if (char === ">" && isLineStart) {
      if (isQuoting) index += 1;
      else push("BlockQuote", 1);
      isQuoting = true;
      return;
    }
    if (char !== "`") throw unparsable(`Character '${char}' is reserved and must be escaped with the preceding '\\'`);
    if (!source.startsWith("```", index)) return push("Code", 1);
    const language = /^```([^\s`]+)(?=\s)/.exec(source.slice(index))?.[1] ?? "";
    push(language ? "PreCode" : "Pre", 3 + language.length, language);
    if (source[index] === "\n") index += 1;
  };

  while (index < source.length) {
    const char = source[index] ?? "";
    const current = open.at(-1);
    const escaped = source[index + 1];
    if (char === "\\" && isAscii(escaped)) keep(escaped, 2);
    else if (!(isCode(current) ? char === "`" : reserved.includes(char))) {
      keep(char);
      // No quote begins behind a line of code.
      isLineStart = false;
    } else if (isQuoting && char === "\n" && source[index + 1] !== ">") {
      closeQuote();
      keep(char);
    } else if (current && isEnd(current.kind, source, index)) {
      open.pop();
      close(current);
    } else if (isCode(current)) keep(char);
    else begin(char);
  }
  if (isQuoting && (open.at(-1)?.kind === "BlockQuote" || open.at(-1)?.begin === index - 2)) closeQuote();
  const last = open.at(-1);
  if (last) throw unclosed(last);
  return { text, entities: inOrder(entities) };
}

/** @param address of a link or an emoji; null where none was given */
function finished({ kind, argument, offset }: Open, text: string, address: string | null): Entity | null {
  const entity: Entity = { type: types[kind], offset, length: text.length - offset };
  if (kind === "TextUrl") return linkOf(entity, address ?? text.slice(offset));
  if (kind === "PreCode") return { ...entity, language: argument };
  if (kind !== "CustomEmoji") return entity;
  if (address === null) throw unparsable("The entity must contain a tg://emoji or tg://time URL");
  const emoji = /^tg:\/\/emoji\/?\?id=([1-9]\d{0,18})$/.exec(address)?.[1];
  if (!emoji) throw unparsable("Invalid tg://emoji or tg://time URL specified");
  return { ...entity, custom_emoji_id: emoji };
}

const isCode = (open: Open | undefined): boolean =>
  open?.kind === "Code" || open?.kind === "Pre" || open?.kind === "PreCode";

/** "__" ends an underline before it ends an italic. */
const isEnd = (kind: Kind, source: string, index: number): boolean =>
  kind !== "BlockQuote" && source.startsWith(ends[kind], index) && !(kind === "Italic" && source[index + 1] === "_");

const isAscii = (char: string | undefined): char is string => char !== undefined && char > "\0" && char <= "~";
