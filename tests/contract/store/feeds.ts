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
        validators: {},
        firstReadAt: null,
        failures: 0,
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
      assert.deepEqual(
        (await store.feeds.list()).map(({ kind }) => kind),
        ["feed", "page"],
      );
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
        failures: 0,
        nextAt: minute(2),
      });
      await store.feeds.read(feed.id, { at: minute(3), nextAt: minute(4) });
      const [again] = await store.feeds.list();
      assert.deepEqual(again, { ...read, nextAt: minute(4) }, "an unchanged answer keeps what is known");
      await store.feeds.read(feed.id, { at: minute(5), nextAt: minute(6), validators: { etag: '"2"' } });
      assert.deepEqual((await store.feeds.list())[0]?.validators, { etag: '"2"' }, "new validators replace the old");
    }));

  test("failed reads are counted in a row", () =>
    withScene(create, async ({ store, feed }) => {
      assert.equal(await store.feeds.failed(feed.id, { nextAt: minute(1), problem: "No answer." }), 1);
      assert.equal(await store.feeds.failed(feed.id, { nextAt: minute(2), problem: "No answer." }), 2);
      assert.deepEqual((await store.feeds.list())[0], { ...feed, failures: 2, nextAt: minute(2) });
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
}
