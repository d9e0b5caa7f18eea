import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "#core/ports";
import {
  article,
  broadcast,
  type CreatePlace,
  minute,
  noKeys,
  notice,
  now,
  withScene,
} from "#tests/contract/store/place";

export function describeGauges(create: CreatePlace): void {
  test("what waits is counted by platform and lane, with since when the oldest of it may go", () =>
    withScene(create, async ({ store, subscribe, publish }) => {
      assert.deepEqual(await store.gauges.waiting(now), []);
      const [ada, cleo] = [await subscribe("ada"), await subscribe("cleo", "group", "whatsapp")];
      await publish("One");
      await store.outbox.add(notice("later", "digest"), { chat: ada.id }, minute(1));
      await store.outbox.add(notice("hello"), { chat: cleo.id }, minute(2));
      assert.deepEqual(await store.gauges.waiting(minute(3)), [
        { platform: "telegram", lane: "article", state: "pending", count: 1, since: now },
        { platform: "telegram", lane: "digest", state: "pending", count: 1, since: minute(1) },
        { platform: "whatsapp", lane: "reply", state: "pending", count: 1, since: minute(2) },
        { platform: "whatsapp", lane: "article", state: "pending", count: 1, since: now },
      ]);
    }));

  test("what was put back waits from then on when it may go again, and not before", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne }) => {
      await subscribe("ada");
      await publish("One");
      const claimed = await claimOne(minute(1));
      assert.deepEqual(await store.gauges.waiting(minute(2)), [
        { platform: "telegram", lane: "article", state: "sending", count: 1, since: minute(1) },
      ]);
      await store.outbox.retry(claimed, minute(10), "Telegram asks for a pause.", false);
      const pending = { platform: "telegram", lane: "article", state: "pending", count: 1 };
      assert.deepEqual(await store.gauges.waiting(minute(9)), [{ ...pending, since: null }]);
      assert.deepEqual(await store.gauges.waiting(minute(12)), [{ ...pending, since: minute(10) }]);
    }));

  test("what is in doubt is told apart by who is to find out; word to the admins is left out", () =>
    withScene(create, async ({ store, subscribe, publish, claim }) => {
      const [ada] = [await subscribe("ada"), await subscribe("ben")];
      await publish("One");
      const [first, second] = await claim();
      assert.ok(first && second);
      await store.outbox.finish(first, { state: "unknown", reason: "lost", lookAt: minute(9) }, minute(1));
      await store.outbox.finish(second, { state: "unknown", reason: "lost" }, minute(2));
      await store.outbox.add(notice(`word:${ada.id}:alarm`), { chat: ada.id }, minute(2));
      for (const word of await claim(10, minute(20)))
        await store.outbox.finish(word, { state: "unknown", reason: "lost" }, minute(3));
      assert.deepEqual(await store.gauges.waiting(minute(20)), [
        { platform: "telegram", lane: "article", state: "undecided", count: 1, since: minute(2) },
        { platform: "telegram", lane: "article", state: "unknown", count: 1, since: minute(1) },
      ]);
    }));

  test("a crowd that waits is counted whole, in pieces", () =>
    withScene(create, async ({ store, crowd }) => {
      await crowd(45_000);
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      while (!(await store.outbox.fanOut(20_000, now)));
      assert.deepEqual(await store.gauges.waiting(minute(1)), [
        { platform: "telegram", lane: "broadcast", state: "pending", count: 45_000, since: now },
      ]);
    }));

  test("it is known when something was last sent", () =>
    withScene(create, async ({ store, subscribe, publish, drain }) => {
      assert.equal(await store.gauges.lastSent("telegram"), null);
      await subscribe("ada");
      await publish("One");
      await drain(minute(1));
      await publish("Two");
      await drain(minute(5));
      assert.deepEqual(await store.gauges.lastSent("telegram"), minute(5));
      assert.equal(await store.gauges.lastSent("whatsapp"), null);
    }));

  test("feeds are counted with those that fail, and the read that is longest ago", () =>
    withScene(create, async ({ store, feed }) => {
      const { feed: other } = await store.feeds.add({ kind: "feed", address: "https://horn.example/feed" }, now);
      const { feed: third } = await store.feeds.add({ kind: "feed", address: "https://quay.example/feed" }, now);
      await store.feeds.read(feed.id, { at: minute(7), nextAt: minute(9), title: "פעמון הנמל" });
      await store.feeds.read(other.id, { at: minute(3), nextAt: minute(9) });
      for (const count of [1, 2, 3])
        await store.feeds.failed(other.id, { nextAt: minute(9), problem: `The ${count}. time.` });
      await store.feeds.failed(third.id, { nextAt: minute(9), problem: "It does not answer." });
      assert.deepEqual(await store.gauges.feeds(), { active: 3, failing: 2, oldestRead: minute(3) });
      const gauge = { address: other.address, title: null, readAt: minute(3), newestAt: null };
      assert.deepEqual(await store.gauges.failing(2, 5), [{ id: other.id, failures: 3, ...gauge }]);
      assert.deepEqual(
        (await store.gauges.failing(1, 5)).map(({ id }) => id),
        [other.id, third.id],
      );
      assert.equal((await store.gauges.failing(1, 1)).length, 1);
      await store.feeds.remove(third.id);
      await store.feeds.end(other.id, "It is gone.");
      assert.deepEqual(await store.gauges.feeds(), { active: 1, failing: 0, oldestRead: minute(7) });
      assert.deepEqual(await store.gauges.failing(1, 5), []);
    }));

  test("feeds come one after the other with when their newest article was seen", () =>
    withScene(create, async ({ store, feed }) => {
      const { feed: other } = await store.feeds.add({ kind: "feed", address: "https://horn.example/feed" }, now);
      await seen(store, feed.id, [{ at: minute(1) }, { at: minute(4) }, { at: minute(2) }]);
      const all = await store.gauges.eachFeed(0, 10);
      assert.deepEqual(
        all.map(({ id, newestAt }) => ({ id, newestAt })),
        [
          { id: feed.id, newestAt: minute(4) },
          { id: other.id, newestAt: null },
        ],
      );
      assert.deepEqual(await store.gauges.eachFeed(0, 1), all.slice(0, 1));
      assert.deepEqual(await store.gauges.eachFeed(feed.id, 10), all.slice(1));
      assert.deepEqual(await store.gauges.eachFeed(other.id, 10), []);
    }));

  test("publications are by the publisher's time where it can be one, and those of ten minutes are one", () =>
    withScene(create, async ({ store, feed }) => {
      const { feed: other } = await store.feeds.add({ kind: "feed", address: "https://horn.example/feed" }, now);
      await seen(store, feed.id, [
        { at: minute(60), published: minute(21) },
        { at: minute(60), published: minute(29) },
        { at: minute(60), published: minute(30) },
        // From the future, and without a date: when it was seen.
        { at: minute(71), published: minute(9_000) },
        { at: minute(84) },
        // Before what is asked for, by its own date or because it was seen then.
        { at: minute(60), published: minute(-500) },
        { at: minute(-500) },
      ]);
      await seen(store, other.id, [{ at: minute(50) }]);
      const publications = await store.gauges.publications(feed.id, minute(-100));
      assert.deepEqual(publications, [minute(20), minute(30), minute(70), minute(80)]);
    }));

  test("delays are those of news that was sent, the newest first and no more than asked for", () =>
    withScene(create, async ({ store, subscribe, publish, correct, drain }) => {
      const ada = await subscribe("ada");
      await publish("One", { publishedAt: minute(-3) });
      await drain(minute(1));
      await publish("Two", { publishedAt: minute(-2), breaking: true });
      await drain(minute(2));
      const undated = await publish("Three");
      await drain(minute(2));
      await correct(undated, "Tree");
      await store.outbox.add(notice("hello"), { chat: ada.id }, now);
      await drain(minute(3));
      const held = await publish("Four", { publishedAt: minute(-9) });
      await store.articles.announce(held, minute(60), null);
      await drain(minute(61));
      const delays = await store.gauges.delays("telegram", minute(0), 10);
      assert.deepEqual(delays, [
        // What editors held for an hour was late in nobody's hands but theirs.
        { publishedAt: minute(60), seenAt: minute(60), sentAt: minute(61) },
        { publishedAt: minute(-2), seenAt: now, sentAt: minute(2) },
        { publishedAt: minute(-3), seenAt: now, sentAt: minute(1) },
      ]);
      assert.deepEqual(await store.gauges.delays("telegram", minute(2), 10), delays.slice(0, 2));
      assert.deepEqual(await store.gauges.delays("whatsapp", minute(0), 10), []);
      assert.ok((await store.gauges.delays("telegram", minute(0), 1)).length <= 1);
    }));

  test("a store that can be written to says so, and one that cannot says that", () =>
    withScene(create, async ({ store, place }) => {
      await store.gauges.pulse(minute(1));
      assert.equal(Number((await place.run("select at from pulse"))[0]?.at), minute(1).getTime());
      await place.run("drop table pulse");
      await assert.rejects(store.gauges.pulse(minute(2)));
    }));

  test("where the clock was set back, what waits for a time that it showed waits as long as it would have", () =>
    withScene(create, async ({ store, place, feed, subscribe, publish, claimOne, states, claim }) => {
      await store.gauges.pulse(minute(0));
      await store.feeds.read(feed.id, { at: minute(0), nextAt: minute(5) });
      const [ada, ben, cleo] = [await subscribe("ada"), await subscribe("ben"), await subscribe("cleo")];
      await publish("One");
      const tried = await claimOne(minute(0));
      await store.outbox.retry(tried, minute(3), "No route.", true);
      const unheard = await claimOne(minute(0));
      const outcome = { state: "unknown", reason: "The connection broke.", lookAt: minute(2) } as const;
      await store.outbox.finish(unheard, outcome, minute(1));
      // A person, or quiet hours, asked for this time: it is meant as the clock shows it.
      await place.run(`update deliveries set not_before = ${minute(4).getTime()} where chat_id = ${cleo.id}`);
      assert.deepEqual([tried.chat.id, unheard.chat.id], [ada.id, ben.id]);

      const hour = -60;
      await store.gauges.pulse(minute(hour));
      const at = (after: number) => minute(hour + after);
      assert.deepEqual(await store.feeds.due(at(4), 9), []);
      assert.equal((await store.feeds.due(at(5), 9)).length, 1);
      assert.deepEqual(await store.outbox.unknown.due("telegram", 9, [], at(1)), []);
      assert.equal((await store.outbox.unknown.due("telegram", 9, [], at(2))).length, 1);
      assert.deepEqual(await claim(9, at(2)), []);
      assert.deepEqual(
        (await claim(9, at(3))).map(({ chat }) => chat.id),
        [ada.id],
      );
      assert.deepEqual(await states(), { pending: 1, sending: 1, unknown: 1 });
      await store.gauges.pulse(at(10));
      assert.equal((await store.feeds.due(at(5), 9)).length, 1, "a clock that goes on changes nothing");
    }));

  test("an alarm is raised once and settled once, whoever does it", () =>
    withScene(create, async ({ store, other }) => {
      assert.deepEqual(await store.alarms.standing(), []);
      const second = await other();
      assert.equal(await store.alarms.raise("disk", minute(1)), true);
      assert.equal(await second.alarms.raise("disk", minute(2)), false);
      assert.equal(await second.alarms.raise("bot:telegram", minute(3)), true);
      assert.deepEqual(await store.alarms.standing(), [
        { key: "bot:telegram", since: minute(3) },
        { key: "disk", since: minute(1) },
      ]);
      assert.equal(await second.alarms.settle("disk"), true);
      assert.equal(await store.alarms.settle("disk"), false);
      await assert.rejects(
        store.transaction(async (tx) => {
          await tx.alarms.raise("late:telegram", minute(4));
          throw new Error("The word of it could not be queued.");
        }),
      );
      assert.deepEqual(await store.alarms.standing(), [{ key: "bot:telegram", since: minute(3) }]);
    }));
}

/** Articles that were seen then, and published then or at no known time. */
async function seen(store: Store, feed: number, articles: { at: Date; published?: Date }[]): Promise<void> {
  for (const [number, { at, published = null }] of articles.entries())
    await store.articles.add(feed, article(`Article ${number}`, { publishedAt: published }), noKeys, at);
}
