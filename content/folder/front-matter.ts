import { parseDocument } from "yaml";

/** What a post says of itself above its text. */
export interface FrontMatter {
  /** One line of text under the first of these keys that has one. */
  text(...keys: string[]): string | null;
  /** All texts under these keys, lists and "one, two" alike. */
  list(...keys: string[]): string[];
  /** Null where no key says yes or no. */
  flag(...keys: string[]): boolean | null;
  /** The file's line on which a key stands, from 1. */
  lineOf(key: string): number;
}

/** A post that cannot be read as its editor meant it: what is wrong, in words, and on which line of the file. */
export class PostError extends Error {
  readonly line: number;

  constructor(message: string, line: number, cause?: unknown) {
    super(message, { cause });
    this.name = "PostError";
    this.line = line;
  }
}

/** An editor's front matter is a dozen lines. */
const mostCharacters = 16 * 1024;

/** Divides a post into its front matter and its Markdown. @throws PostError when the front matter cannot be understood in full */
export function splitPost(text: string): { matter: FrontMatter; body: string } {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n?|\n/);
  const start = lines.findIndex((line) => line.trim() !== "");
  if (lines[start]?.trimEnd() !== "---") return { matter: toFrontMatter(new Map(), []), body: lines.join("\n") };
  const end = lines.findIndex((line, at) => at > start && /^(?:---|\.\.\.)\s*$/.test(line));
  if (end < 0) throw new PostError('the front matter has no end: close it with a line "---"', start + 1);
  const written = lines.slice(0, end).fill("", 0, start + 1);
  if (written.join("\n").length > mostCharacters) {
    throw new PostError("the front matter is longer than 16 KiB: is its end missing?", start + 1);
  }
  return { matter: toFrontMatter(readYaml(written), written), body: lines.slice(end + 1).join("\n") };
}

/** Keys as they compare: "Published_At", "published-at" and "publishedAt" are one. */
const keyOf = (key: string): string => key.toLowerCase().replace(/[-_ ]/g, "");

function readYaml(lines: string[]): Map<string, unknown> {
  try {
    const document = parseDocument(lines.join("\n"), { logLevel: "silent", prettyErrors: false, uniqueKeys: false });
    const [error] = document.errors;
    if (!error) {
      const value: unknown = document.toJS({ maxAliasCount: 20 });
      if (value === null || value === undefined) return new Map();
      if (typeof value === "object" && !Array.isArray(value)) {
        return new Map(Object.entries(value).map(([key, held]) => [keyOf(key), held]));
      }
      throw new PostError('the front matter is no list of "name: value" lines', firstLine(lines));
    }
    const plain = readPlainly(lines);
    if (plain) return plain;
    const line = lines.join("\n").slice(0, error.pos[0]).split("\n").length;
    throw new PostError(`${error.message.split("\n")[0]}: put the text in quotes?`, line, error);
  } catch (error) {
    if (error instanceof PostError) throw error;
    // Aliases that multiply and brackets that nest without an end.
    throw new PostError(
      "the front matter cannot be read: write plain lines of names and values",
      firstLine(lines),
      error,
    );
  }
}

const firstLine = (lines: string[]): number =>
  Math.max(
    0,
    lines.findIndex((line) => line !== ""),
  ) + 1;

/**
 * Front matter as people write it who know no YAML: `title: Storm: no ferry today`. Null unless every line is a name with
 * its value or an entry of a list: what is not understood may be what holds a draft back.
 */
function readPlainly(lines: string[]): Map<string, unknown> | null {
  const found = new Map<string, unknown>();
  let list: string[] | null = null;
  for (const line of lines) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const entry = /^\s*-\s+(\S.*)$/.exec(line)?.[1];
    if (entry !== undefined && list) {
      list.push(plainValue(entry));
      continue;
    }
    const [, key, value = ""] = /^([\p{L}][\p{L}\p{N}_-]{0,60})\s*:(?:\s+(.*))?$/u.exec(line) ?? [];
    if (key === undefined || /^[|>{&!%]|^\[(?!.*\]$)/.test(value)) return null;
    list = null;
    if (value === "") found.set(keyOf(key), (list = []));
    else if (value.startsWith("[")) found.set(keyOf(key), value.slice(1, -1).split(",").map(plainValue));
    else found.set(keyOf(key), plainValue(value));
  }
  return found;
}

function plainValue(raw: string): string {
  const value = raw.trim();
  const quoted = /^(["'])(.*)\1$/.exec(value);
  return quoted?.[2] ?? value.replace(/\s#.*$/, "");
}

function toFrontMatter(held: Map<string, unknown>, lines: string[]): FrontMatter {
  const texts = (key: string): string[] => textsOf(held.get(keyOf(key)));
  return {
    text: (...keys) => keys.map((key) => texts(key)[0]).find((found) => found !== undefined) ?? null,
    list: (...keys) =>
      keys.flatMap((key) => texts(key)).flatMap((text) => text.split(/[,;]/).map((part) => part.trim())),
    flag(...keys) {
      for (const key of keys) {
        const word = texts(key)[0]?.toLowerCase();
        if (word && /^(?:true|yes|on|1)$/.test(word)) return true;
        if (word && /^(?:false|no|off|0)$/.test(word)) return false;
      }
      return null;
    },
    lineOf: (key) =>
      Math.max(
        0,
        lines.findIndex((line) => keyOf(line.split(":", 1)[0]?.trim() ?? "") === keyOf(key)),
      ) + 1,
  };
}

/** Texts and numbers, alone or in a list; of a person given as a record, the name. */
function textsOf(value: unknown, depth = 0): string[] {
  if (typeof value === "string") return value.trim() ? [value.trim()] : [];
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return [String(value)];
  if (Array.isArray(value) && depth === 0) return value.slice(0, 100).flatMap((held) => textsOf(held, 1));
  if (typeof value === "object" && value !== null && "name" in value) return textsOf(value.name, 2);
  return [];
}
