import assert from "node:assert/strict";
import { test } from "node:test";
import { article, type CreatePlace, keyed, minute, noKeys, now, withScene } from "#tests/contract/store/place";

export function describeWhy(create: CreatePlace): void {
  test("a delivery's life is told from the first message to the last", () =>
    withScene(create, async ({ store, subscribe, publish, correct, claimOne }) => {
      const ada = await subscribe("ada");
      const id = await publish("One");
      const first = await claimOne();
      await store.outbox.retry(first, minute(1), "The network is down.", true);
      const again = await claimOne(minute(2));
      await store.outbox.finish(again, { state: "sent", receipt: { messageId: "1" } }, minute(3));
      await correct(id, "One, corrected");
      const lives = await store.why.history(id, ada.id);
      assert.deepEqual(
        lives.map(({ action, state, attempts, revision, queuedAt, claimedAt, endedAt }) => ({
          action,
          state,
          attempts,
          revision,
          queuedAt,
          claimedAt,
          endedAt,
        })),
        [
          {
            action: "send",
            state: "sent",
            attempts: 1,
            revision: 1,
            queuedAt: now,
            claimedAt: minute(2),
            endedAt: minute(3),
          },
          {
            action: "correct",
            state: "pending",
            attempts: 0,
            revision: null,
            queuedAt: minute(1),
            claimedAt: null,
            endedAt: null,
          },
        ],
      );
      assert.deepEqual(await store.why.history(id, ada.id + 1), []);
    }));

  test("an article is found by its link, by what any feed calls it, and among the headlines", () =>
    withScene(create, async ({ store, feed }) => {
      const { id } = await store.articles.add(feed.id, article("Паром снова ходит"), keyed("bell.example/1"), now);
      const later = await store.articles.add(feed.id, article("מעבורת חוזרת"), keyed("bell.example/1"), now);
      await store.articles.alias(feed.id, "another name", id);
      assert.equal(await store.why.byName("bell.example/1", "-"), later.id, "the newest that fits");
      assert.equal(await store.why.byName(null, "Паром снова ходит"), id);
      assert.equal(await store.why.byName(null, "another name"), id);
      assert.equal(await store.why.byName(null, "unheard of"), null);
      assert.deepEqual(await store.why.headlines(null, 1), [{ id: later.id, title: "מעבורת חוזרת" }]);
      assert.deepEqual(await store.why.headlines(later.id, 5), [{ id, title: "Паром снова ходит" }]);
      assert.deepEqual(await store.why.headlines(id, 5), []);
    }));

  test("of an article it is known who else told it, why it was left out, and when it was queued for whom", () =>
    withScene(create, async ({ store, feed, publish, subscribe }) => {
      await store.feeds.configure(
        [
          { kind: "feed", address: feed.address },
          { kind: "feed", address: "https://other.example/" },
        ],
        now,
      );
      const other = (await store.feeds.list()).find(({ id }) => id !== feed.id);
      assert.ok(other);
      await subscribe("ada");
      const left = await store.articles.add(feed.id, article("Left out"), noKeys, now);
      await store.articles.leaveOut(left.id, "it has the word “sport”");
      const out = await publish("Out");
      await store.articles.alias(other.id, "its own name", out);
      assert.deepEqual(
        [(await store.why.article(left.id))?.leftOutWhy, (await store.why.article(left.id))?.queued],
        ["it has the word “sport”", null],
      );
      const record = await store.why.article(out);
      assert.deepEqual(record?.queued, { at: now, wants: null, isFanningOut: false, digestOnly: false });
      assert.deepEqual(record?.toldBy, [{ id: other.id, title: null, address: "https://other.example/" }]);
      await store.articles.leaveOut(out, "it was held");
      await store.articles.announce(out, now, null);
      assert.equal((await store.why.article(out))?.leftOutWhy, null, "what goes out after all was not left out");
      assert.equal(await store.why.article(12_345), null);
    }));

  test("a chat is found by id, address, former address, phone number or title, with how it stands", () =>
    withScene(create, async ({ store, open, subscribe }) => {
      const ada = await subscribe("972501234567@c.us", "private", "whatsapp");
      const group = await open("old", "group");
      await store.chats.move(group.id, "new", now);
      const found = async (named: string) => (await store.why.chats(named)).map(({ id }) => id);
      for (const named of [String(ada.id), "972501234567@c.us", "+972 50-123-4567"]) {
        assert.deepEqual(await found(named), [ada.id], named);
      }
      for (const named of ["new", "old"]) assert.deepEqual(await found(named), [group.id], named);
      assert.deepEqual(await found("nobody"), []);
      const [before] = await store.why.chats("new");
      assert.deepEqual([before?.subscribedAt, before?.unsubscribedAt, before?.closed], [null, null, null]);
      await store.subscriptions.begin(group.id, minute(1));
      assert.deepEqual((await store.why.chats("new"))[0]?.subscribedAt, minute(1));
      await store.subscriptions.end(group.id, minute(2));
      await store.chats.close(group.id, "The bot was removed.", minute(3));
      const [after] = await store.why.chats("new");
      assert.deepEqual(
        [after?.subscribedAt, after?.unsubscribedAt, after?.closed],
        [null, minute(2), { at: minute(3), why: "The bot was removed." }],
      );
    }));
}
