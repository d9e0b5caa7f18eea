import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePattern } from "#content/shared/pattern";
import type { Article, Condition, FeedRules } from "#core/model";
import { compileRules } from "#core/rules";
import { workedMs } from "#tests/fakes/cpu";
import { article as told } from "#tests/fakes/newsroom";

const article = (title: string, change: Partial<Article> = {}): Article =>
  told(title, { summary: null, language: null, ...change });
const rule = (rules: FeedRules, given: Article) => compileRules(rules, compilePattern)(given);
const holds = (condition: Condition, given: Article): boolean => !rule({ exclude: [condition] }, given).out;
const says = (word: string, text: string): boolean => holds({ words: [word] }, article(text));

test("without rules everything goes out as it came", () => {
  const given = article("Ferry runs", { breaking: true, topics: ["Sea"] });
  assert.deepEqual(rule({}, given), { out: true, why: null, article: given });
});

test("words are whole words in any script; case and vowel marks do not count", () => {
  const rows: [string, string, boolean][] = [
    ["sport", "All about Sport today", true],
    ["SPORT", "sport", true],
    ["sport", "Transport stops", false],
    ["sport", "sports", false],
    ["art", "(art)", true],
    ["cafe", "The Café opens", true],
    ["Café", "the cafe opens", true],
    ["Levi", "Levi's boat, “Levi”", true],
    ["don't", "We don’t sail", true],
    ["prime minister", "The Prime\u00a0 Minister sails", true],
    ["prime minister", "The minister, prime in age", false],
    ["G7", "the G7 meet", true],
    ["ספורט", "חדשות הסְפּוֹרט", true],
    ["צה״ל", 'דובר צה"ל מסר', true],
    ['צה"ל', "חיילי צה״ל", true],
    ["حكومة", "الحكومة تجتمع", true],
    ["حُكومة", "وحكومه جديدة", true],
    ["إسرائيل", "وصل لاسرائيل اليوم", true],
    ["ولد", "مولد جديد", false],
    ["ёлка", "Елка горит", true],
    ["кот", "который", false],
    ["мой", "мои", false],
    ["東京", "今日の東京は晴れ", true],
    ["大阪", "今日の東京は晴れ", false],
    ["🔴", "🔴 Ferry runs", true],
    ["🔴", "Ferry runs", false],
  ];
  for (const [word, text, expected] of rows) assert.equal(says(word, text), expected, `${word} in ${text}`);
});

test("a Hebrew word is found behind the letters that are written onto it", () => {
  for (const text of [
    "הממשלה",
    "בממשלה",
    "לממשלה",
    "מממשלה",
    "שממשלה",
    "וממשלה",
    "כממשלה",
    "והממשלה",
    "שבממשלה",
    "כשהממשלה",
    "״הממשלה״",
    "אנשי־הממשלה",
  ]) {
    assert.ok(says("ממשלה", `${text} החליטה`), text);
  }
  assert.ok(says("ראש הממשלה", "לראש הממשלה"));
  for (const text of ["ממשלתי", "אממשלה", "ממשל"]) assert.ok(!says("ממשלה", text), text);
  assert.ok(!says("ראש ממשלה", "ראש הממשלה"), "only the first word of several");
});

test("words are looked for in kicker, headline, summary and text", () => {
  const parts: Partial<Article>[] = [
    { kicker: "sport" },
    { title: "sport" },
    { summary: "sport" },
    { text: "one\n\nsport" },
  ];
  for (const part of parts) assert.ok(holds({ words: ["sport"] }, article("x", part)), JSON.stringify(part));
  assert.ok(!holds({ words: ["sport"] }, article("x", { source: "Sport", authors: ["Sport"], topics: ["Sport"] })));
});

