import assert from "node:assert/strict";
import { test } from "node:test";
import { createLease, type Lease, type Term } from "#core/lease";
import { createLeasedBot } from "#core/leased-bot";
import type { BotEvent, LeaseStore, Store } from "#core/ports";
import { createFakeBot, type FakeBot } from "#tests/fakes/bot";
import { createVirtualClock } from "#tests/fakes/clock";
import { createMemoryLog } from "#tests/fakes/log";

/** A database in memory, as its processes see it: by a clock of its own, and cut off from whom the test says. */
function createShared() {
  const clock = createVirtualClock();
  const log = createMemoryLog();
  const rows = new Map<string, { owner: string; about: string; until: number }>();
  const cutOff = new Set<string>();
  const reach = (owner: string): void => {
    if (cutOff.has(owner)) throw new Error("connect ECONNREFUSED");
  };
  const databaseNow = (): number => clock.now().getTime();
  const leases: LeaseStore = {
    async take({ name, owner, about }, ms, freeMs = 0) {
      reach(owner);
      const row = rows.get(name);
      if (row && row.owner !== owner && row.until + freeMs > databaseNow()) return { isOurs: false, about: row.about };
      rows.set(name, { owner, about, until: databaseNow() + ms });
      return { isOurs: true, about };
    },
    async holds({ name, owner }) {
      reach(owner);
      const row = rows.get(name);
      return row?.owner === owner && row.until > databaseNow();
    },
    async release({ name, owner }) {
      reach(owner);
      const row = rows.get(name);
      if (row?.owner === owner) row.until = databaseNow();
    },
    clear: async () => rows.clear(),
  };
  const store = { leases, transaction: (work: (tx: Store) => Promise<unknown>) => work(store) } as unknown as Store;
  /** A process's lease. Its own clocks go as the test sets them. */
  const lease = (
    owner: string,
    change: { about?: string; ticks?(): number; aheadMs?(): number; hesitates?: () => boolean } = {},
  ): Lease =>
    createLease({
      store,
      claim: { name: "bot:fake", owner, about: change.about ?? "1" },
      clock: { ...clock, now: () => new Date(clock.now().getTime() + (change.aheadMs?.() ?? 0)) },
      ticks: change.ticks ?? (() => clock.elapsedMs()),
      log,
      ...(change.hesitates ? { hesitates: change.hesitates } : {}),
    });
  return { clock, log, store, cutOff, lease };
}

const never = new AbortController().signal;

async function termOf(lease: Lease): Promise<Term> {
  const term = await lease.next(never);
  assert.ok(term);
  return term;
}

test("a term lasts as long as its process lives; what another one waits for it gets at its end", async () => {
  const { clock, lease } = createShared();
  const [a, b] = [lease("a"), lease("b")];
  const first = await termOf(a);
  let standsBy = 0;
  const next = b.next(never, () => void (standsBy += 1));
  await clock.sleep(60_000);
  assert.deepEqual([a.term(), b.term(), first.lost.aborted], [1, null, false]);
  assert.ok(standsBy > 30, `${standsBy} looks`);
  await first.end();
  assert.equal(a.term(), null);
  const leftAt = clock.elapsedMs();
  const second = await next;
  assert.ok(clock.elapsedMs() - leftAt <= 1_000);
  assert.equal(b.term(), 1);
  await second?.end();
});

test("a dead owner's lease is taken over within 15 s, and an owner that is cut off stops before", async () => {
  const { clock, cutOff, lease } = createShared();
  const [a, b] = [lease("a"), lease("b")];
  const first = await termOf(a);
  const next = b.next(never);
  let lostAt = 0;
  first.lost.addEventListener("abort", () => {
    lostAt = clock.elapsedMs();
  });
  await clock.sleep(7_500);
  const cutAt = clock.elapsedMs();
  cutOff.add("a");
  const second = await next;
  const takenAt = clock.elapsedMs();
  assert.ok(takenAt - cutAt <= 15_000, `${takenAt - cutAt} ms`);
  assert.ok(lostAt > 0 && lostAt < takenAt, `lost at ${lostAt}, taken at ${takenAt}`);
  assert.deepEqual([a.term(), b.term()], [null, 1]);
  cutOff.clear();
  assert.equal(await a.within(async () => "claimed"), null);
  assert.equal(await b.within(async () => "claimed"), "claimed");
  await first.end();
  assert.equal(b.term(), 1, "the late owner leaves nothing that is another one's");
  await second?.end();
});

