import assert from "node:assert/strict";
import { test } from "node:test";
import { type CreatePlace, minute, now, taken, withScene } from "#tests/contract/store/place";

const bot = (owner: string, about = "123") => ({ name: "bot:telegram", owner, about });
const longMs = 3_600_000;

export function describeLeases(create: CreatePlace): void {
  test("one has a lease at a time, and the others hear with what", () =>
    withScene(create, async ({ store, other }) => {
      const { leases } = await other();
      assert.deepEqual(await store.leases.take(bot("a"), longMs), { isOurs: true, about: "123" });
      assert.deepEqual(await leases.take(bot("b", "456"), longMs), { isOurs: false, about: "123" });
      assert.deepEqual(await store.leases.take(bot("a"), longMs), { isOurs: true, about: "123" }, "prolonged");
      assert.deepEqual(await leases.take({ ...bot("b"), name: "schedule" }, longMs), { isOurs: true, about: "123" });
      assert.deepEqual([await store.leases.holds(bot("a")), await leases.holds(bot("b"))], [true, false]);
    }));

  test("of many that ask at once one gets it", () =>
    withScene(create, async ({ store, other }) => {
      const stores = [store, await other()];
      const asked = Array.from({ length: 20 }, (_, index) =>
        stores[index % 2]?.leases.take(bot(`owner ${index}`), longMs),
      );
      assert.equal((await Promise.all(asked)).filter((answer) => answer?.isOurs).length, 1);
    }));

  test("what runs out or is left is free; a late owner leaves nothing that is another one's", () =>
    withScene(create, async ({ store, other }) => {
      const { leases } = await other();
      assert.equal((await store.leases.take(bot("a"), 0)).isOurs, true);
      assert.equal(await store.leases.holds(bot("a")), false, "its time is over");
      assert.equal((await leases.take(bot("b"), longMs)).isOurs, true);
      await store.leases.release(bot("a"));
      assert.equal(await leases.holds(bot("b")), true);
      await leases.release(bot("b"));
      assert.equal((await store.leases.take(bot("a"), longMs, longMs)).isOurs, false, "it was another one's just now");
      assert.equal((await store.leases.take(bot("a"), longMs)).isOurs, true);
      assert.equal((await store.leases.take(bot("a"), longMs, longMs)).isOurs, true, "prolonged");
    }));

  test("who starts alone frees what ended ones held, and the feeds that they read", () =>
    withScene(create, async ({ store, feed }) => {
      await store.leases.take(bot("a"), longMs);
      await store.feeds.claim([feed.id], now, minute(99));
      await store.leases.clear();
      assert.equal((await store.leases.take(bot("b"), longMs)).isOurs, true);
      assert.equal((await store.feeds.due(now, 9)).length, 1);
    }));

  test("nobody takes it while a transaction has seen that it is held", { timeout: 30_000 }, () =>
    withScene(create, async ({ place, store, other }) => {
      // The one connection of the other engine lets nobody in at all.
      if (!place.holdsTwo) return;
      const next = await other();
      await store.leases.take(bot("a"), longMs);
      const order: string[] = [];
      const seen = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const work = store.transaction(async (tx) => {
        assert.equal(await tx.leases.holds(bot("a")), true);
        seen.resolve();
        await goOn.promise;
        order.push("claimed");
      });
      await seen.promise;
      const leaving = next.leases.release(bot("a")).then(() => order.push("left"));
      const waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
      while (order.length === 0 && (await place.run(waiting)).length === 0);
      goOn.resolve();
      await Promise.all([work, leaving]);
      assert.deepEqual(order, ["claimed", "left"]);
    }),
  );

  test("a claimed feed is nobody else's until its read is written down or its time is over", () =>
    withScene(create, async ({ store, other, feed }) => {
      const { feeds } = await other();
      const ids = (list: { id: number }[]): number[] => list.map(({ id }) => id);
      assert.deepEqual(ids(await store.feeds.claim([feed.id], now, minute(1))), [feed.id]);
      assert.deepEqual(await feeds.claim([feed.id], now, minute(1)), []);
      assert.deepEqual(await feeds.due(now, 9), []);
      await store.feeds.keep([feed.id], minute(3));
      assert.deepEqual(await feeds.claim([feed.id], minute(2), minute(4)), []);
      assert.deepEqual(ids(await feeds.claim([feed.id], minute(3), minute(4))), [feed.id], "its time is over");
      await feeds.read(feed.id, { at: minute(3), nextAt: minute(5) });
      assert.deepEqual(await feeds.claim([feed.id], minute(4), minute(9)), [], "it is not due");
      const [again] = await store.feeds.claim([feed.id], minute(5), minute(9));
      assert.deepEqual(again?.readAt, minute(3));
      await store.feeds.failed(feed.id, { nextAt: minute(6), problem: "No route." });
      assert.deepEqual(ids(await feeds.claim([feed.id], minute(6), minute(9))), [feed.id]);
      await store.feeds.keep([feed.id], minute(6));
      assert.deepEqual(ids(await store.feeds.due(minute(6), 9)), [feed.id], "left early");
      await store.feeds.end(feed.id, "Gone.");
      assert.deepEqual(await feeds.claim([feed.id], minute(9), minute(9)), []);
    }));

  test("of many that claim at once each feed is one's", () =>
    withScene(create, async ({ store, other }) => {
      const addresses = Array.from({ length: 30 }, (_, index) => ({
        kind: "feed",
        address: `https://bell.example/${index}`,
      }));
      await store.feeds.configure(addresses, now);
      const ids = (await store.feeds.list()).map(({ id }) => id);
      const stores = [store, await other()];
      const claims = await Promise.all(
        Array.from({ length: 8 }, (_, index) => stores[index % 2]?.feeds.claim(ids, now, minute(1)) ?? []),
      );
      assert.deepEqual(
        claims
          .flat()
          .map(({ id }) => id)
          .sort((a, b) => a - b),
        ids,
      );
    }));

  test("what a lost claim took waits again, and nothing that was called", () =>
    withScene(create, async ({ store, subscribe, publish, claim, states }) => {
      for (const name of ["a", "b", "c"]) await subscribe(name);
      await publish("One");
      const [called] = await claim(1, minute(1));
      const lost = taken((await claim(1, minute(2)))[0]);
      assert.equal(await store.outbox.unclaim("whatsapp", minute(1), []), 0);
      assert.equal(await store.outbox.unclaim("telegram", minute(2), [taken(called).id]), 1);
      assert.deepEqual(await states(), { pending: 2, sending: 1 });
      await assert.rejects(store.outbox.retry(lost, now, "", false), /not under way/);
    }));

  test("an article's earlier versions are kept until they are old", () =>
    withScene(create, async ({ store, publish, correct }) => {
      const id = await publish("One");
      assert.equal(await store.articles.past(id), null);
      const version = { url: null, title: "Öne", kicker: null, summary: "ä", text: null, image: null };
      const past = { versions: [version], backSince: minute(1), waitMs: 5_000 };
      await store.articles.keepPast(id, past);
      assert.deepEqual(await store.articles.past(id), past);
      await store.articles.stand([id, 99]);
      assert.deepEqual(await store.articles.past(id), { ...past, backSince: null });
      await correct(id, "Won");
      await store.articles.forgetTerms(minute(1));
      assert.notEqual(await store.articles.past(id), null);
      await store.articles.forgetTerms(minute(2));
      assert.equal(await store.articles.past(id), null);
    }));
}
