import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bestFirst, type Found, lookAt } from "#content/discover/found";
import type { Article } from "#core/model";

const day = (date: number, hour = 0): Date => new Date(Date.UTC(2025, 5, date, hour));

const article = (url: string | null, publishedAt: Date | null, more: Partial<Article> = {}): Article => ({
  sourceId: url ?? "x",
  url,
  title: "Ferry",
  kicker: null,
  summary: null,
  text: null,
  image: null,
  authors: [],
  source: "quay.example",
  topics: [],
  language: null,
  publishedAt,
  updatedAt: null,
  breaking: false,
  ...more,
});
const look = (address: string, articles: Article[], kind: Found["kind"] = "feed", title = "T") =>
  lookAt(kind, address, { kind: "fetched", title, articles, validators: {} });
const addresses = (found: Found[]): string[] => found.map(({ address }) => address);

describe("what was found", () => {
  it("is told once under http and https, www and closing slash", () => {
    const looks = [
      look("https://quay.example/feed", [article("https://quay.example/1", day(3))]),
      look("http://www.quay.example/feed/", [article("http://quay.example/other", day(3))]),
      look("https://quay.example/rss", [article("http://www.quay.example/1/?utm_source=rss", day(3))]),
      look("https://quay.example/more", [article("https://quay.example/2", day(3))]),
      look("https://quay.example/none", []),
      look("https://quay.example/empty", []),
    ];
    assert.deepEqual(addresses(bestFirst(looks, "")), [
      "https://quay.example/feed",
      "https://quay.example/more",
      "https://quay.example/none",
      "https://quay.example/empty",
    ]);
  });

  it("is told from best to least: alive before left over, feeds before what imitates them, comments last", () => {
    const at = (date: Date | null, name: string) => [article(`https://quay.example/${name}`, date)];
    const looks = [
      look("https://quay.example/c", at(day(3), "c"), "feed", "Комментарии к новостям"),
      look("https://quay.example/?feed=comments-rss2", at(day(3), "d")),
      look("https://quay.example/list", at(day(3), "l"), "listing"),
      look("https://quay.example/map.xml", at(day(3), "m"), "sitemap"),
      look("https://quay.example/old", at(new Date("2024-01-01"), "o")),
      look("https://quay.example/", at(day(2), "w"), "wordpress"),
      look("https://quay.example/undated", at(null, "u")),
      look("https://quay.example/commentary/feed", at(day(1), "f")),
    ];
    assert.deepEqual(addresses(bestFirst(looks, "")), [
      "https://quay.example/undated",
      "https://quay.example/commentary/feed",
      "https://quay.example/",
      "https://quay.example/map.xml",
      "https://quay.example/list",
      "https://quay.example/old",
      "https://quay.example/c",
      "https://quay.example/?feed=comments-rss2",
    ]);
  });

  it("says how often there is news by the newest, so that one old story does not count", () => {
    const articles = Array.from({ length: 31 }, (_, hour) => article(`https://q.example/${hour}`, day(3, hour)));
    const { found } = look("https://q.example/feed", [
      ...articles,
      article("https://q.example/old", new Date("2001-01-01")),
    ]);
    assert.equal(found.perDay, 24);
    assert.deepEqual(found.newestAt, day(4, 6));
    assert.equal(look("https://q.example/feed", [article(null, day(3))]).found.perDay, null);
  });

  it("goes by the time of change where nothing else is dated, and by the language of most", () => {
    const { found } = look("https://q.example/map.xml", [
      article(null, null, { updatedAt: day(2), language: "ar" }),
      article(null, null, { updatedAt: day(3), language: "he" }),
      article(null, null, { language: "he" }),
    ]);
    assert.deepEqual(found.newestAt, day(3));
    assert.equal(found.language, "he");
    assert.equal(found.articles, 3);
  });
});
