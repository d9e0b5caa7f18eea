import assert from "node:assert/strict";
import { test } from "node:test";
import { createPace } from "#core/pace";
import type { BotLimits } from "#core/ports";

const limits: BotLimits = {
  perSecond: 30,
  chatIntervalMs: 1000,
  groupPerMinute: 20,
  concurrency: 64,
  callTimeoutMs: 1000,
};
const start = Date.UTC(2026, 0, 1);
const at = (ms: number): Date => new Date(start + ms);
const reader = (id: number) => ({ id, kind: "private" as const });

/** Sends as early as the pace lets it, looking every `tickMs`; answers the times. */
function sendAll(count: number, tickMs: number, pace = createPace(limits)): number[] {
  const times: number[] = [];
  for (let ms = 0; times.length < count && ms < 600_000; ms += tickMs) {
    for (let permits = pace.permits(at(ms)); permits > 0 && times.length < count; permits -= 1) {
      pace.take(reader(times.length), at(ms));
      times.push(ms);
    }
  }
  return times;
}

const mostWithin = (times: number[], windowMs: number): number =>
  Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + windowMs).length));

test("600 private chats at 30 a second take 20 s, however coarse the timers", () => {
  for (const tickMs of [1, 4, 15]) {
    const times = sendAll(600, tickMs);
    const last = times.at(-1) ?? 0;
    assert.ok(Math.abs(last - 19_967) < 200, `ticks of ${tickMs} ms: the last one at ${last} ms`);
    assert.ok(mostWithin(times, 1000) <= 31, `ticks of ${tickMs} ms: ${mostWithin(times, 1000)} in one second`);
  }
});

test("a long rest earns no burst", () => {
  const pace = createPace(limits);
  pace.take(reader(1), at(0));
  assert.equal(pace.permits(at(3_600_000)), 1);
});

test("a thousand a second is kept too", () => {
  const times = sendAll(5000, 10, createPace({ ...limits, perSecond: 1000 }));
  assert.ok(Math.abs((times.at(-1) ?? 0) - 5000) < 60, String(times.at(-1)));
});

test("a fast pace goes in lots of a few milliseconds, and is kept whatever the ticks", () => {
  for (const tickMs of [1, 5, 15]) {
    const times = sendAll(3000, tickMs, createPace({ ...limits, perSecond: 1000 }));
    assert.ok(Math.abs((times.at(-1) ?? 0) - 3000) < 60, `ticks of ${tickMs} ms: ${times.at(-1)}`);
    assert.ok(new Set(times).size <= 3000 / 7, `ticks of ${tickMs} ms: ${new Set(times).size} lots`);
    assert.ok(mostWithin(times, 1000) <= 1021, `ticks of ${tickMs} ms: ${mostWithin(times, 1000)} in one second`);
  }
});

test("a lot is waited for as a whole, whatever chats are ready before", () => {
  const pace = createPace({ ...limits, perSecond: 1000, chatIntervalMs: 2 });
  for (let id = 1; id <= 21; id += 1) pace.take(reader(id), at(0));
  const next = pace.nextAt(at(0));
  assert.deepEqual(next, at(8));
  assert.equal(pace.permits(at(7)), 0);
  assert.equal(pace.permits(at(8)), 8);
});

test("one chat rests a second between two messages", () => {
  const pace = createPace(limits);
  pace.take(reader(7), at(0));
  assert.deepEqual(pace.resting(at(999)), [7]);
  assert.deepEqual(pace.resting(at(1000)), []);
});

test("a group never gets more than 20 in any minute, and some at once after quiet", () => {
  const pace = createPace({ ...limits, perSecond: 1000 });
  const group = { id: 1, kind: "group" as const };
  const times: number[] = [];
  for (let ms = 0; ms < 300_000; ms += 50) {
    if (pace.permits(at(ms)) > 0 && pace.resting(at(ms)).length === 0) {
      pace.take(group, at(ms));
      times.push(ms);
    }
  }
  assert.ok(mostWithin(times, 60_000) <= 20, `${mostWithin(times, 60_000)} in one minute`);
  assert.ok(times.length >= 85, `${times.length} in five minutes`);
  assert.deepEqual(times.slice(0, 3), [0, 1000, 2000]);
});

test("a pause stops the whole bot, and it goes on slower, then recovers", () => {
  const pace = createPace(limits);
  pace.pause(5000, at(0));
  assert.equal(pace.permits(at(4999)), 0);
  assert.equal(pace.nextAt(at(0))?.getTime(), start + 5000);
  assert.equal(pace.permits(at(5000)), 1);
  const third = (from: number): number => {
    pace.take(reader(1), at(from));
    pace.take(reader(2), at(from + 20));
    for (let ms = from + 20; ; ms += 1) if (pace.permits(at(ms)) > 0) return ms - from;
  };
  const slower = third(5000);
  const recovered = third(400_000);
  assert.equal(recovered, 47);
  assert.ok(slower > recovered + 5, `${slower} ms against ${recovered} ms`);
});

test("memory holds only chats that rest", () => {
  const pace = createPace({ ...limits, perSecond: 1000 });
  for (let id = 0; id < 5000; id += 1) pace.take(reader(id), at(id));
  assert.ok(pace.resting(at(5000)).length <= 1000);
  assert.equal(pace.resting(at(10_000)).length, 0);
});

test("a clock that is set back lets nobody wait for the time that it showed before, and keeps the pace", () => {
  const pace = createPace({ ...limits, perSecond: 2 });
  const group = { id: 9, kind: "group" } as const;
  const hour = 3_600_000;
  for (let ms = 0; ms < 3_000; ms += 500) {
    if (pace.permits(at(hour + ms)) > 0) pace.take(group, at(hour + ms));
  }
  pace.pause(2_000, at(hour + 3_000));
  assert.equal(pace.permits(at(100)), 0, "the pause that was asked for is kept");
  assert.equal(pace.nextAt(at(100))?.getTime(), at(2_100).getTime());
  assert.equal(pace.permits(at(2_200)), 1);
  assert.deepEqual(pace.resting(at(2_200)), [9], "the group's minute is kept");
  assert.deepEqual(pace.resting(at(30_000)), []);
});
