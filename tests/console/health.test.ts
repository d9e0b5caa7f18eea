import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { BotHealth, GaugeStore, WaitingGauge } from "#core/ports";
import { createVitals } from "#core/vitals";
import { systemClock } from "#src/clock";
import { healthRoutes } from "#src/console/health";
import { serveConsole } from "#src/console/serve";
import { createNewsroom } from "#tests/fakes/newsroom";

const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

/** The page over HTTP; `change` puts other readings in place of the store's own. */
async function open(t: TestContext, change: Partial<GaugeStore> = {}) {
  const newsroom = await createNewsroom();
  const { store, feed } = newsroom;
  const health = new Map<string, BotHealth>([
    ["telegram", { state: "ready" }],
    ["whatsapp", { state: "ready" }],
  ]);
  let now = Date.now();
  const clock = { ...systemClock, now: () => new Date(now) };
  const vitals = createVitals({ store: { ...store, gauges: { ...store.gauges, ...change } }, clock });
  const bots = [...health.keys()].map((platform) => ({
    platform,
    health: (): BotHealth => health.get(platform) ?? { state: "stopped" },
  }));
  const pages = await serveConsole({
    host: "127.0.0.1",
    port: 0,
    routes: [healthRoutes({ bots, vitals, clock, timeZone: "Asia/Jerusalem" })],
  });
  t.after(async () => {
    await pages.close();
    await newsroom.close();
  });
  return {
    store,
    feed,
    health,
    vitals,
    url: `${pages.url}/healthz`,
    later: (ms: number) => void (now += ms),
    async ask() {
      const answer = await fetch(`${pages.url}/healthz`);
      const said = (await answer.json()) as { state: string; reasons: string[]; bots: object[] };
      return { status: answer.status, ...said };
    },
  };
}

const waits = (change: Partial<WaitingGauge>): WaitingGauge => ({
  platform: "telegram",
  lane: "article",
  state: "pending",
  count: 1,
  since: null,
  ...change,
});

