import assert from "node:assert/strict";
import { test } from "node:test";
import type { DigestMessage } from "#core/model";
import type { DigestAside, Store } from "#core/ports";
import { digestAt, digests, give, nights, quiet } from "#tests/contract/store/hours";
import {
  article,
  broadcast,
  type CreatePlace,
  minute,
  noKeys,
  now,
  type Scene,
  told,
  withScene,
} from "#tests/contract/store/place";

type Begins = DigestMessage["occasion"] | "release";

/** Begins the digests of all hours that are due, with the next ones a day later. */
export async function begin(store: Store, at: Date, begins: Begins = "hour"): Promise<void> {
  const later = new Date(at.getTime() + 24 * 3_600_000);
  for (const { id } of await store.hours.toPlan(at, 100)) {
    await store.hours.plan(id, { quiet: null, digestAt: later, until: later }, at, begins);
  }
}

/** Makes all digests that have begun, all articles under one topic; returns how many parts that took. */
export async function make(
  store: Store,
  at: Date,
  asides: (chats: number[]) => DigestAside[] = () => [],
): Promise<number> {
  for (let parts = 0; ; parts += 1) {
    const isDone = await store.transaction(async (tx) => {
      const part = await tx.hours.nextPart(at);
      if (!part) return true;
      const written = part.groups.map((group) => {
        const sections = [{ topic: "News", articles: group.articles }];
        const occasion = part.occasion === "change" ? "hour" : part.occasion;
        return { group, body: { occasion, at: part.at, zone: "UTC", sections, more: 0 } } as const;
      });
      await tx.hours.deliver(part, written, at);
      const chats = part.groups.flatMap((group) => group.chats);
      await tx.hours.endPart(part, { reason: "It came in a digest.", asides: asides(chats) }, at);
      return false;
    });
    if (isDone) return parts;
  }
}

/** A broadcast that is going out; answers its number. */
async function beginBroadcast(store: Store, text: string): Promise<number> {
  const said = { key: text, spans: [{ text }], signature: null };
  const by = { platform: "cli", person: "1" };
  const { id } = await store.broadcasts.draft({ ...said, by, audience: {}, dueAt: null }, now);
  await store.broadcasts.freeze(id, {}, now);
  const message = { ...said, lane: "broadcast", kind: "broadcast", broadcast: { id, action: "send" } } as const;
  await store.outbox.add(message, "broadcast", now);
  return id;
}

const drained = async ({ drain }: Scene, at: Date): Promise<string[]> => told(await drain(at)).sort();

