import assert from "node:assert/strict";
import { test } from "node:test";
import type { Chat, Hours } from "#core/model";
import type { HoursPlan, Store } from "#core/ports";
import {
  article,
  broadcast,
  type CreatePlace,
  minute,
  noKeys,
  notice,
  now,
  type Scene,
  told,
  withScene,
} from "#tests/contract/store/place";

/** Quiet between two minutes. */
export const quiet = (from: number, to: number): HoursPlan => ({
  quiet: { from: minute(from), to: minute(to) },
  digestAt: minute(to),
  until: minute(to),
});

/** Digests at a minute. */
export const digestAt = (at: number): HoursPlan => ({ quiet: null, digestAt: minute(at), until: minute(at) });

/** Gives a chat hours, and its hours a plan. */
export async function give(store: Store, chat: Chat, hours: Hours, plan: HoursPlan, at = now): Promise<void> {
  await store.subscriptions.setPreferences(chat.id, { hours }, at);
  for (const profile of await store.hours.toPlan(at, 100)) {
    if (profile.plan === null) await store.hours.plan(profile.id, plan, at);
  }
  const [record] = await store.why.chats(String(chat.id));
  assert.deepEqual(record?.hours?.digestAt, plan.digestAt);
}

export const nights: Hours = { quiet: { from: "22:00", to: "07:00" } };
const nightsButBreaking: Hours = { ...nights, breaking: true };
export const digests: Hours = { delivery: "digest", digest: { every: "day", at: ["18:00"] } };

const sendTo = ({ store }: Scene, key: string, chat: Chat, at = now) =>
  store.outbox.add(notice(key, "reply"), { chat: chat.id }, at);

