import { languageTag } from "#content/shared/language";
import type { Condition } from "#core/model";

/**
 * How a person writes a condition: parts between " & " that must all hold, each a kind and its values, of which one must.
 *
 *     sport,horoscope                     one of these words
 *     words:"Smith & Sons",storm          a value with a comma or "&" stands in quotes
 *     topic:Opinion & author:Dana Levi    both
 *     language:ru                         pattern:/storm\s+warning/
 *     always                              every article
 */
const kinds = {
  words: ["word", "words"],
  topics: ["topic", "topics"],
  authors: ["author", "authors", "by"],
  languages: ["language", "languages"],
} as const;
type Kind = keyof typeof kinds;

const kindNames = "words, topic, author, language or pattern";

/** @throws Error in words when it is none */
export function parseCondition(text: string): Condition {
  const written = text.trim();
  if (written === "") throw new Error("It is empty: write a word, or “always” for every article.");
  if (written.length > 4000) throw new Error("It is longer than 4,000 characters: make several of it.");
  const condition: Condition = {};
  if (/^always$/i.test(written)) return condition;
  for (let at = 0; at < written.length; ) {
    const [head = "", name] = match(/\s*(?:(\p{L}+)\s*:(?!\/\/)\s*)?/uy, written, at) ?? [];
    at += head.length;
    if (name?.toLowerCase() === "pattern") {
      if (condition.pattern !== undefined) throw new Error("Two patterns stand in it: make two conditions of them.");
      const [length, pattern] = readPattern(written, at);
      condition.pattern = pattern;
      at += length;
    } else {
      const kind = name === undefined ? "words" : kindOf(name);
      if (condition[kind])
        throw new Error(`“${kinds[kind][0]}” stands in it twice: write ${kinds[kind][0]}:one,other for either.`);
      const [length, values] = readValues(written, at);
      condition[kind] = kind === "languages" ? values.map(languageOf) : values;
      at += length;
    }
    if (at === written.length) break;
    const [between] = match(/\s+&\s+/y, written, at) ?? [];
    if (between === undefined || at + between.length === written.length) {
      throw new Error(`“${written.slice(at, at + 40).trim()}” is not understood: parts are joined by " & ".`);
    }
    at += between.length;
  }
  return condition;
}

function kindOf(name: string): Kind {
  const found = (Object.keys(kinds) as Kind[]).find((kind) => kinds[kind].some((word) => word === name.toLowerCase()));
  if (!found) {
    throw new Error(`“${name}:” is nothing that can be asked: it is ${kindNames}. Put words with a colon in quotes.`);
  }
  return found;
}

/** Between slashes, in which "\/" is a slash; else up to the next " & ". */
function readPattern(text: string, at: number): [length: number, pattern: string] {
  if (text[at] !== "/") {
    const end = text.indexOf(" & ", at);
    const written = text.slice(at, end < 0 ? undefined : end);
    return [written.length, written.trim()];
  }
  const found = match(/\/((?:[^/\\]|\\[\s\S])*)\//y, text, at);
  if (!found) throw new Error('A pattern begins and ends with "/": the second is missing.');
  return [found[0].length, (found[1] ?? "").replace(/\\([\s\S])/g, (pair, next) => (next === "/" ? "/" : pair))];
}

function readValues(text: string, start: number): [length: number, values: string[]] {
  const values: string[] = [];
  for (let at = start; ; at++) {
    const quoted = match(/\s*"((?:[^"\\]|\\[\s\S])*)"/y, text, at);
    const found = quoted ?? match(/(?:(?!\s+&\s)[^,])*/y, text, at);
    const value = quoted ? (quoted[1] ?? "").replace(/\\([\s\S])/g, "$1") : (found?.[0].trim() ?? "");
    if (!quoted && value.startsWith('"')) throw new Error(`The quotes of ${value.slice(0, 40)} are not closed.`);
    if (value.trim() === "") throw new Error("A value in it is empty.");
    if (!quoted && /(?:^|\s)&$/.test(value)) throw new Error('It ends in "&": the part after it is missing.');
    values.push(value);
    at += found?.[0].length ?? 0;
    const [blank = ""] = match(/\s*(?=,)/y, text, at) ?? [];
    at += blank.length;
    if (text[at] !== ",") return [at - start, values];
  }
}

function match(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}

function languageOf(text: string): string {
  const tag = languageTag(text);
  // Names of languages pass for tags of their own, which no article has.
  if (tag && /^[a-z]{2,3}(?:-|$)/.test(tag)) return tag;
  throw new Error(`“${text}” is no language: write it as in he, ru or en-gb.`);
}

/** The condition as `parseCondition` reads it. */
export function conditionWords(condition: Condition): string {
  const parts = (Object.keys(kinds) as Kind[]).flatMap((kind) => {
    const values = condition[kind];
    return values ? [`${kind === "words" ? "words" : kinds[kind][0]}:${values.map(quoteIfNeeded).join(",")}`] : [];
  });
  if (condition.pattern !== undefined) parts.push(`pattern:/${escapeSlashes(condition.pattern)}/`);
  return parts.join(" & ") || "always";
}

const quoteIfNeeded = (value: string): string =>
  /[,&]|^["\s]|\s$|^$/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;

const escapeSlashes = (pattern: string): string =>
  pattern.replace(/\\[\s\S]|\//g, (part) => (part === "/" ? "\\/" : part));
