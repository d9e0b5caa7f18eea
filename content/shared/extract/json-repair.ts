/** Characters of one script that are read; an article's whole text fits in many times over. */
const mostCharacters = 1024 * 1024;

/**
 * Reads JSON as it stands in pages: in comments or CDATA, HTML-escaped, with raw line breaks, commas too many, quotes
 * unescaped or its end missing. Undefined for what cannot be mended. Takes time linear to the length.
 */
export function readJson(raw: string): unknown {
  const text = raw.slice(0, mostCharacters).replace(/^(?:\s|\/\/|\/\*|\*\/|<!--|<!\[CDATA\[)+/, "");
  return parse(text) ?? parse(mend(/^[^"']{0,40}&quot;/.test(text) ? unescaped(text) : text));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const unescaped = (text: string): string =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

const controls: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Writes anew what a careless template wrote. Starts at the first bracket, ends where that one is closed. */
function mend(text: string): string {
  const out: string[] = [];
  const open: string[] = [];
  let at = text.search(/[{[]/);
  if (at < 0) return "";
  for (; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') {
      at = copyString(text, at + 1, out);
    } else if (character === "/" && text[at + 1] === "*") {
      const end = text.indexOf("*/", at + 2);
      at = end < 0 ? text.length : end + 1;
    } else if (character === "/" && text[at + 1] === "/") {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if (character === "{" || character === "[") {
      open.push(character === "{" ? "}" : "]");
      out.push(character);
    } else if (character === "}" || character === "]") {
      withoutComma(out);
      out.push(open.pop() ?? "");
      if (open.length === 0) return out.join("");
    } else if (character > " " && !(character === "," && /^[,[{]?$/.test(out.at(-1) ?? ""))) {
      out.push(character);
    }
  }
  withoutComma(out);
  return out.join("") + open.reverse().join("");
}

/** Copies a string from after its opening quote; returns where its closing quote stands. */
function copyString(text: string, from: number, out: string[]): number {
  out.push('"');
  let at = from;
  for (; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "\\") {
      const next = text.charAt(++at);
      if (next === "u" ? /^[\da-f]{4}$/i.test(text.slice(at + 1, at + 5)) : /^["\\/bfnrt]$/.test(next))
        out.push("\\", next);
      else out.push(next);
    } else if (character === '"') {
      if (endsString(text, at + 1)) break;
      out.push('\\"');
    } else if (character < " ") out.push(controls[character] ?? "");
    else out.push(character);
  }
  out.push('"');
  return at;
}

/** A quote that nothing of JSON's own follows stands inside the text. */
function endsString(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && at < from + 200 && /\s/.test(text.charAt(at))) at++;
  const next = text.charAt(at);
  if (next !== ",") return next === "" || /[:}\]/]/.test(next);
  while (++at < text.length && at < from + 400 && /\s/.test(text.charAt(at)));
  return /["{[\d\-tfn}\],/]/.test(text.charAt(at));
}

function withoutComma(out: string[]): void {
  if (out.at(-1) === ",") out.pop();
}
