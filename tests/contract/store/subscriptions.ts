import assert from "node:assert/strict";
import { test } from "node:test";
import {
  article,
  broadcast,
  type CreatePlace,
  minute,
  noKeys,
  notice,
  now,
  told,
  withScene,
} from "#tests/contract/store/place";

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

  test("what was taken back is taken from a chat that ends its subscription before its turn", () =>
    withScene(create, async ({ store, subscribe, publish, drain }) => {
      const ada = await subscribe("ada");
      const article = await publish("One");
      await drain();
      await store.transaction(async (tx) => {
        await tx.articles.retract(article, now);
        const recall = { key: "recall", lane: "article", kind: "article", action: "recall", article } as const;
        await tx.outbox.add(recall, "holders", now);
      });
      await store.subscriptions.end(ada.id, now);
      assert.deepEqual(
        (await drain()).map(({ action }) => action),
        ["recall"],
      );
    }));

  test("what comes back from a try after the subscription ended is not sent", () =>
    withScene(create, async ({ store, subscribe, publish, claimOne, claim, states }) => {
      const ada = await subscribe("ada");
      await publish("One");
      const claimed = await claimOne();
      await store.subscriptions.end(ada.id, now);
      await store.outbox.retry(claimed, minute(1), "The platform asks for a pause.", false);
      assert.deepEqual(await claim(10, minute(1)), []);
      assert.deepEqual(await states(), { skipped: 1 });
    }));

  test("a chat wants everything until it decides otherwise, and what it decided is kept while it is away", () =>
    withScene(create, async ({ store, subscribe }) => {
      const ada = await subscribe("ada");
      assert.deepEqual(await store.subscriptions.preferences(ada.id), {});
      const decided = { topics: ["Sport", "כלכלה"], mutes: ["golf"], silent: true, template: "brief" as const };
      await store.subscriptions.setPreferences(ada.id, decided, now);
      assert.deepEqual(await store.subscriptions.preferences(ada.id), decided);
      await store.subscriptions.end(ada.id, now);
      assert.deepEqual(await store.subscriptions.preferences(ada.id), decided);
      await store.subscriptions.setPreferences(ada.id, { topics: [] }, now);
      assert.deepEqual(await store.subscriptions.preferences(ada.id), {});
    }));

  test("a chat that changes its mind while articles are being chosen for it loses none of them", () =>
    withScene(create, async ({ store, feed, subscribe, drain, other }) => {
      const [ada, ben] = [await subscribe("ada"), await subscribe("ben")];
      await store.subscriptions.setPreferences(ben.id, { topics: ["Sport"] }, now);
      const beside = await other();
      let changing: Promise<void> = Promise.resolve();
      await store.transaction(async (tx) => {
        const wants = (await tx.subscriptions.wants()).filter(({ wants: { topics } }) => !topics).map(({ id }) => id);
        changing = beside.subscriptions.setPreferences(ada.id, { mutes: ["golf"] }, now);
        await Promise.race([changing, new Promise((resolve) => setTimeout(resolve, 100))]);
        const { id } = await tx.articles.add(feed.id, article("One"), noKeys, now);
        const message = {
          key: `article:${id}`,
          lane: "article",
          kind: "article",
          action: "send",
          article: id,
        } as const;
        await tx.outbox.add(message, { wants }, now);
      });
      await changing;
      assert.deepEqual(told(await drain()), ["ada: One"]);
    }));

  test("a chat that changes its mind during a long fan-out gets what it wanted before, in order", () =>
    withScene(create, async ({ store, feed, subscribe, crowd, place }) => {
      await crowd(5_100);
      const ada = await subscribe("ada");
      const everything = (await store.subscriptions.wants()).map(({ id }) => id);
      for (const title of ["One", "Two"]) {
        const { id } = await store.articles.add(feed.id, article(title), noKeys, now);
        const message = {
          key: `article:${id}`,
          lane: "article",
          kind: "article",
          action: "send",
          article: id,
        } as const;
        await store.outbox.add(message, { wants: everything }, now);
      }
      await store.subscriptions.setPreferences(ada.id, { mutes: ["golf"] }, now);
      while (!(await store.outbox.fanOut(1_000, now)));
      const of = (chat: number) =>
        place.run(`select message_id as id from deliveries where chat_id = ${chat} order by id`);
      const [one, two] = (await of(1)).map(({ id }) => id);
      assert.deepEqual(
        (await of(ada.id)).map(({ id }) => id),
        [one, two],
      );
    }));

  test("equal wants are one profile, and a message for some wants reaches the chats that have them", () =>
    withScene(create, async ({ store, feed, subscribe, drain }) => {
      const [ada, ben, cleo] = [await subscribe("ada"), await subscribe("ben"), await subscribe("cleo")];
      await subscribe("dan");
      await store.subscriptions.setPreferences(ada.id, { topics: ["Sport"], silent: true }, now);
      await store.subscriptions.setPreferences(ben.id, { topics: ["Sport"] }, now);
      await store.subscriptions.setPreferences(cleo.id, { feeds: [feed.id] }, now);
      const profiles = await store.subscriptions.wants();
      assert.deepEqual(
        profiles.map(({ wants }) => wants),
        [{}, { topics: ["Sport"] }, { feeds: [feed.id] }],
      );
      const idOf = (at: number): number => profiles[at]?.id ?? -1;
      assert.deepEqual(await store.subscriptions.wants(idOf(1)), profiles.slice(2));
      assert.deepEqual(await store.subscriptions.wants(idOf(2)), []);
      await store.outbox.add(notice("Sport"), { wants: [idOf(1)] }, now);
      await store.outbox.add(notice("Both"), { wants: [idOf(0), idOf(2)] }, now);
      await store.outbox.add(notice("Nobody"), { wants: [] }, now);
      const sent = await drain();
      assert.deepEqual(told(sent).toSorted(), ["ada: Sport", "ben: Sport", "cleo: Both", "dan: Both"]);
      assert.deepEqual(sent.find(({ chat }) => chat.address === "ada")?.style, { silent: true });
      assert.deepEqual(sent.find(({ chat }) => chat.address === "ben")?.style, {});
    }));

  test("a long fan-out keeps to its wants in every chunk", () =>
    withScene(create, async ({ store, subscribe, crowd, states }) => {
      await crowd(6_000);
      const ada = await subscribe("ada");
      await store.subscriptions.setPreferences(ada.id, { topics: ["Sport"] }, now);
      const [, sport] = await store.subscriptions.wants();
      await store.outbox.add(broadcast("Sport"), { wants: [sport?.id ?? -1] }, now);
      while (!(await store.outbox.fanOut(1_000, now)));
      assert.deepEqual(await states(), { pending: 1 });
      await store.outbox.add(broadcast("Rest"), { wants: [0] }, now);
      while (!(await store.outbox.fanOut(1_000, now)));
      assert.deepEqual(await states(), { pending: 6_001 });
    }));

  test("a code links a person's chats, which then decide the same, until one of them leaves", () =>
    withScene(create, async ({ store, open }) => {
      const ada = await open("ada");
      const phone = await open("972500000001@c.us", "private", "whatsapp");
      const tablet = await open("ada2");
      const { subscriptions } = store;
      await subscriptions.setPreferences(ada.id, { topics: ["Sport"] }, now);
      const code = await subscriptions.codeFor(ada.id, minute(10));
      assert.match(code, /^[2-9A-HJ-NP-Z]{8}$/);
      assert.equal(await subscriptions.link(phone.id, "WRONG123", now), null);
      assert.equal(await subscriptions.link(ada.id, code, now), null, "its own code links nothing");
      assert.equal((await subscriptions.link(phone.id, ` ${code.toLowerCase()} `, now))?.id, ada.id);
      assert.deepEqual(await subscriptions.preferences(phone.id), { topics: ["Sport"] });
      assert.equal(await subscriptions.link(tablet.id, code, now), null, "a code is good once");
      const second = await subscriptions.codeFor(phone.id, minute(10));
      assert.equal((await subscriptions.link(tablet.id, second, minute(9)))?.id, phone.id);
      assert.deepEqual(
        (await subscriptions.linked(ada.id)).map(({ id }) => id),
        [phone.id, tablet.id],
      );
      await subscriptions.setPreferences(tablet.id, { mutes: ["golf"] }, now);
      assert.deepEqual(await subscriptions.preferences(ada.id), { mutes: ["golf"] });
      assert.equal(await subscriptions.unlink(tablet.id), true);
      assert.equal(await subscriptions.unlink(tablet.id), false);
      await subscriptions.setPreferences(tablet.id, {}, now);
      assert.deepEqual(await subscriptions.preferences(phone.id), { mutes: ["golf"] });
      assert.equal(await subscriptions.unlink(ada.id), true);
      assert.deepEqual(await subscriptions.linked(phone.id), []);
    }));

  test("a code is forgotten when its time is over, or when a newer one is asked for", () =>
    withScene(create, async ({ store, open }) => {
      const [ada, ben] = [await open("ada"), await open("ben")];
      const first = await store.subscriptions.codeFor(ada.id, minute(10));
      const second = await store.subscriptions.codeFor(ada.id, minute(10));
      assert.equal(await store.subscriptions.link(ben.id, first, now), null);
      assert.equal(await store.subscriptions.link(ben.id, second, minute(10)), null);
      assert.deepEqual(await store.subscriptions.linked(ben.id), []);
    }));

  test("a chat that moves keeps what it decided; one that stands there already and decided keeps its own", () =>
    withScene(create, async ({ store, open, subscribe }) => {
      const named = await subscribe("Harbour Bell", "group");
      await store.subscriptions.setPreferences(named.id, { topics: ["Sport"] }, now);
      const real = await open("120363@g.us", "group");
      await store.chats.move(named.id, "120363@g.us", now);
      assert.deepEqual(await store.subscriptions.preferences(real.id), { topics: ["Sport"] });
      const again = await subscribe("Bell two", "group");
      await store.subscriptions.setPreferences(again.id, { topics: ["Economy"] }, now);
      await store.chats.move(again.id, "120363@g.us", now);
      assert.deepEqual(await store.subscriptions.preferences(real.id), { topics: ["Sport"] });
    }));
}
