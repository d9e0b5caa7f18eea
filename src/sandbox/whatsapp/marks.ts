import type { PhoneRun } from "../phone.ts";

type Dress = Omit<PhoneRun, "text">;

const dressOf: Record<string, Dress> = { "*": { bold: true }, _: { italic: true }, "~": { strike: true } };
/** What begins neither a mark nor a link. */
const unmarked = /[^*_~`hw]+/iy;
const address = /(?:https?:\/\/|www\.)[^\s<>"]+/giy;

/**
 * Runs of a text as WhatsApp shows it: *bold*, _italic_, ~strike~, `code` and ```code```, and bare links. A mark counts
 * when it hugs its words: a word character outside or a space inside leaves it as the character that it is.
 */
export function parseMarks(text: string): PhoneRun[] {
  return join(parse(text, {}));
}

/** The first link of a text, as it is shown. */
export function firstLink(text: string): string | null {
  return parseMarks(text).find((run) => run.link)?.link ?? null;
}

function parse(text: string, dress: Dress): PhoneRun[] {
  const runs: PhoneRun[] = [];
  const unclosed = new Map<string, number>();
  let at = 0;
  while (at < text.length) {
    unmarked.lastIndex = at;
    const stretch = unmarked.exec(text)?.[0];
    if (stretch) {
      runs.push({ text: stretch, ...dress });
      at += stretch.length;
      continue;
    }
    const found = linkAt(text, at) ?? codeAt(text, at) ?? markAt(text, at, unclosed);
    if (!found) {
      runs.push({ text: text.charAt(at), ...dress });
      at += 1;
      continue;
    }
    const worn = { ...dress, ...found.dress };
    runs.push(...(found.isFinal ? [{ text: found.inner, ...worn }] : parse(found.inner, worn)));
    at = found.end;
  }
  return runs;
}

interface Found {
  inner: string;
  end: number;
  dress: Dress;
  isFinal: boolean;
}

function linkAt(text: string, at: number): Found | null {
  if (isWord(text, at - 1)) return null;
  address.lastIndex = at;
  // Punctuation and marks at the end belong to the sentence, not to the address.
  const shown = address.exec(text)?.[0].replace(/[*_~`.,;:!?'")\]}…]+$/u, "");
  if (!shown) return null;
  const link = shown.toLowerCase().startsWith("www.") ? `https://${shown}` : shown;
  return URL.canParse(link) ? { inner: shown, end: at + shown.length, dress: { link }, isFinal: true } : null;
}

function codeAt(text: string, at: number): Found | null {
  for (const fence of ["```", "`"]) {
    if (!text.startsWith(fence, at)) continue;
    const end = text.indexOf(fence, at + fence.length);
    const inner = text.slice(at + fence.length, end);
    if (end < 0 || inner.trim() === "" || (fence === "`" && inner.includes("\n"))) continue;
    return { inner, end: end + fence.length, dress: { code: true }, isFinal: true };
  }
  return null;
}

/** `unclosed` remembers how far a mark was sought in vain, so that a line of nothing but marks is read once. */
function markAt(text: string, at: number, unclosed: Map<string, number>): Found | null {
  const mark = text.charAt(at);
  const dress = dressOf[mark];
  if (!dress || at < (unclosed.get(mark) ?? 0)) return null;
  if (isWord(text, at - 1) || isBlank(text, at + 1) || text.charAt(at + 1) === mark) return null;
  let end = at + 2;
  for (; end < text.length && text.charAt(end) !== "\n"; end += 1) {
    if (text.charAt(end) !== mark || isBlank(text, end - 1) || isWord(text, end + 1)) continue;
    return { inner: text.slice(at + 1, end), end: end + 1, dress, isFinal: false };
  }
  unclosed.set(mark, end);
  return null;
}

const isBlank = (text: string, at: number): boolean => /^\s?$/u.test(text.charAt(at));

function isWord(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  // The second half of a surrogate pair says nothing alone.
  const point = text.codePointAt(unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at);
  return point !== undefined && /[\p{L}\p{N}]/u.test(String.fromCodePoint(point));
}

/** Neighbours in the same dress become one run. */
function join(runs: PhoneRun[]): PhoneRun[] {
  const joined: PhoneRun[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    const { text, ...dress } = run;
    const { text: _, ...worn } = last ?? { text: "" };
    if (last && !run.link && JSON.stringify(dress) === JSON.stringify(worn)) last.text += text;
    else joined.push({ ...run });
  }
  return joined;
}
