import assert from "node:assert/strict";
import { test } from "node:test";
import { type CreatePlace, minute, now, withScene } from "#tests/contract/store/place";

const addresses = (feeds: { address: string }[]): string[] => feeds.map(({ address }) => address);
const named = (...names: string[]) => names.map((address) => ({ kind: "feed", address }));

export function describeFeeds(create: CreatePlace): void {
  test("configured feeds are due at once and know nothing yet", () =>
    withScene(create, async ({ store }) => {
      await store.feeds.configure(named("https://a.example/"), now);
      const [feed, ...others] = await store.feeds.due(now, 10);
      assert.deepEqual(others, []);
      assert.deepEqual(feed, {
        id: feed?.id,
        kind: "feed",
        address: "https://a.example/",
        url: "https://a.example/",
        title: null,
        validators: {},
        rules: {},
        firstReadAt: null,
        readAt: null,
        failures: 0,
        problem: null,
        nextAt: now,
      });
    }));

  test("configuring retires what is no longer named, keeps what is, and revives what is named again", () =>
    withScene(create, async ({ store }) => {
      await store.feeds.configure(named("a", "b"), now);
      const before = await store.feeds.list();
      await store.feeds.read(before[1]?.id ?? 0, { at: now, nextAt: minute(5), validators: { etag: "e" } });
      await store.feeds.configure(named("b", "c"), now);
      assert.deepEqual(addresses(await store.feeds.list()), ["b", "c"]);
      assert.deepEqual(addresses(await store.feeds.due(now, 10)), ["c"], "b was not made due by it");
      await store.feeds.configure(named("a", "b", "a"), now);
      const after = await store.feeds.list();
      assert.deepEqual(addresses(after), ["a", "b"]);
      assert.deepEqual(
        after.map(({ id }) => id),
        before.map(({ id }) => id),
      );
      assert.deepEqual(after[1]?.validators, { etag: "e" });
    }));

  test("the same address of another kind is another feed", () =>
    withScene(create, async ({ store }) => {
      const address = "https://a.example/";
      await store.feeds.configure(
        [
          { kind: "feed", address },
          { kind: "page", address },
        ],
        now,
      );
      const [feed, page] = await store.feeds.list();
      assert.deepEqual([feed?.kind, page?.kind], ["feed", "page"]);
      assert.deepEqual(await store.feeds.list("page"), [page]);
      assert.deepEqual(await store.feeds.get(page?.id ?? 0), page);
      await store.feeds.remove(page?.id ?? 0);
      assert.equal(await store.feeds.get(page?.id ?? 0), null);
    }));

  test("due feeds come with the longest waiting first, no more than asked for, none before its time", () =>
    withScene(create, async ({ store }) => {
      await store.feeds.configure(named("a", "b", "c", "d"), now);
      const [a, b, c, d] = await store.feeds.list();
      for (const [feed, at] of [
        [a, 3],
        [b, 1],
        [c, 2],
        [d, 9],
      ] as const) {
        await store.feeds.read(feed?.id ?? 0, { at: now, nextAt: minute(at) });
      }
      assert.deepEqual(addresses(await store.feeds.due(minute(3), 10)), ["b", "c", "a"]);
      assert.deepEqual(addresses(await store.feeds.due(minute(3), 2)), ["b", "c"]);
      assert.deepEqual(await store.feeds.due(now, 10), []);
    }));

  test("a good read is remembered: first time, validators, new address, end of the failures", () =>
    withScene(create, async ({ store, feed }) => {
      await store.feeds.failed(feed.id, { nextAt: now, problem: "It did not answer." });
      await store.feeds.read(feed.id, {
        at: minute(1),
        nextAt: minute(2),
        validators: { etag: '"1"', lastModified: "Sun, 01 Mar 2026 12:00:00 GMT" },
        movedTo: "https://new.example/",
      });
      const [read] = await store.feeds.list();
      assert.deepEqual(read, {
        ...feed,
        url: "https://new.example/",
        validators: { etag: '"1"', lastModified: "Sun, 01 Mar 2026 12:00:00 GMT" },
        firstReadAt: minute(1),
        readAt: minute(1),
        failures: 0,
        nextAt: minute(2),
      });
      await store.feeds.read(feed.id, { at: minute(3), nextAt: minute(4) });
      const [again] = await store.feeds.list();
      assert.deepEqual(
        again,
        { ...read, readAt: minute(3), nextAt: minute(4) },
        "an unchanged answer keeps what is known",
      );
      await store.feeds.read(feed.id, { at: minute(5), nextAt: minute(6), validators: { etag: '"2"' } });
      assert.deepEqual((await store.feeds.list())[0]?.validators, { etag: '"2"' }, "new validators replace the old");
    }));

  test("failed reads are counted in a row", () =>
    withScene(create, async ({ store, feed }) => {
      assert.equal(await store.feeds.failed(feed.id, { nextAt: minute(1), problem: "No answer." }), 1);
      assert.equal(await store.feeds.failed(feed.id, { nextAt: minute(2), problem: "No answer." }), 2);
      assert.deepEqual((await store.feeds.list())[0], {
        ...feed,
        failures: 2,
        problem: "No answer.",
        nextAt: minute(2),
      });
      await store.feeds.read(feed.id, { at: now, nextAt: minute(3) });
      assert.equal(await store.feeds.failed(feed.id, { nextAt: minute(4), problem: "No answer." }), 1);
      await assert.rejects(store.feeds.failed(9_999, { nextAt: now, problem: "" }), /no feed 9999/);
    }));

  test("an ended feed is read no more, even when it is configured again", () =>
    withScene(create, async ({ store, feed }) => {
      await store.feeds.end(feed.id, "It is gone.");
      await store.feeds.configure([{ kind: feed.kind, address: feed.address }], now);
      assert.deepEqual(await store.feeds.due(minute(9), 10), []);
      assert.deepEqual(await store.feeds.list(), []);
    }));

  test("reads that brought nothing new are recorded together", () =>
    withScene(create, async ({ store }) => {
      await store.feeds.configure(named("a", "b"), now);
      const [a, b] = await store.feeds.list();
      await store.feeds.failed(a?.id ?? 0, { nextAt: now, problem: "No answer." });
      await store.feeds.unchanged([a, b].map((feed) => ({ id: feed?.id ?? 0, at: minute(1), nextAt: minute(5) })));
      await store.feeds.unchanged([]);
      for (const feed of await store.feeds.list()) {
        assert.deepEqual(
          [feed.readAt, feed.firstReadAt, feed.nextAt, feed.failures, feed.problem],
          [minute(1), minute(1), minute(5), 0, null],
        );
      }
    }));

  test("a feed that was added stays over other settings, until it is removed", () =>
    withScene(create, async ({ store, feed }) => {
      const rules = { topics: [{ topic: "Harbour", when: {} }], breaking: "never" as const };
      const added = await store.feeds.add({ kind: "sitemap", address: "https://s.example/news.xml", rules }, minute(1));
      assert.equal(added.isNew, true);
      assert.deepEqual(added.feed.rules, rules);
      assert.deepEqual(added.feed.nextAt, minute(1));
      await store.feeds.configure(named("a"), minute(2));
      assert.deepEqual(addresses(await store.feeds.list()), ["https://s.example/news.xml", "a"]);
      const again = await store.feeds.add({ kind: "sitemap", address: "https://s.example/news.xml" }, minute(3));
      assert.deepEqual(again, { feed: added.feed, isNew: false });
      await store.feeds.remove(added.feed.id);
      assert.deepEqual(addresses(await store.feeds.list()), ["a"]);
      const back = await store.feeds.add({ kind: "feed", address: feed.address }, minute(4));
      assert.deepEqual([back.isNew, back.feed.id, back.feed.nextAt], [true, feed.id, minute(4)]);
    }));

  test("a feed that ended is read again once it is added anew", () =>
    withScene(create, async ({ store, feed }) => {
      await store.feeds.end(feed.id, "It is gone.");
      const { isNew } = await store.feeds.add({ kind: feed.kind, address: feed.address }, minute(1));
      assert.equal(isNew, true);
      assert.equal((await store.feeds.due(minute(1), 9)).length, 1);
    }));

  test("rules can be changed, and a feed can be made due at once", () =>
    withScene(create, async ({ store, feed }) => {
      await store.feeds.setRules(feed.id, { exclude: [{ words: ["ספורט"] }] });
      await store.feeds.read(feed.id, { at: now, nextAt: minute(60), title: "The Bell" });
      await store.feeds.wake(feed.id, minute(1));
      const [read] = await store.feeds.due(minute(1), 9);
      assert.deepEqual(read?.rules, { exclude: [{ words: ["ספורט"] }] });
      assert.equal(read?.title, "The Bell");
      await store.feeds.read(feed.id, { at: now, nextAt: minute(0), title: null });
      await store.feeds.wake(feed.id, minute(1));
      assert.deepEqual((await store.feeds.list())[0]?.nextAt, minute(0), "what is due already stays so");
      assert.equal((await store.feeds.list())[0]?.title, "The Bell", "a title that is missing once is kept");
    }));

  test("a feed has one subscription at a hub, found by its token and due when it is to be renewed", () =>
    withScene(create, async ({ store, feed }) => {
      const push = {
        feedId: feed.id,
        hub: "https://hub.example/",
        topic: feed.address,
        token: "t1",
        secret: "s1",
        state: "asked" as const,
        renewAt: minute(1),
        expiresAt: null,
      };
      await store.pushes.save(push);
      assert.deepEqual(await store.pushes.byFeed(feed.id), push);
      assert.deepEqual(await store.pushes.byToken("t1"), push);
      assert.equal(await store.pushes.byToken("t2"), null);
      assert.deepEqual(await store.pushes.due(minute(0), 9), []);
      assert.deepEqual(await store.pushes.due(minute(1), 9), [push]);
      const active = { ...push, state: "active" as const, renewAt: minute(60), expiresAt: minute(90) };
      await store.pushes.save(active);
      assert.deepEqual(await store.pushes.byFeed(feed.id), active);
      await store.feeds.remove(feed.id);
      assert.deepEqual(await store.pushes.due(minute(60), 9), [], "nobody renews for a feed that is read no more");
      await store.pushes.remove(feed.id);
      assert.equal(await store.pushes.byFeed(feed.id), null);
    }));
}
