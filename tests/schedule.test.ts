import assert from "node:assert/strict";
import { test } from "node:test";
import type { Lease } from "#core/lease";
import { createSchedule } from "#src/schedule";
import { createVirtualClock } from "#tests/fakes/clock";
import { createMemoryLog } from "#tests/fakes/log";

const hourMs = 3_600_000;

/** A lease that is this process's own for ever, or another one's. */
const leaseThat = (isOurs: boolean): Lease => ({
  term: () => (isOurs ? 1 : null),
  within: async () => null,
  stranger: () => null,
  next: async (signal) => {
    if (signal.aborted) return null;
    if (isOurs) return { lost: new AbortController().signal, end: async () => {} };
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return null;
  },
});

/** What rang, with the time of day that the clock showed. */
async function withSchedule(
  { timeZone = "Asia/Jerusalem", start }: { timeZone?: string; start: string },
  work: (stage: {
    clock: ReturnType<typeof createVirtualClock>;
    rung: (name: string) => Date[];
    log: ReturnType<typeof createMemoryLog>;
  }) => Promise<void>,
): Promise<void> {
  const clock = createVirtualClock(new Date(start));
  const log = createMemoryLog();
  const schedule = createSchedule({ timeZone, clock, log, lease: leaseThat(true) });
  const rung: { name: string; at: Date }[] = [];
  const expressions = { second: "* * * * * *", five: "*/5 * * * * *", minute: "30 * * * * *", night: "0 17 4 * * *" };
  for (const [name, expression] of Object.entries(expressions)) {
    schedule.ring(name, expression, async () => void rung.push({ name, at: clock.now() }));
  }
  schedule.ring("broken", "15 * * * * *", async () => {
    throw new Error("broken");
  });
  try {
    await work({ clock, log, rung: (name) => rung.filter((one) => one.name === name).map(({ at }) => at) });
  } finally {
    await schedule.stop();
  }
}

/** The longest time between two of them. */
const longestGapMs = (times: Date[]): number =>
  Math.max(...times.slice(1).map((at, index) => at.getTime() - (times[index]?.getTime() ?? 0)));

test("jobs ring at their seconds, and one that fails rings again", () =>
  withSchedule({ start: "2026-03-01T12:00:00.400Z" }, async ({ clock, rung, log }) => {
    await clock.sleep(120_000);
    assert.equal(rung("second").length, 120);
    assert.ok(rung("second").every((at) => at.getMilliseconds() === 0));
    assert.deepEqual(
      rung("minute").map((at) => at.toISOString()),
      ["2026-03-01T12:00:30.000Z", "2026-03-01T12:01:30.000Z"],
    );
    assert.equal(rung("five").length, 24);
    assert.equal(log.lines.filter(({ text }) => text === "a scheduled job failed").length, 2);
  }));

for (const [what, start] of [
  ["put back", "2026-10-24T22:50:00Z"],
  ["put forward", "2026-03-26T23:50:00Z"],
] as const) {
  test(`while the clocks are ${what} every job rings on`, () =>
    withSchedule({ start }, async ({ clock, rung }) => {
      await clock.sleep(hourMs / 3);
      assert.equal(longestGapMs(rung("second")), 1_000);
      assert.ok(rung("second").length >= 1200 - 1);
      assert.equal(longestGapMs(rung("minute")), 60_000);
    }));
}

test("the night's job rings by the newsroom's clocks, on a night when they are put back too", async () => {
  for (const [start, at] of [
    ["2026-10-25T02:16:50Z", "2026-10-25T02:17:00.000Z"],
    ["2026-10-24T01:16:50Z", "2026-10-24T01:17:00.000Z"],
  ] as const) {
    await withSchedule({ start }, async ({ clock, rung }) => {
      await clock.sleep(120_000);
      assert.deepEqual(
        rung("night").map((rang) => rang.toISOString()),
        [at],
      );
    });
  }
});

test("a clock that is set back an hour, or a year, silences nothing", () =>
  withSchedule({ start: "2026-03-01T12:00:00Z" }, async ({ clock, rung }) => {
    await clock.sleep(10_000);
    for (const at of ["2026-03-01T11:00:05Z", "2025-03-01T11:00:05Z"]) {
      const before = rung("second").length;
      clock.set(new Date(at));
      await clock.sleep(60_000);
      assert.ok(rung("second").length - before >= 59, at);
      assert.ok(
        rung("minute").some((rang) => rang.getTime() === new Date(at).getTime() + 25_000),
        at,
      );
    }
  }));

test("a clock that leaps a day, or decades, rings each job at most once for all that was leapt over", () =>
  withSchedule({ start: "1970-01-01T00:00:10Z" }, async ({ clock, rung }) => {
    await clock.sleep(5_000);
    for (const at of ["2026-03-01T11:59:59.500Z", "2026-03-02T11:59:59.500Z"]) {
      const before = rung("second").length;
      clock.set(new Date(at));
      await clock.sleep(10_000);
      assert.ok(rung("second").length - before <= 11, at);
    }
    assert.equal(rung("night").length, 0);
  }));

test("a process that was held up for some seconds rings what it missed, once", () =>
  withSchedule({ start: "2026-03-01T12:00:27Z" }, async ({ clock, rung }) => {
    await clock.sleep(1_000);
    clock.set(new Date("2026-03-01T12:00:40Z"));
    await clock.sleep(2_000);
    assert.equal(rung("minute").length, 1);
  }));

test("what one process does for all is left to the one that has the lease", async () => {
  for (const isOurs of [true, false]) {
    const clock = createVirtualClock(new Date("2026-03-01T12:00:00Z"));
    const schedule = createSchedule({ timeZone: "UTC", clock, log: createMemoryLog(), lease: leaseThat(isOurs) });
    const rung: string[] = [];
    schedule.ring("own", "* * * * * *", async () => void rung.push("own"));
    schedule.ring("for all", "* * * * * *", async () => void rung.push("for all"), "once");
    await clock.sleep(1_000);
    await schedule.stop();
    assert.deepEqual(rung, isOurs ? ["own", "for all"] : ["own"]);
  }
});
