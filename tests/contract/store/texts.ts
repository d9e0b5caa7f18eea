import assert from "node:assert/strict";
import { test } from "node:test";
import type { Span } from "#core/model";
import { article, type CreatePlace, keyed, noKeys, now, withScene } from "#tests/contract/store/place";

const texts = [
  "הממשלה אישרה: מַבְזָק חדש \u200f(עדכון)",
  "Family 👩‍👩‍👧‍👦, flag 🇮🇱, skin 👍🏽 and a\u0301 combining mark",
  'O\'Brien said "100%" \\ backslash; drop table chats; -- $1 ? :x',
  "line one\nline two\ttab\r\n",
  "",
];

export function describeTexts(create: CreatePlace): void {
  test("every text comes back as it was, whatever script it is in", () =>
    withScene(create, async ({ store, feed, subscribe, claimOne }) => {
      for (const [index, text] of texts.entries()) {
        const given = article(text, { sourceId: `${index}${text}`, topics: texts, summary: text, url: null });
        const added = await store.articles.add(feed.id, given, noKeys, now);
        assert.deepEqual(added, { ...added, ...given });
        assert.deepEqual(await store.articles.bySourceId(feed.id, `${index}${text}`), added);
      }
      const { chat } = await store.chats.open(
        { platform: "telegram", address: "1", kind: "group" },
        texts[0] ?? "",
        now,
      );
      assert.equal(chat.title, texts[0]);
      await subscribe("1", "group");
      const spans: Span[] = texts.map((text) => ({ text, italic: true }));
      await store.outbox.add(
        { key: "k", lane: "broadcast", kind: "broadcast", spans, signature: texts[1] ?? "" },
        "subscribed",
        now,
      );
      const claimed = await claimOne();
      assert.deepEqual(claimed.content, { kind: "broadcast", spans, signature: texts[1] });
    }));

  test("what a database cannot keep is left out alike: NUL, and half of a surrogate pair", () =>
    withScene(create, async ({ store, feed, subscribe, claimOne }) => {
      const given = article("a\0b", {
        sourceId: "\0id",
        topics: ["c\0d"],
        summary: "\ud83d half",
        url: "https://bell.example/\0",
      });
      const added = await store.articles.add(feed.id, given, keyed("bell.example/\0"), now);
      assert.equal(added.title, "ab");
      assert.equal(added.summary, "\ufffd half");
      assert.deepEqual(added.topics, ["cd"]);
      assert.deepEqual(await store.articles.bySourceId(feed.id, "\0id"), added);
      assert.deepEqual(await store.articles.byLink("bell.example/\0"), [added]);
      const ada = await subscribe("ada");
      await store.outbox.add(
        { key: "k\0", lane: "reply", kind: "notice", spans: [{ text: "x\0y" }] },
        { chat: ada.id },
        now,
      );
      const claimed = await claimOne();
      assert.deepEqual([claimed.key, claimed.content], ["k", { kind: "notice", spans: [{ text: "xy" }] }]);
      await store.outbox.finish(claimed, { state: "failed", reason: "no\0" }, now);
      assert.equal((await store.outbox.recent(1))[0]?.reason, "no");
    }));

  test("a hostile feed's endless ids and links are told apart", () =>
    withScene(create, async ({ store, feed }) => {
      const long = "ש".repeat(50_000);
      const one = await store.articles.add(
        feed.id,
        article("One", { sourceId: `${long}1`, url: `https://x.example/${long}1` }),
        keyed(`x.example/${long}1`),
        now,
      );
      const two = await store.articles.add(
        feed.id,
        article("Two", { sourceId: `${long}2`, url: `https://x.example/${long}2` }),
        keyed(`x.example/${long}2`),
        now,
      );
      assert.deepEqual(await store.articles.bySourceId(feed.id, `${long}1`), one);
      assert.deepEqual(await store.articles.byLink(`x.example/${long}2`), [two]);
      await store.articles.alias(feed.id, `${long}3`, one.id);
      assert.deepEqual(await store.articles.bySourceId(feed.id, `${long}3`), one);
    }));
}
