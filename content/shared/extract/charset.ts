import { isUtf8 } from "node:buffer";
import iconv from "iconv-lite";

/** Where a page names its encoding, if it does: the HTML standard looks at 1,024 bytes, careless pages put scripts before it. */
const headBytes = 16 * 1024;

/**
 * Turns a page's bytes into text: byte order mark, then proof (valid UTF-8), then what HTTP says, then what the page says of
 * itself, then what the letters look like. Servers put one encoding on everything; a page that names its own knows better.
 */
export function decodePage(bytes: Uint8Array, contentType: string | null): string {
  const [a, b, c] = bytes;
  if (a === 0xfe && b === 0xff) return decodeAs(bytes, "utf-16be") ?? "";
  if (a === 0xff && b === 0xfe) return decodeAs(bytes, "utf-16le") ?? "";
  if (a === 0x3c && b === 0 && c !== 0) return decodeAs(bytes, "utf-16le") ?? "";
  const header = label(/charset\s*=\s*["']?\s*([^\s"';,]{2,40})/i.exec(contentType ?? "")?.[1]);
  const declared = declaredIn(Buffer.from(bytes.subarray(0, headBytes)).toString("latin1"));

  // These write other scripts in plain ASCII bytes, so that their text passes for UTF-8.
  const escaped = [header, declared].find((name) => name && /^(?:iso-2022|hz-gb)/.test(name));
  const text = (escaped && decodeAs(bytes, escaped)) || (isUtf8(bytes) ? utf8(bytes) : null);
  if (text !== null) return text;

  const labels =
    header && /^(?:iso-?8859-1|latin-?1|us-ascii|windows-1252)$/.test(header) ? [declared, header] : [header, declared];
  for (const name of labels) {
    // The bytes are no UTF, whatever the page says.
    const decoded = name && !/^utf-?(?:8|16|32)/.test(name) ? decodeAs(bytes, name) : null;
    if (decoded !== null) return decoded;
  }
  const lossy = utf8(bytes);
  const broken = lossy.match(/\ufffd/g)?.length ?? 0;
  const sound = lossy.match(/[^\0-\x7f\ufffd]/g)?.length ?? 0;
  return broken > sound ? (decodeAs(bytes, "windows-1252") ?? lossy) : lossy;
}

/** What a meta element or an XML declaration says, read as ASCII. */
function declaredIn(head: string): string | null {
  const meta = /<meta[^>]{0,200}?\bcharset\s*=\s*["']?\s*([^\s"'/>;]{2,40})/i.exec(head)?.[1];
  return label(meta ?? /<\?xml[^>]{0,200}?\bencoding\s*=\s*["']\s*([^"'\s]{2,40})/i.exec(head)?.[1]);
}

const label = (raw: string | undefined): string | null => raw?.trim().toLowerCase() || null;

const utf8 = (bytes: Uint8Array): string => new TextDecoder("utf-8").decode(bytes);

/** Null for a label that nobody knows. */
function decodeAs(bytes: Uint8Array, name: string): string | null {
  try {
    return new TextDecoder(name).decode(bytes);
  } catch {
    return iconv.encodingExists(name) ? iconv.decode(Buffer.from(bytes), name) : null;
  }
}
