import iconv from "iconv-lite";
import { guessEncoding } from "./charset-guess.ts";

/**
 * Turns a document's bytes into text: byte order mark, then proof (valid UTF-8), then what HTTP says, then what the document
 * says of itself, then what the letters look like. Without what stands before an XML declaration.
 */
export const decode = (bytes: Uint8Array, contentType: string | null): string =>
  withoutJunk(decodeBytes(bytes, contentType, declaredByXml(headOf(bytes, 2048))));

/** The same for a web page. The HTML standard looks for its word at 1,024 bytes; careless pages put scripts before it. */
export function decodePage(bytes: Uint8Array, contentType: string | null): string {
  const head = headOf(bytes, 16 * 1024);
  return decodeBytes(bytes, contentType, declaredByMeta(head) ?? declaredByXml(head));
}

function decodeBytes(bytes: Uint8Array, contentType: string | null, declared: string | null): string {
  return withoutMark(decodeWithMark(bytes, contentType, declared));
}

function decodeWithMark(bytes: Uint8Array, contentType: string | null, declared: string | null): string {
  const wide = wideEncoding(bytes);
  if (wide) return decodeAs(bytes, wide) ?? "";
  const header = /charset\s{0,20}=[\s"']*([^\s"';,]{2,40})/i.exec(contentType ?? "")?.[1] ?? null;

  // These write other scripts in plain ASCII bytes, so that their text passes for UTF-8.
  const escaped = [header, declared].find((label) => label && /^(?:iso-2022|hz|utf-7|unicode-1-1-utf-7)/i.test(label));
  if (escaped) {
    const text = decodeAs(bytes, escaped);
    if (text !== null) return text;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return notQuiteUtf8(bytes, header, declared);
  }
}

/** The bytes are not UTF-8 from end to end, whatever they claim. */
function notQuiteUtf8(bytes: Uint8Array, header: string | null, declared: string | null): string {
  // Servers put one encoding on everything by default; a document that names its own knows better.
  const labels = header && isServerDefault(header) ? [declared, header] : [header, declared];
  for (const label of labels) {
    if (!label || /^(?:utf-?8|utf-?16|utf-?32|ucs-?[24])/i.test(label)) continue;
    const text = decodeAs(bytes, label);
    if (text !== null) return text;
  }
  const lossy = new TextDecoder("utf-8").decode(bytes);
  const broken = lossy.match(/\ufffd/g)?.length ?? 0;
  const sound = lossy.match(/[^\0-\x7f\ufffd]/g)?.length ?? 0;
  return broken > sound ? new TextDecoder(guessEncoding(bytes)).decode(bytes) : lossy;
}

const isServerDefault = (label: string): boolean =>
  /^(?:iso-?8859-1|latin-?1|us-ascii|ascii|windows-1252)$/i.test(label);

/** Encodings of two and four bytes, by their mark or by how "<" or "{" is written. */
function wideEncoding(bytes: Uint8Array): string | null {
  const [a = -1, b = -1, c = -1, d = -1] = bytes;
  const isOpening = (byte: number): boolean => byte === 0x3c || byte === 0x7b;
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return "utf-32be";
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return "utf-32le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0 && b === 0 && c === 0 && isOpening(d)) return "utf-32be";
  if (isOpening(a) && b === 0 && c === 0 && d === 0) return "utf-32le";
  if (a === 0 && isOpening(b) && c === 0) return "utf-16be";
  if (isOpening(a) && b === 0 && d === 0) return "utf-16le";
  return null;
}

/** The beginning of a document, read as ASCII. */
const headOf = (bytes: Uint8Array, length: number): string => Buffer.from(bytes.subarray(0, length)).toString("latin1");

const declaredByXml = (head: string): string | null =>
  /<\?xml[^>]{0,200}?\bencoding\s{0,20}=[\s"']{1,20}([^"'\s]{2,40})/i.exec(head)?.[1] ?? null;

const declaredByMeta = (head: string): string | null =>
  /<meta[^>]{0,200}?\bcharset\s{0,20}=[\s"']{0,20}([^\s"'/>;]{2,40})/i.exec(head)?.[1] ?? null;

/** Null for a label that nobody knows. */
function decodeAs(bytes: Uint8Array, label: string): string | null {
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return iconv.encodingExists(label) ? iconv.decode(Buffer.from(bytes), label) : null;
  }
}

const withoutMark = (text: string): string => text.replace(/^\ufeff+/, "");

/** Blank lines, a stray mark or a script's warning before the document. */
function withoutJunk(text: string): string {
  const start = text.slice(0, 8192).search(/<\?xml[\s?]/i);
  if (start > 0 && !/<(?:rss|feed|rdf:rdf|channel)[\s>]/i.test(text.slice(0, start))) return text.slice(start);
  return text.trimStart();
}
