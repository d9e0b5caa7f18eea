import type { Entity } from "./wire.ts";

/** The address as Telegram links it; null where it takes it for none. */
export function cleanUrl(address: string): string | null {
  const trimmed = address.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  if (!/^(https?|tg|ton|tonsite):\/\//i.test(withScheme) || /\s/.test(withScheme)) return null;
  const parsed = URL.parse(withScheme);
  if (!parsed) return null;
  if (!/^https?:$/.test(parsed.protocol)) return withScheme;
  const { hostname } = parsed;
  return hostname.includes(".") || hostname.startsWith("[") || hostname === "localhost" ? parsed.href : null;
}

const patterns: readonly [type: string, pattern: RegExp][] = [
  ["url", /\bhttps?:\/\/[^\s<>"']*[^\s<>"'.,:;!?)\]}]/giu],
  ["mention", /(?<![\p{L}\p{N}_@/])@[A-Za-z][A-Za-z0-9_]{2,31}(?![\p{L}\p{N}_])/gu],
  ["hashtag", /(?<![\p{L}\p{N}_&#/])#[\p{L}\p{N}\p{M}_·]*[\p{L}_][\p{L}\p{N}\p{M}_·]*(?![\p{L}\p{N}_#])/gu],
  ["bot_command", /(?<![\p{L}\p{N}_/<>])\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\p{L}\p{N}_/])/gu],
  ["email", /(?<![\p{L}\p{N}_.@-])[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]*[A-Za-z]/gu],
];

const opaque = new Set(["pre", "code", "text_link", "text_mention", "custom_emoji"]);

/** What Telegram finds in a text by itself, where no other link or code stands already. */
export function findLinks(text: string, known: readonly Entity[]): Entity[] {
  const taken = known.filter(({ type }) => opaque.has(type));
  const found: Entity[] = [];
  for (const [type, pattern] of patterns) {
    for (const { 0: match, index: offset } of text.matchAll(pattern)) {
      const entity: Entity = { type, offset, length: match.length };
      if ([...taken, ...found].every((other) => !overlaps(other, entity))) found.push(entity);
    }
  }
  return found;
}

const overlaps = (a: Entity, b: Entity): boolean => a.offset < b.offset + b.length && b.offset < a.offset + a.length;
