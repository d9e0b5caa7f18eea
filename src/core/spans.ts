import type { Span } from "#core/model";

/** One plain run of text. */
export const plain = (text: string): Span => ({ text });

/** All spans' text, undressed. */
export const textOf = (spans: Span[]): string => spans.map((span) => span.text).join("");
