import assert from "node:assert/strict";
import { test } from "node:test";
import { article, type CreatePlace, minute, now, withScene } from "#tests/contract/store/place";

export function describeArticles(create: CreatePlace): void {
  test("an article comes back as it was added", () =>
    withScene(create, async ({ store, feed }) => {
      const full = article("Ferry runs again", {
        kicker: "Harbour",
        summary: "From Monday.",
        image: "https://bell.example/ferry.jpg",
        topics: ["Harbour", "Traffic, local"],
        language: "en-gb",
        publishedAt: new Date("2026-03-01T09:30:00.123Z"),
        breaking: true,
      });
      const added = await store.articles.add(feed.id, full, now);
      assert.deepEqual(added, { ...full, id: added.id, feedId: feed.id, revision: 1, seenAt: now, revisedAt: null });
      assert.deepEqual(await store.articles.get(added.id), added);
      assert.deepEqual(await store.articles.bySourceId(feed.id, full.sourceId), added);
      assert.deepEqual(await store.articles.byUrl(full.url ?? ""), [added]);

      const bare = article("Bare", { url: null, language: null });
      const second = await store.articles.add(feed.id, bare, now);
      assert.deepEqual(second, { ...bare, id: second.id, feedId: feed.id, revision: 1, seenAt: now, revisedAt: null });
    }));

  test("what is unknown is null or nothing", () =>
    withScene(create, async ({ store, feed }) => {
      assert.equal(await store.articles.get(1), null);
      assert.equal(await store.articles.bySourceId(feed.id, "x"), null);
      assert.deepEqual(await store.articles.byUrl("https://bell.example/x"), []);
      await assert.rejects(store.articles.revise(77, article("x"), now), /no article 77/);
    }));

  test("the feed's own id is unique within a feed, and only there", () =>
    withScene(create, async ({ store, feed }) => {
      await store.feeds.configure(
        [feed, { kind: "feed", address: "b" }].map(({ kind, address }) => ({ kind, address })),
        now,
      );
      const other = (await store.feeds.list())[1];
      const first = await store.articles.add(feed.id, article("One", { sourceId: "1" }), now);
      const second = await store.articles.add(other?.id ?? 0, article("Two", { sourceId: "1" }), now);
      assert.equal((await store.articles.bySourceId(feed.id, "1"))?.id, first.id);
      assert.equal((await store.articles.bySourceId(other?.id ?? 0, "1"))?.id, second.id);
      await assert.rejects(store.articles.add(feed.id, article("Three", { sourceId: "1" }), now));
    }));

  test("articles of one link come oldest first, whatever feed they are of", () =>
    withScene(create, async ({ store, feed }) => {
      const url = "https://bell.example/live";
      const first = await store.articles.add(feed.id, article("One", { url }), now);
      await store.articles.add(feed.id, article("Elsewhere"), now);
      const second = await store.articles.add(feed.id, article("Two", { url }), now);
      assert.deepEqual(await store.articles.byUrl(url), [first, second]);
    }));

  test("an alias leads to the article, and can be told again", () =>
    withScene(create, async ({ store, feed }) => {
      const known = await store.articles.add(feed.id, article("One"), now);
      await store.articles.alias(feed.id, "another id", known.id);
      await store.articles.alias(feed.id, "another id", known.id);
      assert.deepEqual(await store.articles.bySourceId(feed.id, "another id"), known);
      assert.equal(await store.articles.bySourceId(feed.id + 1, "another id"), null);
    }));

  test("a revision replaces the article, counts up and keeps its identity", () =>
    withScene(create, async ({ store, feed }) => {
      const first = await store.articles.add(feed.id, article("One", { publishedAt: minute(-5) }), now);
      const changed = article("Won", { sourceId: "One", summary: "More.", url: "https://bell.example/won" });
      const revised = await store.articles.revise(first.id, changed, minute(1));
      assert.deepEqual(revised, { ...first, ...changed, revision: 2, revisedAt: minute(1) });
      assert.deepEqual(await store.articles.bySourceId(feed.id, "One"), revised);
      assert.deepEqual(await store.articles.byUrl("https://bell.example/won"), [revised]);
      assert.equal((await store.articles.revise(first.id, changed, minute(2))).revision, 3);
    }));

  test("the latest are those published last, by when they were seen where no time is given", () =>
    withScene(create, async ({ store, feed }) => {
      await store.articles.add(feed.id, article("yesterday", { publishedAt: minute(-1_440) }), minute(3));
      await store.articles.add(feed.id, article("undated"), minute(1));
      await store.articles.add(feed.id, article("just now", { publishedAt: minute(2) }), minute(2));
      await store.articles.add(feed.id, article("undated too"), minute(1));
      const titles = (await store.articles.latest(10)).map(({ title }) => title);
      assert.deepEqual(titles, ["just now", "undated too", "undated", "yesterday"]);
      assert.equal((await store.articles.latest(2)).length, 2);
    }));

  test("an invalid publishing date is kept as none", () =>
    withScene(create, async ({ store, feed }) => {
      const added = await store.articles.add(feed.id, article("One", { publishedAt: new Date(Number.NaN) }), now);
      assert.equal(added.publishedAt, null);
    }));
}
