import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePattern } from "#content/shared/pattern";
import { createBroadcaster } from "#core/broadcast";
import { schedule } from "#core/broadcast/life";
import { createCollector } from "#core/collect";
import { SendError } from "#core/errors";
import { createSoleLease } from "#core/lease";
import type { Article } from "#core/model";
import { tellAdmins } from "#core/tell";
import { createVitals } from "#core/vitals";
import { createSchedule } from "#src/schedule";
import { type Stage, texts, withCourier } from "#tests/core/courier-stage";
import { deskSettings } from "#tests/fakes/desk";
import { article, fetched } from "#tests/fakes/newsroom";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const lost = new SendError("unknown", "The connection broke.");
const author = { platform: "fake", person: "1" };

type Scene = Stage & {
  /** Puts an article into the feed, which is read each minute. */
  put(title: string): void;
  shown(): string[];
  /** Lets so much time pass, whatever the clock shows. */
  pass(ms: number): Promise<void>;
  /** Sets the clock by so much. */
  leap(ms: number): void;
  draft(text: string, dueAt: Date): Promise<number>;
};

/** A newsroom at work: its feed is read, its broadcasts begin at their time, its messages go out, and its pulse is felt. */
const atWork = (work: (scene: Scene) => Promise<void>): Promise<void> =>
  withCourier(
    async (stage) => {
      const { store, clock, log, bot, wake } = stage;
      const articles: Article[] = [];
      const tell = (key: string, text: string) => tellAdmins({ store, clock, admins: bot.adminChats }, key, text);
      const collector = createCollector({
        store,
        adapters: [{ kind: "fake", fetch: async () => fetched(articles.toReversed()) }],
        clock,
        log,
        intervalMs: minuteMs,
        random: () => 0.5,
        firstRun: "none",
        compilePattern,
        desk: deskSettings,
        push: null,
        onQueued: wake,
        tellAdmins: tell,
      });
      const broadcaster = createBroadcaster({ store, clock, log, timeZone: "UTC", onQueued: wake, tellAdmins: tell });
      const vitals = createVitals({ store, clock });
      const { signal } = new AbortController();
      const bells = createSchedule({ timeZone: "Asia/Jerusalem", clock, log, lease: createSoleLease(store) });
      bells.ring("feeds", "* * * * * *", () => collector.collectDue(signal));
      bells.ring("broadcasts", "* * * * * *", () => broadcaster.runDue(signal));
      bells.ring("pulse", "30 * * * * *", () => vitals.pulse());
      await stage.subscribe("ada");
      stage.run();
      const scene: Scene = {
        ...stage,
        put: (title) => void articles.push(article(title, { publishedAt: clock.now() })),
        shown: () => texts(bot.shown("ada")),
        pass: (ms) => clock.sleep(ms),
        leap: (ms) => clock.set(new Date(clock.now().getTime() + ms)),
        async draft(text, dueAt) {
          const draft = { spans: [{ text }], signature: null, audience: {}, dueAt: null, key: text, by: author };
          const kept = await store.broadcasts.draft(draft, clock.now());
          await schedule(store, kept, dueAt, { key: `plan ${text}`, by: author, now: clock.now() });
          return kept.id;
        },
      };
      try {
        await scene.pass(2 * minuteMs);
        await work(scene);
      } finally {
        await bells.stop();
        await collector.settled();
      }
    },
    { finds: "truth", limits: { callTimeoutMs: 1_000 }, callMs: 50 },
  );

