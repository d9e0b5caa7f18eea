import assert from "node:assert/strict";
import { test } from "node:test";
import type { Article } from "#core/model";
import { areNearWords, isNearEqual, likeness, sameStoryThreshold, terms } from "#core/similar";
import { readPairs } from "#tests/core/similar-pairs";
import { workedMs } from "#tests/fakes/cpu";
import { article } from "#tests/fakes/newsroom";

const pairs = readPairs();
const part = (name: "choose" | "hold") => pairs.filter((pair) => pair.part === name);
const said = ({ one, other }: { one: Article; other: Article }) => `${one.title} // ${other.title}`;

test("there are pairs enough of both kinds, in four languages, and no story is in both parts", () => {
  assert.ok(pairs.filter(({ same }) => same).length >= 200);
  assert.ok(pairs.filter(({ same }) => !same).length >= 250);
  assert.deepEqual([...new Set(part("hold").map(({ language }) => language))].sort(), ["ar", "en", "he", "ru"]);
  const titles = (name: "choose" | "hold") => new Set(part(name).flatMap(({ one, other }) => [one.title, other.title]));
  assert.deepEqual([...titles("choose").intersection(titles("hold"))], []);
});

for (const name of ["choose", "hold"] as const) {
  test(`no two stories are taken for one: the part to ${name}`, () => {
    const merged = part(name).filter((pair) => !pair.same && isNearEqual(pair.one, pair.other));
    assert.deepEqual(merged.map(said), []);
  });
}

test("stories that have nothing to do with each other are never taken for one", () => {
  const firsts = new Map(pairs.map((pair) => [pair.story, pair.one]));
  assert.ok(firsts.size > 100, `${firsts.size}`);
  const merged: string[] = [];
  for (const [story, one] of firsts) {
    for (const pair of pairs) {
      if (pair.story === story) continue;
      if (likeness(one, pair.other) > sameStoryThreshold - 0.2) merged.push(said({ one, other: pair.other }));
    }
  }
  assert.deepEqual(merged, []);
});

test("most tellings of one story are found: nine of ten on the part held back, eight of ten in each language", () => {
  const share = (found: typeof pairs) =>
    found.filter(({ one, other }) => isNearEqual(one, other)).length / found.length;
  const same = part("hold").filter((pair) => pair.same);
  assert.ok(share(same) >= 0.9, `${share(same)}`);
  for (const language of ["en", "he", "ar", "ru"]) {
    const ours = pairs.filter((pair) => pair.same && pair.language === language);
    assert.ok(share(ours) >= 0.8, `${language}: ${share(ours)}`);
  }
});

test("likeness is the same from either side, and that of an article to itself is whole", () => {
  for (const { one, other } of pairs) {
    assert.ok(Math.abs(likeness(one, other) - likeness(other, one)) < 0.05, said({ one, other }));
    assert.equal(isNearEqual(one, other), isNearEqual(other, one), said({ one, other }));
    if (one.summary) assert.ok(likeness(one, { ...one }) > 0.99, one.title);
  }
});

test("near-equal articles share a term, so that the store finds the one by the other", () => {
  let found = 0;
  for (const { one, other } of pairs) {
    const ofOne = terms(one);
    assert.ok(ofOne.length <= 8 && ofOne.every((term) => term.length <= 6), ofOne.join());
    assert.deepEqual(terms({ ...one, sourceId: "again" }), ofOne);
    if (!isNearEqual(one, other)) continue;
    found++;
    assert.ok(
      terms(other).some((term) => ofOne.includes(term)),
      said({ one, other }),
    );
  }
  assert.ok(found > 300, `${found}`);
});

const base = article("Ferry to Haifa runs again after storm", {
  url: null,
  summary:
    "The ferry between Akko and Haifa runs again from Monday, the harbour master said, a week after a storm broke its pier.",
});
const told = (change: Partial<Article>): Article => ({ ...base, source: "Valley Post", ...change });

test("languages must agree where both are known", () => {
  assert.ok(isNearEqual(base, told({ language: "en-gb" })));
  assert.ok(isNearEqual(base, told({ language: null })));
  assert.ok(!isNearEqual(base, told({ language: "fr" })));
});

