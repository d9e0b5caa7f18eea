import { inOrder, type Parsed, parseHtml } from "./html.ts";
import { findLinks } from "./links.ts";
import { parseMarkdown } from "./markdown.ts";
import type { Params } from "./params.ts";
import { badRequest, type Entity } from "./wire.ts";

/** Telegram: bytes of a text before its markup is read. */
const mostBytes = 32_768;
/** Telegram: code points of a text and of a caption. */
const textLimit = 4_096;
const captionLimit = 1_024;
/** Telegram: what stands behind the hundredth is dropped in silence. */
const mostEntities = 100;

/** @throws ApiError in Telegram's words, for what a text may not be */
export function readText(params: Params, strict16: boolean): Parsed {
  const source = params.text("text") ?? "";
  if (source === "") throw badRequest("message text is empty");
  const parsed = readFormatted(source, params, "entities");
  if (blank.test(parsed.text)) throw badRequest("text must be non-empty");
  if (lengthOf(parsed.text, strict16) > textLimit) throw badRequest("message is too long");
  return parsed;
}

/** Like `readText`; a caption may be absent. */
export function readCaption(params: Params, strict16: boolean): Parsed {
  const parsed = readFormatted(params.text("caption") ?? "", params, "caption_entities");
  if (lengthOf(parsed.text, strict16) > captionLimit) throw badRequest("message caption is too long");
  return parsed;
}

/** A text as Telegram keeps it: cleaned, trimmed, with the links that it finds by itself. */
export function finishText({ text, entities }: Parsed): Parsed {
  const kept = clean(text);
  const start = kept.length - kept.trimStart().length;
  const trimmed = kept.trim();
  const within = (kept.length === text.length ? entities : shifted(text, entities))
    .map((entity) => clip(entity, start, trimmed.length))
    .filter(({ length }) => length > 0);
  const all = inOrder([...withoutDressedCode(within), ...findLinks(trimmed, within)]);
  return { text: trimmed, entities: all.slice(0, mostEntities) };
}

function readFormatted(source: string, params: Params, entitiesName: string): Parsed {
  // The server says "text" of a caption too.
  if (Buffer.byteLength(source) > mostBytes) throw badRequest("text is too long");
  if (source === "") return { text: "", entities: [] };
  const mode = (params.text("parse_mode") ?? "").toLowerCase();
  if (mode === "html") return finishText(parseHtml(clean(source)));
  if (mode === "markdownv2") return finishText(parseMarkdown(clean(source)));
  if (mode !== "" && mode !== "none") throw badRequest("unsupported parse_mode");
  return finishText({ text: source, entities: givenEntities(params.json(entitiesName), source) });
}

function givenEntities(given: unknown, text: string): Entity[] {
  if (!Array.isArray(given)) return [];
  return given.filter(
    (entity): entity is Entity =>
      typeof entity?.type === "string" &&
      Number.isInteger(entity.offset) &&
      Number.isInteger(entity.length) &&
      entity.offset >= 0 &&
      entity.length > 0 &&
      entity.offset + entity.length <= text.length,
  );
}

/** What Telegram takes out of every text: carriage returns, marks of direction, and lines over and under letters. */
const dropped = /[\r\u2028-\u202E\u030A\u0333\u033F]/g;

/** Other control characters become spaces, a tabulator among them. */
const clean = (text: string): string => text.replace(dropped, "").replace(/[\0-\x09\x0B-\x1F]/g, " ");

/** Nothing but characters that nobody sees. */
const blank = /^[\s\u180E\u200B-\u200F\u202E\u2800\uFFFC\u{E0000}-\u{E007F}]*$/u;

/** Entities after the text was cleaned. */
function shifted(text: string, entities: Entity[]): Entity[] {
  const place = (end: number): number => text.slice(0, end).replace(dropped, "").length;
  return entities.map((entity) => {
    const offset = place(entity.offset);
    return { ...entity, offset, length: place(entity.offset + entity.length) - offset };
  });
}

const dresses = new Set(["bold", "italic", "underline", "strikethrough", "spoiler"]);

/** Code wears no other dress: what reaches over it is cut around it, and nothing stands within it. */
function withoutDressedCode(entities: Entity[]): Entity[] {
  const blocks = entities.filter(({ type }) => type === "code" || type === "pre");
  const isWithin = (inner: Entity, { offset, length }: Entity): boolean =>
    inner.offset >= offset && inner.offset + inner.length <= offset + length;
  return entities.flatMap((entity) => {
    if (blocks.includes(entity)) return [entity];
    if (!dresses.has(entity.type)) return blocks.some((block) => isWithin(entity, block)) ? [] : [entity];
    return blocks.reduce((parts, block) => parts.flatMap((part) => around(part, block)), [entity]);
  });
}

/** What is left of an entity before and behind a block. */
function around(entity: Entity, block: Entity): Entity[] {
  const end = entity.offset + entity.length;
  const before = Math.min(end, block.offset) - entity.offset;
  const behind = Math.max(entity.offset, block.offset + block.length);
  if (before === entity.length || behind === entity.offset) return [entity];
  const parts = [
    { ...entity, length: before },
    { ...entity, offset: behind, length: end - behind },
  ];
  return parts.filter(({ length }) => length > 0);
}

function clip(entity: Entity, start: number, size: number): Entity {
  const offset = Math.min(size, Math.max(0, entity.offset - start));
  const end = Math.min(size, Math.max(0, entity.offset + entity.length - start));
  return { ...entity, offset, length: end - offset };
}

const lengthOf = (text: string, strict16: boolean): number => (strict16 ? text.length : [...text].length);
