import assert from "node:assert/strict";
import { test } from "node:test";
import { article, type CreatePlace, keyed, minute, noKeys, now, withScene } from "#tests/contract/store/place";

export function describeArticles(create: CreatePlace): void {
  test("an article comes back as it was added", () =>
    withScene(create, async ({ store, feed }) => {
      const full = article("Ferry runs again", {
        kicker: "Harbour",
        summary: "From Monday.",
        text: "From Monday.\n\nTwice an hour.",
        image: "https://bell.example/ferry.jpg",
        authors: ["Ada Roe", "B. Lum"],
        topics: ["Harbour", "Traffic, local"],
        language: "en-gb",
        publishedAt: new Date("2026-03-01T09:30:00.123Z"),
        updatedAt: new Date("2026-03-01T10:00:00Z"),
        breaking: true,
      });
      const added = await store.articles.add(feed.id, full, keyed("bell.example/ferry"), now);
      assert.deepEqual(added, {
        ...full,
        id: added.id,
        feedId: feed.id,
        revision: 1,
        seenAt: now,
        revisedAt: null,
        retractedAt: null,
        announcedAt: null,
        desk: null,
        byHand: null,
      });
      assert.deepEqual(await store.articles.get(added.id), added);
      assert.deepEqual(await store.articles.bySourceId(feed.id, full.sourceId), added);
      assert.deepEqual(await store.articles.byLink("bell.example/ferry"), [added]);

      const bare = article("Bare", { url: null, language: null });
      const second = await store.articles.add(feed.id, bare, noKeys, now);
      assert.deepEqual(second, {
        ...bare,
        id: second.id,
        feedId: feed.id,
        revision: 1,
        seenAt: now,
        revisedAt: null,
        retractedAt: null,
        announcedAt: null,
        desk: null,
        byHand: null,
      });
    }));

  test("what is unknown is null or nothing", () =>
    withScene(create, async ({ store, feed }) => {
      assert.equal(await store.articles.get(1), null);
      assert.equal(await store.articles.bySourceId(feed.id, "x"), null);
      assert.deepEqual(await store.articles.byLink("bell.example/x"), []);
      await assert.rejects(store.articles.revise(77, article("x"), noKeys, now), /no article 77/);
    }));

  test("the feed's own id is unique within a feed, and only there", () =>
    withScene(create, async ({ store, feed }) => {
      await store.feeds.configure(
        [feed, { kind: "feed", address: "b" }].map(({ kind, address }) => ({ kind, address })),
        now,
      );
      const other = (await store.feeds.list())[1];
      const first = await store.articles.add(feed.id, article("One", { sourceId: "1" }), noKeys, now);
      const second = await store.articles.add(other?.id ?? 0, article("Two", { sourceId: "1" }), noKeys, now);
      assert.equal((await store.articles.bySourceId(feed.id, "1"))?.id, first.id);
      assert.equal((await store.articles.bySourceId(other?.id ?? 0, "1"))?.id, second.id);
      await assert.rejects(store.articles.add(feed.id, article("Three", { sourceId: "1" }), noKeys, now));
    }));

  test("articles of one link come oldest first, whatever feed they are of", () =>
    withScene(create, async ({ store, feed }) => {
      const link = "bell.example/live";
      const first = await store.articles.add(feed.id, article("One"), keyed(link), now);
      await store.articles.add(feed.id, article("Elsewhere"), noKeys, now);
      const second = await store.articles.add(feed.id, article("Two"), keyed(link), now);
      assert.deepEqual(await store.articles.byLink(link), [first, second]);
    }));

  test("an alias leads to the article, and can be told again", () =>
    withScene(create, async ({ store, feed }) => {
      const known = await store.articles.add(feed.id, article("One"), noKeys, now);
      await store.articles.alias(feed.id, "another id", known.id);
      await store.articles.alias(feed.id, "another id", known.id);
      assert.deepEqual(await store.articles.bySourceId(feed.id, "another id"), known);
      assert.equal(await store.articles.bySourceId(feed.id + 1, "another id"), null);
    }));

  test("a revision replaces the article, counts up and keeps its identity", () =>
    withScene(create, async ({ store, feed }) => {
      const first = await store.articles.add(feed.id, article("One", { publishedAt: minute(-5) }), noKeys, now);
      const changed = article("Won", { sourceId: "One", summary: "More.", url: "https://bell.example/won" });
      const revised = await store.articles.revise(first.id, changed, keyed("bell.example/won"), minute(1));
      assert.deepEqual(revised, { ...first, ...changed, revision: 2, revisedAt: minute(1) });
      assert.deepEqual(await store.articles.bySourceId(feed.id, "One"), revised);
      assert.deepEqual(await store.articles.byLink("bell.example/won"), [revised]);
      assert.equal((await store.articles.revise(first.id, changed, noKeys, minute(2))).revision, 3);
    }));

  test("the latest are those published last, by when they were seen where no time is given", () =>
    withScene(create, async ({ store, feed }) => {
      await store.articles.add(feed.id, article("yesterday", { publishedAt: minute(-1_440) }), noKeys, minute(3));
      await store.articles.add(feed.id, article("undated"), noKeys, minute(1));
      await store.articles.add(feed.id, article("just now", { publishedAt: minute(2) }), noKeys, minute(2));
      await store.articles.add(feed.id, article("undated too"), noKeys, minute(1));
      const titles = (await store.articles.latest(10)).map(({ title }) => title);
      assert.deepEqual(titles, ["just now", "undated too", "undated", "yesterday"]);
      assert.equal((await store.articles.latest(2)).length, 2);
    }));

  test("topics of late, those of most articles first", () =>
    withScene(create, async ({ store, feed }) => {
      const add = (title: string, topics: string[], change: { publishedAt?: Date } = {}) =>
        store.articles.add(feed.id, article(title, { topics, ...change }), noKeys, now);
      assert.deepEqual(await store.articles.topics(minute(0), 9), []);
      await add("one", ["Sport", "ספורט", "A “quote”, a 'comma'"], { publishedAt: minute(1) });
      await add("two", ["Sport", "Sport"], { publishedAt: minute(0) });
      await add("undated", ["Sport", "ספורט"]);
      await add("old", ["Yesterday"], { publishedAt: minute(-1) });
      await add("none", []);
      const gone = await add("gone", ["Gone", "Sport"]);
      await store.articles.retract(gone.id, now);
      assert.deepEqual(await store.articles.topics(minute(0), 9), [
        { topic: "Sport", articles: 3 },
        { topic: "ספורט", articles: 2 },
        { topic: "A “quote”, a 'comma'", articles: 1 },
      ]);
      assert.deepEqual(await store.articles.topics(minute(0), 1), [{ topic: "Sport", articles: 3 }]);
    }));

  test("an invalid publishing date is kept as none", () =>
    withScene(create, async ({ store, feed }) => {
      const added = await store.articles.add(
        feed.id,
        article("One", { publishedAt: new Date(Number.NaN) }),
        noKeys,
        now,
      );
      assert.equal(added.publishedAt, null);
    }));

  test("many ids are looked up at once, aliases too", () =>
    withScene(create, async ({ store, feed }) => {
      const one = await store.articles.add(feed.id, article("One"), noKeys, now);
      const two = await store.articles.add(feed.id, article("Two"), noKeys, now);
      await store.articles.alias(feed.id, "Deux", two.id);
      const found = await store.articles.bySourceIds(feed.id, ["One", "Deux", "Three"]);
      assert.deepEqual(
        [...found],
        [
          ["One", one],
          ["Deux", two],
        ],
      );
      assert.equal((await store.articles.bySourceIds(feed.id, [])).size, 0);
      assert.equal((await store.articles.bySourceIds(feed.id + 1, ["One"])).size, 0);
    }));

  test("articles that share a term are found within the window, the newest first, until their terms are forgotten", () =>
    withScene(create, async ({ store, feed }) => {
      const old = await store.articles.add(feed.id, article("Old"), keyed(null, "harbour", "ferry"), minute(-10));
      const young = await store.articles.add(feed.id, article("Young"), keyed(null, "ferry", "ferry"), minute(0));
      await store.articles.add(feed.id, article("Other"), keyed(null, "bridge"), minute(0));
      const titles = async (...given: Parameters<typeof store.articles.sharing>) =>
        (await store.articles.sharing(...given)).map(({ title }) => title);
      assert.deepEqual(await titles(["ferry", "harbour"], minute(-10), 9), ["Young", "Old"]);
      assert.deepEqual(await titles(["ferry", "harbour"], minute(-9), 9), ["Young"]);
      assert.deepEqual(await titles(["ferry"], minute(-10), 1), ["Young"]);
      assert.deepEqual(await titles([], minute(-10), 9), []);
      await store.articles.revise(young.id, article("Young"), keyed(null, "tram"), minute(1));
      assert.deepEqual(await titles(["ferry"], minute(-10), 9), ["Old"]);
      assert.deepEqual(await titles(["tram"], minute(0), 9), ["Young"]);
      await store.articles.forgetTerms(minute(-9));
      assert.deepEqual(await titles(["harbour"], minute(-60), 9), []);
      assert.equal((await store.articles.get(old.id))?.title, "Old");
    }));

  test("what is taken back is so once, and is not among the latest", () =>
    withScene(create, async ({ store, feed }) => {
      const one = await store.articles.add(feed.id, article("One"), noKeys, now);
      await store.articles.add(feed.id, article("Two"), noKeys, now);
      assert.equal(await store.articles.retract(one.id, minute(1)), true);
      assert.equal(await store.articles.retract(one.id, minute(2)), false);
      assert.deepEqual((await store.articles.get(one.id))?.retractedAt, minute(1));
      assert.deepEqual(
        (await store.articles.latest(9)).map(({ title }) => title),
        ["Two"],
      );
    }));

  test("what went out is known, and when its link is first looked at", () =>
    withScene(create, async ({ store, feed }) => {
      const { id } = await store.articles.add(feed.id, article("One"), noKeys, now);
      await store.articles.announce(id, minute(1), minute(5));
      assert.deepEqual((await store.articles.get(id))?.announcedAt, minute(1));
      assert.deepEqual(await store.articles.toProbe(minute(4), 9), []);
      assert.equal((await store.articles.toProbe(minute(5), 9)).length, 1);
      await store.articles.announce(id, minute(1), null);
      assert.deepEqual(await store.articles.toProbe(minute(9), 9), []);
    }));

  test("links are looked at when they are due, until they are not or the article is taken back", () =>
    withScene(create, async ({ store, feed }) => {
      const [one, two, three] = [
        await store.articles.add(feed.id, article("One"), noKeys, now),
        await store.articles.add(feed.id, article("Two"), noKeys, now),
        await store.articles.add(feed.id, article("Three", { url: null }), noKeys, now),
      ];
      assert.deepEqual(await store.articles.toProbe(minute(9), 9), []);
      await store.articles.probed(one.id, { nextAt: minute(2), thereAt: null, goneSince: null });
      await store.articles.probed(two.id, { nextAt: minute(1), thereAt: minute(-1), goneSince: minute(0) });
      await store.articles.probed(three.id, { nextAt: minute(1), thereAt: null, goneSince: null });
      assert.deepEqual(await store.articles.toProbe(minute(2), 9), [
        { id: two.id, url: two.url, title: "Two", seenAt: now, thereAt: minute(-1), goneSince: minute(0) },
        { id: one.id, url: one.url, title: "One", seenAt: now, thereAt: null, goneSince: null },
      ]);
      assert.equal((await store.articles.toProbe(minute(1), 9)).length, 1);
      await store.articles.probed(one.id, { nextAt: null, thereAt: null, goneSince: null });
      await store.articles.retract(two.id, minute(3));
      await store.articles.probed(two.id, { nextAt: minute(4), thereAt: null, goneSince: null });
      assert.deepEqual(await store.articles.toProbe(minute(9), 9), []);
    }));
}
