import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "#core/ports";
import { article, broadcast, type CreatePlace, noKeys, notice, now, withScene } from "#tests/contract/store/place";

export function describeTransactions(create: CreatePlace): void {
  test("all changes become durable together, and the work's answer is handed on", () =>
    withScene(create, async ({ place, store, feed, subscribe, publish }) => {
      await subscribe("ada");
      assert.equal(typeof (await publish("One")), "number");
      assert.equal(await store.transaction(async () => "answer"), "answer");
      await store.close();
      const next = await place.open();
      try {
        assert.equal((await next.articles.bySourceId(feed.id, "One"))?.title, "One");
        assert.equal((await next.outbox.recent(5)).length, 1);
      } finally {
        await next.close();
      }
    }));

  test("work that throws leaves nothing, and its own error comes out", () =>
    withScene(create, async ({ store, feed, subscribe, states }) => {
      const ada = await subscribe("ada");
      const boom = new Error("boom");
      const work = store.transaction(async (tx) => {
        await tx.articles.add(feed.id, article("One"), noKeys, now);
        await tx.chats.open({ platform: "telegram", address: "ben", kind: "private" }, null, now);
        await tx.outbox.add(broadcast("hello"), "subscribed", now);
        await tx.subscriptions.end(ada.id, now);
        await tx.feeds.end(feed.id, "It is gone.");
        throw boom;
      });
      await assert.rejects(work, (error) => error === boom);
      assert.deepEqual(await states(), {});
      assert.equal(await store.articles.bySourceId(feed.id, "One"), null);
      assert.equal(await store.chats.find("telegram", "ben"), null);
      assert.equal(await store.subscriptions.has(ada.id), true);
      assert.equal((await store.feeds.list()).length, 1);
      assert.notEqual(await store.outbox.add(broadcast("hello"), "subscribed", now), null, "the key is still free");
    }));

  test("a transaction within a transaction joins it", () =>
    withScene(create, async ({ store, feed }) => {
      const work = store.transaction(async (tx) => {
        await tx.transaction(async (inner) => {
          await inner.articles.add(feed.id, article("One"), noKeys, now);
          assert.ok(await tx.articles.bySourceId(feed.id, "One"), "both see the same");
        });
        throw new Error("boom");
      });
      await assert.rejects(work, /boom/);
      assert.equal(await store.articles.bySourceId(feed.id, "One"), null);
    }));

  test("a statement that fails outside a transaction leaves the store in order", () =>
    withScene(create, async ({ store, feed }) => {
      await assert.rejects(store.articles.add(9_999, article("One"), noKeys, now));
      await assert.rejects(store.outbox.add(notice("x"), "subscribed", new Date(Number.NaN)), /invalid date/);
      assert.equal((await store.articles.add(feed.id, article("One"), noKeys, now)).title, "One");
    }));

  test("parallel transactions do not see each other's unfinished work, and both hold", () =>
    withScene(create, async ({ store, other, feed, subscribe, states }) => {
      const second = await other();
      await subscribe("ada");
      const publish = (one: Store, title: string) =>
        one.transaction(async (tx) => {
          const { id } = await tx.articles.add(feed.id, article(title), noKeys, now);
          const key = `article:${id}`;
          await tx.outbox.add(
            { key, lane: "article", kind: "article", action: "send", article: id },
            "subscribed",
            now,
          );
          return (await tx.articles.latest(9)).some(({ title: seen }) => seen === title);
        });
      const seen = await Promise.all(
        ["One", "Two", "Three", "Four"].map((title, at) => publish(at % 2 ? second : store, title)),
      );
      assert.deepEqual(seen, [true, true, true, true]);
      assert.deepEqual(await states(), { pending: 4 });
    }));

  test("of transactions that add the same key or the same item, one wins and none fails", () =>
    withScene(create, async ({ place, store, feed, subscribe, states }) => {
      const ada = await subscribe("ada");
      const crowd = 4;
      const allLooked = Promise.withResolvers<void>();
      let looked = 0;
      const added = await Promise.all(
        Array.from({ length: crowd }, () =>
          store.transaction(async (tx) => {
            const known = await tx.articles.bySourceId(feed.id, "One");
            looked += 1;
            if (looked === crowd) allLooked.resolve();
            // Where transactions run side by side, all of them find it missing.
            if (place.holdsTwo) await allLooked.promise;
            if (!known) await tx.articles.add(feed.id, article("One"), noKeys, now);
            await tx.chats.open({ platform: "telegram", address: "new", kind: "private" }, "New", now);
            return tx.outbox.add(notice("hello"), { chat: ada.id }, now);
          }),
        ),
      );
      assert.equal(added.filter((id) => id !== null).length, 1);
      assert.deepEqual(await states(), { pending: 1 });
      assert.equal((await store.articles.latest(9)).length, 1);
    }));

  test("closing waits for a transaction under way", () =>
    withScene(create, async ({ place, store, feed }) => {
      const begun = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const work = store.transaction(async (tx) => {
        begun.resolve();
        await goOn.promise;
        await tx.articles.add(feed.id, article("One"), noKeys, now);
      });
      await begun.promise;
      const closed = store.close();
      goOn.resolve();
      await Promise.all([work, closed]);
      const next = await place.open();
      try {
        assert.ok(await next.articles.bySourceId(feed.id, "One"));
      } finally {
        await next.close();
      }
    }));
}
