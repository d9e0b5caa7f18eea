import type { Span } from "#core/model";

type Dress = Omit<Span, "text">;

const dressOf: Record<string, Dress> = { "*": { bold: true }, _: { italic: true }, "~": { strike: true } };

/** Where addresses begin, for `split`. */
export const addressPattern = /(?<![\p{L}\p{N}])(?=https?:\/\/)/iu;

/**
 * An editor's text in WhatsApp's marks (*bold*, _italic_, ~strike~, `code`, ```code```, nested as they like) as spans.
 * Bare addresses become links. What is no whole mark stays the character that it is.
 */
export function spansFromMarks(text: string): Span[] {
  const fixed = fixedParts(text);
  const spans: Span[] = [];
  readRange(0, text.length, {});
  return spans;

  function readRange(from: number, end: number, dress: Dress): void {
    const soughtInVain = new Set<string>();
    let at = from;
    while (at < end) {
      const part = fixed.get(at);
      if (part) {
        add({ ...part.span, ...dress });
        at = part.end;
        continue;
      }
      const mark = text.charAt(at);
      const close = soughtInVain.has(mark) ? null : closeOf(at, end, dress);
      if (close === null) {
        // A mark closes on its own line or not at all.
        if (dressOf[mark] && opens(at, dress)) soughtInVain.add(mark);
        if (mark === "\n") soughtInVain.clear();
        add({ text: mark, ...dress });
        at += 1;
        continue;
      }
      readRange(at + 1, close, { ...dress, ...dressOf[mark] });
      at = close + 1;
    }
  }

  /** A mark opens before a word, not inside one; the same dress is not put on twice. */
  function opens(at: number, dress: Dress): boolean {
    const [kind] = Object.keys(dressOf[text.charAt(at)] ?? {}) as (keyof Dress)[];
    if (!kind || dress[kind]) return false;
    return !isWordUnit(text, at - 1) && /^\S/.test(text.charAt(at + 1)) && text.charAt(at + 1) !== text.charAt(at);
  }

  function closeOf(at: number, end: number, dress: Dress): number | null {
    if (!opens(at, dress)) return null;
    const mark = text.charAt(at);
    for (let next = at + 1; next < end && text.charAt(next) !== "\n"; next += 1) {
      const part = fixed.get(next);
      if (part) {
        if (text.slice(next, part.end).includes("\n")) return null;
        next = part.end - 1;
        continue;
      }
      if (next === at + 1 || text.charAt(next) !== mark) continue;
      if (/\S/.test(text.charAt(next - 1)) && !isWordUnit(text, next + 1)) return next;
    }
    return null;
  }

  function add(span: Span): void {
    const last = spans.at(-1);
    if (last && !last.link && !span.link && isAlike(last, span)) last.text += span.text;
    else spans.push({ ...span });
  }
}

/** The address that begins there, without the punctuation of the sentence around it; "" where there is none. */
export function addressIn(text: string, at: number): string {
  if (isWordUnit(text, at - 1)) return "";
  address.lastIndex = at;
  let shown = address.exec(text)?.[0] ?? "";
  for (;;) {
    const last = shown.at(-1) ?? "";
    // A bracket that was opened inside of the address closes there.
    const isOwnBracket = last === ")" && shown.split("(").length >= shown.split(")").length;
    if (last === "" || isOwnBracket || !"*_~`.,;:!?'\")]}…".includes(last)) break;
    shown = shown.slice(0, -1);
  }
  return URL.canParse(/^www\./i.test(shown) ? `https://${shown}` : shown) ? shown : "";
}

const address = /(?:https?:\/\/|www\.)[^\s<>"]{1,2048}/iy;

/** The character there is of a letter or a number, seen from either of its halves. */
export function isWordUnit(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  const point = text.codePointAt(unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at);
  return point !== undefined && /[\p{L}\p{N}\p{M}]/u.test(String.fromCodePoint(point));
}

/** Code and addresses, by where they begin: no mark is read inside them. */
function fixedParts(text: string): Map<number, { end: number; span: Span }> {
  const parts = new Map<number, { end: number; span: Span }>();
  const begins = /```[^`]+```|`[^`\n]+`|https?:\/\/|www\./gi;
  for (let found = begins.exec(text); found; found = begins.exec(text)) {
    const { index } = found;
    const [whole] = found;
    const code = whole.startsWith("`") ? whole.replace(/^`+|`+$/g, "") : "";
    const shown = code ? "" : addressIn(text, index);
    if (code.trim()) parts.set(index, { end: index + whole.length, span: { text: code, code: true } });
    if (!shown) continue;
    const link = /^www\./i.test(shown) ? `https://${shown}` : shown;
    begins.lastIndex = index + shown.length;
    parts.set(index, { end: begins.lastIndex, span: { text: shown, link } });
  }
  return parts;
}

function isAlike({ text: _one, ...one }: Span, { text: _other, ...other }: Span): boolean {
  const kinds = ["bold", "italic", "strike", "code"] as const;
  return kinds.every((kind) => Boolean(one[kind]) === Boolean(other[kind]));
}
