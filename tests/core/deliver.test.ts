import assert from "node:assert/strict";
import { test } from "node:test";
import { SendError } from "#core/errors";
import { texts, withCourier } from "#tests/core/courier-stage";
import { article, until } from "#tests/fakes/newsroom";

test("each article reaches each chat once, oldest first", () =>
  withCourier(async ({ bot, run, subscribe, publish, states }) => {
    for (const name of ["ada", "ben", "cleo"]) await subscribe(name);
    for (const title of ["One", "Two", "Three"]) await publish(title);
    run();
    await until("nine are sent", async () => (await states()).sent === 9);
    for (const name of ["ada", "ben", "cleo"]) assert.deepEqual(texts(bot.shown(name)), ["One", "Two", "Three"]);
  }));

test("breaking news overtakes what waits", () =>
  withCourier(async ({ bot, run, subscribe, publish, states }) => {
    await subscribe("ada");
    await publish("One");
    await publish("Fire at the docks", { breaking: true });
    run();
    await until("both are sent", async () => (await states()).sent === 2);
    assert.deepEqual(texts(bot.shown("ada")), ["Fire at the docks", "One"]);
  }));

test("a 429 stops the whole bot for as long as it says, and loses nothing", () =>
  withCourier(async ({ bot, run, subscribe, publish, states, clock }) => {
    await subscribe("ada");
    await subscribe("ben");
    await publish("One");
    bot.failNext("ada", new SendError("rate-limited", "slow down", { retryAfterMs: 30_000 }));
    const before = clock.elapsedMs();
    run();
    await until("both are sent", async () => (await states()).sent === 2);
    assert.ok(clock.elapsedMs() - before >= 30_000);
    assert.deepEqual(texts(bot.shown("ada")), ["One"]);
  }));

test("what was surely not sent is tried again, in order, with growing pauses", () =>
  withCourier(async ({ bot, run, subscribe, publish, states, clock }) => {
    await subscribe("ada");
    await publish("One");
    await publish("Two");
    bot.failNext("ada", new SendError("temporary", "no route"), { times: 4 });
    run();
    await until("both are sent", async () => (await states()).sent === 2);
    assert.deepEqual(texts(bot.shown("ada")), ["One", "Two"]);
    assert.ok(clock.elapsedMs() >= 15_000, `1 + 2 + 4 + 8 s, not ${clock.elapsedMs()} ms`);
  }));

test("a lost answer is never sent again; it is counted and told", () =>
  withCourier(async ({ bot, run, subscribe, publish, states }) => {
    await subscribe("ada");
    bot.failNext("ada", new SendError("unknown", "the connection broke"), { arrives: true });
    await publish("One");
    await publish("Two");
    run();
    await until("the rest is sent", async () => (await states()).sent === 2);
    assert.deepEqual(texts(bot.shown("ada")), ["One", "Two"]);
    assert.equal((await states()).unknown, 1);
    assert.match(texts(bot.shown("admin"))[0] ?? "", /may or may not have arrived/);
  }));

test("a call that never ends is a lost answer in the end, and blocks nobody", () =>
  withCourier(
    async ({ bot, run, subscribe, publish, states }) => {
      await subscribe("ada");
      await subscribe("ben");
      await publish("One");
      const { send } = bot;
      bot.send = (chat, message, key) =>
        chat.address === "ada" ? new Promise(() => undefined) : send(chat, message, key);
      run();
      await until("it is unknown", async () => (await states()).unknown === 1);
      await until("the others go on", async () => bot.shown("ben").length === 1);
    },
    { limits: { concurrency: 1 } },
  ));

test("each chat is spoken to in its own style", () =>
  withCourier(async ({ bot, run, subscribe, publish, states, store, clock }) => {
    const ada = await subscribe("ada");
    await subscribe("ben");
    await store.subscriptions.setPreferences(ada.id, { silent: true, template: "brief" }, clock.now());
    await publish("One");
    run();
    await until("both are sent", async () => (await states()).sent === 2);
    assert.deepEqual(bot.shown("ada")[0]?.style, { silent: true, template: "brief" });
    assert.deepEqual(bot.shown("ben")[0]?.style, {});
  }));

test("an error that no bot should throw counts as a lost answer", () =>
  withCourier(async ({ bot, run, subscribe, publish, states, log }) => {
    await subscribe("ada");
    await publish("One");
    const send = bot.send;
    bot.send = async (chat, message, key) => {
      if (chat.address === "ada") throw new TypeError("oops");
      return send(chat, message, key);
    };
    run();
    await until("it is unknown", async () => (await states()).unknown === 1);
    assert.ok(log.lines.some(({ level }) => level === "error"));
  }));

test("a chat that is gone is closed, and gets nothing more", () =>
  withCourier(async ({ bot, run, subscribe, publish, states, store }) => {
    const ada = await subscribe("ada");
    await subscribe("ben");
    await publish("One");
    await publish("Two");
    bot.failNext("ada", new SendError("gone", "the bot was blocked"), { times: 9 });
    run();
    await until("ben has both", async () => (await states()).sent === 2);
    assert.deepEqual(await states(), { sent: 2, failed: 1, skipped: 1 });
    assert.equal(await store.subscriptions.has(ada.id), false);
  }));

test("what was refused for good is failed, and the next one goes on", () =>
  withCourier(async ({ bot, run, subscribe, publish, states }) => {
    await subscribe("ada");
    await publish("One");
    await publish("Two");
    bot.failNext("ada", new SendError("rejected", "no"));
    run();
    await until("the second is sent", async () => (await states()).sent === 1);
    assert.deepEqual(await states(), { failed: 1, sent: 1 });
    assert.deepEqual(texts(bot.shown("ada")), ["Two"]);
  }));

