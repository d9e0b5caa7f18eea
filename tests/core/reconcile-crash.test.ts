import assert from "node:assert/strict";
import { test } from "node:test";
import { SendError } from "#core/errors";
import { type Stage, texts, withCourier } from "#tests/core/courier-stage";
import { createMortalStore } from "#tests/fakes/mortal-store";
import { until } from "#tests/fakes/newsroom";

const lost = new SendError("unknown", "The connection broke.");
const callTimeoutMs = 1_000;

const isSettled = async ({ store, states }: Stage): Promise<boolean> => {
  const { pending = 0, sending = 0 } = await states();
  return (
    pending + sending === 0 && (await store.outbox.unknown.counts()).every(({ outcome }) => outcome !== "looked-at")
  );
};

/** Runs one process until it dies or has nothing to do; true when it died. What it was asking the platform is on its way yet. */
async function runUntilDeath(stage: Stage, diesAt: number, isDone: boolean): Promise<boolean> {
  const mortal = createMortalStore(stage.store, { diesAt, isDone });
  const end = stage.run(mortal);
  await until("it died or is done", async () => mortal.isDead() || (await isSettled(stage)));
  const ended = end();
  if (!mortal.isDead()) await ended;
  return mortal.isDead();
}

async function runToTheEnd(stage: Stage): Promise<void> {
  const end = stage.run();
  await until("all is settled", () => isSettled(stage));
  await end();
}

const deaths = [
  { finds: "truth", isDone: false },
  { finds: "truth", isDone: true },
  { finds: "unknowable", isDone: true },
] as const;

for (const { finds, isDone } of deaths) {
  const when = isDone ? "after it is done" : "before it is done";
  test(`a process may die at each of its steps, ${when}: nothing is lost, and doubled only by the rule (${finds})`, async () => {
    let hasDied = true;
    let steps = 0;
    for (; hasDied && steps < 100; steps += 1) {
      await withCourier(
        async (stage) => {
          const { bot, subscribe, publish, store } = stage;
          await subscribe("ada");
          await publish("One");
          await publish("Fire", { breaking: true });
          bot.failNext("ada", lost, { arrives: true });
          bot.failNext("ada", lost);
          hasDied = await runUntilDeath(stage, steps, isDone);
          await runToTheEnd(stage);
          // Word to the admins may wait when the last process ends.
          const news = (await store.outbox.recent(9)).filter(({ chat }) => chat.address === "ada");
          const count = (...states: string[]): number => news.filter(({ state }) => states.includes(state)).length;
          const [sent, unknown] = [count("sent"), count("unknown")];
          const shown = texts(bot.shown("ada"));
          const story = `at step ${steps}: ${shown.join()}`;
          assert.equal(sent + unknown, news.length, story);
          const times = (title: string): number => shown.filter((text) => text === title).length;
          assert.ok(times("One") <= 1 && times("Fire") <= (finds === "truth" ? 1 : 2), story);
          assert.ok(2 - new Set(shown).size <= unknown, `what is missing is unknown, ${story}`);
          if (finds === "truth") assert.deepEqual([sent, unknown, times("One"), times("Fire")], [2, 0, 1, 1], story);
        },
        { finds, limits: { callTimeoutMs } },
      );
    }
    assert.ok(!hasDied && steps > 10, `${steps} steps`);
  });
}

/** Numbers from 0 to 1, the same for each seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test("whatever goes wrong in whatever order, each chat gets each message once, in order", async () => {
  for (let seed = 1; seed <= 15; seed += 1) {
    const random = createRandom(seed);
    const upTo = (count: number): number => Math.floor(random() * count);
    const chance = (part: number): boolean => random() < part;
    await withCourier(
      async (stage) => {
        const { bot, subscribe, publish, states, clock } = stage;
        const names = ["ada", "ben", "cleo"];
        for (const name of names) await subscribe(name);
        const titles: string[] = [];
        const breaking: string[] = [];
        for (let number = 0; number < 6; number += 1) {
          const isBreaking = chance(0.3);
          const title = `${isBreaking ? "Breaking" : "Story"} ${number}`;
          (isBreaking ? breaking : titles).push(title);
          await publish(title, { breaking: isBreaking });
        }
        for (let fault = 0; fault < 14; fault += 1) {
          const name = names[upTo(3)] ?? "";
          const kind = upTo(5);
          if (kind === 0) bot.failNext(name, new SendError("temporary", "No route."));
          else if (kind === 1)
            bot.failNext(name, new SendError("rate-limited", "Slow.", { retryAfterMs: upTo(5_000) + 1 }));
          else if (kind === 2) bot.failNext(name, lost);
          else if (kind === 3) bot.failNext(name, lost, { arrives: true });
          else bot.failNext(name, lost, { arrivesAfterMs: 1 + upTo(callTimeoutMs - 20) });
          if (chance(0.3)) bot.findNext(name, new SendError("temporary", "No route."));
          if (chance(0.1)) bot.findNext(name, new SendError("rate-limited", "Slow.", { retryAfterMs: 2_000 }));
        }
        let deaths = 0;
        for (; deaths < 4; deaths += 1) {
          if (!(await runUntilDeath(stage, upTo(40), chance(0.5)))) break;
          if (chance(0.5)) await clock.sleep(upTo(3_000));
        }
        await runToTheEnd(stage);
        const story = `seed ${seed}, ${deaths} deaths`;
        assert.deepEqual(await states(), { sent: 18 }, story);
        for (const name of names) {
          const shown = texts(bot.shown(name));
          assert.deepEqual(
            shown.filter((text) => text.startsWith("Story")),
            titles,
            `${story}: ${name}`,
          );
          assert.deepEqual(
            shown.filter((text) => text.startsWith("Breaking")),
            breaking,
            `${story}: ${name}`,
          );
        }
      },
      {
        finds: "truth",
        callMs: 1 + upTo(60),
        limits: { callTimeoutMs, concurrency: 1 + upTo(4), perSecond: 20 + upTo(200) },
      },
    );
  }
});
