import { RE2JS, RE2JSSyntaxException } from "re2js";
import type { CompilePattern } from "#core/ports";

/** Characters of a pattern: a list of words is better kept as words. */
const longestPattern = 500;
/** Characters that are searched: at the slowest pattern found (a counted class of 900) that is a tenth of a second. */
const longestText = 100_000;

/** What an editor who knows other regular expressions writes, and cannot have here: it could take for ever. */
const lookaround = /\(\?(?:[=!>]|<[=!])/;
const backreference = /(?<!\\)(?:\\\\)*(\\(?:[1-9]|k)|\(\?P=)/;

/**
 * Compiles a pattern in RE2's syntax; case does not count, and `\w` and `\d` know every script.
 * @throws Error in words: what is wrong, where, and what can be written instead
 */
export const compilePattern: CompilePattern = (pattern) => {
  if (pattern.trim() === "") throw new Error("The pattern is empty: it would hold for every article.");
  if (pattern.length > longestPattern) {
    throw new Error(
      `The pattern has ${pattern.length} characters, and ${longestPattern} are allowed: use words, or several rules.`,
    );
  }
  if (/\\[bB]/.test(pattern) && /[^\0-\x7f]/.test(pattern)) {
    const at = pattern.search(/\\[bB]/) + 1;
    throw new Error(
      `The pattern “${pattern}” has \\b at character ${at}, which knows Latin letters only: write the words as words, or put (?:^|\\PL) before and (?:\\PL|$) after them.`,
    );
  }
  try {
    const compiled = RE2JS.compile(withEveryScript(pattern), RE2JS.CASE_INSENSITIVE);
    return (text) => compiled.test(text.length > longestText ? text.slice(0, longestText) : text);
  } catch (cause) {
    throw new Error(`The pattern “${pattern}” cannot be used: ${problemOf(pattern, cause)}.`, { cause });
  }
};

/** `\w` and `\d` name the letters and digits of every script, as readers take them; RE2's own know ASCII only. */
function withEveryScript(pattern: string): string {
  let inClass = false;
  return pattern.replace(/\\(?:Q[\s\S]*?(?:\\E|$)|[\s\S])|\[\^?\]?|\]/g, (part) => {
    if (part.startsWith("[")) inClass = true;
    else if (part === "]") inClass = false;
    else if (part === "\\w") return inClass ? "\\pL\\pM\\pN_" : "[\\pL\\pM\\pN_]";
    else if (part === "\\W" && !inClass) return "[^\\pL\\pM\\pN_]";
    else if (part === "\\d") return "\\p{Nd}";
    else if (part === "\\D") return "\\P{Nd}";
    return part;
  });
}

/** In words, with the place where it is known. */
function problemOf(pattern: string, cause: unknown): string {
  const looks = lookaround.exec(pattern);
  if (looks) {
    return `“${looks[0]}” at character ${looks.index + 1} looks ahead or behind, which no pattern here may, since it could take for ever; use two rules instead`;
  }
  const refers = backreference.exec(pattern);
  if (refers?.[1]) {
    const at = refers.index + refers[0].length - refers[1].length;
    return `“${refers[1]}” at character ${at + 1} refers back to what was found before, which no pattern here may, since it could take for ever`;
  }
  if (!(cause instanceof RE2JSSyntaxException)) return "it is too large or too deep; make it simpler";
  const fragment = (cause.getPattern() ?? "").replace(/^\(\?i\)/, "");
  const at = fragment ? pattern.indexOf(fragment) : -1;
  return `${cause.getDescription()}${at === -1 ? "" : `, at character ${at + 1}`}`;
}
