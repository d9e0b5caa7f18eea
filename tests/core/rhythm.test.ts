import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rhythmOf } from "#core/rhythm";

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** A Monday, 00:00. */
const monday = Date.UTC(2026, 2, 2);
const weeks = 6;

const weekday = (at: number): number => new Date(at).getUTCDay();
const hour = (at: number): number => new Date(at).getUTCHours();

/** Chance that repeats itself: the same seed, the same numbers. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Publications of some weeks up to `end`, so many an hour as `rate` says of each minute, as chance has it; those of ten minutes as one. */
function publications(rate: (at: number) => number, end: number, seed = 1): Date[] {
  const random = chance(seed);
  const found = new Set<number>();
  for (let at = end - weeks * 7 * 24 * hourMs; at < end; at += minuteMs) {
    if (random() < rate(at) / 60) found.add(Math.floor(at / (10 * minuteMs)) * 10 * minuteMs);
  }
  return [...found].map((at) => new Date(at));
}

const at = (day: number, clock: number): number => monday + (day * 24 + clock) * hourMs;
const hoursAfter = (from: Date, to: Date | null): number =>
  to ? (to.getTime() - from.getTime()) / hourMs : Number.NaN;

const steady = () => 4;
/** Awake from 7 to 23, with hardly anything at night. */
const daily = (time: number): number => (hour(time) >= 7 && hour(time) < 23 ? 4 : 0.02);
/** The same, and silent from Friday 15:00 to Saturday 18:00. */
const resting = (time: number): number => {
  const isSabbath = (weekday(time) === 5 && hour(time) >= 15) || (weekday(time) === 6 && hour(time) < 18);
  return isSabbath ? 0 : daily(time);
};
/** Weekdays from 9 to 17. */
const office = (time: number): number =>
  weekday(time) >= 1 && weekday(time) <= 5 && hour(time) >= 9 && hour(time) < 17 ? 2 : 0;

describe("a feed's rhythm", () => {
  it("alarms of a busy feed after two hours", () => {
    const { lastAt, alarmAt, usualMs } = learn(publications(steady, at(0, 14)));
    const hours = hoursAfter(lastAt, alarmAt);
    assert.ok(hours >= 2 && hours < 3.5, `${hours} h`);
    assert.ok(usualMs > 20 * minuteMs && usualMs < 90 * minuteMs, `${usualMs / minuteMs} minutes`);
  });

  it("waits the longer the more seldom a feed publishes", () => {
    const hours = [4, 1, 0.25].map((perHour) => {
      const { lastAt, alarmAt } = learn(publications(() => perHour, at(0, 14)));
      return hoursAfter(lastAt, alarmAt);
    });
    const [busy = 0, slow = 0, slowest = 0] = hours;
    assert.ok(busy < slow && slow < slowest && slowest < 72, hours.join(" h, "));
  });

  it("sleeps with a feed that sleeps at night, and wakes with it", () => {
    // Its last article of the evening: the quiet of the night is its habit.
    const { lastAt, alarmAt } = learn(publications(daily, at(1, 0)));
    assert.ok(lastAt.getTime() > at(0, 22));
    assert.ok(alarmAt);
    assert.ok(alarmAt.getTime() > at(1, 7), `not at night, but ${alarmAt.toISOString()}`);
    assert.ok(alarmAt.getTime() < at(1, 11), `and in the morning: ${alarmAt.toISOString()}`);
    // The same quiet by day is none.
    const byDay = learn(publications(daily, at(1, 13)));
    assert.ok(hoursAfter(byDay.lastAt, byDay.alarmAt) < 3.5);
  });

  it("keeps the sabbath that a feed keeps", () => {
    const before = learn(publications(resting, at(4, 15)));
    assert.ok(before.alarmAt);
    assert.ok(before.alarmAt.getTime() > at(5, 18), `not before it is out: ${before.alarmAt.toISOString()}`);
    assert.ok(before.alarmAt.getTime() < at(5, 23), `and in its evening: ${before.alarmAt.toISOString()}`);
    // On Friday morning and on Sunday it is awake.
    for (const now of [at(4, 10), at(6, 13)]) {
      const { lastAt, alarmAt } = learn(publications(resting, now));
      assert.ok(hoursAfter(lastAt, alarmAt) < 4, `${lastAt.toISOString()} ${alarmAt?.toISOString()}`);
    }
  });

  it("knows the weekend of an office", () => {
    const { lastAt, alarmAt } = learn(publications(office, at(4, 17)));
    assert.equal(weekday(lastAt.getTime()), 5);
    assert.ok(alarmAt);
    assert.equal(weekday(alarmAt.getTime()), 1);
  });

  it("raises hardly an alarm while feeds live as they always did", () => {
    let alarms = 0;
    let weeksLived = 0;
    for (const [index, rate] of [steady, daily, resting, office, () => 0.5].entries()) {
      const lived = publications(rate, at(0, 12) + weeks * 7 * 24 * hourMs, 7 + index);
      const history = publications(rate, at(0, 12), 99 + index);
      const all = [...history, ...lived.filter((time) => time.getTime() >= at(0, 12))];
      weeksLived += weeks;
      for (let next = history.length; next < all.length; next += 1) {
        const [last, then] = [all[next - 1], all[next]];
        if (!last || !then || then.getTime() - last.getTime() < 2 * hourMs) continue;
        const window = all.slice(0, next).filter((time) => time.getTime() > last.getTime() - weeks * 7 * 24 * hourMs);
        const { alarmAt } = learn(window);
        if (alarmAt && alarmAt < then) alarms += 1;
      }
    }
    assert.ok(alarms <= 3, `${alarms} false alarms in ${weeksLived} weeks`);
  });

  it("takes no outage for a habit that happened once, but one that happened twice", () => {
    const without = (days: number[]) =>
      publications(steady, at(0, 14)).filter(
        (time) => !days.some((day) => time.getTime() > at(-day, 3) && time.getTime() < at(-day, 15)),
      );
    const after = (days: number[]): number => {
      const { lastAt, alarmAt } = learn(without(days));
      return hoursAfter(lastAt, alarmAt);
    };
    assert.ok(after([10]) < 3.5, `${after([10])} h`);
    assert.ok(after([10, 20]) > 9, `${after([10, 20])} h`);
  });

  it("says nothing of a feed that it has not watched for two weeks, or that publishes hardly ever", () => {
    assert.equal(rhythmOf([]), null);
    assert.equal(rhythmOf([new Date(monday)]), null);
    assert.equal(rhythmOf(publications(steady, at(0, 14)).slice(-500)), null, "five days");
    assert.equal(rhythmOf(publications(() => 0.02, at(0, 14)).slice(-20)), null, "twenty articles");
  });

  it("ends whatever it is given", () => {
    const same = Array.from({ length: 50 }, () => new Date(monday));
    assert.equal(rhythmOf(same), null);
    // Half a year of nothing between two bursts.
    const bursts = [0, 4_000].flatMap((hours) =>
      Array.from({ length: 40 }, (_, index) => new Date(monday + (hours + index / 6) * hourMs)),
    );
    const rhythm = rhythmOf(bursts);
    assert.ok(rhythm && (rhythm.alarmAt === null || rhythm.alarmAt > rhythm.lastAt));
  });
});

function learn(times: readonly Date[]) {
  const rhythm = rhythmOf(times);
  assert.ok(rhythm, "the feed has a rhythm");
  return rhythm;
}
