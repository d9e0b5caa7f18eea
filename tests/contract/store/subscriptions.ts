import assert from "node:assert/strict";
import { test } from "node:test";
import { broadcast, type CreatePlace, minute, notice, now, told, withScene } from "#tests/contract/store/place";

export function describeSubscriptions(create: CreatePlace): void {
  test("a subscription begins once and ends once", () =>
    withScene(create, async ({ store, open }) => {
      const { id } = await open("ada");
      assert.equal(await store.subscriptions.has(id), false);
      assert.equal(await store.subscriptions.begin(id, now), true);
      assert.equal(await store.subscriptions.begin(id, now), false);
      assert.equal(await store.subscriptions.has(id), true);
      assert.equal(await store.subscriptions.end(id, now), true);
      assert.equal(await store.subscriptions.end(id, now), false);
      assert.equal(await store.subscriptions.has(id), false);
    }));

  test("its end skips what waits for the chat as a subscriber; an answer still comes", () =>
    withScene(create, async ({ store, subscribe, publish, drain, states }) => {
      const ada = await subscribe("ada");
      await subscribe("ben");
      await publish("One");
      await publish("Two", { breaking: true });
      await store.outbox.add(broadcast("Three"), "subscribed", now);
      await store.outbox.add(notice("Goodbye."), { chat: ada.id }, now);
      await store.subscriptions.end(ada.id, now);
      assert.deepEqual(await states(), { pending: 4, skipped: 3 });
      assert.deepEqual(
        told(await drain()).filter((line) => line.startsWith("ada")),
        ["ada: Goodbye."],
      );
    }));

  test("what comes back from a try after the subscription ended is not sent", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne, claim, states }) => {
      const ada = await subscribe("ada");
      await publish("One");
      const { id } = await claimOne();
      await store.subscriptions.end(ada.id, now);
      await store.outbox.retry(id, minute(1), "The platform asks for a pause.", false);
      assert.deepEqual(await claim(10, minute(1)), []);
      assert.deepEqual(await states(), { skipped: 1 });
    }));
}
