import assert from "node:assert/strict";
import { test } from "node:test";
import { type CreatePlace, minute, notice, now, told, withScene } from "#tests/contract/store/place";

export function describeChats(create: CreatePlace): void {
  test("a chat is added once for each address of a platform", () =>
    withScene(create, async ({ store }) => {
      const ref = { platform: "telegram", address: "-100:7", kind: "group" } as const;
      const first = await store.chats.open(ref, "Newsroom", now);
      assert.deepEqual(first, { chat: { id: first.chat.id, ...ref, title: "Newsroom" }, isNew: true });
      assert.deepEqual(await store.chats.open(ref, "Newsroom", now), { chat: first.chat, isNew: false });
      assert.deepEqual(await store.chats.find("telegram", "-100:7"), first.chat);
      assert.equal(await store.chats.find("whatsapp", "-100:7"), null);
      const elsewhere = await store.chats.open({ ...ref, platform: "whatsapp" }, null, now);
      assert.equal(elsewhere.isNew, true);
      assert.notEqual(elsewhere.chat.id, first.chat.id);
    }));

  test("a new title is remembered, a missing one forgets nothing", () =>
    withScene(create, async ({ store }) => {
      const ref = { platform: "telegram", address: "1", kind: "group" } as const;
      await store.chats.open(ref, "Old", now);
      assert.equal((await store.chats.open(ref, "New", now)).chat.title, "New");
      assert.equal((await store.chats.open(ref, null, now)).chat.title, "New");
      assert.equal((await store.chats.find("telegram", "1"))?.title, "New");
    }));

  test("closing ends the subscription and skips all that waits, replies too; nothing else is touched", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne, states, drain }) => {
      const ada = await subscribe("ada");
      const ben = await subscribe("ben");
      await publish("One");
      await publish("Two");
      await store.outbox.add(notice("hello"), { chat: ada.id }, now);
      const underWay = await claimOne();
      assert.equal(underWay.chat.id, ada.id);
      await store.chats.close(ada.id, "The bot was blocked.", now);
      assert.equal(await store.subscriptions.has(ada.id), false);
      assert.equal(await store.subscriptions.has(ben.id), true);
      assert.deepEqual(await states(), { pending: 2, sending: 1, skipped: 2 });
      const skipped = (await store.outbox.recent(10)).filter(({ state }) => state === "skipped");
      assert.match(skipped[0]?.reason ?? "", /blocked/);
      assert.deepEqual(skipped[0]?.endedAt, now);
      assert.deepEqual(told(await drain()), ["ben: One", "ben: Two"]);
    }));

  test("a closed chat gets nothing new, and is new again when it is back", () =>
    withScene(create, async ({ store, subscribe, publish, states }) => {
      const ada = await subscribe("ada");
      await store.chats.close(ada.id, "It left.", now);
      await store.chats.close(ada.id, "It left again.", minute(1));
      await publish("One");
      const key = await store.outbox.add(notice("hello"), { chat: ada.id }, now);
      assert.notEqual(key, null);
      assert.deepEqual(await states(), {});
      assert.deepEqual(await store.chats.open(ada, null, now), { chat: ada, isNew: true });
      assert.equal(await store.subscriptions.has(ada.id), false, "it must subscribe anew");
      assert.equal((await store.chats.open(ada, null, now)).isNew, false);
    }));

  test("a chat that moves keeps all it has, and its old address still leads to it", () =>
    withScene(create, async ({ store, subscribe, publish, drain }) => {
      const group = await subscribe("-1", "group");
      await publish("One");
      await store.chats.move(group.id, "-1001", now);
      await store.chats.move(group.id, "-1001", now);
      const moved = { ...group, address: "-1001" };
      assert.deepEqual(await store.chats.find("telegram", "-1001"), moved);
      assert.deepEqual(await store.chats.find("telegram", "-1"), moved);
      assert.deepEqual(await store.chats.open(group, null, now), { chat: moved, isNew: false });
      assert.deepEqual(told(await drain()), ["-1001: One"]);
      await store.chats.move(group.id, "-1", now);
      assert.equal((await store.chats.find("telegram", "-1"))?.address, "-1");
      assert.equal((await store.chats.find("telegram", "-1001"))?.address, "-1");
      await store.chats.move(9_999, "anywhere", now);
    }));

  test("subscribed chats are counted for each platform", () =>
    withScene(create, async ({ store, open, subscribe }) => {
      assert.deepEqual(await store.chats.count(), []);
      await subscribe("a", "group", "whatsapp");
      await subscribe("b");
      await subscribe("c");
      await open("not subscribed");
      assert.deepEqual(await store.chats.count(), [
        { platform: "telegram", subscribed: 2 },
        { platform: "whatsapp", subscribed: 1 },
      ]);
    }));

  test("chats are listed by id with what they decided, a few at a time; closed ones too", () =>
    withScene(create, async ({ store, open, subscribe }) => {
      assert.deepEqual(await store.chats.list(0, 9), []);
      assert.equal(await store.chats.get(1), null);
      const ada = await subscribe("ada");
      const ben = await open("ben");
      const group = await subscribe("-1", "group", "whatsapp");
      await store.subscriptions.setPreferences(ada.id, { topics: ["ספורט"], silent: true }, now);
      await store.chats.close(group.id, "It left.", minute(1));
      const views = [
        { ...ada, subscribedSince: now, closedWhy: null, preferences: { topics: ["ספורט"], silent: true } },
        { ...ben, subscribedSince: null, closedWhy: null, preferences: {} },
        { ...group, subscribedSince: null, closedWhy: "It left.", preferences: {} },
      ];
      assert.deepEqual(await store.chats.list(0, 9), views);
      assert.deepEqual(await store.chats.list(0, 2), views.slice(0, 2));
      assert.deepEqual(await store.chats.list(ada.id, 1), views.slice(1, 2));
      assert.deepEqual(await store.chats.get(ada.id), views[0]);
    }));
}
