/** What is done to a document before it is parsed, and what is tried when parsing fails. All of it in time linear to its length. */

/** The document without its DOCTYPE: nothing of it is needed, and entities that expand or read files live there. */
export function withoutDoctype(text: string): string {
  const start = text.slice(0, 65_536).search(/<!DOCTYPE/i);
  if (start < 0) return text;
  let depth = 0;
  let quote = "";
  for (let at = start + 9; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote) {
      if (character === quote) quote = "";
    } else if (text.startsWith("<!--", at)) {
      const end = text.indexOf("-->", at + 4);
      if (end < 0) break;
      at = end + 2;
    } else if (depth > 0 && (character === '"' || character === "'")) quote = character;
    else if (character === "[") depth++;
    else if (character === "]") depth--;
    else if (character === ">" && depth <= 0) return text.slice(0, start) + text.slice(at + 1);
  }
  return text.slice(0, start);
}

/** What no XML may hold: control characters, as themselves or by number, and halves of surrogate pairs. */
export const withoutControls = (text: string): string =>
  text.replace(
    /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[\da-f]));/giu,
    "",
  );

/** Which kind of document it is, by its first element: "rss", "feed", "rdf", "json", "html", else "unknown" or "" for nothing. */
export function rootOf(text: string): string {
  const head = text.slice(0, 65_536);
  if (/^\s*[{[]/.test(head)) return "json";
  let at = 0;
  for (;;) {
    at = head.indexOf("<", at);
    if (at < 0) return head.trim() ? "unknown" : "";
    if (head.startsWith("<!--", at)) at = head.indexOf("-->", at);
    else if (head[at + 1] === "?" || head[at + 1] === "!") at = head.indexOf(">", at);
    else break;
    if (at < 0) return "unknown";
  }
  const name = /^<(?:[\w.-]+:)?([\w.-]+)/.exec(head.slice(at, at + 100))?.[1]?.toLowerCase() ?? "";
  if (name === "html" || name === "head" || name === "body") return "html";
  return ["rss", "feed", "rdf"].includes(name) ? name : "unknown";
}

/** Ampersands that begin no entity, written as they should be; CDATA is left alone. */
export function withAmpersands(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const start = text.indexOf("<![CDATA[", at);
    const end = start < 0 ? -1 : text.indexOf("]]>", start);
    const upTo = end < 0 ? text.length : start;
    parts.push(text.slice(at, upTo).replace(/&(?!(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});)/gi, "&amp;"));
    at = end < 0 ? text.length : end + 3;
    if (end >= 0) parts.push(text.slice(start, at));
  }
  return parts.join("");
}

/** A document that breaks off, ended after its last whole item; null when it holds none. */
export function endedAfterLastItem(text: string, root: string): string | null {
  const item = root === "feed" ? "entry" : "item";
  const lower = text.toLowerCase();
  const close = `</${item}>`;
  const end = lower.lastIndexOf(close);
  if (end < 0) return null;
  const opening = new RegExp(`<((?:[\\w.-]+:)?${root})[\\s>]`, "i").exec(text)?.[1] ?? root;
  const hasChannel = root === "rss" && lower.indexOf("<channel") < lower.indexOf(`<${item}`);
  return `${text.slice(0, end + close.length)}${hasChannel ? "</channel>" : ""}</${opening}>`;
}

/** A JSON Feed that names its version carelessly ("1.1"), or not, but has its form; null for other JSON. */
export function withJsonVersion(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("items" in value) || !Array.isArray(value.items)) return null;
    return JSON.stringify({ ...value, version: "https://jsonfeed.org/version/1.1" });
  } catch {
    return null;
  }
}
