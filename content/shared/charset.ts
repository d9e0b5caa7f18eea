import iconv from "iconv-lite";
import { guessEncoding } from "./charset-guess.ts";

/** Turns bytes into text: byte order mark, then proof (valid UTF-8), then what HTTP, then what the document says of itself. */
export function decode(bytes: Uint8Array, contentType: string | null): string {
  return withoutJunk(withoutMark(decodeBytes(bytes, contentType)));
}

function decodeBytes(bytes: Uint8Array, contentType: string | null): string {
  const wide = wideEncoding(bytes);
  if (wide) return decodeAs(bytes, wide) ?? "";
  const declared = declaredEncoding(bytes);
  const header = /charset\s*=\s*["']?\s*([^\s"';,]+)/i.exec(contentType ?? "")?.[1] ?? null;

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
  // Servers put Latin-1 on everything by default; a document that names its own encoding knows better.
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

const isServerDefault = (label: string): boolean => /^(?:iso-?8859-1|latin-?1|us-ascii|ascii)$/i.test(label);

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

/** What the XML declaration says, read as ASCII. */
function declaredEncoding(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 2048)).toString("latin1");
  return /<\?xml[^>]*?\bencoding\s*=\s*["']\s*([^"'\s]+)/i.exec(head)?.[1] ?? null;
}

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
