import { cleanUrl } from "./links.ts";
import { badRequest, type Entity } from "./wire.ts";

export interface Parsed {
  text: string;
  entities: Entity[];
}

const halfCharacter =
  "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units";

/** Telegram's names of what a tag means. */
const types: Readonly<Record<string, string>> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  s: "strikethrough",
  strike: "strikethrough",
  del: "strikethrough",
  u: "underline",
  ins: "underline",
  "tg-spoiler": "spoiler",
  span: "spoiler",
  "tg-emoji": "custom_emoji",
  "tg-time": "date_time",
  a: "text_link",
  pre: "pre",
  code: "code",
  blockquote: "blockquote",
};

const literals = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
]);

interface OpenTag {
  name: string;
  argument: string;
  /** In UTF-16 units of the text so far. */
  offset: number;
}

/**
 * Reads Telegram's HTML as the server does: byte by byte, a NUL standing for the end.
 * @throws ApiError "can't parse entities: …", with offsets in bytes of the source
 */
export function parseHtml(source: string): Parsed {
  const reader = createReader(source);
  const open: OpenTag[] = [];
  const entities: Entity[] = [];
  let text = "";
  for (let char = reader.peek(); !reader.atEnd(); char = reader.peek()) {
    if (char !== "<") {
      text += (char === "&" && reader.takeEntity()) || reader.take();
      continue;
    }
    const at = reader.offset();
    reader.take();
    if (reader.peek() !== "/") {
      open.push({ ...startTag(reader, at), offset: text.length });
      continue;
    }
    const tag = endTag(reader, at, open);
    if (text.length > tag.offset) close(tag, text, entities);
  }
  const unclosed = open.at(-1);
  if (unclosed) throw unparsable(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
  if (!text.isWellFormed()) throw unparsable(halfCharacter);
  for (const entity of entities) if (entity.type === "code") delete entity.language;
  return { text, entities: inOrder(entities) };
}

function startTag(reader: Reader, at: number): Omit<OpenTag, "offset"> {
  const name = reader.takeWhile((char) => !isSpace(char) && char !== ">").toLowerCase();
  if (reader.atEnd()) throw unparsable(`Unclosed start tag at byte offset ${at}`);
  if (!Object.hasOwn(types, name)) throw unparsable(`Unsupported start tag "${name}" at byte offset ${at}`);
  let argument = "";
  for (;;) {
    reader.takeSpace();
    if (reader.peek() === ">") break;
    const attribute = reader.takeWhile((char) => !isSpace(char) && !/^[=>/"']$/.test(char));
    if (attribute === "") throw unparsable(`Empty attribute name in the tag "${name}" at byte offset ${at}`);
    reader.takeSpace();
    if (reader.atEnd()) throw unparsable(`Unclosed start tag "${name}" at byte offset ${at}`);
    if (reader.peek() !== "=") {
      if (name === "blockquote" && attribute === "expandable") argument = "expandable";
      continue;
    }
    reader.take();
    reader.takeSpace();
    if (reader.atEnd()) throw unparsable(`Unclosed start tag "${name}" at byte offset ${at}`);
    const value = attributeValue(reader);
    if (reader.atEnd()) throw unparsable(`Unclosed start tag at byte offset ${at}`);
    argument = argumentOf(name, attribute, value) ?? argument;
  }
  reader.take();
  if (name === "span" && argument !== "spoiler")
    throw unparsable(`Tag "span" must have class "tg-spoiler" at byte offset ${at}`);
  return { name, argument };
}

function attributeValue(reader: Reader): string {
  const quote = reader.peek();
  if (quote !== '"' && quote !== "'") {
    const at = reader.offset();
    const token = reader.takeWhile((char) => /^[A-Za-z0-9.-]$/.test(char));
    if (!reader.atEnd() && !isSpace(reader.peek()) && reader.peek() !== ">")
      throw unparsable(`Unexpected end of name token at byte offset ${at}`);
    return token.toLowerCase();
  }
  reader.take();
  let value = "";
  while (!reader.atEnd() && reader.peek() !== quote)
    value += (reader.peek() === "&" && reader.takeEntity()) || reader.take();
  if (!reader.atEnd()) reader.take();
  return value;
}

function argumentOf(tag: string, attribute: string, value: string): string | null {
  if (tag === "a" && attribute === "href") return value;
  if (tag === "code" && attribute === "class" && value.startsWith("language-")) return value.slice(9);
  if (tag === "span" && attribute === "class" && value.startsWith("tg-")) return value.slice(3);
  if (tag === "tg-emoji" && attribute === "emoji-id") return value;
  if (tag === "tg-time" && attribute === "unix") return value;
  if (tag === "blockquote" && attribute === "expandable") return "expandable";
  return null;
}

function endTag(reader: Reader, at: number, open: OpenTag[]): OpenTag {
  const tag = open.pop();
  if (!tag) throw unparsable(`Unexpected end tag at byte offset ${at}`);
  reader.take();
  const name = reader.takeWhile((char) => !isSpace(char) && char !== ">").toLowerCase();
  reader.takeSpace();
  if (reader.peek() !== ">") throw unparsable(`Unclosed end tag at byte offset ${at}`);
  reader.take();
  if (name !== "" && name !== tag.name)
    throw unparsable(`Unmatched end tag at byte offset ${at}, expected "</${tag.name}>", found "</${name}>"`);
  return tag;
}

function close({ name, argument, offset }: OpenTag, text: string, entities: Entity[]): void {
  const type = types[name] ?? name;
  const entity: Entity = { type, offset, length: text.length - offset };
  if (name === "a") {
    const link = linkOf(entity, argument || text.slice(offset));
    if (link) entities.push(link);
    return;
  }
  if (name === "tg-emoji") {
    if (!/^\d{1,19}$/.test(argument)) throw unparsable("Invalid custom emoji identifier specified");
    entity.custom_emoji_id = argument;
  }
  if (name === "blockquote" && argument) entity.type = "expandable_blockquote";
  const inner = entities.at(-1);
  if (name === "pre" && inner?.type === "code" && inner.offset === offset && inner.length === entity.length) {
    // <pre><code class="language-…"> is one block of code.
    entities.pop();
    if (inner.language) entity.language = inner.language;
  }
  if (name === "code" && argument) entity.language = argument;
  entities.push(entity);
}

/** The entity with its address, or with the person that the address names; null where it is no link. */
export function linkOf(entity: Entity, address: string): Entity | null {
  const user = /^tg:\/\/user\/?\?id=(\d+)$/i.exec(address)?.[1];
  if (user) return { ...entity, type: "text_mention", user: { id: Number(user), is_bot: false, first_name: "" } };
  const url = cleanUrl(address);
  return url ? { ...entity, url } : null;
}

/** By their start, the longer one first. */
export const inOrder = (entities: Entity[]): Entity[] =>
  entities
    .map((entity, index) => ({ entity, index }))
    .sort((a, b) => a.entity.offset - b.entity.offset || b.entity.length - a.entity.length || b.index - a.index)
    .map(({ entity }) => entity);

export const unparsable = (what: string) => badRequest(`can't parse entities: ${what}`);

const isSpace = (char: string): boolean => /^[ \t\r\n\0\v]$/.test(char);

type Reader = ReturnType<typeof createReader>;

/** Reads a text by code points and knows how many bytes of UTF-8 it has read. */
function createReader(source: string) {
  let index = 0;
  let bytes = 0;
  const peek = (): string => {
    const code = source.codePointAt(index);
    return code === undefined ? "\0" : String.fromCodePoint(code);
  };
  const take = (): string => {
    const char = peek();
    index += char.length;
    bytes += Buffer.byteLength(char);
    return char;
  };
  const atEnd = (): boolean => index >= source.length;
  const takeWhile = (fits: (char: string) => boolean): string => {
    let taken = "";
    while (!atEnd() && fits(peek())) taken += take();
    return taken;
  };
  /** The character that an entity stands for; "" where it is none, and then nothing is taken. */
  const takeEntity = (): string => {
    const rest = source.slice(index, index + 12);
    const [whole, hex, decimal, word] = /^&(?:#x([0-9A-Fa-f]*)|#(\d*)|([A-Za-z]*));?/.exec(rest) ?? [""];
    const code = hex !== undefined ? Number.parseInt(hex, 16) : decimal !== undefined ? Number(decimal) : 0;
    // The server's own bounds: an entity of at most nine characters before its semicolon.
    const isNumber = code > 0 && code < 0x10ffff && whole.replace(/;$/, "").length < 10;
    const char = word !== undefined ? (literals.get(word) ?? "") : isNumber ? String.fromCodePoint(code) : "";
    if (char === "") return "";
    index += whole.length;
    bytes += whole.length;
    return char;
  };
  return { peek, take, atEnd, takeWhile, takeSpace: () => takeWhile(isSpace), takeEntity, offset: () => bytes };
}
