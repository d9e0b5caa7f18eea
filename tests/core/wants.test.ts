import assert from "node:assert/strict";
import { test } from "node:test";
import { finderOf, nameKey, searched, searchedText, termOf } from "#core/article-text";
import type { Article, FeedId, Wants } from "#core/model";
import { createRouter } from "#core/wants";
import { article } from "#tests/fakes/newsroom";

const bell: FeedId = 1;
const gull: FeedId = 2;

/** True when an article is for somebody with these wants. */
const isFor = (wants: Wants, change: Partial<Article>, feed = bell): boolean =>
  createRouter([{ id: 7, wants }])(article("Ferry runs again", { summary: null, ...change }), feed).length === 1;

test("who decided nothing gets everything", () => {
  assert.ok(isFor({}, {}));
  assert.ok(isFor({ feeds: [], topics: [], follows: [], mutes: [], languages: [] }, { language: null }));
});

test("a chosen topic or a followed word is enough, and one of them is needed", () => {
  const wants: Wants = { topics: ["Sport"], follows: ["ferry", "north quay"] };
  assert.ok(isFor(wants, {}));
  assert.ok(isFor(wants, { title: "Rowers win", topics: ["SPORT"] }));
  assert.ok(isFor(wants, { title: "Rowers win", text: "They rowed to the North  Quay." }));
  assert.ok(!isFor(wants, { title: "Rowers win", topics: ["Sport clubs"] }));
  assert.ok(!isFor(wants, { title: "Ferryman of the year at the quay", topics: [] }));
});

test("a followed or muted word is found in the names of topics too, each by itself", () => {
  assert.ok(isFor({ follows: ["war"] }, { topics: ["Israel at War"] }));
  assert.ok(!isFor({ mutes: ["war"] }, { topics: ["Israel at War"] }));
  assert.ok(!isFor({ follows: ["war rowing"] }, { topics: ["War", "Rowing"] }));
});

test("what is muted never comes, chosen or not, breaking or not", () => {
  const wants: Wants = { topics: ["Sport"], follows: ["ferry"], mutes: ["horoscope", "Opinion"] };
  assert.ok(isFor(wants, {}));
  for (const breaking of [false, true]) {
    assert.ok(!isFor(wants, { breaking, text: "Your Horoscope, at sea." }));
    assert.ok(!isFor(wants, { breaking, topics: ["Sport", "opinion"] }));
    assert.ok(!isFor({ mutes: ["ferry"] }, { breaking }));
  }
});

test("words of Hebrew, Arabic and Russian are found as they are written in a sentence", () => {
  assert.ok(isFor({ follows: ["ממשלה"] }, { title: "שרים: והממשלה תתכנס" }));
  assert.ok(isFor({ follows: ["תל אביב"] }, { title: "הרכבת בתל אביב" }));
  assert.ok(isFor({ follows: ['צה"ל'] }, { title: "דובר צה״ל מסר" }));
  assert.ok(!isFor({ mutes: ["ספורט"] }, { title: "חדשות הספורט" }));
  assert.ok(isFor({ follows: ["حكومة"] }, { title: "اجتماع الحُكومَة اليوم" }));
  assert.ok(isFor({ topics: ["спорт"] }, { topics: ["Спорт"] }));
  assert.ok(!isFor({ follows: ["порт"] }, { title: "Спорт сегодня" }));
  assert.ok(isFor({ follows: ["東京"] }, { title: "きょうの東京は晴れ" }));
  assert.ok(isFor({ follows: ["🔴"] }, { title: "🔴 Now" }));
});

test("feeds and languages must hold beside all else", () => {
  assert.ok(isFor({ feeds: [bell] }, {}));
  assert.ok(!isFor({ feeds: [bell] }, {}, gull));
  assert.ok(!isFor({ feeds: [gull], topics: ["Sport"] }, { topics: ["Sport"] }));
  assert.ok(isFor({ languages: ["en", "he"] }, { language: "en-gb" }));
  assert.ok(isFor({ languages: ["he"] }, { language: "iw" }));
  assert.ok(!isFor({ languages: ["en-gb"] }, { language: "en" }));
  assert.ok(!isFor({ languages: ["en"] }, { language: "eng" }));
  assert.ok(!isFor({ languages: ["he"], follows: ["ferry"] }, { language: "en" }));
});