export function describeDigests(create: CreatePlace): void {
  test("what was held comes in one digest, told once to all chats of the same wants, and is skipped for that reason", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, states } = scene;
      const chats = [await subscribe("ada"), await subscribe("ben"), await subscribe("cleo")];
      for (const chat of chats) await give(store, chat, digests, digestAt(60));
      await publish("One");
      await publish("Fire", { breaking: true });
      await begin(store, minute(60));
      await publish("Later");
      await make(store, minute(60));
      assert.deepEqual(await states(), { skipped: 6, held: 3, pending: 3 });
      const claimed = await scene.claim(9, minute(61));
      assert.deepEqual(
        told(claimed),
        ["ada", "ben", "cleo"].map((name) => `${name}: News: One,Fire`),
      );
      const [first] = claimed;
      assert.deepEqual(new Set(claimed.map(({ messageId }) => messageId)).size, 1);
      assert.ok(first?.content.kind === "digest");
      assert.deepEqual(
        [first.lane, first.action, first.content.occasion, first.content.at, first.content.zone, first.content.more],
        ["digest", "send", "hour", minute(60), "UTC", 0],
      );
      const [skipped] = (await store.outbox.recent(20)).filter(({ state }) => state === "skipped");
      assert.equal(skipped?.reason, "It came in a digest.");
      assert.equal(await make(store, minute(60)), 0, "nothing is left to do");
      await begin(store, minute(60 + 24 * 60));
      await make(store, minute(60 + 24 * 60));
      await begin(store, minute(60 + 48 * 60));
      await make(store, minute(60 + 48 * 60));
      assert.equal((await states()).pending, 3, "the next one holds the later article; nothing new, no third one");
    }));

  test("chats of different wants get what is theirs, each article once, in as many parts as it takes", () =>
    withScene(create, async (scene) => {
      const { store, crowd, place, publish, states, subscribe } = scene;
      const ada = await subscribe("ada");
      await give(store, ada, digests, digestAt(60));
      await crowd(1_500);
      await place.run("update chats set hours_id = 1");
      for (const title of ["One", "Two", "Three", "Four"]) await publish(title);
      await begin(store, minute(60));
      assert.ok((await make(store, minute(60))) >= 3);
      assert.deepEqual(await states(), { skipped: 4 * 1_501, pending: 1_501 });
      const rows = await place.run("select count(*) as count from messages where kind = 'digest'");
      assert.equal(Number(rows[0]?.count), 1, "the parts share the message");
    }));

  test("at the end of quiet hours articles come in one digest, and all else in its place; a paused broadcast stays held", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, correct, states } = scene;
      const ada = await subscribe("ada");
      const before = await publish("Before");
      await drained(scene, now);
      await give(store, ada, nights, quiet(0, 60));
      await correct(before, "Before, corrected");
      await publish("One");
      await publish("Fire", { breaking: true });
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      const id = await beginBroadcast(store, "paused");
      await store.outbox.steer(id, "held");
      while (!(await store.outbox.fanOut(10, now)));
      assert.deepEqual(await states(), { sent: 1, held: 5 });
      await begin(store, minute(60), "quiet");
      await make(store, minute(60));
      assert.deepEqual(await drained(scene, minute(61)), [
        "ada: Before, corrected",
        "ada: News: One,Fire",
        "ada: hello and a link",
      ]);
      assert.deepEqual(await states(), { sent: 4, held: 1, skipped: 2 });
      await store.outbox.steer(id, "goes");
      while (!(await store.outbox.fanOut(10, now)));
      assert.deepEqual(await drained(scene, minute(61)), ["ada: paused"]);
    }));

  test("a broadcast resumed in quiet hours goes on when they end", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, states } = scene;
      const ada = await subscribe("ada");
      await give(store, ada, nights, quiet(10, 60));
      const id = await beginBroadcast(store, "hello");
      await store.outbox.steer(id, "held");
      while (!(await store.outbox.fanOut(10, minute(11))));
      await store.outbox.steer(id, "goes");
      while (!(await store.outbox.fanOut(10, minute(12))));
      assert.deepEqual(await drained(scene, minute(12)), []);
      assert.deepEqual([await states(), await store.broadcasts.isOver(id)], [{ held: 1 }, false]);
      await begin(store, minute(60), "quiet");
      await make(store, minute(60));
      assert.deepEqual(await drained(scene, minute(60)), ["ada: hello"]);
    }));

  test("where quiet hours end and articles come in digests alone, only the rest goes", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, states } = scene;
      const ada = await subscribe("ada");
      await give(store, ada, { ...digests, ...nights }, quiet(0, 60));
      await publish("One");
      await store.outbox.add(broadcast("hello"), "subscribed", now);
      await begin(store, minute(60), "release");
      await make(store, minute(60));
      assert.deepEqual(await drained(scene, minute(61)), ["ada: hello and a link"]);
      assert.deepEqual(await states(), { sent: 1, held: 1 });
    }));

  test("who gets articles at once and in digests finds both in the digest, each of them once", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish } = scene;
      const ada = await subscribe("ada");
      await publish("Long ago");
      await drained(scene, now);
      await give(store, ada, { ...digests, delivery: "both" }, digestAt(60));
      await publish("One");
      await publish("Fire", { breaking: true });
      assert.deepEqual(await drained(scene, minute(1)), ["ada: Fire", "ada: One"]);
      await begin(store, minute(60));
      await publish("Two");
      await make(store, minute(60));
      assert.deepEqual(await drained(scene, minute(61)), ["ada: News: One,Fire", "ada: Two"]);
      await begin(store, minute(60 + 24 * 60));
      await make(store, minute(60 + 24 * 60));
      assert.deepEqual(await drained(scene, minute(61 + 24 * 60)), ["ada: News: Two"]);
    }));

  test("what was taken back while it was held is left out, and said so; what was revised comes in its newest words", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, correct } = scene;
      const [ada, ben] = [await subscribe("ada"), await subscribe("ben")];
      await give(store, ada, digests, digestAt(60));
      await give(store, ben, nights, quiet(0, 60));
      const one = await publish("One");
      const two = await publish("Two");
      await store.articles.retract(two, minute(1));
      await correct(one, "Won");
      await begin(store, minute(60));
      await make(store, minute(60));
      assert.deepEqual(await drained(scene, minute(61)), ["ada: News: Won", "ben: News: Won"]);
      const [record] = await store.why.history(two, ada.id);
      assert.deepEqual([record?.state, record?.reason], ["skipped", "Its publisher took the article back."]);
    }));

  test("a digest that was put together and not sent yet says what holds when it is sent, or nothing", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, correct, states } = scene;
      const ada = await subscribe("ada");
      await give(store, ada, digests, digestAt(60));
      const [one, two] = [await publish("One"), await publish("Two")];
      await begin(store, minute(60));
      await make(store, minute(60));
      await correct(one, "Won");
      await store.articles.retract(two, minute(61));
      await store.articles.retract(one, minute(62));
      assert.deepEqual(await drained(scene, minute(63)), []);
      assert.deepEqual(await states(), { skipped: 3 });
      assert.equal((await store.outbox.recent(1))[0]?.reason, "All articles in it were taken back.");
    }));

  test("an article that changes or is taken back corrects the digests that hold it, once each, in their newest words", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, correct, claim } = scene;
      const [ada, ben] = [await subscribe("ada"), await subscribe("ben")];
      await give(store, ada, { ...digests, delivery: "both" }, digestAt(60));
      await give(store, ben, digests, digestAt(60));
      const [one, two] = [await publish("One"), await publish("Two")];
      await drained(scene, now);
      await begin(store, minute(60));
      await make(store, minute(60));
      assert.deepEqual(await drained(scene, minute(61)), ["ada: News: One,Two", "ben: News: One,Two"]);
      const digest = (article: number, key: string) =>
        store.outbox.add({ key, lane: "digest", kind: "digest", article }, "holders", minute(70));
      await correct(one, "Won");
      assert.ok(await digest(one, "one:2"));
      await correct(one, "Won again");
      assert.ok(await digest(one, "one:3"));
      const corrections = await claim(9, minute(71));
      assert.deepEqual(told(corrections), ["ada: Won again", "ben: News: Won again,Two"], "ada's own copy first");
      const ofBen = corrections.find(({ chat }) => chat.id === ben.id);
      assert.ok(ofBen?.content.kind === "digest");
      assert.deepEqual(
        [ofBen.action, ofBen.content.corrected?.title, ofBen.receipt?.messageId !== undefined],
        ["correct", "Won again", true],
      );
      for (const correction of corrections) {
        await store.outbox.finish(
          correction,
          { state: "sent", receipt: { messageId: `m${correction.id}` } },
          minute(72),
        );
      }
      assert.deepEqual(await drained(scene, minute(73)), ["ada: News: Won again,Two"]);
      await store.subscriptions.end(ben.id, minute(74));
      await store.articles.retract(two, minute(75));
      assert.ok(await digest(two, "two:recall"));
      assert.deepEqual(await drained(scene, minute(76)), ["ada: News: Won again", "ben: News: Won again"]);
      const unheld = await publish("Three");
      assert.equal(await digest(unheld, "three:2"), null, "no digest holds it");
    }));

  test("a digest under way while its article changes is corrected after it", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, correct, claimOne } = scene;
      const ada = await subscribe("ada");
      await give(store, ada, digests, digestAt(60));
      const one = await publish("One");
      await begin(store, minute(60));
      await make(store, minute(60));
      const underWay = await claimOne(minute(61));
      await correct(one, "Won");
      await store.outbox.add({ key: "one:2", lane: "digest", kind: "digest", article: one }, "holders", minute(61));
      await store.outbox.finish(underWay, { state: "sent", receipt: { messageId: "7" } }, minute(62));
      const correction = await claimOne(minute(63));
      assert.deepEqual([told([correction]), correction.receipt], [["ada: News: Won"], { messageId: "7" }]);
    }));

  test("held articles that a digest does not show are skipped for their own reason", () =>
    withScene(create, async ({ store, subscribe, publish }) => {
      const ada = await subscribe("ada");
      await give(store, ada, digests, digestAt(60));
      await publish("One");
      const two = await publish("Two");
      await begin(store, minute(60));
      await make(store, minute(60), (chats) => [{ chats, articles: [two], reason: "No room." }]);
      assert.equal((await store.why.history(two, ada.id))[0]?.reason, "No room.");
    }));

  test("a change of hours lets go what is held: articles in one digest, the rest in its place, or all at the new time", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, states } = scene;
      const [ada, ben, cleo] = [await subscribe("ada"), await subscribe("ben"), await subscribe("cleo")];
      for (const chat of [ada, ben, cleo]) await give(store, chat, digests, digestAt(60));
      await publish("One");
      await publish("Two");
      await store.subscriptions.setPreferences(ada.id, {}, minute(1));
      await give(store, ben, { ...digests, zone: "UTC" }, digestAt(90), minute(1));
      await give(store, cleo, nights, quiet(0, 60), minute(1));
      assert.equal(await make(store, minute(2)), 1);
      assert.deepEqual(await drained(scene, minute(3)), ["ada: News: One,Two"]);
      assert.deepEqual(await states(), { sent: 1, skipped: 2, held: 4 });
      assert.equal(await make(store, minute(4)), 0);
      await store.subscriptions.setPreferences(cleo.id, {}, minute(5));
      await publish("Three");
      await give(store, ada, digests, digestAt(60), minute(5));
      await make(store, minute(6));
      assert.deepEqual(await drained(scene, minute(7)), ["cleo: News: One,Two", "cleo: Three"]);
      assert.equal((await states()).held, 4, "ada's and ben's wait for their digests");
    }));

  test("hours that are not planned yet let nothing go that is held", () =>
    withScene(create, async ({ store, subscribe, publish, states }) => {
      const ada = await subscribe("ada");
      await give(store, ada, digests, digestAt(60));
      await publish("One");
      await store.subscriptions.setPreferences(ada.id, { hours: nights }, minute(1));
      assert.equal(await make(store, minute(2)), 0);
      assert.deepEqual(await states(), { held: 1 });
    }));

  test("the chats of one person share their hours; one that is linked takes them over", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, states } = scene;
      const [phone, tablet] = [await subscribe("phone"), await subscribe("tablet", "private", "whatsapp")];
      await give(store, phone, digests, digestAt(60));
      await publish("One");
      const code = await store.subscriptions.codeFor(phone.id, minute(9));
      await store.subscriptions.link(tablet.id, code, now);
      await make(store, now);
      assert.deepEqual(await states(), { held: 2 }, "what waited there waits for the digest now");
      await store.subscriptions.setPreferences(tablet.id, {}, minute(1));
      await make(store, minute(2));
      assert.deepEqual(await drained(scene, minute(3)), ["phone: News: One"]);
      assert.equal((await store.outbox.claim("whatsapp", 9, [], minute(3))).length, 1);
    }));

  test("who unsubscribes or leaves gets no digest, and who is erased takes it along", () =>
    withScene(create, async (scene) => {
      const { store, place, subscribe, publish, states } = scene;
      const [ada, ben, cleo] = [await subscribe("ada"), await subscribe("ben"), await subscribe("cleo")];
      for (const chat of [ada, ben, cleo]) await give(store, chat, digests, digestAt(60));
      await publish("One");
      await store.subscriptions.end(ada.id, minute(1));
      await store.chats.close(ben.id, "It was blocked.", minute(1));
      await begin(store, minute(60));
      await make(store, minute(60));
      assert.deepEqual(await states(), { skipped: 3, pending: 1 });
      await store.subscriptions.end(cleo.id, minute(61));
      assert.deepEqual(await drained(scene, minute(62)), []);
      for (const chat of [ada, ben, cleo]) await store.upkeep.erase(chat.id);
      for (const table of ["digest_articles", "hours", "deliveries"]) {
        assert.deepEqual(await place.run(`select * from ${table}`), [], table);
      }
      assert.deepEqual(await place.run("select key from messages where kind = 'digest'"), []);
    }));

  test("a chat that is merged into another loses nothing that is held, and gets nothing twice", () =>
    withScene(create, async (scene) => {
      const { store, open, subscribe, publish, states } = scene;
      const early = await open("new", "group");
      const other = await subscribe("other");
      const late = await subscribe("old", "group");
      await give(store, late, digests, digestAt(60));
      await give(store, other, digests, digestAt(60));
      await publish("One");
      await begin(store, minute(60));
      await store.chats.move(late.id, "new", minute(60));
      await make(store, minute(60));
      assert.deepEqual(await drained(scene, minute(61)), ["new: News: One", "other: News: One"]);
      await publish("Two");
      await store.chats.move(other.id, "new", minute(62));
      await make(store, minute(63));
      assert.deepEqual(
        await states(),
        { skipped: 1, sent: 1, held: 1 },
        "the two digests and the two copies are one each",
      );
      assert.ok(early);
    }));

  test("what a digest holds is kept as long as the digest, and no longer", () =>
    withScene(create, async (scene) => {
      const { store, subscribe, publish, place } = scene;
      const ada = await subscribe("ada");
      await give(store, ada, digests, digestAt(60));
      const one = await publish("One");
      await begin(store, minute(60));
      await make(store, minute(60));
      await drained(scene, minute(61));
      const { id } = await store.articles.add(scene.feed.id, article("New"), noKeys, minute(500));
      const before = minute(61);
      assert.equal(await store.upkeep.retireDeliveries(before, 10), 1, "the held one, skipped");
      assert.equal(await store.upkeep.retireMessages(before, 10), 1, "the article's own");
      const articles = () => store.upkeep.retireArticles(before, { newest: 1, after: 0, limit: 10 });
      assert.equal((await articles()).retired, 0);
      assert.equal(await store.upkeep.retireDeliveries(minute(100), 10), 1);
      assert.equal(await store.upkeep.retireMessages(minute(100), 10), 1);
      assert.deepEqual(await place.run("select * from digest_articles"), []);
      assert.equal((await articles()).retired, 1);
      assert.ok(one < id);
    }));
}
