import type { MessageEntity } from "telegraf/types";
import type { Span } from "#core/model";
import { trimSpans } from "#core/spans";
import { clean, safeLink } from "./html.ts";

/** A command as somebody wrote it. */
export interface CommandText {
  /** Lower case, without its mark. */
  name: string;
  spans: Span[];
}

/** Telegram sends at most a hundred entities. */
const mostEntities = 200;

/** Reads "/name", "/name@bot" and what follows; null where the text is no command, or another bot's. */
export function readCommand(text: string, entities: MessageEntity[], username: string): CommandText | null {
  const [whole, name, bot] = /^\/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?=\s|$)/.exec(text) ?? [];
  if (whole === undefined || name === undefined) return null;
  if (bot !== undefined && bot.toLowerCase() !== username.toLowerCase()) return null;
  return { name: name.toLowerCase(), spans: trimSpans(spansOf(text, entities, whole.length)) };
}

/** The text from `start` on in its writer's dress. Entities count in UTF-16 units, as JavaScript does. */
function spansOf(text: string, entities: MessageEntity[], start: number): Span[] {
  const worn = entities.slice(0, mostEntities).filter(({ offset, length }) => Number.isInteger(offset) && length > 0);
  const edges = new Set([start, text.length]);
  for (const { offset, length } of worn) {
    for (const edge of [offset, offset + length]) if (edge > start && edge < text.length) edges.add(edge);
  }
  const cuts = [...edges].sort((a, b) => a - b);
  return cuts.slice(1).map((end, index) => {
    const from = cuts[index] ?? start;
    const over = worn.filter(({ offset, length }) => offset <= from && offset + length >= end);
    const span: Span = { text: clean(text.slice(from, end)) };
    for (const entity of over) dress(span, entity, text);
    return span;
  });
}

function dress(span: Span, entity: MessageEntity, text: string): void {
  switch (entity.type) {
    case "bold":
      span.bold = true;
      return;
    case "italic":
      span.italic = true;
      return;
    case "strikethrough":
      span.strike = true;
      return;
    case "code":
    case "pre":
      span.code = true;
      return;
    case "text_link":
      link(span, safeLink(entity.url));
      return;
    case "url":
      link(span, written(text.slice(entity.offset, entity.offset + entity.length)));
  }
}

function link(span: Span, href: string | null): void {
  if (href) span.link = href;
}

/** An address as people write it: "example.com/a" too. */
const written = (address: string): string | null =>
  safeLink(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`);
