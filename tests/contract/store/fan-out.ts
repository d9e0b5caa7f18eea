import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "#core/ports";
import { broadcast, type CreatePlace, minute, notice, now, taken, told, withScene } from "#tests/contract/store/place";

export function describeFanOut(create: CreatePlace): void {
  test("a message goes to each subscribed chat of every platform, and to no other", () =>
    withScene(create, async ({ store, open, subscribe, drain }) => {
      await subscribe("ada");
      await open("not subscribed");
      await subscribe("group", "group", "whatsapp");
      assert.equal(typeof (await store.outbox.add(broadcast("hello"), "subscribed", now)), "number");
      assert.deepEqual(told(await drain()), ["ada: hello and a link"]);
      const [other] = await store.outbox.claim("whatsapp", 10, [], now);
      assert.equal(other?.chat.address, "group");
      assert.equal(await store.outbox.fanOut(10, now), true);
    }));

  test("a message to one chat goes to that one, subscribed or not", () =>
    withScene(create, async ({ store, open, subscribe, drain }) => {
      await subscribe("ada");
      const { id } = await open("ben");
      await store.outbox.add(notice("hello"), { chat: id }, now);
      assert.deepEqual(told(await drain()), ["ben: hello"]);
    }));

  test("a second message with the same key changes nothing", () =>
    withScene(create, async ({ store, subscribe, drain }) => {
      const ada = await subscribe("ada");
      await store.outbox.add(notice("hello"), { chat: ada.id }, now);
      assert.equal(await store.outbox.add(notice("hello"), { chat: ada.id }, now), null);
      assert.equal(await store.outbox.add(broadcast("hello"), "subscribed", now), null);
      assert.equal((await drain()).length, 1);
      assert.equal(await store.outbox.add(notice("hello"), { chat: ada.id }, now), null, "nor after it was sent");
    }));

  test("20,000 chats are written in chunks, and an end in the middle loses and doubles nothing", () =>
    withScene(create, async ({ place, store, crowd, states }) => {
      await crowd(20_000);
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      assert.deepEqual(await states(), { pending: 5_000 });
      assert.equal(await store.outbox.fanOut(6_000, now), false);
      assert.deepEqual(await states(), { pending: 11_000 });
      await store.close();
      const next = await place.open();
      try {
        assert.equal(await next.outbox.fanOut(6_000, now), false);
        assert.equal(await next.outbox.fanOut(6_000, now), true);
        assert.equal(await next.outbox.fanOut(6_000, now), true);
        assert.deepEqual(await next.outbox.counts(), [{ platform: "telegram", state: "pending", count: 20_000 }]);
        const [row] = await place.run("select count(distinct chat_id) as chats from deliveries");
        assert.equal(Number(row?.chats), 20_000);
      } finally {
        await next.close();
      }
    }));

  test("a chat that ends its subscription or closes before its chunk is written gets nothing", () =>
    withScene(create, async ({ store, crowd, subscribe, states }) => {
      await crowd(5_000);
      const ada = await subscribe("ada");
      const ben = await subscribe("ben");
      await subscribe("cleo");
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      await store.subscriptions.end(ada.id, now);
      await store.chats.close(ben.id, "It left.", now);
      assert.equal(await store.outbox.fanOut(5_000, now), true);
      assert.deepEqual(await states(), { pending: 5_001 });
    }));

  test("the most urgent message is written first, and one lane's messages in their order in every chat", () =>
    withScene(create, async ({ place, store, crowd, publish }) => {
      await crowd(5_002);
      const first = await store.outbox.add(broadcast("first"), "subscribed", now);
      // Chats leave, so that the second message's first chunk would reach further than the first one's did.
      await place.run("delete from subscriptions where chat_id in (select min(chat_id) from subscriptions)");
      const second = await store.outbox.add(broadcast("second"), "subscribed", now);
      await publish("Fire", { breaking: true });
      const ahead = `select count(*) as found from deliveries s where s.message_id = ${second} and not exists
        (select 1 from deliveries f where f.message_id = ${first} and f.chat_id = s.chat_id and f.id < s.id)`;
      const late = () =>
        place.run(
          `select count(*) as found from deliveries d join messages m on m.id = d.message_id where m.key like 'article:%'`,
        );
      assert.equal(Number((await late())[0]?.found), 5_000);
      assert.equal(await store.outbox.fanOut(1, now), false);
      assert.equal(Number((await late())[0]?.found), 5_001, "breaking news before the rest of a broadcast");
      while (!(await store.outbox.fanOut(1_000, now)));
      assert.equal(Number((await place.run(ahead))[0]?.found), 0, "nobody gets the second before the first");
      assert.deepEqual(await store.outbox.counts(), [
        { platform: "telegram", state: "pending", count: 5_002 + 5_001 + 5_001 },
      ]);
    }));

  test("a correction goes to chats that hold the article or may hold it", () =>
    withScene(create, async ({ store, subscribe, publish, correct, claim, drain, states }) => {
      for (const name of ["sent", "unknown", "sending", "failed", "skipped", "recalled", "pending"])
        await subscribe(name);
      const id = await publish("One");
      const outcomes: Record<string, Parameters<typeof store.outbox.finish>[1]> = {
        sent: { state: "sent", receipt: { messageId: "7", thread: "2" } },
        unknown: { state: "unknown", reason: "The answer was lost." },
        failed: { state: "failed", reason: "Refused." },
        skipped: { state: "skipped", reason: "Not wanted." },
        recalled: { state: "recalled" },
      };
      for (const delivery of await claim(6)) {
        const outcome = outcomes[delivery.chat.address];
        if (outcome) await store.outbox.finish(delivery, outcome, now);
      }
      await subscribe("came later");
      await correct(id, "Won");
      const corrections = (await drain()).filter(({ action }) => action === "correct");
      assert.deepEqual(
        corrections.map(({ chat, receipt }) => [chat.address, receipt]),
        [
          ["sent", { messageId: "7", thread: "2" }],
          ["unknown", null],
        ],
      );
      assert.deepEqual(await states(), {
        sent: 4,
        unknown: 1,
        sending: 1,
        failed: 1,
        skipped: 1,
        recalled: 1,
        pending: 1,
      });
    }));

  test("who still waits for the article, or for a correction, is told the newest revision once", () =>
    withScene(create, async ({ store, subscribe, publish, correct, claimOne, drain }) => {
      await subscribe("ada");
      await subscribe("ben");
      const id = await publish("One");
      const first = await claimOne();
      await store.outbox.finish(first, { state: "sent", receipt: { messageId: "1" } }, now);
      await correct(id, "Two");
      await correct(id, "Three");
      assert.deepEqual(told(await drain()), ["ben: Three", "ada: Three"]);
      await correct(id, "Four");
      assert.deepEqual(told(await drain()).sort(), ["ada: Four", "ben: Four"]);
    }));

  test("a correction is not sent to a chat that already got that revision in the meantime", () =>
    withScene(create, async ({ store, crowd, subscribe, publish, correct, drain, place }) => {
      await crowd(5_000);
      await subscribe("late");
      const id = await publish("One");
      await store.outbox.fanOut(5_000, now);
      await place.run("update deliveries set state = 'sent', revision = 1 where chat_id <= 5000");
      await correct(id, "Two");
      await place.run("update deliveries set state = 'skipped' where state = 'pending' and chat_id <= 5000");
      assert.deepEqual(told(await drain()), ["late: Two"]);
      while (!(await store.outbox.fanOut(5_000, now)));
      assert.deepEqual(await drain(), []);
    }));

  test("a chat that ended its subscription or is closed is not corrected", () =>
    withScene(create, async ({ store, subscribe, publish, correct, drain }) => {
      const ada = await subscribe("ada");
      const ben = await subscribe("ben");
      await subscribe("cleo");
      const id = await publish("One");
      await drain();
      await store.subscriptions.end(ada.id, now);
      await store.chats.close(ben.id, "It left.", now);
      await correct(id, "Two");
      assert.deepEqual(told(await drain()), ["cleo: Two"]);
    }));

  test("a correction keeps to the lane of what it corrects", () =>
    withScene(create, async ({ store, subscribe, publish, correct, claimOne, drain }) => {
      await subscribe("ada");
      const id = await publish("Fire", { breaking: true });
      const delivery = await claimOne();
      await correct(id, "Fire at the docks");
      await store.outbox.retry(delivery, minute(2), "No route.", true);
      assert.deepEqual(await drain(minute(1)), [], "it does not overtake the article that it corrects");
      assert.deepEqual(
        told(await drain(minute(2))),
        ["ada: Fire at the docks"],
        "what was told late needs no correction",
      );
      const [correction] = await store.outbox.recent(1);
      assert.deepEqual([correction?.lane, correction?.state], ["breaking", "skipped"]);
    }));

  test("a correction that finds the old words stays in their lane", () =>
    withScene(create, async ({ subscribe, publish, correct, drain }) => {
      await subscribe("ada");
      const id = await publish("Fire", { breaking: true });
      await drain();
      await correct(id, "Fire at the docks");
      const said = await drain(minute(2));
      assert.deepEqual(
        said.map(({ lane, action }) => [lane, action]),
        [["breaking", "correct"]],
      );
    }));

  test("two processes that fan out at once write each delivery once", () =>
    withScene(create, async ({ store, other, crowd, states }) => {
      await crowd(9_000);
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      const run = async (one: Store): Promise<void> => {
        while (!(await one.outbox.fanOut(500, now)));
      };
      await Promise.all([run(store), run(await other())]);
      assert.deepEqual(await states(), { pending: 9_000 });
    }));

  test("a recall reaches every chat that got the article or may have, also one that has left since", () =>
    withScene(create, async ({ store, subscribe, publish, claim, drain, states }) => {
      const [ada, ben] = [await subscribe("ada"), await subscribe("ben")];
      const id = await publish("One");
      const [first, second] = await claim();
      assert.ok(first && second);
      await store.outbox.finish(first, { state: "sent", receipt: { messageId: "m1" } }, now);
      await store.outbox.finish(second, { state: "unknown", reason: "No answer." }, now);
      await store.subscriptions.end(ada.id, now);
      await subscribe("late");
      await store.articles.retract(id, minute(1));
      const recall = {
        key: `article:${id}:recall`,
        lane: "article",
        kind: "article",
        action: "recall",
        article: id,
      } as const;
      assert.notEqual(await store.outbox.add(recall, "holders", minute(1)), null);
      assert.equal(await store.outbox.add(recall, "holders", minute(1)), null, "once");
      const claimed = await claim(9, minute(1));
      assert.deepEqual(
        claimed.map(({ chat, action, receipt }) => [chat.address, action, receipt?.messageId ?? null]),
        [
          ["ada", "recall", "m1"],
          [ben.address, "recall", null],
        ],
      );
      await store.outbox.finish(taken(claimed[0]), { state: "recalled" }, minute(1));
      await store.outbox.finish(taken(claimed[1]), { state: "skipped", reason: "Nothing is held." }, minute(1));
      assert.deepEqual(await states(), { recalled: 2, unknown: 1, skipped: 1 });
      assert.deepEqual(await drain(minute(2)), []);
    }));

  test("what still waits of an article that was taken back is not sent", () =>
    withScene(create, async ({ store, subscribe, publish, claim, states }) => {
      await subscribe("ada");
      const id = await publish("One");
      await publish("Two");
      await store.articles.retract(id, now);
      assert.deepEqual(told(await claim()), ["ada: Two"]);
      assert.deepEqual(await states(), { skipped: 1, sending: 1 });
    }));
}
