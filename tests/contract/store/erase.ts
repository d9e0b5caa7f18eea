import assert from "node:assert/strict";
import { test } from "node:test";
import { askErasure, eraseAsked, eraseChat } from "#core/erase";
import { broadcast, type CreatePlace, minute, notice, now, told, withScene } from "#tests/contract/store/place";

const number = "972501234567";
const address = `${number}@c.us`;

export function describeErase(create: CreatePlace): void {
  test("a person's chat goes with all that names it; the past stays as numbers", () =>
    withScene(create, async ({ store, place, open, subscribe, publish, states }) => {
      const ben = await subscribe("ben", "private", "whatsapp");
      const ada = await subscribe(`+${number}`, "private", "whatsapp");
      await store.chats.move(ada.id, address, now);
      await open(address, "private", "whatsapp");
      await store.subscriptions.setPreferences(ada.id, { follows: ["my street"], silent: true }, now);
      const code = await store.subscriptions.codeFor(ada.id, minute(10));
      const tablet = await open("adas-tablet");
      await store.subscriptions.link(tablet.id, code, now);
      await store.subscriptions.codeFor(ada.id, minute(10));
      await publish("One");
      await store.outbox.add(notice(`reply:whatsapp:false_${address}_3EB0A1`), { chat: ada.id }, now);
      await store.outbox.add(notice(`stranger:whatsapp:false_${address}_3EB0A2`), { chat: ben.id }, now);
      await store.outbox.add(broadcast(`broadcast:whatsapp:false_${address}_3EB0A3`), "subscribed", now);
      await store.outbox.add(notice(`word:1${number}2`), { chat: ben.id }, now);
      for (let at = 0; at < 20; at += 1) {
        for (const delivery of await store.outbox.claim("whatsapp", 10, [], now)) {
          await store.outbox.finish(
            delivery,
            { state: "sent", receipt: { messageId: `true_${address}_${delivery.id}` } },
            now,
          );
        }
      }
      await place.run(
        `insert into messages (key, lane, kind, action, audience, created_at) values ('reply:${number}', 20, 'notice', 'send', 'chat', 0)`,
      );
      const before = await states();

      const erased = await eraseChat(store, ada.id);
      assert.deepEqual(erased, { deliveries: 3, messages: 1, isScrubbed: true });
      assert.deepEqual(await states(), before);
      assert.equal(await store.chats.find("whatsapp", address), null);
      assert.equal(await store.chats.find("whatsapp", `+${number}`), null);
      const keys = (await place.run("select key from messages order by id")).map(({ key }) => String(key));
      assert.ok(keys.includes(`word:1${number}2`), "a number that only contains it is another one");
      assert.deepEqual(
        keys.filter((key) => new RegExp(`(?<!\\d)${number}(?!\\d)`).test(key)),
        [],
      );
      assert.ok(keys.some((key) => /^broadcast:whatsapp:false_[0-9a-f]{12}_3EB0A3$/.test(key)));
      assert.deepEqual(await place.run("select code from link_codes"), []);
      assert.deepEqual(await store.subscriptions.linked(tablet.id), []);
      assert.deepEqual(await store.subscriptions.preferences(tablet.id), { follows: ["my street"], silent: true });
      assert.deepEqual(told(await store.outbox.claim("whatsapp", 10, [], now)), []);
      await eraseChat(store, tablet.id);
      assert.deepEqual(await place.run("select wants from wants"), [], "what only she wanted is nobody's any more");
    }));

  test("who asks to be forgotten still gets the answer, nothing else, and is gone once it has left", () =>
    withScene(create, async ({ store, open, subscribe, publish, drain, states }) => {
      const ada = await subscribe("ada");
      await subscribe("ben");
      await publish("One");
      await store.outbox.add(notice("You are forgotten."), { chat: ada.id }, now);
      await askErasure(store, ada.id, now);
      await publish("Two");
      assert.equal(await eraseAsked(store), 0, "the answer is still owed");
      assert.deepEqual(
        told(await drain()).filter((line) => line.startsWith("ada")),
        ["ada: You are forgotten."],
      );
      assert.equal(await eraseAsked(store), 1);
      assert.equal(await eraseAsked(store), 0);
      assert.equal(await store.chats.find("telegram", "ada"), null);
      assert.deepEqual(await states(), { sent: 3, skipped: 1 });
      const ben = await store.chats.find("telegram", "ben");
      await askErasure(store, ben?.id ?? 0, now);
      await open("ben-new");
      await store.chats.move(ben?.id ?? 0, "ben-new", now);
      assert.equal(await eraseAsked(store), 1, "also under a new address");
      assert.equal(await store.chats.find("telegram", "ben-new"), null);
      const again = await open("ada");
      assert.notEqual(again.id, ada.id);
      assert.equal(await store.subscriptions.has(again.id), false);
    }));
}