test("who would need a person's help lets the others come first, and waits no longer than a minute", async () => {
  const { clock, lease } = createShared();
  const hesitates = (): boolean => true;
  const [linked, unlinked] = [lease("linked"), lease("unlinked", { hesitates })];
  const first = await termOf(linked);
  const next = unlinked.next(never);
  await first.end();
  await clock.sleep(20_000);
  const again = await termOf(linked);
  assert.equal(unlinked.term(), null, "the linked one is back after a restart");
  const leftAt = clock.elapsedMs();
  await again.end();
  const last = await next;
  const waitedMs = clock.elapsedMs() - leftAt;
  assert.ok(waitedMs >= 60_000 && waitedMs <= 62_000, `${waitedMs} ms`);
  await clock.sleep(30_000);
  assert.equal(unlinked.term(), 1, "it keeps what it has");
  await last?.end();
});

test("a moment without the database costs no term", async () => {
  const { clock, cutOff, lease } = createShared();
  const a = lease("a");
  const first = await termOf(a);
  for (let round = 0; round < 10; round += 1) {
    cutOff.add("a");
    await clock.sleep(4_000);
    cutOff.clear();
    await clock.sleep(4_000);
  }
  assert.deepEqual([a.term(), first.lost.aborted], [1, false]);
  await first.end();
});

test("who stood still, or slept, is not sure of its term from the first moment on", async () => {
  const shared = createShared();
  let stoodStillMs = 0;
  let sleptMs = 0;
  const a = shared.lease("a", { ticks: () => shared.clock.elapsedMs() + stoodStillMs, aheadMs: () => sleptMs });
  const first = await termOf(a);
  assert.equal(a.term(), 1);
  stoodStillMs = 20_000;
  assert.equal(a.term(), null, "stopped: the clock that nobody sets went on");
  stoodStillMs = 0;
  sleptMs = 20_000;
  assert.equal(a.term(), null, "asleep: the machine's clock went on alone");
  await first.end();
  const second = await termOf(a);
  sleptMs -= 3_600_000;
  assert.equal(a.term(), 2, "a clock that is set back changes nothing");
  stoodStillMs = 20_000;
  assert.equal(a.term(), null);
  await second.end();
});

test("a bot runs in the process that has the lease, anew in each term; the others stand by and say so", async () => {
  const { clock, cutOff, lease, log } = createShared();
  const create = (owner: string, about = "1") => {
    const opened: FakeBot[] = [];
    const events: BotEvent[] = [];
    const bot = createLeasedBot({
      open() {
        const fake = createFakeBot({ clock });
        opened.push(fake);
        return fake;
      },
      lease: lease(owner, { about }),
      log,
    });
    return { bot, opened, events, start: () => bot.start(async (event) => void events.push(event)) };
  };
  const [a, b, c] = [create("a"), create("b"), create("c", "another account")];
  assert.equal(a.bot.health().state, "standby");
  for (const one of [a, b, c]) await one.start();
  const states = (): string[] => [a, b, c].map(({ bot }) => bot.health().state);
  assert.deepEqual(states(), ["ready", "standby", "standby"]);
  assert.deepEqual(b.bot.health(), { state: "standby" });
  const warned = c.bot.health();
  assert.match(warned.state === "standby" ? (warned.detail ?? "") : "", /Another account sends on fake/);
  await c.bot.stop();
  assert.equal(c.bot.health().state, "stopped");

  cutOff.add("a");
  await clock.sleep(15_000);
  assert.deepEqual(states(), ["standby", "ready", "stopped"]);
  assert.equal(a.opened[0]?.health().state, "stopped");
  assert.deepEqual(a.events.at(-1), { kind: "health", health: { state: "standby" } });
  cutOff.clear();
  await b.bot.stop();
  await clock.sleep(2_000);
  assert.deepEqual(states(), ["ready", "stopped", "stopped"]);
  assert.equal(a.opened.length, 2, "a bot that was stopped is not used again");
  await a.bot.stop();
  assert.deepEqual(states(), ["stopped", "stopped", "stopped"]);
});
