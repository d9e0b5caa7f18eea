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
  taken,
  told,
  what,
  withScene,
} from "#tests/contract/store/place";

export function describeClaim(create: CreatePlace): void {
  test("a claimed delivery tells all that its sender needs", () =>
    withScene(create, async ({ store, subscribe, publish, claim }) => {
      const ada = await subscribe("ada");
      const id = await publish("One");
      const published = await store.articles.get(id);
      assert.ok(published);
      assert.deepEqual(await claim(), [
        {
          id: (await store.outbox.recent(1))[0]?.id,
          claimedAt: now,
          messageId: 1,
          key: `article:${id}`,
          lane: "article",
          action: "send",
          chat: ada,
          attempts: 0,
          content: { kind: "article", article: published },
          style: {},
          receipt: null,
        },
      ]);
    }));

  test("broadcasts and notices come with their spans as they were written", () =>
    withScene(create, async ({ store, subscribe, claimOne }) => {
      const ada = await subscribe("ada");
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      const { content } = await claimOne();
      const { spans, signature } = broadcast("hello") as Extract<ReturnType<typeof broadcast>, { kind: "broadcast" }>;
      assert.deepEqual(content, { kind: "broadcast", spans, signature });
      const cleo = await subscribe("cleo");
      await store.outbox.add(notice("hi"), { chat: cleo.id }, now);
      assert.deepEqual((await claimOne()).content, { kind: "notice", spans: [{ text: "hi" }] });
      assert.notEqual(ada.id, cleo.id);
    }));

  test("an article is said in its newest revision", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne }) => {
      await subscribe("ada");
      const id = await publish("One");
      await store.articles.revise(id, article("Won"), noKeys, minute(1));
      assert.equal(what(await claimOne()), "Won");
    }));

  test("by lane, then age", () =>
    withScene(create, async ({ store, subscribe, claim }) => {
      const lanes = ["digest", "article", "broadcast", "reply", "breaking", "article"] as const;
      for (const [index, lane] of lanes.entries()) {
        const { id } = await subscribe(`${index}`);
        await store.outbox.add(notice(lane + index, lane), { chat: id }, now);
      }
      const claimed = await claim();
      assert.deepEqual(claimed.map(what), ["breaking4", "reply3", "broadcast2", "article1", "article5", "digest0"]);
    }));

  test("no more than asked for, and none of another platform", () =>
    withScene(create, async ({ store, subscribe, publish, claim }) => {
      for (const name of ["a", "b", "c"]) await subscribe(name);
      await subscribe("group", "group", "whatsapp");
      await publish("One");
      assert.deepEqual(told(await claim(2)), ["a: One", "b: One"]);
      assert.deepEqual(told(await claim(2)), ["c: One"]);
      assert.deepEqual(told(await store.outbox.claim("whatsapp", 9, [], now)), ["group: One"]);
    }));

  test("never two of one chat at once, whatever their lanes", () =>
    withScene(create, async ({ store, subscribe, publish, claim }) => {
      const ada = await subscribe("ada");
      await publish("One");
      await publish("Two");
      await store.outbox.add(notice("hello"), { chat: ada.id }, now);
      await publish("Fire", { breaking: true });
      for (const expected of ["Fire", "hello", "One", "Two"]) {
        const [delivery, ...others] = await claim();
        assert.deepEqual([delivery && what(delivery), others.length], [expected, 0]);
        assert.deepEqual(await claim(), [], "while one is under way");
        await store.outbox.finish(taken(delivery), { state: "sent", receipt: { messageId: "1" } }, now);
      }
    }));

  test("an earlier one that waits holds up the later ones of its chat and lane, and of no other", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne, claim, drain }) => {
      const ada = await subscribe("ada");
      await publish("One");
      await publish("Two");
      const claimed = await claimOne();
      await store.outbox.retry(claimed, minute(5), "No route.", true);
      assert.deepEqual(await claim(10, minute(4)), []);
      await store.outbox.add(notice("in a higher lane"), { chat: ada.id }, now);
      await store.outbox.add(notice("in a lower lane", "digest"), { chat: ada.id }, now);
      await subscribe("ben");
      await publish("Three");
      const before = told(await drain(minute(4)));
      assert.deepEqual(before.sort(), ["ada: in a higher lane", "ada: in a lower lane", "ben: Three"]);
      assert.deepEqual(told(await drain(minute(5))), ["ada: One", "ada: Two", "ada: Three"]);
    }));

  test("a higher lane that waits lets the lower ones of its chat go", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne, drain }) => {
      await subscribe("ada");
      await publish("Fire", { breaking: true });
      const claimed = await claimOne();
      await store.outbox.retry(claimed, minute(5), "No route.", true);
      await publish("Flood", { breaking: true });
      await publish("One");
      assert.deepEqual(told(await drain(minute(4))), ["ada: One"], "Flood is held up by Fire, One by neither");
      assert.deepEqual(told(await drain(minute(5))), ["ada: Fire", "ada: Flood"]);
    }));

  test("chats that rest are passed over", () =>
    withScene(create, async ({ subscribe, publish, claim }) => {
      const ada = await subscribe("ada");
      await subscribe("ben");
      const cleo = await subscribe("cleo");
      await publish("One");
      assert.deepEqual(told(await claim(10, now, [ada.id, cleo.id, 9_999])), ["ben: One"]);
      assert.deepEqual(told(await claim(10, now, [])), ["ada: One", "cleo: One"]);
    }));

  test("parallel claims never hand out a delivery twice, nor two of one chat", () =>
    withScene(create, async ({ store, other, crowd, publish, states }) => {
      const second = await other();
      await crowd(60);
      for (const title of ["One", "Two"]) await publish(title);
      await publish("Fire", { breaking: true });
      const claims = await Promise.all(
        [store, second, store, second, store, second].map((one) => one.outbox.claim("telegram", 15, [], now)),
      );
      const claimed = claims.flat();
      assert.equal(claimed.length, 60);
      assert.equal(new Set(claimed.map(({ chat }) => chat.id)).size, 60);
      assert.ok(claimed.every((delivery) => what(delivery) === "Fire"));
      assert.deepEqual(await states(), { sending: 60, pending: 120 });
    }));

  test("claims and outcomes of two processes at once deliver everything once, in order", () =>
    withScene(create, async ({ store, other, crowd, publish }) => {
      const second = await other();
      await crowd(20);
      const titles = ["One", "Two", "Three", "Four"];
      for (const title of titles) await publish(title);
      const shown = new Map<string, string[]>();
      const work = async (one: Store): Promise<void> => {
        for (let idle = 0; idle < 3; ) {
          const claimed = await one.outbox.claim("telegram", 7, [], now);
          idle = claimed.length === 0 ? idle + 1 : 0;
          for (const delivery of claimed) {
            const { address } = delivery.chat;
            shown.set(address, [...(shown.get(address) ?? []), what(delivery)]);
            await one.outbox.finish(delivery, { state: "sent", receipt: { messageId: "1" } }, now);
          }
        }
      };
      await Promise.all([work(store), work(second), work(second)]);
      await work(store);
      assert.equal(shown.size, 20);
      for (const texts of shown.values()) assert.deepEqual(texts, titles);
    }));

  test("a revision written while deliveries are claimed reaches every chat in the end", () =>
    withScene(create, async ({ other, crowd, publish, correct }) => {
      const second = await other();
      await crowd(40);
      const id = await publish("One");
      const held = new Map<string, string>();
      const work = async (): Promise<void> => {
        for (const delivery of await second.outbox.claim("telegram", 3, [], now)) {
          held.set(delivery.chat.address, what(delivery));
          await second.outbox.finish(delivery, { state: "sent", receipt: { messageId: "1" } }, now);
        }
      };
      for (let round = 1; round <= 6; round += 1) await Promise.all([work(), correct(id, `Revision ${round}`), work()]);
      for (let rest = 0; rest < 120; rest += 1) await work();
      assert.equal(held.size, 40);
      assert.deepEqual([...new Set(held.values())], ["Revision 6"]);
    }));

  test("what is taken back while it is being claimed is not sent: its recall finds nobody who holds it yet", () =>
    withScene(create, async ({ store, other, subscribe, publish, claim, states }) => {
      await subscribe("ada");
      const article = await publish("One");
      const beside = await other();
      const taken = Promise.withResolvers<void>();
      const goOn = Promise.withResolvers<void>();
      const retracting = beside.transaction(async (tx) => {
        await tx.articles.retract(article, now);
        const recall = { key: "recall", lane: "article", kind: "article", action: "recall", article } as const;
        await tx.outbox.add(recall, "holders", now);
        taken.resolve();
        await goOn.promise;
      });
      await taken.promise;
      const claiming = claim();
      // Long enough for a claim that does not wait to be through.
      await Promise.race([claiming, new Promise((resolve) => setTimeout(resolve, 100))]);
      goOn.resolve();
      await retracting;
      assert.deepEqual(await claiming, []);
      assert.deepEqual(await claim(), []);
      assert.deepEqual(await states(), { skipped: 1 });
    }));
}