test("a chat that moved gets its message at the new address", () =>
  withCourier(async ({ bot, run, subscribe, publish, states, store }) => {
    await subscribe("old", "group");
    await publish("One");
    bot.failNext("old", new SendError("moved", "upgraded", { movedTo: "new" }));
    run();
    await until("it is sent", async () => (await states()).sent === 1);
    assert.deepEqual([texts(bot.shown("old")), texts(bot.shown("new"))], [[], ["One"]]);
    assert.equal((await store.chats.find("fake", "old"))?.address, "new", "the old address still leads to the chat");
  }));

test("what an ended process left under way is unknown at the next start", () =>
  withCourier(async ({ bot, run, subscribe, publish, states, store, clock }) => {
    await subscribe("ada");
    await subscribe("ben");
    await publish("One");
    await store.outbox.claim("fake", 1, [], clock.now());
    run();
    await until("the other one is sent", async () => (await states()).sent === 2);
    assert.equal((await states()).unknown, 1);
    assert.deepEqual([texts(bot.shown("ada")), texts(bot.shown("ben"))], [[], ["One"]]);
    assert.match(texts(bot.shown("admin"))[0] ?? "", /under way/);
  }));

test("an outcome that cannot be written down is kept, and written when the store takes it again", () =>
  withCourier(async ({ bot, run, wake, subscribe, publish, states, store, clock }) => {
    await subscribe("ada");
    await subscribe("ben");
    await publish("One");
    const { finish } = store.outbox;
    let refused = 0;
    store.outbox.finish = async () => {
      refused += 1;
      throw new Error("The disk is full.");
    };
    run();
    await until("both have arrived and were tried again", () => refused > 6);
    const arrivedAt = bot.shown("ada")[0]?.at ?? 0;
    store.outbox.finish = finish;
    await publish("Two");
    wake();
    await until("all is sent", async () => (await states()).sent === 4);
    for (const name of ["ada", "ben"]) assert.deepEqual(texts(bot.shown(name)), ["One", "Two"]);
    assert.deepEqual(await states(), { sent: 4 });
    const first = (await store.outbox.recent(9)).find(({ chat, title }) => chat.address === "ada" && title === "One");
    assert.equal(first?.endedAt?.getTime(), arrivedAt, "the time is that of the answer");
    assert.ok(clock.now().getTime() > arrivedAt);
  }));

test("a revision edits what a chat holds, and only that", () =>
  withCourier(async ({ bot, run, wake, subscribe, publish, states, store, clock }) => {
    await subscribe("ada");
    const one = await publish("One");
    run();
    await until("it is sent", async () => (await states()).sent === 1);
    await subscribe("late");
    await store.articles.revise(one.id, article("One, corrected"), { link: null, terms: [] }, clock.now());
    const correction = {
      key: "article:1:revision:2",
      lane: "article",
      kind: "article",
      action: "correct",
      article: one.id,
    } as const;
    await store.outbox.add(correction, "holders", clock.now());
    bot.failNext("ada", new SendError("unknown", "the connection broke"), { arrives: true });
    wake();
    await until("the correction is sent", async () => (await states()).sent === 2);
    assert.match(texts(bot.shown("ada")).join(), /^One, corrected \[\d\d:\d\d\]$/);
    assert.deepEqual(bot.shown("late"), []);
  }));

test("no chat gets two at once, and the bot never more than it may", () =>
  withCourier(
    async ({ bot, run, subscribe, publish, states }) => {
      for (let number = 0; number < 30; number += 1) await subscribe(`reader ${number}`);
      for (const title of ["One", "Two"]) await publish(title);
      run();
      await until("all are sent", async () => (await states()).sent === 60);
      assert.ok(bot.mostAtOnce() <= 4 && bot.mostAtOnce() > 1, `${bot.mostAtOnce()} at once`);
    },
    { limits: { concurrency: 4 }, callMs: 50 },
  ));

test("a group's pace is kept over a restart", () =>
  withCourier(
    async ({ bot, run, subscribe, publish, states }) => {
      await subscribe("group", "group");
      for (let number = 0; number < 30; number += 1) await publish(`Story ${number}`);
      const stop = run();
      await until("some are sent", async () => ((await states()).sent ?? 0) >= 10);
      await stop();
      run();
      await until("all are sent", async () => (await states()).sent === 30);
      const times = bot.shown("group").map(({ at }) => at);
      for (const from of times) {
        const inMinute = times.filter((at) => at >= from && at < from + 60_000).length;
        assert.ok(inMinute <= 20, `${inMinute} in one minute`);
      }
    },
    { limits: { groupPerMinute: 20, chatIntervalMs: 1000 } },
  ));

test("a bot that cannot send is not asked to; when it can again, everything goes", () =>
  withCourier(async ({ bot, run, wake, subscribe, publish, states }) => {
    await subscribe("ada");
    bot.setHealth({ state: "starting" });
    await publish("One");
    run();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(await states(), { pending: 1 });
    bot.setHealth({ state: "ready" });
    wake();
    await until("it is sent", async () => (await states()).sent === 1);
  }));

test("the end waits for what is under way", () =>
  withCourier(
    async ({ bot, run, subscribe, publish, states }) => {
      await subscribe("ada");
      await publish("One");
      const stop = run();
      await until("it is under way", async () => (await states()).sending === 1);
      await stop();
      assert.deepEqual(await states(), { sent: 1 });
      assert.equal(bot.shown("ada").length, 1);
    },
    { callMs: 2_000 },
  ));
