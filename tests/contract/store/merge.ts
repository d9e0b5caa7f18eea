import assert from "node:assert/strict";
import { test } from "node:test";
import { broadcast, type CreatePlace, notice, now, told, withScene } from "#tests/contract/store/place";

export function describeMerge(create: CreatePlace): void {
  test("a chat merged into another leaves one chat, with the subscription and what waits", () =>
    withScene(create, async ({ store, open, subscribe, publish, drain }) => {
      const old = await subscribe("old", "group");
      await publish("One");
      const current = await open("new", "group");
      await store.chats.move(old.id, "new", now);
      assert.deepEqual(await store.chats.find("telegram", "new"), current);
      assert.deepEqual(await store.chats.find("telegram", "old"), current);
      assert.equal(await store.subscriptions.has(current.id), true);
      assert.deepEqual(await store.chats.count(), [{ platform: "telegram", subscribed: 1 }]);
      assert.deepEqual(told(await drain()), ["new: One"]);
      await store.chats.move(old.id, "new", now);
    }));

  test("of two copies of a message the one that got further stays: nothing is said twice", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne, drain, states }) => {
      const old = await subscribe("old", "group");
      await subscribe("new", "group");
      await publish("One");
      const sent = await claimOne();
      assert.equal(sent.chat.id, old.id);
      await store.outbox.finish(sent, { state: "sent", receipt: { messageId: "1" } }, now);
      await publish("Two");
      await store.chats.move(old.id, "new", now);
      assert.deepEqual(await states(), { sent: 1, pending: 1 });
      assert.deepEqual(told(await drain()), ["new: Two"]);
    }));

  test("what is under way stays under way and can be put back for the new address", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne, drain }) => {
      const old = await subscribe("old", "group");
      await subscribe("new", "group");
      await publish("One");
      const underWay = await claimOne();
      assert.equal(underWay.chat.id, old.id);
      await store.transaction(async (tx) => {
        await tx.outbox.retry(underWay, now, "It moved.", false);
        await tx.chats.move(old.id, "new", now);
      });
      assert.deepEqual(told(await drain()), ["new: One"]);
    }));

  test("a chat that was closed under its new address is open again", () =>
    withScene(create, async ({ store, open, subscribe, drain }) => {
      const old = await subscribe("old", "group");
      const current = await open("new", "group");
      await store.chats.close(current.id, "It left.", now);
      await store.chats.move(old.id, "new", now);
      await store.outbox.add(notice("hello"), { chat: current.id }, now);
      assert.deepEqual(told(await drain()), ["new: hello"]);
    }));

  test("a merge in the middle of a fan-out loses nothing", () =>
    withScene(create, async ({ store, open, subscribe, crowd, states }) => {
      const early = await open("early", "group");
      await crowd(5_000);
      const late = await subscribe("late", "group");
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      assert.deepEqual(await states(), { pending: 5_000 });
      await store.chats.move(late.id, "early", now);
      while (!(await store.outbox.fanOut(5_000, now)));
      assert.deepEqual(await states(), { pending: 5_001 });
      const newest = await store.outbox.recent(1);
      assert.equal(newest[0]?.chat.id, early.id);
    }));

  test("a merge into a chat that a fan-out has not come to says nothing twice", () =>
    withScene(create, async ({ store, open, subscribe, crowd, states }) => {
      const early = await subscribe("early", "group");
      await crowd(5_000);
      const late = await open("late", "group");
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      await store.chats.move(early.id, "late", now);
      while (!(await store.outbox.fanOut(5_000, now)));
      assert.deepEqual(await states(), { pending: 5_001 });
      const newest = await store.outbox.recent(5_001);
      assert.equal(newest.filter(({ chat }) => chat.id === late.id).length, 1);
    }));
}