for (const [what, ms] of [
  ["an hour back", -hourMs],
  ["a year back", -365 * 24 * hourMs],
  ["an hour forward", hourMs],
  ["a day forward", 24 * hourMs],
] as const) {
  test(`the clock is set ${what}: what is read, tried again, unknown or under way comes once, and within minutes`, () =>
    atWork(async ({ put, shown, pass, leap, bot, states, subscribe }) => {
      put("Before");
      await pass(2 * minuteMs);
      assert.deepEqual(shown(), ["Before"]);
      const chats = ["ben", "cleo", "dan", "eve"];
      for (const name of chats) await subscribe(name);
      const busy = new SendError("temporary", "No route.");
      bot.failNext("ben", busy, { times: 7 });
      bot.failNext("cleo", lost, { arrives: true });
      bot.failNext("dan", lost);
      bot.failNext("eve", lost, { arrivesAfterMs: 900 });
      put("During");
      // Somewhere in the minute the feed is read, and the calls are made: then all is under way or waits.
      for (let tries = 0; tries < 200 && bot.shown("cleo").length === 0; tries += 1) await pass(500);
      assert.equal(bot.shown("cleo").length, 1);
      leap(ms);
      put("After");
      await pass(6 * minuteMs);
      assert.deepEqual(shown(), ["Before", "During", "After"]);
      // Who leaps ahead does not wait for what is in doubt: later messages may overtake it.
      const inOrder = (held: string[]): string[] => (ms > 0 ? held.toSorted().reverse() : held);
      for (const name of chats) assert.deepEqual(inOrder(texts(bot.shown(name))), ["During", "After"], name);
      assert.deepEqual(await states(), { sent: 11 });
    }));

  test(`the clock is set ${what} while a call is under way: it is not given up, and made once`, () =>
    atWork(async ({ pass, leap, bot, publish, states, wake, store }) => {
      await publish("One");
      wake();
      while ((await states()).sending !== 1) await pass(5);
      leap(ms);
      await pass(2 * minuteMs);
      assert.deepEqual(texts(bot.shown("ada")), ["One"]);
      assert.deepEqual(await states(), { sent: 1 });
      assert.deepEqual(await store.outbox.unknown.counts(), []);
    }));

  test(`the clock was set ${what} while Crier was off: what it left goes on`, () =>
    atWork(async ({ pass, leap, bot, publish, states, run, store, clock }) => {
      await publish("One");
      await publish("Two");
      const [claimed] = await store.outbox.claim("fake", 1, [], clock.now());
      assert.ok(claimed);
      await store.outbox.retry(claimed, new Date(clock.now().getTime() + 5 * minuteMs), "No route.", true);
      leap(ms);
      run();
      await pass(8 * minuteMs);
      assert.deepEqual(texts(bot.shown("ada")), ["One", "Two"]);
      assert.deepEqual(await states(), { sent: 2 });
    }));
}

test("a clock that leaps ahead makes nobody look at what may be on its way: it would be sent a second time", () =>
  atWork(async ({ pass, leap, bot, publish, states, wake }) => {
    bot.failNext("ada", lost, { arrivesAfterMs: 900 });
    await publish("One");
    wake();
    while ((await states()).unknown !== 1) await pass(5);
    leap(24 * hourMs);
    wake();
    await pass(2 * minuteMs);
    assert.deepEqual(texts(bot.shown("ada")), ["One"]);
    assert.deepEqual(await states(), { sent: 1 });
  }));

test("a broadcast goes out when the clock shows its time, not before, and not again when that comes twice", () =>
  atWork(async ({ draft, shown, pass, leap, clock, store }) => {
    const dueAt = new Date(clock.now().getTime() + 4 * minuteMs);
    const id = await draft("The bridge is open.", dueAt);
    leap(-3 * minuteMs);
    await pass(6.5 * minuteMs);
    assert.deepEqual(shown(), [], "not before its time");
    await pass(minuteMs);
    assert.deepEqual(shown(), ["The bridge is open."]);
    leap(-3 * minuteMs);
    await pass(4 * minuteMs);
    assert.deepEqual(shown(), ["The bridge is open."]);
    assert.equal((await store.broadcasts.get(id))?.state, "done");
  }));

test("a broadcast whose time was leapt over by less than an hour goes out, by more it waits for an editor", () =>
  atWork(async ({ draft, shown, pass, leap, clock, store, bot }) => {
    const inMs = (ms: number): Date => new Date(clock.now().getTime() + ms);
    const near = await draft("Near", inMs(23.5 * hourMs));
    const far = await draft("Far", inMs(2 * hourMs));
    leap(24 * hourMs);
    await pass(minuteMs);
    assert.deepEqual(shown(), ["Near"]);
    assert.equal((await store.broadcasts.get(near))?.state, "done");
    assert.equal((await store.broadcasts.get(far))?.state, "draft");
    assert.match(texts(bot.shown("admin")).join("\n"), /Broadcast 2 was to go out yesterday at/);
  }));
