import assert from "node:assert/strict";
import { test } from "node:test";
import { SendError } from "#core/errors";
import type { Lane } from "#core/model";
import type { NewMessage } from "#core/ports";
import { type Stage, texts, withCourier } from "#tests/core/courier-stage";
import { article, until } from "#tests/fakes/newsroom";

const lost = new SendError("unknown", "The connection broke.");
const callMs = 1_000;

const outcomes = async ({ store }: Stage): Promise<Record<string, number>> =>
  Object.fromEntries((await store.outbox.unknown.counts()).map(({ outcome, count }) => [outcome, count]));

/** Resolves when nothing waits, is under way or is to be looked at. */
const settled = (stage: Stage): Promise<void> =>
  until("all is settled", async () => {
    const { pending = 0, sending = 0 } = await stage.states();
    return pending + sending === 0 && !(await outcomes(stage))["looked-at"];
  });

const words = ({ bot }: Stage): string[] => texts(bot.shown("admin"));

test("what arrived although its answer was lost is sent, and nobody is bothered", () =>
  withCourier(
    async (stage) => {
      const { bot, run, subscribe, publish, states, store } = stage;
      await subscribe("ada");
      await publish("One");
      bot.failNext("ada", lost, { arrives: true });
      run();
      await settled(stage);
      assert.deepEqual(await states(), { sent: 1 });
      assert.deepEqual(texts(bot.shown("ada")), ["One"]);
      assert.deepEqual(words(stage), []);
      const [view] = await store.outbox.recent(1);
      assert.ok(
        Math.abs((view?.endedAt?.getTime() ?? 0) - (bot.shown("ada")[0]?.at ?? 0)) < 50,
        "its delay is the call's",
      );
    },
    { finds: "truth" },
  ));

test("nobody looks before the call's time is over: it may be on its way until then", () =>
  withCourier(
    async (stage) => {
      const { bot, run, subscribe, publish, clock } = stage;
      await subscribe("ada");
      await publish("One");
      bot.failNext("ada", lost, { arrivesAfterMs: callMs - 50 });
      run();
      await settled(stage);
      assert.deepEqual(texts(bot.shown("ada")), ["One"]);
      assert.deepEqual(await outcomes(stage), { found: 1 });
      assert.ok((bot.looks()[0]?.at ?? 0) - (clock.now().getTime() - clock.elapsedMs()) >= callMs);
    },
    { finds: "truth" },
  ));

test("what did not arrive is sent again before what came after it", () =>
  withCourier(
    async (stage) => {
      const { bot, run, subscribe, publish, states } = stage;
      await subscribe("ada");
      for (const title of ["One", "Two", "Three"]) await publish(title);
      bot.failNext("ada", lost);
      run();
      await settled(stage);
      assert.deepEqual(texts(bot.shown("ada")), ["One", "Two", "Three"]);
      assert.deepEqual(await states(), { sent: 3 });
      assert.deepEqual(await outcomes(stage), { absent: 1 });
    },
    { finds: "truth" },
  ));

test("breaking news that nobody can prove is sent again once, and bears the mark", () =>
  withCourier(async (stage) => {
    const { bot, run, subscribe, publish, states } = stage;
    await subscribe("ada");
    await subscribe("ben");
    bot.failNext("ada", lost, { arrives: true });
    bot.failNext("ben", lost, { times: 2 });
    await publish("Fire", { breaking: true });
    run();
    await settled(stage);
    assert.deepEqual(texts(bot.shown("ada")), ["Fire", "Fire"]);
    assert.deepEqual(texts(bot.shown("ben")), [], "a second time nobody sends it unproven");
    assert.equal((await states()).unknown, 1);
    assert.deepEqual(await outcomes(stage), { resent: 2, undecided: 1 });
  }));

