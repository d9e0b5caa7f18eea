import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePattern } from "#content/shared/pattern";
import { workedMs } from "#tests/fakes/cpu";

test("a pattern finds, whatever the case, in every script", () => {
  const rows: [string, string, boolean][] = [
    ["ferr(y|ies)", "All FERRIES run", true],
    ["ферри", "ФЕРРИ снова ходит", true],
    ["^\\w+ שבה", "המעבורת שבה", true],
    ["\\d{2}", "العبارة رقم ٤٢", true],
    ["\\W", "מעבורת", false],
    ["[\\w-]+", "паром", true],
    ["\\D", "٤٢", false],
    ["a\\\\w", "a\\w", true],
    ["\\Q\\w\\E", "word", false],
    ["(?:^|\\PL)שר(?:\\PL|$)", "אמר שר הים", true],
    ["(?:^|\\PL)שר(?:\\PL|$)", "אישר", false],
    ["\\bsea\\b", "the sea rises", true],
    ["\\bsea\\b", "seaside", false],
    ["a.b", "a\nb", false],
  ];
  for (const [pattern, text, expected] of rows) assert.equal(compilePattern(pattern)(text), expected, pattern);
});

test("what RE2 has not is refused in words, with its place", () => {
  const rows: [string, RegExp][] = [
    ["(a", /“\(a” cannot be used: missing closing \), at character 1/],
    ["ab[z-a]", /invalid character class range, at character 4/],
    ["ab(?=c)", /“\(\?=” at character 3 looks ahead or behind/],
    ["(?<!ab)c", /“\(\?<!” at character 1 looks ahead or behind/],
    ["(?>ab)c", /“\(\?>” at character 1 looks ahead or behind/],
    ["(a)\\1", /“\\1” at character 4 refers back/],
    ["(?<n>a)\\k<n>", /“\\k” at character 8 refers back/],
    ["a{1001}", /invalid repeat count, at character 2/],
    ["\\bשר\\b", /has \\b at character 1, which knows Latin letters only/],
    ["", /is empty/],
    ["  ", /is empty/],
    ["a".repeat(501), /has 501 characters, and 500 are allowed/],
  ];
  for (const [pattern, message] of rows) assert.throws(() => compilePattern(pattern), { message }, pattern);
});

test("any characters make a pattern or an Error in words", () => {
  const characters = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "?",
    "*",
    "+",
    "|",
    "\\",
    "^",
    "$",
    ".",
    "a",
    "é",
    "ש",
    "1",
    ",",
    "<",
    "P",
    "Q",
    "E",
    "w",
    "d",
    "p",
    ":",
    "=",
    "!",
    "-",
  ];
  let state = 1;
  const next = (below: number): number => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
  let good = 0;
  for (let round = 0; round < 5000; round++) {
    const pattern = Array.from({ length: 1 + next(14) }, () => characters[next(characters.length)]).join("");
    try {
      assert.equal(typeof compilePattern(pattern)("a ש 1 (é)"), "boolean");
      good++;
    } catch (error) {
      assert.ok(error instanceof Error && error.message.startsWith("The pattern "), `${pattern}: ${error}`);
    }
  }
  assert.ok(good > 100, `${good}`);
});

test("patterns that take other engines for ever end quickly", () => {
  const long = "a".repeat(99_000);
  const rows: [string, string][] = [
    ["(a+)+$", `${long}b`],
    ["^(a|a)*$", `${long}b`],
    ["(.*)*(.*)*(.*)*z", long],
    ["(\\w+\\s?)+!", "слово ".repeat(16_000)],
    ["(?:x+x+)+y", "x".repeat(100_000)],
    ["[^a]{100,900}b", "c".repeat(100_000)],
    ["((a?){50}){20}b", long],
  ];
  const begun = workedMs();
  for (const [pattern, text] of rows) assert.equal(compilePattern(pattern)(text), false, pattern);
  assert.ok(workedMs() - begun < 15_000);
});

test("past the first 100,000 characters a text is not read", () => {
  const found = compilePattern("z");
  assert.ok(found(`${"a".repeat(99_999)}z`));
  assert.ok(!found(`${"a".repeat(100_000)}z`));
});
