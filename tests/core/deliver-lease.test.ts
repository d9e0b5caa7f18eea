import assert from "node:assert/strict";
import { test } from "node:test";
import { createSoleLease, type Lease } from "#core/lease";
import type { Store } from "#core/ports";
import { type Stage, texts, withCourier } from "#tests/core/courier-stage";
import { until } from "#tests/fakes/newsroom";

/** Two processes of which one at a time has the bot, as the test says. */
function createTurns(store: Store) {
  let owner = "a";
  let terms = 1;
  const leaseOf = (name: string): Lease => ({
    ...createSoleLease(store),
    term: () => (owner === name ? terms : null),
    within: async (work) => (owner === name ? work(store) : null),
  });
  return {
    leaseOf,
    give(name: string): void {
      owner = name;
      terms += 1;
    },
  };
}

const slow = { callMs: 400, limits: { callTimeoutMs: 1_000, concurrency: 2 } };
const sent = async ({ states }: Pick<Stage, "states">, count: number): Promise<void> =>
  until(`${count} are sent`, async () => (await states()).sent === count);

test("what is under way when the bot is given to another process ends there, and is not sent again", () =>
  withCourier(async (stage) => {
    const { bot, run, subscribe, publish, store, states, clock, wake } = stage;
    for (const name of ["ada", "ben"]) await subscribe(name);
    await publish("One");
    const turns = createTurns(store);
    run(store, turns.leaseOf("a"));
    await until("both are under way", async () => (await states()).sending === 2);
    turns.give("b");
    run(store, turns.leaseOf("b"));
    wake();
    await until("it is given up", async () => (await states()).unknown === 2 || (await states()).sent === 2);
    await publish("Two");
    wake();
    await sent(stage, 4);
    for (const name of ["ada", "ben"]) assert.deepEqual(texts(bot.shown(name)), ["One", "Two"]);
    await clock.sleep(10_000);
    assert.deepEqual(await states(), { sent: 4 });
  }, slow));

test("what was claimed before the process stood still is not called for: it waits for the next owner", () =>
  withCourier(async (stage) => {
    const { bot, run, subscribe, publish, store, clock, wake, log } = stage;
    await subscribe("ada");
    const turns = createTurns(store);
    const lease = turns.leaseOf("a");
    run(store, {
      ...lease,
      async within(work) {
        const claimed = await lease.within(work);
        // It stands still between the claim and the call.
        if (Array.isArray(claimed) && claimed.length > 0) turns.give("b");
        return claimed;
      },
    });
    await publish("One");
    wake();
    await until("it is put back", () => log.lines.some(({ text }) => text === "carried out"));
    assert.deepEqual(texts(bot.shown("ada")), []);
    run(store, turns.leaseOf("b"));
    await sent(stage, 1);
    await clock.sleep(60_000);
    assert.deepEqual(texts(bot.shown("ada")), ["One"]);
  }));

test("who gets the bot back gives up what the other one left, and none of its own calls", () =>
  withCourier(async (stage) => {
    const { bot, run, subscribe, publish, store, states, wake } = stage;
    for (const name of ["ada", "ben"]) await subscribe(name);
    await publish("One");
    const turns = createTurns(store);
    run(store, turns.leaseOf("a"));
    await until("both are under way", async () => (await states()).sending === 2);
    turns.give("nobody");
    turns.give("a");
    await subscribe("cleo");
    await store.outbox.add(
      { key: "hello", lane: "reply", kind: "notice", spans: [{ text: "Hello" }] },
      { chat: (await store.chats.find("fake", "cleo"))?.id ?? 0 },
      stage.clock.now(),
    );
    // Another process claimed it, and died.
    await store.outbox.claim("fake", 1, [], stage.clock.now());
    wake();
    await until("the other one's is in doubt", async () => (await states()).unknown === 1);
    await sent(stage, 2);
    for (const name of ["ada", "ben"]) assert.deepEqual(texts(bot.shown(name)), ["One"]);
  }, slow));

test("a claim whose answer is lost leaves nothing in doubt: nothing of it was called", () =>
  withCourier(async (stage) => {
    const { bot, run, subscribe, publish, store, states, log } = stage;
    for (const name of ["ada", "ben", "cleo"]) await subscribe(name);
    await publish("One");
    let lost = 0;
    const lossy: Store = {
      ...store,
      outbox: {
        ...store.outbox,
        async claim(...asked) {
          const claimed = await store.outbox.claim(...asked);
          if (claimed.length > 0 && ++lost <= 3) throw new Error("Connection terminated unexpectedly");
          return claimed;
        },
      },
    };
    run(lossy);
    await sent(stage, 3);
    assert.deepEqual(await states(), { sent: 3 });
    for (const name of ["ada", "ben", "cleo"]) assert.deepEqual(texts(bot.shown(name)), ["One"]);
    assert.ok(log.lines.some(({ text }) => text.includes("answer to a claim was lost")));
  }));
