import assert from "node:assert/strict";
import { test } from "node:test";
import { digestsKey } from "#core/model";
import type { ReachTally, Store } from "#core/ports";
import { begin, make } from "#tests/contract/store/digests";
import { digestAt, digests, give } from "#tests/contract/store/hours";
import { article, type CreatePlace, minute, noKeys, now, type Scene, withScene } from "#tests/contract/store/place";

const released = (store: Store, id: number, message: number): Promise<boolean> =>
  store.audit.write({ article: id, step: "released", key: `article:${id}`, by: null, message }, now);

/** Adds an article and sends it to all subscribed chats, with its step in the trail. */
async function release({ store, feed }: Scene, title: string): Promise<{ id: number; message: number }> {
  const { id } = await store.articles.add(feed.id, article(title), noKeys, now);
  const send = { key: `article:${id}`, lane: "article", kind: "article", action: "send", article: id } as const;
  const message = await store.outbox.add(send, "subscribed", now);
  assert.ok(message);
  await released(store, id, message);
  return { id, message };
}

/** Corrects or takes back an article, in digests too, with its step in the trail. */
async function follow(store: Store, id: number, action: "correct" | "recall", at: Date): Promise<number> {
  const key = `article:${id}:${action}`;
  const about = { key, lane: "article", kind: "article", action, article: id } as const;
  const message = await store.outbox.add(about, "holders", at);
  await store.outbox.add({ key: digestsKey(key), lane: "digest", kind: "digest", article: id }, "holders", at);
  const step = action === "correct" ? "corrected" : "retracted";
  await store.audit.write({ article: id, step, key, by: null, message }, at);
  return message ?? 0;
}

const line = ({ action, platform, state, count, isInDigest }: ReachTally): string =>
  `${action} ${platform} ${count} ${state}${isInDigest ? " in a digest" : ""}`;

export function describeReach(create: CreatePlace): void {
  test("which chats a step reached, by platform and chat by chat", () =>
    withScene(create, async (scene) => {
      const { store, feed, subscribe, claim } = scene;
      const chats = [await subscribe("ada"), await subscribe("ben"), await subscribe("cleo", "private", "whatsapp")];
      const id = (await store.articles.add(feed.id, article("One"), noKeys, now)).id;
      const send = { key: `article:${id}`, lane: "article", kind: "article", action: "send", article: id } as const;
      const message = await store.outbox.add(send, "subscribed", now);
      assert.ok(message);
      await released(store, id, message);
      const [first] = await claim(1);
      assert.ok(first);
      await store.outbox.finish(first, { state: "sent", receipt: { messageId: "1" } }, minute(1));
      const [second] = await claim(1);
      assert.ok(second);
      await store.outbox.finish(second, { state: "failed", reason: "No." }, minute(2));
      const reach = await store.audit.reach(id);
      assert.deepEqual(
        reach.map(({ platform, state, reason, count, action }) => [platform, state, reason, count, action]),
        [
          ["telegram", "failed", "No.", 1, "send"],
          ["telegram", "sent", null, 1, "send"],
          ["whatsapp", "pending", null, 1, "send"],
        ],
      );
      assert.deepEqual(await store.audit.reach(99), []);
      const all = await store.audit.chats(id, { message: 0, chat: 0 }, 2);
      const rest = await store.audit.chats(id, { message, chat: all.at(-1)?.chat.id ?? 0 }, 2);
      assert.deepEqual(
        [...all, ...rest].map(({ chat, state, reason, at }) => [chat.id, state, reason, at]),
        [
          [chats[0]?.id, "sent", null, minute(1)],
          [chats[1]?.id, "failed", "No.", minute(2)],
          [chats[2]?.id, "pending", null, null],
        ],
      );
      assert.deepEqual(await store.audit.holders(id, { withDigests: true }), [{ platform: "telegram", count: 1 }]);
    }));

  test("a chat that has a story in a digest counts as one that got it, once, and as one that is corrected there", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, drain } = scene;
      const names = ["ada", "ben", "cleo", "dan"] as const;
      const [ada, ben, , dan] = await Promise.all(names.map((name) => subscribe(name)));
      assert.ok(ada && ben && dan);
      await give(store, ada, digests, digestAt(60));
      await give(store, ben, { ...digests, delivery: "both" }, digestAt(60));
      const { id, message } = await release(scene, "One");
      const other = await release(scene, "Two");
      await drain();
      const lines = async (of = id): Promise<string[]> => (await store.audit.reach(of)).map(line).sort();
      assert.deepEqual(await lines(), ["send telegram 1 held", "send telegram 3 sent"]);
      assert.deepEqual(await store.audit.holders(id, { withDigests: true }), [{ platform: "telegram", count: 3 }]);
      await begin(store, minute(60));
      await make(store, minute(60));
      assert.deepEqual(await lines(), ["send telegram 1 pending in a digest", "send telegram 3 sent"]);
      await drain(minute(61));
      assert.deepEqual(await lines(), ["send telegram 1 sent in a digest", "send telegram 3 sent"]);
      assert.deepEqual(await lines(other.id), await lines());
      assert.deepEqual(await store.audit.holders(id, { withDigests: true }), [{ platform: "telegram", count: 4 }]);
      assert.deepEqual(await store.audit.holders(id, { withDigests: false }), [{ platform: "telegram", count: 3 }]);

      await store.articles.revise(id, article("Won"), noKeys, minute(62));
      const corrected = await follow(store, id, "correct", minute(62));
      await drain(minute(63));
      const before = ["send telegram 1 sent in a digest", "send telegram 3 sent"];
      const then = ["correct telegram 2 sent in a digest", "correct telegram 3 sent"];
      assert.deepEqual(await lines(), [...then, ...before]);
      assert.deepEqual(await lines(other.id), before, "its own trail alone");
      const copies = await store.audit.chats(id, { message: 0, chat: 0 }, 99);
      assert.deepEqual(
        copies.map(({ chat, action, state, isInDigest }) => [chat.address, action, state, isInDigest]).sort(),
        [
          ["ada", "correct", "sent", true],
          ["ada", "send", "sent", true],
          ["ada", "send", "skipped", false],
          ["ben", "correct", "sent", false],
          ["ben", "correct", "sent", true],
          ["ben", "send", "sent", false],
          ["ben", "send", "sent", true],
          ["cleo", "correct", "sent", false],
          ["cleo", "send", "sent", false],
          ["dan", "correct", "sent", false],
          ["dan", "send", "sent", false],
        ],
      );
      const paged = [];
      for (let after = { message: 0, chat: 0 }; ; ) {
        const [next] = await store.audit.chats(id, after, 1);
        if (!next) break;
        paged.push(next);
        after = { message: next.message, chat: next.chat.id };
      }
      assert.deepEqual(paged, copies, "one by one");
      assert.deepEqual(
        new Set((await store.audit.reach(id)).map((tally) => tally.message)),
        new Set([message, corrected]),
      );

      await store.articles.retract(id, minute(64));
      await follow(store, id, "recall", minute(64));
      await drain(minute(65));
      const recalls = (await lines()).filter((one) => one.startsWith("recall"));
      assert.deepEqual(recalls, ["recall telegram 2 sent in a digest", "recall telegram 3 sent"]);
    }));
}