test("topics, authors and languages", () => {
  const given = article("x", {
    topics: ["Local  News", "ספּורט"],
    authors: ["By Dana Levi, Reuters"],
    language: "en-gb",
  });
  const rows: [Condition, boolean][] = [
    [{ topics: ["local  news"] }, true],
    [{ topics: ["ספורט"] }, true],
    [{ topics: ["news"] }, false],
    [{ authors: ["dana levi"] }, true],
    [{ authors: ["Levi"] }, true],
    [{ authors: ["Dan"] }, false],
    [{ languages: ["en"] }, true],
    [{ languages: ["EN_GB"] }, true],
    [{ languages: ["en-us"] }, false],
    [{ languages: ["e"] }, false],
    [{ languages: ["he", "en"] }, true],
    [{ topics: ["local  news"], languages: ["he"] }, false],
    [{ topics: ["local  news"], authors: ["Levi"], languages: ["en"] }, true],
    [{}, true],
  ];
  for (const [condition, expected] of rows) {
    assert.equal(holds(condition, given), expected, JSON.stringify(condition));
  }
  assert.ok(!holds({ languages: ["he"] }, article("x")), "an unknown language is none of those named");
  assert.ok(holds({ languages: ["he"] }, article("x", { language: "iw" })), "the old code of Hebrew");
});

test("a pattern is looked for in all that is said, whatever the case", () => {
  const given = article("Ferry 12 runs", { summary: "From Monday" });
  assert.ok(holds({ pattern: "ferry \\d+" }, given));
  assert.ok(holds({ pattern: "(?m)^FROM" }, given));
  assert.ok(!holds({ pattern: "runs.From" }, given), "a point does not reach from one to the next");
});

test("where include is given, only what one of its conditions holds for goes out", () => {
  const rules: FeedRules = { include: [{ words: ["sea"] }, { topics: ["Haifa"] }] };
  assert.ok(rule(rules, article("The sea rises")).out);
  assert.ok(rule(rules, article("x", { topics: ["haifa"] })).out);
  const left = rule(rules, article("Council votes"));
  assert.ok(!left.out);
  assert.equal(left.why, "it is none of what the feed's rules let through");
});

test("exclude counts more than include, and says why", () => {
  const rules: FeedRules = { include: [{}], exclude: [{ words: ["opera", "sport"], languages: ["en"] }] };
  const left = rule(rules, article("Sport at sea", { language: "en" }));
  assert.ok(!left.out);
  assert.equal(left.why, "it has the word “sport” and its language is “en”");
  assert.ok(rule(rules, article("Sport at sea", { language: "he" })).out);
});

test("topics are given once, and count for the conditions after them", () => {
  const rules: FeedRules = {
    topics: [
      { topic: "Sea", when: { words: ["ferry"] } },
      { topic: "Travel", when: { topics: ["sea"] } },
    ],
    exclude: [{ topics: ["travel"] }],
  };
  const given = article("Ferry runs", { topics: ["SEA"] });
  const left = rule(rules, given);
  assert.deepEqual(left.article.topics, ["SEA", "Travel"]);
  assert.ok(!left.out);
  assert.deepEqual(given.topics, ["SEA"], "what was given stays");
  assert.deepEqual(rule(rules, article("Council votes")).article.topics, []);
});

test("breaking by rule, by the publisher's mark, and never", () => {
  const calm = article("Ferry sinks");
  const marked = article("Council votes", { breaking: true });
  const breaking: FeedRules = { breaking: [{ words: ["sinks"] }] };
  assert.equal(rule(breaking, calm).article.breaking, true);
  assert.equal(rule(breaking, marked).article.breaking, true);
  assert.equal(rule(breaking, article("Council votes")).article.breaking, false);
  assert.equal(rule({ breaking: "never" }, marked).article.breaking, false);
});

test("rules that are none are refused in words", () => {
  const bad: [FeedRules, RegExp][] = [
    [{ exclude: [{ pattern: "(a" }] }, /pattern “\(a” cannot be used: missing closing \)/],
    [{ include: [{ words: [] }] }, /list of words is empty/],
    [{ include: [{ topics: ["a", " "] }] }, /list of topics has a blank entry/],
    [{ topics: [{ topic: " ", when: {} }] }, /topic that has no name/],
  ];
  for (const [rules, message] of bad) assert.throws(() => compileRules(rules, compilePattern), { message });
});

test("a thousand words over a long text are looked for at once", () => {
  const words = Array.from({ length: 1000 }, (_, at) => `word${at} of many`);
  const compiled = compileRules({ exclude: [{ words }] }, compilePattern);
  const begun = workedMs();
  for (let round = 0; round < 5; round++) {
    assert.ok(compiled(article("x", { text: `${"of many word ".repeat(20_000)} ${round}` })).out);
  }
  assert.ok(workedMs() - begun < 10_000);
});
