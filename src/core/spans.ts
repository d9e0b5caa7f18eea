import type { Span } from "#core/model";

/** One plain run of text. */
export const plain = (text: string): Span => ({ text });

/** All spans' text, undressed. */
export const textOf = (spans: Span[]): string => spans.map((span) => span.text).join("");

/** Without white space at either end, and without empty spans. */
export function trimSpans(spans: Span[]): Span[] {
  const kept = spans.map((span) => ({ ...span })).filter((span) => span.text !== "");
  while (kept[0] && kept[0].text.trimStart() === "") kept.shift();
  while (kept.at(-1)?.text.trimEnd() === "") kept.pop();
  const first = kept[0];
  if (first) first.text = first.text.trimStart();
  const last = kept.at(-1);
  if (last) last.text = last.text.trimEnd();
  return kept;
}
