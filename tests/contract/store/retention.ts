import assert from "node:assert/strict";
import { test } from "node:test";
import { createHousekeeper } from "#core/housekeeping";
import {
  article,
  broadcast,
  type CreatePlace,
  noKeys,
  notice,
  now,
  type Scene,
  withScene,
} from "#tests/contract/store/place";
import { createVirtualClock } from "#tests/fakes/clock";
import { createMemoryLog } from "#tests/fakes/log";

const dayMs = 24 * 60 * 60_000;
const days = (count: number): Date => new Date(now.getTime() + count * dayMs);

/** Runs the housekeeper at an instant. */
const sweep = ({ store }: Scene, at: Date, keepDays = 90) =>
  createHousekeeper({ store, clock: createVirtualClock(at), log: createMemoryLog(), keepDays }).run(
    new AbortController().signal,
  );

export function describeRetention(create: CreatePlace): void {
  test("what ended long ago goes, in chunks, and stays as numbers by day, platform, lane and state", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, crowd, publish, states, place } = scene;
      await crowd(1_200);
      await subscribe("ada");
      await publish("One");
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      while (!(await store.outbox.fanOut(5_000, now)));
      await settleAll(scene, days(1));
      const { chat } = await store.chats.open({ platform: "whatsapp", address: "ben", kind: "private" }, null, now);
      await store.outbox.add(notice("answer"), { chat: chat.id }, now);
      const [waiting] = await store.outbox.claim("whatsapp", 1, [], days(2));
      assert.ok(waiting);
      await store.outbox.finish(waiting, { state: "failed", reason: "No right to post." }, days(2));
      const all = await states();
      assert.deepEqual(all, { sent: 2_402, failed: 1 });

      assert.deepEqual(await sweep(scene, days(91)), { deliveries: 0, messages: 0, articles: 0 });
      assert.deepEqual(await sweep(scene, days(91.5)), { deliveries: 2_402, messages: 2, articles: 0 });
      assert.deepEqual(await sweep(scene, days(93)), { deliveries: 1, messages: 1, articles: 0 });
      assert.deepEqual(await states(), all, "the numbers of the past are still counted");
      assert.deepEqual(
        (await place.run("select day, platform, lane, state, count from past_deliveries order by platform, lane")).map(
          (row) => Object.values(row).map((value) => (/^\d+$/.test(String(value)) ? Number(value) : value)),
        ),
        [
          [Math.floor(days(1).getTime() / dayMs) * dayMs, "telegram", 30, "sent", 1_201],
          [Math.floor(days(1).getTime() / dayMs) * dayMs, "telegram", 40, "sent", 1_201],
          [Math.floor(days(2).getTime() / dayMs) * dayMs, "whatsapp", 20, "failed", 1],
        ],
      );
      assert.deepEqual(await place.run("select id from deliveries"), []);
      assert.deepEqual(await place.run("select id from messages"), []);
    }));

  test("what waits, is under way or may have arrived stays, with its message and its article", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, claimOne, states, place } = scene;
      await subscribe("ada");
      await publish("Unknown");
      await store.outbox.finish(await claimOne(), { state: "unknown", reason: "The answer was lost." }, now);
      await publish("Under way");
      await claimOne();
      await publish("Waits");
      await fill(scene, 1_000);
      assert.deepEqual(await sweep(scene, days(1_000)), { deliveries: 0, messages: 0, articles: 0 });
      assert.deepEqual(await states(), { unknown: 1, sending: 1, pending: 1 });
      assert.equal((await place.run("select id from messages")).length, 3);
      for (const id of [1, 2, 3]) assert.ok(await store.articles.get(id));
    }));

  test("old articles go but for the newest thousand; what feeds call them is known for ever", () =>
    withScene(create, async (scene) => {
      const { store, feed, subscribe, publish, drain, place } = scene;
      await subscribe("ada");
      const old = await publish("מעבורת חוזרת");
      await store.feeds.configure(
        [
          { kind: "feed", address: feed.address },
          { kind: "feed", address: "https://other.example/" },
        ],
        now,
      );
      const other = (await store.feeds.list()).find(({ id }) => id !== feed.id);
      assert.ok(other);
      await store.articles.alias(other.id, "twin", old);
      await drain(now);
      await fill(scene, 999);
      assert.equal((await sweep(scene, days(200))).articles, 0, "it is one of the newest thousand");
      await fill(scene, 1_200, "more");
      const swept = await sweep(scene, days(200));
      assert.equal(swept.articles, 1_200);
      assert.equal(await store.articles.get(old), null);
      assert.equal((await place.run("select id from articles")).length, 1_000);
      assert.deepEqual(
        await store.articles.former(feed.id, ["מעבורת חוזרת", "never"]),
        new Map([["מעבורת חוזרת", old]]),
      );
      assert.deepEqual(await store.articles.former(other.id, ["twin"]), new Map([["twin", old]]));
      assert.equal(await store.why.isFormer(old), true);
      assert.equal(await store.why.isFormer("twin"), true);
      assert.equal(await store.why.isFormer("more 1199"), false);
      assert.deepEqual(await sweep(scene, days(200)), { deliveries: 0, messages: 0, articles: 0 });
    }));

  test("an aborted run ends after the step that is under way", () =>
    withScene(create, async (scene) => {
      const { crowd, publish, store, states, place } = scene;
      await crowd(1_100);
      await publish("One");
      await settleAll(scene, now);
      const stop = new AbortController();
      const clock = createVirtualClock(days(200));
      const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
        stop.abort();
        await clock.sleep(ms, signal);
      };
      const { run } = createHousekeeper({ store, clock: { ...clock, sleep }, log: createMemoryLog(), keepDays: 90 });
      assert.deepEqual(await run(stop.signal), { deliveries: 500, messages: 0, articles: 0 });
      assert.equal((await place.run("select id from deliveries")).length, 600);
      assert.deepEqual(await states(), { sent: 1_100 });
    }));
}

/** Ends all that waits as sent: one by one it would take a disk seconds. */
const settleAll = ({ place }: Scene, at: Date): Promise<unknown> =>
  place.run(`update deliveries set state = 'sent', ended_at = ${at.getTime()} where state = 'pending'`);

/** As many further articles as asked for, seen at noon. */
async function fill({ store, feed }: Scene, count: number, name = "filler"): Promise<void> {
  await store.transaction(async (tx) => {
    for (let at = 0; at < count; at += 1) await tx.articles.add(feed.id, article(`${name} ${at}`), noKeys, now);
  });
}
