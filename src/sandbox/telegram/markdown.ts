import { inOrder, type Parsed, unparsable } from "./html.ts";
import { cleanUrl } from "./links.ts";
import type { Entity } from "./wire.ts";

const reserved = "_*[]()~`>#+-=|{}.!";

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
  /** Bytes of the source before it. */
  at: number;
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

/** The mark that ends each; in a block of code and a link the marks differ from what begins them. */
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
  BlockQuote: "\n",
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
  const bytesTo = (end: number): number => Buffer.byteLength(source.slice(0, end));
  const push = (kind: Kind, length: number, argument = ""): void => {
    open.push({ kind, argument, offset: text.length, at: bytesTo(index) });
    index += length;
  };

  /** What stands behind "](" up to ")". */
  const takeAddress = (): string => {
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

  const close = (entity: Open): void => {
    index += ends[entity.kind].length;
    let address = "";
    if (entity.kind === "TextUrl" || entity.kind === "CustomEmoji") {
      if (source[index] === "(") {
        index += 1;
        address = takeAddress();
      } else address = text.slice(entity.offset);
    }
    finish(entity, text, address, entities);
  };

  const begin = (char: string): void => {
    const next = source[index + 1];
    const isLineStart = index === 0 || source[index - 1] === "\n";
    if (char === "_") return next === "_" ? push("Underline", 2) : push("Italic", 1);
    if (char === "*") return push("Bold", 1);
    if (char === "~") return push("Strikethrough", 1);
    if (char === "|" && next === "|") return push("Spoiler", 2);
    if (char === "[") return push("TextUrl", 1);
    if (char === "!" && next === "[") return push("CustomEmoji", 2);
    if (char === ">" && isLineStart && open.length === 0) return push("BlockQuote", 1);
    if (char !== "`") throw unparsable(`Character '${char}' is reserved and must be escaped with the preceding '\\'`);
    if (!source.startsWith("```", index)) return push("Code", 1);
    const language = /^```([^\s`]+)(?=\s)/.exec(source.slice(index))?.[1] ?? "";
    push(language ? "PreCode" : "Pre", 3 + language.length, language);
    if (source[index] === "\n") index += 1;
  };

  while (index < source.length) {
    const char = source[index] ?? "";
    const current = open.at(-1);
    if (char === "\\" && isAscii(source[index + 1])) {
      text += source[index + 1];
      index += 2;
    } else if (current?.kind === "BlockQuote" && char === "\n") {
      if (source[index + 1] === ">") {
        text += "\n";
        index += 2;
      } else {
        open.pop();
        finish(current, text, "", entities);
        text += "\n";
        index += 1;
      }
    } else if (!(isCode(current) ? char === "`" : reserved.includes(char))) {
      text += char;
      index += 1;
    } else if (current && isEnd(current.kind, source, index)) {
      open.pop();
      close(current);
    } else if (isCode(current)) {
      text += char;
      index += 1;
    } else begin(char);
  }
  const last = open.at(-1);
  if (last?.kind === "BlockQuote") finish(open.pop() ?? last, text, "", entities);
  const unclosed = open.at(-1);
  if (unclosed) throw unparsable(`Can't find end of ${unclosed.kind} entity at byte offset ${unclosed.at}`);
  return { text, entities: inOrder(entities) };
}

function finish(open: Open, text: string, address: string, entities: Entity[]): void {
  const { kind, argument, offset } = open;
  if (text.length === offset) return;
  const entity: Entity = { type: types[kind], offset, length: text.length - offset };
  if (kind === "TextUrl") {
    const url = cleanUrl(address);
    if (url) entities.push({ ...entity, url });
    return;
  }
  if (kind === "CustomEmoji") {
    const emoji = /^tg:\/\/emoji\/?\?id=(\d{1,19})$/.exec(address)?.[1];
    if (!emoji) throw unparsable("Invalid custom emoji identifier specified");
    entity.custom_emoji_id = emoji;
  }
  if (kind === "PreCode") entity.language = argument;
  entities.push(entity);
}

const isCode = (open: Open | undefined): boolean =>
  open?.kind === "Code" || open?.kind === "Pre" || open?.kind === "PreCode";

/** "__" ends an underline before it ends an italic. */
const isEnd = (kind: Kind, source: string, index: number): boolean =>
  source.startsWith(ends[kind], index) && !(kind === "Italic" && source[index + 1] === "_");

const isAscii = (char: string | undefined): char is string => char !== undefined && char > "\0" && char <= "~";