describe("/healthz", () => {
  it("is 200 and ready where all is well", async (t) => {
    const { ask, url } = await open(t);
    assert.deepEqual(await ask(), {
      status: 200,
      state: "ready",
      reasons: [],
      bots: [
        { platform: "telegram", state: "ready" },
        { platform: "whatsapp", state: "ready" },
      ],
    });
    assert.equal((await fetch(url, { method: "HEAD" })).status, 200);
  });

  it("is 200 and degraded while one bot of two can send, and says what the other needs", async (t) => {
    const { ask, health } = await open(t);
    health.set("whatsapp", { state: "blocked", detail: "WhatsApp is not linked: scan the code.", qr: "2@secret" });
    const { status, state, reasons } = await ask();
    assert.deepEqual([status, state], [200, "degraded"]);
    assert.deepEqual(reasons, ["The bot on whatsapp waits for a person: WhatsApp is not linked: scan the code."]);
    health.set("whatsapp", { state: "starting" });
    assert.deepEqual((await ask()).reasons, ["The bot on whatsapp is connecting."]);
    health.set("whatsapp", { state: "degraded", detail: "Commands wait." });
    assert.deepEqual((await ask()).reasons, ["The bot on whatsapp sends, but: Commands wait."]);
  });

  it("is 503 where no bot can send", async (t) => {
    const { ask, health } = await open(t);
    health.set("telegram", { state: "starting" });
    health.set("whatsapp", { state: "blocked", detail: "Scan the code." });
    const { status, state, reasons } = await ask();
    assert.deepEqual([status, state, reasons.length], [503, "not ready", 2]);
    health.set("telegram", { state: "degraded", detail: "Commands wait." });
    assert.equal((await ask()).status, 200);
  });

  it("is 200 and stands by where another Crier sends, and says what a person should know of it", async (t) => {
    const { ask, health } = await open(t);
    health.set("telegram", { state: "standby" });
    health.set("whatsapp", { state: "standby" });
    assert.deepEqual(await ask(), {
      status: 200,
      state: "standby",
      reasons: [],
      bots: [
        { platform: "telegram", state: "standby" },
        { platform: "whatsapp", state: "standby" },
      ],
    });
    health.set("whatsapp", { state: "ready" });
    assert.equal((await ask()).state, "ready");
    health.set("telegram", { state: "standby", detail: "Another account sends there." });
    const { state, reasons } = await ask();
    assert.deepEqual([state, reasons], ["degraded", ["Another account sends there."]]);
  });

  it("is 503 where the store fails, or does not answer within two seconds, and asks it once meanwhile", async (t) => {
    let asked = 0;
    const hanging = await open(t, {
      feeds: () => {
        asked += 1;
        return new Promise(() => {});
      },
    });
    const answers = await Promise.all([hanging.ask(), hanging.ask(), hanging.ask()]);
    for (const { status, reasons } of answers) {
      assert.equal(status, 503);
      assert.deepEqual(reasons, ["The store does not answer: see whether its disk, or PostgreSQL, is well."]);
    }
    hanging.later(60_000);
    await hanging.ask();
    assert.equal(asked, 1);

    let isDown = true;
    const failing = await open(t, {
      feeds: async () => {
        if (isDown) throw new Error("connect ECONNREFUSED postgres://crier:password@db");
        return { active: 1, failing: 0, oldestRead: null };
      },
    });
    const { status, reasons } = await failing.ask();
    assert.equal(status, 503);
    assert.ok(!reasons.join(" ").includes("password"));
    isDown = false;
    assert.equal((await failing.ask()).status, 200, "at once when it answers again");
  });

  it("tells of messages that wait for long, and of those in doubt", async (t) => {
    let waiting: WaitingGauge[] = [waits({ count: 7, since: minutesAgo(9) }), waits({ lane: "digest", since: null })];
    const { ask, later } = await open(t, { waiting: async () => waiting });
    assert.equal((await ask()).state, "ready");
    waiting = [
      waits({ count: 1_200, since: minutesAgo(30) }),
      waits({ lane: "digest", count: 5 }),
      waits({ platform: "whatsapp", state: "undecided", since: minutesAgo(5) }),
      waits({ platform: "whatsapp", state: "unknown", count: 3, since: minutesAgo(1) }),
      waits({ platform: "whatsapp", state: "sending", since: minutesAgo(1) }),
    ];
    assert.equal((await ask()).state, "ready", "readings are kept for a while");
    later(6_000);
    const { status, reasons } = await ask();
    assert.equal(status, 200);
    assert.equal(reasons.length, 2, reasons.join("\n"));
    assert.match(reasons[0] ?? "", /^On telegram 1,205 messages wait, the oldest since (yesterday )?\d\d:\d\d\.$/);
    assert.match(
      reasons[1] ?? "",
      /^On whatsapp 1 message may or may not have arrived, the oldest of (yesterday )?\d\d:\d\d: “crier unknown list”/,
    );
  });

  it("names a failing feed by its host and number, never by its address", async (t) => {
    const { ask, store, later } = await open(t);
    const address = "https://editor:password@horn.example:8443/feed?key=hidden";
    const { feed } = await store.feeds.add({ kind: "feed", address }, new Date());
    const { feed: folder } = await store.feeds.add({ kind: "folder", address: "/home/editor/posts" }, new Date());
    const fail = (id: number) => store.feeds.failed(id, { nextAt: new Date(), problem: `${address} answers 500.` });
    for (let time = 0; time < 3; time += 1) await fail(feed.id);
    assert.equal((await ask()).state, "ready", "a few failures are nothing");
    await fail(feed.id);
    for (let time = 0; time < 5; time += 1) await fail(folder.id);
    later(6_000);
    const { state, reasons } = await ask();
    assert.equal(state, "degraded");
    assert.deepEqual(reasons, [
      `Feed ${folder.id} could not be read so far, 5 times in a row.`,
      `Feed ${feed.id} of horn.example could not be read so far, 4 times in a row.`,
    ]);
    await store.feeds.read(feed.id, { at: minutesAgo(24 * 60), nextAt: new Date() });
    for (let time = 0; time < 4; time += 1) await fail(feed.id);
    later(6_000);
    assert.match((await ask()).reasons[1] ?? "", /could not be read since yesterday \d\d:\d\d, 4 times in a row/);
  });

  it("tells of many failing feeds in few words", async (t) => {
    const { ask, store } = await open(t);
    for (let number = 0; number < 12; number += 1) {
      const { feed } = await store.feeds.add({ kind: "feed", address: `https://${number}.example/` }, new Date());
      for (let time = 0; time < 4; time += 1)
        await store.feeds.failed(feed.id, { nextAt: new Date(), problem: "It does not answer." });
    }
    const { reasons } = await ask();
    assert.equal(reasons.length, 6);
    assert.equal(reasons[5], "12 feeds failed at their last read: “crier feeds list” says why.");
  });

  it("tells since when the store refuses to be written to", async (t) => {
    let isFull = true;
    const { ask, vitals } = await open(t, {
      pulse: async () => {
        if (isFull) throw new Error("attempt to write a readonly database");
      },
    });
    await vitals.pulse();
    const { status, state, reasons } = await ask();
    assert.deepEqual([status, state], [200, "degraded"]);
    assert.match(reasons[0] ?? "", /^The store has refused to be written to since \d\d:\d\d, so nothing is sent/);
    isFull = false;
    await vitals.pulse();
    assert.equal((await ask()).state, "ready");
  });
});