test("a publisher's name at a headline's end is no part of it, also where another passes the story on", () => {
  const alone = { summary: null, publishedAt: new Date(0) };
  const bare = told({ ...alone, title: "Ferry to Haifa runs again after storm breaks pier" });
  for (const end of [" - The Harbour Bell", " | Harbour Bell", " – bell", " · The Harbour Bell"]) {
    const passedOn = told({ ...alone, title: `${bare.title}${end}`, source: "News of the Day" });
    const original = { ...bare, source: "The Harbour Bell", url: "https://bell.example/ferry" };
    assert.ok(isNearEqual(passedOn, original), end);
  }
  assert.ok(!isNearEqual(told({ ...alone, title: `${bare.title} - captain arrested` }), bare));
});

test("without standfirsts only the same words of about the same time are one story", () => {
  const at = (minutes: number, title = "Sirens sound in Metula and along the northern border") =>
    told({ title, summary: null, publishedAt: new Date(minutes * 60_000) });
  assert.ok(isNearEqual(at(0), at(90)));
  assert.ok(!isNearEqual(at(0), at(240)));
  assert.ok(!isNearEqual(at(0), at(5, "Sirens sound in Safed and along the northern border")));
  assert.ok(!isNearEqual(at(0, "Sirens sound"), at(5, "Sirens sound")), "two words are many stories");
});

test("where there is no standfirst, the text's beginning stands for it", () => {
  const text = `${base.summary}\n\nTickets cost as much as before.`;
  assert.ok(isNearEqual(base, told({ summary: null, text })));
});

test("letters that stand alone are marks, initials are not", () => {
  const draw = (group: string) =>
    told({
      title: `Lions drawn into group ${group}`,
      summary: `The Lions will play in group ${group} of the cup against two teams from the north, the association said after the draw in Netanya on Sunday.`,
    });
  assert.ok(!isNearEqual(draw("B"), draw("C")));
  assert.ok(
    isNearEqual(
      told({ title: "U.S. lifts tariff on citrus fruit" }),
      told({ title: "US lifts tariff on citrus fruit" }),
    ),
  );
});

test("scripts without spaces are compared by their words", () => {
  const japanese = (title: string, summary: string) => told({ title, summary, language: "ja" });
  const one = japanese(
    "ハイファ港の倉庫で火災",
    "日曜日の夜、ハイファ港の倉庫で火災が発生し、建物の大部分が焼失したと消防当局が発表した。けが人はいなかった。",
  );
  const other = japanese(
    "速報:ハイファ港の倉庫で火災",
    "日曜日の夜、ハイファ港の倉庫で火災が発生し、建物の大部分が焼失したと消防当局が発表した。",
  );
  const elsewhere = japanese(
    "アシュドッド港の工場で爆発",
    "月曜日の朝、アシュドッド港の工場で爆発が起き、三人が負傷したと警察が発表した。",
  );
  assert.ok(isNearEqual(one, other));
  assert.ok(!isNearEqual(one, elsewhere));
  assert.ok(terms(one).some((term) => terms(other).includes(term)));
});

test("two versions of a line under one link are near, another day's instalment is not", () => {
  assert.ok(areNearWords("Twelve dead in mine collapse", "Fourteen dead in mine collapse"));
  assert.ok(areNearWords("המטייל הנעדר נמצא", "המטייל הנעדר בגליל נמצא בריא"));
  assert.ok(!areNearWords("Harbour news of Monday", "Harbour news of Tuesday"));
  assert.ok(!areNearWords("Weather: sun and wind in the north", "Weather: sun and rain in the north"));
  assert.ok(!areNearWords("Ferry runs again", "Council votes on budget"));
  assert.ok(!areNearWords(null, null));
});

test("texts of any length and kind are compared at once and without an error", () => {
  const odd = [
    "",
    " ",
    "🔴",
    "a".repeat(200_000),
    "א ".repeat(100_000),
    "1 ".repeat(100_000),
    "\ud800",
    "|".repeat(50_000),
    "it's ".repeat(20_000),
    "A.".repeat(50_000),
    "BREAKING: ".repeat(1000),
  ];
  const begun = workedMs();
  for (const title of odd) {
    for (const summary of odd) {
      const odder = told({ title, summary });
      assert.ok(likeness(odder, base) < sameStoryThreshold);
      assert.ok(terms(odder).length <= 8);
    }
  }
  assert.ok(workedMs() - begun < 20_000);
});
