import type { Correction } from "#core/desk/mend";
import type { HandField } from "#core/model";

/** How a field is called, by those who write in other languages too. */
const fields: Readonly<Record<string, HandField>> = {
  headline: "title",
  title: "title",
  כותרת: "title",
  заголовок: "title",
  العنوان: "title",
  summary: "summary",
  standfirst: "summary",
  תקציר: "summary",
  подзаголовок: "summary",
  الملخص: "summary",
  kicker: "kicker",
};
const heads = new RegExp(`(?:^|\\n|\\s/\\s)\\s*(${Object.keys(fields).join("|")})\\s*:`, "giu");

/** Reads "headline: … / summary: …", each field on a line of its own or behind a stroke; in words, what is wrong with it. */
export function readCorrection(text: string, example: string): Correction | string {
  const found = [...text.matchAll(heads)];
  const [first] = found;
  if (!first || first.index > 0) return `Say what is right, as in ${example} headline: The bridge is open / summary: …`;
  const correction: Correction = {};
  for (const [index, head] of found.entries()) {
    const field = fields[(head[1] ?? "").toLowerCase()];
    if (!field) continue;
    const said = text
      .slice(head.index + head[0].length, found[index + 1]?.index)
      .replace(/\s+/g, " ")
      .trim();
    if (said === "") return `After “${head[1]}:” nothing stands. Nothing is changed.`;
    if (correction[field] !== undefined) return `“${head[1]}:” stands there twice. Nothing is changed.`;
    correction[field] = said;
  }
  return correction;
}