test("what does not say its language is taken for any of its headline's script, and of a chosen feed for all", () => {
  const unsaid = (title: string): Partial<Article> => ({ title, language: null });
  assert.ok(isFor({ languages: ["he"] }, unsaid("המעבורת חוזרת: iPhone")));
  assert.ok(!isFor({ languages: ["he"] }, unsaid("Ferry runs again")));
  assert.ok(isFor({ languages: ["en"] }, unsaid("Ferry runs again")));
  assert.ok(!isFor({ languages: ["ru"] }, unsaid("المعبر مفتوح")));
  assert.ok(isFor({ languages: ["ja"] }, unsaid("きょうの東京は晴れ")));
  assert.ok(isFor({ languages: ["ru"] }, unsaid("2:0!")), "nothing tells its language");
  assert.ok(isFor({ languages: ["he"] }, unsaid("ჩვენი ბორანი")), "nor here, as far as we can tell");
  assert.ok(isFor({ languages: ["he"], feeds: [bell] }, unsaid("Ferry runs again")));
  assert.ok(!isFor({ languages: ["he"], feeds: [bell] }, { language: "en" }));
});

test("wants come in later, and are told by their ids", () => {
  const router = createRouter([
    { id: 3, wants: { follows: ["ferry"] } },
    { id: 5, wants: { topics: ["Sport"] } },
  ]);
  router.add([
    { id: 8, wants: { follows: ["FERRY", "runs again"], topics: ["Sea"] } },
    { id: 9, wants: {} },
  ]);
  assert.deepEqual(router(article("Ferry runs again", { topics: ["Sea"] }), bell).sort(), [3, 8, 9]);
  assert.deepEqual(createRouter([])(article("Ferry"), bell), []);
});

/** The same as the router without any index: each wants against each article, word by word. */
function plainly(wants: Wants, { topics, ...one }: Article, feed: FeedId): boolean {
  const texts = [searchedText(one), ...topics.map((topic) => searched(() => topic))];
  const stands = (word: string): boolean => texts.some(finderOf(termOf(word)));
  const isTopic = (name: string): boolean => topics.some((topic) => nameKey(topic) === nameKey(name));
  const tag = one.language ?? "";
  return (
    (!wants.topics && !wants.follows
      ? true
      : (wants.topics ?? []).some(isTopic) || (wants.follows ?? []).some(stands)) &&
    !(wants.mutes ?? []).some(stands) &&
    (wants.feeds?.includes(feed) ?? true) &&
    (wants.languages?.some((language) => `${tag}-`.startsWith(`${language}-`)) ?? true)
  );
}

test("a thousand readers and many articles: the index finds what looking at each would find", () => {
  let seed = 11;
  const pick = <T>(from: readonly [T, ...T[]]): T => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return from[Math.floor((seed / 2 ** 31) * from.length)] ?? from[0];
  };
  const words = [
    ...["ferry", "ferries", "north", "quay", "Öresund", "C++", "2026", "🔴", "東京", "京", "晴れ"],
    ...["ממשלה", "הממשלה", "ושבממשלה", "אביב", "תל", "בתל", "של", "כש", 'צה"ל', "הצה״ל", "ב"],
    ...["حكومة", "والحكومة", "بالحكومه", "ال", "порт", "Спорт", "ёлка", "елка"],
  ] as [string, ...string[]];
  const some = (most: number): string[] =>
    Array.from({ length: pick([1, 2, most]) }, () =>
      pick([1, 2, 3]) === 1 ? `${pick(words)} ${pick(words)}` : pick(words),
    );
  const maybe = <T>(name: string, value: T): Record<string, T> => (pick([true, false, false]) ? { [name]: value } : {});
  const profiles = Array.from({ length: 1_000 }, (_, index) => ({
    id: index + 1,
    wants: {
      ...maybe("topics", some(4)),
      ...maybe("follows", some(4)),
      ...maybe("mutes", some(4)),
      ...maybe("feeds", [pick([bell, gull])]),
      ...maybe("languages", [pick(["en", "he", "en-gb"])]),
    } as Wants,
  }));
  const router = createRouter(profiles);
  let matches = 0;
  for (let round = 0; round < 60; round++) {
    const one = article(some(3).join(" "), {
      summary: some(6).join(" / "),
      text: pick([null, some(9).join("\n")]),
      topics: pick([[], some(3)]),
      language: pick(["en", "en-gb", "he"]),
    });
    const feed = pick([bell, gull]);
    const expected = profiles.filter(({ wants }) => plainly(wants, one, feed)).map(({ id }) => id);
    assert.deepEqual(
      router(one, feed).sort((a, b) => a - b),
      expected,
      `${one.title} | ${one.summary} | ${one.topics}`,
    );
    matches += expected.length;
  }
  assert.ok(matches > 5_000 && matches < 50_000, `${matches} matches say something`);
});
