import assert from "node:assert/strict";
import { test } from "node:test";
import { languageFrom } from "#core/languages";
import type { Preferences } from "#core/model";
import { nearest } from "#core/nearest";
import { mostEntries, normalPreferences, preferencesWords, wantsAll, wantsOf } from "#core/preferences";

test("preferences have one form: no blanks, no doubles, in order, nothing that holds anyway", () => {
  const messy: Preferences = {
    feeds: [3, 1, 3],
    topics: [" Sport ", "SPORT", "Economy", " "],
    follows: ["north\n quay", "North Quay", "צה״ל", 'צה"ל', "\u202eferry\u0007"],
    mutes: [],
    languages: ["iw", "EN_gb", "he"],
    silent: false,
    template: "full",
  };
  const normal = normalPreferences(messy);
  assert.deepEqual(normal, {
    feeds: [1, 3],
    topics: ["Economy", "Sport"],
    follows: ["ferry", "north quay", "צה״ל"],
    languages: ["en-gb", "he"],
  });
  assert.deepEqual(normalPreferences(normal), normal);
  assert.deepEqual(normalPreferences({ silent: true, template: "brief" }), { silent: true, template: "brief" });
});

test("what is more or longer than allowed is left out, and no character is cut in two", () => {
  const { follows, topics } = normalPreferences({
    follows: Array.from({ length: 80 }, (_, index) => `word ${index}`),
    topics: ["😀".repeat(61)],
  });
  assert.equal(follows?.length, mostEntries);
  assert.deepEqual(topics, ["😀".repeat(60)]);
});

test("equal wants are equal however they were written down, and the manner is no part of them", () => {
  const one = wantsOf({ topics: ["Sport", "Sea"], languages: ["he"], silent: true });
  const other = wantsOf({ template: "brief", languages: ["iw", "he"], topics: ["Sea", "Sport", "sea"], mutes: [" "] });
  assert.equal(JSON.stringify(one), JSON.stringify(other));
  assert.ok(wantsAll({ silent: true, topics: [""] }));
  assert.ok(!wantsAll({ feeds: [1] }));
});

test("preferences are said in sentences", () => {
  const said: [Preferences, string][] = [
    [{}, "You get every article."],
    [{ topics: ["Sport"] }, "You get articles on Sport."],
    [{ follows: ["ferry", "quay"] }, "You get articles with “ferry” or “quay”."],
    [
      { topics: ["Sport", "Sea"], follows: ["ferry"], mutes: ["horoscope"], languages: ["he", "ru"] },
      "You get articles on Sea or Sport, or with “ferry”. Nothing with “horoscope”. Only in Hebrew or Russian.",
    ],
    [
      { feeds: [2], silent: true, template: "brief" },
      "You get every article. Only from feed 2. Without a sound, where the platform can. Headline and link only.",
    ],
    [{ topics: ["ספורט"], follows: ["רכבת"] }, "You get articles on \u2068ספורט\u2069, or with “\u2068רכבת\u2069”."],
  ];
  for (const [preferences, words] of said) assert.equal(preferencesWords(preferences), words);
  const many = { mutes: Array.from({ length: 40 }, (_, index) => `w${index + 10}`) };
  assert.match(
    preferencesWords(many, { gets: "Gets" }),
    /^Gets every article\. Nothing with “w10”, .*“w21” or 28 others\.$/,
  );
  assert.match(preferencesWords({ feeds: [7] }, { feedName: () => "The Gull" }), /Only from The Gull\./);
});

test("a language is known by its tag and by its name in several languages", () => {
  const known: [string, string | null][] = [
    ["he", "he"],
    ["IW", "he"],
    ["en_GB", "en-gb"],
    ["Hebrew", "he"],
    ["עברית", "he"],
    ["иврит", "he"],
    ["العربية", "ar"],
    ["Русский", "ru"],
    ["deutsch", "de"],
    ["日本語", "ja"],
    ["xx", null],
    ["sport", null],
    ["he-", null],
    ["", null],
    ["e".repeat(5000), null],
  ];
  for (const [text, tag] of known) assert.equal(languageFrom(text), tag, text.slice(0, 20));
});

test("a name that was written almost right is found", () => {
  const names = ["Sport", "Economy", "ספורט", "Harbour life", "Экономика"];
  assert.deepEqual(nearest("sprot", names), ["Sport"]);
  assert.deepEqual(nearest("harbour", names), ["Harbour life"]);
  assert.deepEqual(nearest("ספרוט", names), ["ספורט"]);
  assert.deepEqual(nearest("эканомика", names), ["Экономика"]);
  assert.deepEqual(nearest("weather", names), []);
  assert.deepEqual(nearest("", names), []);
});
