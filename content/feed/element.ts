import type { Text } from "./item.ts";
import { decodeEntities } from "./repair.ts";
import type { Element } from "./xml.ts";

// An item is asked for some thirty names, most of which it has not: plain loops, and one list for nothing.

/** The first child of this name that is not empty. */
export function child(element: Element, name: string): Element | undefined {
  for (const candidate of element.children) {
    if (candidate.name === name && !isEmpty(candidate)) return candidate;
  }
  return undefined;
}

/** All children of this name, empty ones too. */
export function children(element: Element, name: string): readonly Element[] {
  let found: Element[] | undefined;
  for (const candidate of element.children) {
    if (candidate.name !== name) continue;
    found ??= [];
    found.push(candidate);
  }
  return found ?? none;
}

const none: readonly never[] = [];

const isEmpty = ({ inner, attributes, children: inside }: Element): boolean =>
  inside.length === 0 && inner.trim() === "" && Object.keys(attributes).length === 0;

/** What the first child of one of these names says in characters, the names in order of preference. */
export function words(element: Element, ...names: string[]): string | undefined {
  for (const name of names) {
    for (const candidate of element.children) {
      const said = candidate.name === name && charactersOf(candidate).trim();
      if (said) return said;
    }
  }
  return undefined;
}

/** The same of all children of these names, by name. */
export function allWords(element: Element, ...names: string[]): string[] {
  const found: string[] = [];
  for (const name of names) {
    for (const candidate of element.children) {
      const said = candidate.name === name && charactersOf(candidate).trim();
      if (said) found.push(said);
    }
  }
  return found;
}

/** What an attribute says, blanks at its ends taken off; undefined where it says nothing. */
export const attribute = (element: Element | undefined, name: string): string | undefined =>
  element?.attributes[name]?.trim() || undefined;

/** Characters, entities and CDATA as they are meant; tags stand as they are written. */
export function charactersOf({ inner, children: inside }: Element): string {
  if (!inner.includes("<")) return decodeEntities(inner);
  const parts: string[] = [];
  for (const { kind, text } of sections(inner)) {
    if (kind === "cdata") parts.push(text);
    // Ends that end nothing are what is left of a misspelt tag.
    else if (kind === "text") parts.push(decodeEntities(inside.length > 0 ? text : text.replace(/<\/[^<>]*>/g, "")));
  }
  return parts.join("");
}

/** Elements within a text, as HTML: prefixes taken off, CDATA escaped, comments gone. */
function markupOf({ inner }: Element): string {
  const parts: string[] = [];
  for (const { kind, text } of sections(inner)) {
    if (kind === "cdata") parts.push(text.includes("<") ? text : escape(text));
    else if (kind === "text") parts.push(text.replace(/(<\/?)[a-z][\w.-]{0,40}:(?=[a-z])/gi, "$1"));
  }
  return parts.join("");
}

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

interface Section {
  kind: "text" | "cdata" | "comment";
  text: string;
}

function* sections(inner: string): Generator<Section> {
  let at = 0;
  while (at < inner.length) {
    const start = inner.indexOf("<!", at);
    const isCdata = start >= 0 && inner.startsWith("<![CDATA[", start);
    const isComment = start >= 0 && inner.startsWith("<!--", start);
    if (!isCdata && !isComment) {
      // Another declaration: part of the text.
      const next = start < 0 ? inner.length : start + 2;
      yield { kind: "text", text: inner.slice(at, next) };
      at = next;
      continue;
    }
    if (start > at) yield { kind: "text", text: inner.slice(at, start) };
    const from = start + (isCdata ? 9 : 4);
    const end = inner.indexOf(isCdata ? "]]>" : "-->", from);
    yield { kind: isCdata ? "cdata" : "comment", text: inner.slice(from, end < 0 ? inner.length : end) };
    at = end < 0 ? inner.length : end + 3;
  }
}

/** A text of RSS, which may hold HTML escaped, in CDATA or naked, or none. */
export function rssText(element: Element | undefined): Text | undefined {
  if (!element) return undefined;
  const value = element.children.length > 0 ? markupOf(element) : charactersOf(element);
  return isBare(value) ? undefined : { kind: "html", value: withoutCdataMarks(value) };
}

/** Nothing, or empty boxes. */
const isBare = (value: string): boolean =>
  value.length < 500 && /^(?:\s|&nbsp;|\u00a0|<\/?(?:div|p|span|br)(?:\s[^<>]*)?>)*$/i.test(value);

/** CDATA that was escaped itself. */
const withoutCdataMarks = (value: string): string =>
  value.includes("<![CDATA[") ? value.replaceAll("<![CDATA[", "").replaceAll("]]>", "") : value;

/** A text of Atom, which says what it is: by a type, and before Atom 1.0 by a mode. */
export function atomText(element: Element | undefined): Text | undefined {
  if (!element) return undefined;
  const type = attribute(element, "type")?.toLowerCase() ?? "";
  if (/^(?:image|audio|video)\//.test(type)) return undefined;
  if (element.children.length > 0) return rssText(element);
  const isOther = type.includes("/") && !/^text\/|[/+]x?html|xml(?:;|$)/.test(type);
  if (attribute(element, "mode")?.toLowerCase() === "base64" || isOther) return fromBase64(charactersOf(element));
  const isPlain = type === "text" || type === "text/plain";
  const read = rssText(element);
  return read && isPlain ? { kind: "plain", value: read.value } : read;
}

/** Undefined for what is no text. */
function fromBase64(text: string): Text | undefined {
  const bytes = Buffer.from(text, "base64");
  try {
    const value = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
    return value ? { kind: "html", value } : undefined;
  } catch {
    return undefined;
  }
}