export function describeHours(create: CreatePlace): void {
  test("hours are kept with the rest of what a chat decides, shared by who has the same, and asked for a plan once", () =>
    withScene(create, async ({ store, subscribe }) => {
      const [ada, ben] = [await subscribe("ada"), await subscribe("ben")];
      await store.subscriptions.setPreferences(ada.id, { topics: ["Sport"], silent: true, hours: nights }, now);
      await store.subscriptions.setPreferences(ben.id, { hours: { quiet: { to: "07:00", from: "22:00" } } }, now);
      assert.deepEqual(await store.subscriptions.preferences(ada.id), {
        topics: ["Sport"],
        silent: true,
        hours: nights,
      });
      assert.deepEqual((await store.chats.get(ben.id))?.preferences, { hours: nights });
      const [profile, ...others] = await store.hours.toPlan(now, 10);
      assert.deepEqual(
        [profile?.hours, profile?.plan, profile?.digestedUntil, others.length],
        [nights, null, now, 0],
        "one row for both",
      );
      await store.hours.plan(profile?.id ?? 0, quiet(10, 20), now);
      assert.deepEqual(await store.hours.toPlan(now, 10), []);
      assert.deepEqual((await store.hours.toPlan(minute(20), 10))[0]?.plan, quiet(10, 20));
      await store.subscriptions.setPreferences(ada.id, {}, now);
      assert.deepEqual(await store.subscriptions.preferences(ada.id), {});
      await store.subscriptions.setPreferences(ben.id, {}, now);
      assert.deepEqual(await store.hours.toPlan(minute(20), 10), [], "nobody's hours need no plan");
      await store.subscriptions.setPreferences(ben.id, { hours: nights }, minute(99));
      const [anew] = await store.hours.toPlan(minute(99), 10);
      assert.deepEqual([anew?.plan, anew?.digestedUntil], [null, minute(99)], "it begins anew");
    }));

  test("in quiet hours nothing is claimed but answers, and breaking news where it is allowed", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, claim, states } = scene;
      const [ada, ben, cleo] = [await subscribe("ada"), await subscribe("ben"), await subscribe("cleo")];
      await publish("Before");
      await give(store, ada, nights, quiet(0, 60));
      await give(store, ben, nightsButBreaking, quiet(0, 60));
      await publish("One");
      await publish("Fire", { breaking: true });
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      await sendTo(scene, "answer", ada);
      const all = async (at: Date): Promise<string[]> =>
        (await scene.drain(at)).map((one) => told([one])[0] ?? "").sort();
      assert.deepEqual(await all(now), [
        "ada: answer",
        "ben: Fire",
        "cleo: Before",
        "cleo: Fire",
        "cleo: One",
        "cleo: hello and a link",
      ]);
      assert.deepEqual(await states(), { sent: 6, held: 7 });
      assert.deepEqual(await claim(9, minute(59)), []);
      assert.ok(cleo);
    }));

  test("when it becomes quiet in the midst of a queue, what waits is put aside, row by row or all at once", () =>
    withScene(create, async ({ store, subscribe, publish, claim, states }) => {
      const [ada, ben] = [await subscribe("ada"), await subscribe("ben")];
      await give(store, ada, nights, quiet(10, 60));
      await give(store, ben, { ...nights, zone: "UTC" }, quiet(30, 60));
      for (const title of ["One", "Two", "Three"]) await publish(title);
      assert.equal(await store.hours.hold(100, minute(9)), true);
      const [first] = await claim(1, minute(9));
      assert.ok(first);
      await store.outbox.finish(first, { state: "sent", receipt: { messageId: "1" } }, minute(9));
      assert.deepEqual(told(await claim(9, minute(10))), ["ben: One"], "ada's are put aside by the claim");
      assert.deepEqual(await states(), { sent: 1, held: 2, sending: 1, pending: 2 });
      while (!(await store.hours.hold(1, minute(30))));
      assert.deepEqual(await states(), { sent: 1, held: 4, sending: 1 });
      assert.equal(await store.hours.hold(1, minute(31)), true);
    }));

  test("where a plan ran out and nobody made it anew, nothing goes out that quiet hours might hold", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, drain, states } = scene;
      const [ada, ben, cleo] = [await subscribe("ada"), await subscribe("ben"), await subscribe("cleo")];
      await give(store, ada, nights, quiet(10, 60));
      await give(store, ben, nightsButBreaking, quiet(10, 60));
      await give(store, cleo, { perHour: 9 }, digestAt(60));
      await publish("One");
      assert.deepEqual(
        told(await drain(minute(61))).sort(),
        ["ada: One", "ben: One", "cleo: One"],
        "it is due just now",
      );
      await publish("Two");
      await publish("Fire", { breaking: true });
      await store.outbox.add(broadcast("hello"), "subscribed", minute(62));
      await sendTo(scene, "answer", ada, minute(62));
      assert.deepEqual(told(await drain(minute(62))).sort(), [
        "ada: answer",
        "ben: Fire",
        "cleo: Fire",
        "cleo: Two",
        "cleo: hello and a link",
      ]);
      assert.deepEqual(await states(), { sent: 8, held: 5 }, "what was written before it ran out, and after");
    }));

  test("a delivery that comes back in quiet hours waits for their end", () =>
    withScene(create, async ({ store, subscribe, publish, claim, claimOne, states }) => {
      const ada = await subscribe("ada");
      await give(store, ada, nights, quiet(10, 60));
      await publish("One");
      const one = await claimOne(minute(9));
      await store.outbox.retry(one, minute(9), "The network is down.", true);
      assert.deepEqual(await claim(9, minute(11)), []);
      assert.deepEqual(await states(), { held: 1 });
    }));

  test("where articles come in digests alone they wait, breaking news too unless it is allowed; nothing else does", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, drain, states } = scene;
      const [ada, ben] = [await subscribe("ada"), await subscribe("ben")];
      await give(store, ada, digests, digestAt(60));
      await give(store, ben, { ...digests, breaking: true }, digestAt(60));
      await publish("One");
      await publish("Fire", { breaking: true });
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      assert.deepEqual(told(await drain()).sort(), ["ada: hello and a link", "ben: Fire", "ben: hello and a link"]);
      assert.deepEqual(await states(), { sent: 3, held: 3 });
    }));

  test("what goes out in digests alone is written for chats that take them, and for no other", () =>
    withScene(create, async ({ store, subscribe, feed, states, drain }) => {
      const [ada, ben] = [await subscribe("ada"), await subscribe("ben")];
      await give(store, ada, { ...digests, delivery: "both" }, digestAt(60));
      await give(store, ben, nights, quiet(100, 200));
      await subscribe("cleo");
      const { id } = await store.articles.add(feed.id, article("Columns"), noKeys, now);
      await store.outbox.add(
        { key: "columns", lane: "article", kind: "article", action: "send", article: id, digestOnly: true },
        "subscribed",
        now,
      );
      assert.deepEqual([await states(), await drain()], [{ held: 1 }, []]);
      assert.equal((await store.why.article(id))?.queued?.digestOnly, true);
      const [one] = await store.outbox.recent(9);
      assert.equal(one?.chat.address, "ada");
    }));

  test("at most so many articles an hour: the rest waits, and breaking news, corrections and answers are not counted", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, correct, drain, states } = scene;
      const ada = await subscribe("ada");
      await give(store, ada, { perHour: 2 }, digestAt(60));
      const first = await publish("One");
      await publish("Fire", { breaking: true });
      assert.deepEqual(told(await drain(minute(1))), ["ada: Fire", "ada: One"]);
      await correct(first, "Won");
      await sendTo(scene, "answer", ada);
      for (const title of ["Two", "Three", "Four"]) await publish(title);
      await publish("Flood", { breaking: true });
      assert.deepEqual(told(await drain(minute(20))), ["ada: Flood", "ada: answer", "ada: Won", "ada: Two"]);
      assert.deepEqual(await states(), { sent: 6, held: 2 });
      await publish("Five");
      assert.deepEqual(told(await drain(minute(62))), ["ada: Five"], "an hour after the first one");
      await publish("Six");
      assert.deepEqual(told(await drain(minute(63))), [], "two within the hour");
      assert.deepEqual(await states(), { sent: 7, held: 3 });
    }));

  test("thousands that are held up by their hours hold up nobody behind them", () =>
    withScene(create, async ({ store, place, crowd, subscribe, publish, claim, states }) => {
      const ada = await subscribe("first");
      await give(store, ada, digests, digestAt(60));
      await crowd(7_000);
      await publish("One");
      while (!(await store.outbox.fanOut(5_000, now)));
      await place.run("update chats set hours_id = 1 where address like 'crowd-%' and id < 6900");
      await subscribe("last");
      const claimed = await claim(3);
      assert.equal(claimed.length, 3);
      assert.ok(claimed.every(({ chat }) => chat.id >= 6_900));
      assert.ok(((await states()).held ?? 0) >= 6_890);
    }));
}
