import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, direction, excerpt, timeOfDay } from "#core/text";
import { wordsFor } from "#core/words";

test("an excerpt keeps whole sentences", () => {
  const text = "The bridge opens at noon. Ferries stop at one. Dr. Levi expects crowds all day long, she said.";
  assert.equal(excerpt(text, 50), "The bridge opens at noon. Ferries stop at one.");
  assert.equal(excerpt(text, 500), text);
  assert.equal(excerpt("  many \n spaces ", 50), "many spaces");
});

test("where no sentence fits, words are kept whole and the cut is shown", () => {
  assert.equal(excerpt("A single sentence that goes on and on without any end", 30), "A single sentence that goes…");
});

test("a cut never splits what people see as one character", () => {
  const family = "👨‍👩‍👧‍👦";
  for (let max = 2; max < 40; max += 1) {
    const short = cut(family.repeat(5), max);
    assert.ok(short.length <= max, `${short.length} of ${max}`);
    assert.equal(short.replace("…", "").length % family.length, 0);
  }
  assert.equal(cut("שָׁלוֹם עולם", 4).isWellFormed(), true);
});

test("a text follows its first strong letter", () => {
  assert.equal(direction("12:30 – שלום JFeed"), "rtl");
  assert.equal(direction("🔴 JFeed שלום"), "ltr");
  assert.equal(direction("عاجل"), "rtl");
  assert.equal(direction("123"), "ltr");
});

test("the time is the one in the zone", () => {
  assert.equal(timeOfDay(new Date("2026-07-01T11:05:00Z"), "Asia/Jerusalem"), "14:05");
  assert.equal(timeOfDay(new Date("2026-07-01T21:05:00Z"), "Asia/Jerusalem"), "00:05");
});

test("words come in the article's language, or by its script", () => {
  assert.equal(wordsFor("en-GB", "").readOn("The Bell"), "Read on The Bell");
  assert.equal(wordsFor("iw", "").breaking, wordsFor("he-IL", "").breaking);
  assert.equal(wordsFor(null, "ראש הממשלה").breaking, "מבזק");
  assert.equal(wordsFor("fr", "").breaking, "Breaking");
});