for (const lane of ["reply", "broadcast", "article", "digest"] satisfies Lane[]) {
  test(`a message of the lane ${lane} that nobody can prove is left to a person`, () =>
    withCourier(async (stage) => {
      const { bot, run, subscribe, store, clock, states } = stage;
      const { id } = await subscribe("ada");
      await store.outbox.add({ key: "m:1", lane, kind: "notice", spans: [{ text: "One" }] }, { chat: id }, clock.now());
      await store.outbox.add({ key: "m:2", lane, kind: "notice", spans: [{ text: "Two" }] }, { chat: id }, clock.now());
      bot.failNext("ada", lost, { arrives: true });
      run();
      await settled(stage);
      await until("the admin is told", () => words(stage).length === 1);
      assert.deepEqual(texts(bot.shown("ada")), ["One", "Two"]);
      assert.deepEqual(await states(), { sent: 2, unknown: 1 });
      assert.match(words(stage)[0] ?? "", /One message on fake may or may not have arrived.*crier unknown/s);
    }));
}

test("admins hear of all that is theirs to decide in one message, and once", () =>
  withCourier(async (stage) => {
    const { bot, run, subscribe, publish, states, clock } = stage;
    for (let number = 0; number < 5; number += 1) {
      await subscribe(`reader ${number}`);
      bot.failNext(`reader ${number}`, lost, { arrives: true });
    }
    await publish("One");
    const stop = run();
    await until("the admin is told", () => words(stage).length > 0);
    assert.match(words(stage).join(), /^5 messages on fake may or may not have arrived/);
    await stop();
    run();
    const before = clock.elapsedMs();
    await until("an hour has passed", () => clock.elapsedMs() > before + 3_600_000);
    assert.equal(words(stage).length, 1);
    assert.equal((await states()).unknown, 5);
  }));

test("what an ended process left untold is told at the next start", () =>
  withCourier(async (stage) => {
    const { run, subscribe, publish, store, clock } = stage;
    await subscribe("ada");
    await publish("One");
    const [claimed] = await store.outbox.claim("fake", 1, [], clock.now());
    assert.ok(claimed);
    await store.outbox.finish(claimed, { state: "unknown", reason: "Lost." }, clock.now());
    run();
    await until("the admin is told", () => words(stage).length === 1);
  }));

test("word to the admins that is lost itself makes no further word", () =>
  withCourier(async (stage) => {
    const { bot, run, subscribe, publish, states, clock } = stage;
    await subscribe("ada");
    await publish("One");
    bot.failNext("ada", lost);
    bot.failNext("admin", lost, { times: 99 });
    run();
    await until("both are unknown", async () => (await states()).unknown === 2);
    await until("an hour has passed", () => clock.elapsedMs() > 3_600_000);
    assert.deepEqual(await states(), { unknown: 2 });
  }));

test("a look that the platform puts off stops the whole bot, and is made again", () =>
  withCourier(
    async (stage) => {
      const { bot, run, subscribe, publish, states } = stage;
      await subscribe("ada");
      await publish("One");
      bot.failNext("ada", lost, { arrives: true });
      bot.findNext("ada", new SendError("rate-limited", "Slow down.", { retryAfterMs: 40_000 }));
      bot.findNext("ada", new SendError("temporary", "No route."), { times: 3 });
      run();
      await settled(stage);
      assert.deepEqual(await states(), { sent: 1 });
      assert.deepEqual(texts(bot.shown("ada")), ["One"]);
      const [first = 0, second = 0, ...others] = bot.looks().map(({ at }) => at);
      assert.ok(second - first >= 40_000);
      assert.equal(others.length, 3);
    },
    { finds: "truth" },
  ));

test("what cannot be looked at for ten minutes follows its lane's rule, and its chat goes on", () =>
  withCourier(
    async (stage) => {
      const { bot, run, subscribe, publish, states, clock } = stage;
      await subscribe("ada");
      await publish("One");
      await publish("Two");
      bot.failNext("ada", lost, { arrives: true });
      bot.findNext("ada", new SendError("temporary", "No route."), { times: 999 });
      run();
      await until("the next one is sent", () => bot.shown("ada").length === 2);
      assert.ok(clock.elapsedMs() >= 9 * 60_000 && clock.elapsedMs() < 13 * 60_000, `${clock.elapsedMs()} ms`);
      await settled(stage);
      assert.equal((await states()).unknown, 1);
    },
    { finds: "truth" },
  ));

