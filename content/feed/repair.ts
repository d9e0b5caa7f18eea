import { decodeHTMLStrict } from "entities";

/** What is mended in a document before its elements are read. All of it in time linear to its length. */

/** Character data as it is meant: XML's entities and HTML's, which feeds use without leave; other ampersands stay. */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return decodeHTMLStrict(text.includes("&#") ? text.replace(/&#(?:0+|x0+);/gi, "") : text);
}

/** A DOCTYPE stands at the head. */
const headLength = 64 * 1024;
const mostEntities = 200;
const longestEntity = 1000;
/** What a document may grow by. */
const mostGrowth = 256 * 1024;

/**
 * The document with the short texts in place that its own DOCTYPE names. What an entity says is not looked through for
 * further entities, and nothing is ever fetched for one: so none can multiply, and none can read a file.
 */
export function withEntities(text: string): string {
  const head = text.slice(0, headLength);
  if (!head.includes("<!ENTITY")) return text;
  const entities = new Map<string, string>();
  for (const [, name = "", double, single] of head.matchAll(
    /<!ENTITY\s{1,20}([\p{L}_][\p{L}\p{N}._-]{0,60})\s{1,20}(?:"([^"<]*)"|'([^'<]*)')/gu,
  )) {
    const value = double ?? single ?? "";
    const isPlain = !/&(?!#)/.test(value) && value.length <= longestEntity;
    if (isPlain && !entities.has(name) && entities.size < mostEntities) entities.set(name, value);
  }
  if (entities.size === 0) return text;
  let left = mostGrowth;
  const start = head.lastIndexOf("<!ENTITY");
  return (
    text.slice(0, start) +
    text.slice(start).replace(/&([\p{L}_][\p{L}\p{N}._-]{0,60});/gu, (reference, name: string) => {
      const value = entities.get(name);
      if (value === undefined) return reference;
      left -= value.length;
      return left < 0 ? "" : value;
    })
  );
}

/** Brackets that begin no tag, written as they should be; CDATA and comments are left alone. */
export function withoutStrayBrackets(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const start = nextSection(text, at);
    const close = text.startsWith("<!--", start) ? "-->" : "]]>";
    const end = start < 0 ? -1 : text.indexOf(close, start);
    const upTo = end < 0 ? text.length : start;
    parts.push(text.slice(at, upTo).replace(/<(?![/?!]?[\p{L}_:][^<>]*>)/gu, "&lt;"));
    at = end < 0 ? text.length : end + close.length;
    if (end >= 0) parts.push(text.slice(start, at));
  }
  return parts.join("");
}

/** Where the next CDATA section or comment begins. */
function nextSection(text: string, from: number): number {
  const section = /<!(?:\[CDATA\[|--)/g;
  section.lastIndex = from;
  return section.exec(text)?.index ?? -1;
}
