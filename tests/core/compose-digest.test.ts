import assert from "node:assert/strict";
import { test } from "node:test";
import { createCompose, mostInDigest } from "#core/compose-digest";
import type { Article, StoredArticle, Wants } from "#core/model";
import { article, minute } from "#tests/contract/store/place";

const stored = (id: number, title: string, change: Partial<Article & StoredArticle> = {}): StoredArticle => ({
  ...article(title),
  id,
  feedId: 1,
  revision: 1,
  seenAt: minute(id),
  revisedAt: null,
  retractedAt: null,
  announcedAt: minute(id),
  desk: null,
  byHand: null,
  ...change,
});

const composed = async (wants: Wants, articles: StoredArticle[]) => {
  const digest = await createCompose(async () => {})(wants, articles);
  return digest && { ...digest, sections: digest.sections.map(({ topic, articles: ids }) => [topic, ...ids]) };
};

test("breaking news comes first, then what was asked for, then the newest; each article under one topic", async () => {
  const articles = [
    stored(1, "Ferry", { topics: ["Harbour"] }),
    stored(2, "Rowers", { topics: ["Sport", "Harbour"] }),
    stored(3, "Rates", { topics: ["Economy"] }),
    stored(4, "Fire", { topics: ["Town"], breaking: true }),
    stored(5, "Quay", { topics: ["harbour"] }),
    stored(6, "Untold"),
  ];
  assert.deepEqual((await composed({}, articles))?.sections, [
    ["Town", 4],
    ["harbour", 5, 2, 1],
    ["Economy", 3],
    [null, 6],
  ]);
  assert.deepEqual((await composed({ topics: ["Economy", "Sport"] }, articles))?.sections, [
    ["Economy", 3],
    ["Sport", 2],
    ["Town", 4],
    ["harbour", 5, 1],
    [null, 6],
  ]);
  assert.deepEqual((await composed({ follows: ["ferry"] }, articles.slice(0, 3)))?.sections, [
    ["Harbour", 1, 2],
    ["Economy", 3],
  ]);
});

test("a date in the future, or none that can be, puts no article before the newest", async () => {
  const digest = await composed({}, [
    stored(1, "Future", { publishedAt: minute(9_000) }),
    stored(2, "Invalid", { publishedAt: new Date(Number.NaN) }),
    stored(3, "Now", { publishedAt: minute(3) }),
  ]);
  assert.deepEqual(digest?.sections, [[null, 3, 2, 1]]);
});

test("one story told by two is told once, by the better placed; what was taken back is not told", async () => {
  const summary =
    "The old harbour bridge opened again this morning after two years of work, and the first ferry passed beneath it at nine.";
  const [one, other] = [
    stored(1, "Harbour bridge opens again after two years of work", { summary, url: "https://bell.example/1" }),
    stored(2, "Harbour bridge opens again after two years of work", {
      summary,
      url: "https://gazette.example/2",
      feedId: 2,
    }),
  ];
  assert.ok(one && other);
  const digest = await composed({}, [one, other, stored(3, "Withdrawn", { retractedAt: minute(5) })]);
  assert.deepEqual([digest?.sections, digest?.twins, digest?.more], [[[null, 2]], [1], 0]);
  const link = { url: "https://bell.example/live" };
  const live = [stored(4, "Votes are being counted", link), stored(5, "The mayor has resigned", link)];
  assert.deepEqual((await composed({}, live))?.twins, [], "a page that tells many stories makes none of them one");
  assert.equal(await composed({}, [stored(3, "Withdrawn", { retractedAt: minute(5) })]), null);
});

test("what it has no room for is counted, the least of it first", async () => {
  const many = Array.from({ length: mostInDigest + 5 }, (_, index) =>
    stored(index + 1, `Story of the ${"abcdefghijklmnopqrstuvwxyzäöüßéèêçñ"[index]}`),
  );
  const digest = await composed({}, many);
  assert.deepEqual([digest?.more, digest?.left], [5, [5, 4, 3, 2, 1]]);
});