test("a chat that a look finds gone is closed; one that moved is looked at in its new place", () =>
  withCourier(
    async (stage) => {
      const { bot, run, subscribe, publish, states, store } = stage;
      const ada = await subscribe("ada");
      await subscribe("old", "group");
      await publish("One");
      for (const name of ["ada", "old"]) bot.failNext(name, lost);
      bot.findNext("ada", new SendError("gone", "Blocked."));
      bot.findNext("old", new SendError("moved", "Upgraded.", { movedTo: "new" }));
      run();
      await settled(stage);
      assert.deepEqual(await states(), { failed: 1, sent: 1 });
      assert.equal(await store.subscriptions.has(ada.id), false);
      assert.deepEqual(texts(bot.shown("new")), ["One"]);
      assert.deepEqual(
        bot.looks().map(({ address }) => address),
        ["ada", "old", "new"],
      );
    },
    { finds: "truth" },
  ));

test("a bot that breaks while it looks knows nothing", () =>
  withCourier(async (stage) => {
    const { bot, run, subscribe, publish, log } = stage;
    await subscribe("ada");
    await publish("One");
    bot.failNext("ada", lost);
    bot.find = async () => {
      throw new TypeError("oops");
    };
    run();
    await settled(stage);
    assert.deepEqual(await outcomes(stage), { undecided: 1 });
    assert.ok(log.lines.some(({ level }) => level === "error"));
  }));

test("corrections and recalls wait until it is known whether there is anything to change", () =>
  withCourier(
    async (stage) => {
      const { bot, run, subscribe, publish, states, store, clock } = stage;
      for (const name of ["holder", "other"]) await subscribe(name);
      const one = await publish("One");
      bot.failNext("holder", lost, { arrives: true });
      bot.failNext("other", lost);
      const { find } = bot;
      bot.find = async (...asked) => {
        // The revision comes between the loss and the look.
        if (bot.looks().length === 0) {
          await store.articles.revise(one.id, article("Won"), { link: null, terms: [] }, clock.now());
          const correction = { kind: "article", action: "correct", article: one.id } as const;
          await store.outbox.add({ key: "c:1", lane: "article", ...correction }, "holders", clock.now());
        }
        return find(...asked);
      };
      run();
      await settled(stage);
      assert.match(texts(bot.shown("holder")).join(), /^Won \[\d\d:\d\d\]$/);
      assert.deepEqual(texts(bot.shown("other")), ["Won"], "told late, it needs no correction");
      assert.deepEqual(await states(), { sent: 3, skipped: 1 });
      const recall = { kind: "article", action: "recall", article: one.id } as const;
      await store.outbox.add({ key: "r:1", lane: "article", ...recall }, "holders", clock.now());
      stage.wake();
      await settled(stage);
      assert.deepEqual([...bot.shown("holder"), ...bot.shown("other")], []);
    },
    { finds: "truth" },
  ));

test("a look whose outcome the store does not take is not made again", () =>
  withCourier(
    async (stage) => {
      const { bot, run, subscribe, publish, states, store } = stage;
      await subscribe("ada");
      await publish("One");
      bot.failNext("ada", lost, { arrives: true });
      const { transaction } = store;
      let refused = 0;
      store.transaction = async () => {
        refused += 1;
        throw new Error("The disk is full.");
      };
      run();
      await until("it was tried some times", () => refused > 4);
      store.transaction = transaction;
      await settled(stage);
      assert.deepEqual(await states(), { sent: 1 });
      assert.equal(bot.looks().length, 1);
    },
    { finds: "truth" },
  ));

test("news goes on while what is unknown cannot be read, and word that could not be said is said later", () =>
  withCourier(async (stage) => {
    const { bot, run, subscribe, publish, states, store } = stage;
    await subscribe("ada");
    await subscribe("ben");
    await publish("One");
    bot.failNext("ada", lost);
    const { due, undecided } = store.outbox.unknown;
    let refused = 0;
    const refuse = async (): Promise<never> => {
      refused += 1;
      throw new Error("It cannot be read.");
    };
    Object.assign(store.outbox.unknown, { due: refuse, undecided: refuse });
    run();
    await until("it was tried some times", () => refused > 3);
    await publish("Fire", { breaking: true });
    stage.wake();
    await until("the news is out", async () => (await states()).sent === 3);
    Object.assign(store.outbox.unknown, { due });
    await settled(stage);
    assert.deepEqual(words(stage), []);
    Object.assign(store.outbox.unknown, { undecided });
    await until("the admin is told", () => words(stage).length === 1);
  }));

test("looks keep the bot's pace and the group's", () =>
  withCourier(
    async (stage) => {
      const { bot, run, subscribe, store, clock } = stage;
      for (const name of ["a", "b", "c"]) await subscribe(name, "group");
      for (const name of ["a", "b", "c"]) {
        for (let number = 0; number < 8; number += 1) {
          const chat = await store.chats.find("fake", name);
          const key = `${name}:${number}`;
          const message: NewMessage = { key, lane: "article", kind: "notice", spans: [{ text: key }] };
          await store.outbox.add(message, { chat: chat?.id ?? 0 }, clock.now());
        }
        bot.failNext(name, lost, { times: 4, arrives: true });
      }
      run();
      await settled(stage);
      for (const name of ["a", "b", "c"]) {
        assert.equal(bot.shown(name).length, 8);
        const calls = [...bot.shown(name), ...bot.looks().filter(({ address }) => address === name)].map(
          ({ at }) => at,
        );
        assert.equal(calls.length, 12);
        for (const from of calls) assert.ok(calls.filter((at) => at >= from && at < from + 60_000).length <= 10);
      }
    },
    { finds: "truth", limits: { groupPerMinute: 10, perSecond: 5, chatIntervalMs: 500 } },
  ));

test("a thousand unknown ones after a crash are worked off beside the news, which gets three calls of four", () =>
  withCourier(
    async (stage) => {
      const { bot, run, store, clock, states, publish } = stage;
      const crowd = (from: number, to: number): Promise<void> =>
        store.transaction(async (tx) => {
          for (let number = from; number < to; number += 1) {
            const ref = { platform: "fake", address: `reader ${number}`, kind: "private" } as const;
            await tx.subscriptions.begin((await tx.chats.open(ref, null, clock.now())).chat.id, clock.now());
          }
        });
      const sent = async (count: number): Promise<void> => {
        for (let goal = 100; goal <= count; goal += 100) {
          await until(`${goal} are sent`, async () => ((await states()).sent ?? 0) >= goal);
        }
      };
      await crowd(0, 1_000);
      await publish("One");
      assert.equal((await store.outbox.claim("fake", 1_000, [], clock.now())).length, 1_000);
      await clock.sleep(3_600_000);
      await crowd(1_000, 1_300);
      const two: NewMessage = { key: "m:2", lane: "broadcast", kind: "notice", spans: [{ text: "Two" }] };
      await store.outbox.add(two, "subscribed", clock.now());
      const startedAt = clock.now().getTime();
      run();
      await sent(1_300);
      const newsMs = clock.now().getTime() - startedAt;
      const looks = bot.looks().length;
      assert.ok(newsMs < (1_300 / 30) * (4 / 3) * 1_050, `${newsMs} ms for 1,300 messages`);
      assert.ok(looks > 300, `${looks} looks beside them`);
      await sent(2_300);
      await settled(stage);
      assert.deepEqual(await states(), { sent: 2_300 });
      for (let number = 0; number < 1_300; number += 1) {
        const shown = texts(bot.shown(`reader ${number}`)).sort();
        assert.deepEqual(shown, number < 1_000 ? ["One", "Two"] : ["Two"]);
      }
    },
    { finds: "truth", limits: { perSecond: 30, concurrency: 30 } },
  ));
