import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type MadePlan, planOf } from "#core/hours";
import { union } from "#core/hours/interval";
import type { SabbathCalendar } from "#core/hours/sabbath";
import type { Hours } from "#core/model";
import { offsetAt } from "#core/text";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const zones = [
  "Asia/Jerusalem",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kolkata",
  "Pacific/Apia",
  "Africa/Casablanca",
  "America/St_Johns",
  "Africa/Cairo",
];

/** Knows of the intervals that it is given, at any place. */
const calendar = (intervals: readonly [from: string, to: string][] = []): SabbathCalendar => ({
  places: async () => [],
  between: async (_place, _zone, since, until) =>
    intervals
      .map(([from, to]) => ({ from: new Date(from), to: new Date(to) }))
      .filter(({ from, to }) => to > since && from <= until),
});

const plan = (
  hours: Hours,
  now: string | Date,
  from: Partial<{ until: string; zone: string; sabbaths: SabbathCalendar }> = {},
) => {
  const moment = new Date(now);
  return planOf(hours, {
    digestedUntil: from.until ? new Date(from.until) : moment,
    now: moment,
    zone: from.zone ?? "UTC",
    sabbaths: from.sabbaths ?? calendar(),
  });
};

const said = ({ quiet, digestAt }: MadePlan) => ({
  quiet: quiet && [quiet.from.toISOString(), quiet.to.toISOString()],
  digest: digestAt?.toISOString() ?? null,
});

/** Minutes that the clock on the wall shows at an instant. */
const shown = (at: number, zone: string): number =>
  Math.floor(((((at + offsetAt(at, zone)) % dayMs) + dayMs) % dayMs) / 60_000);

/** Noon of the days of 2026 before which the clocks of a zone are changed, by UTC. */
const changesIn = (zone: string): number[] =>
  Array.from({ length: 365 }, (_, day) => Date.UTC(2026, 0, day + 1, 12)).filter(
    (noon) => offsetAt(noon, zone) !== offsetAt(noon - dayMs, zone),
  );

/** Instants all over the year, and every few minutes where the clocks are changed. */
const instantsIn = (zone: string): number[] => [
  ...Array.from({ length: 150 }, (_, index) => Date.UTC(2026, 0, 1) + index * 3_511 * 60_000),
  ...changesIn(zone).flatMap((noon) =>
    Array.from({ length: 110 }, (_, index) => noon - 1.2 * dayMs + index * 23 * 60_000),
  ),
];

suite("quiet hours", () => {
  test("the night of now, else the next one; what comes meanwhile is in one digest at its end", async () => {
    const quiet = { from: "22:00", to: "07:00" };
    assert.deepEqual(said(await plan({ quiet }, "2026-11-24T12:00:00Z")), {
      quiet: ["2026-11-24T22:00:00.000Z", "2026-11-25T07:00:00.000Z"],
      digest: "2026-11-25T07:00:00.000Z",
    });
    assert.deepEqual(said(await plan({ quiet }, "2026-11-24T03:00:00Z", { zone: "Asia/Jerusalem" })).quiet, [
      "2026-11-23T20:00:00.000Z",
      "2026-11-24T05:00:00.000Z",
    ]);
    const atNoon = { from: "12:00", to: "14:00" };
    assert.deepEqual(said(await plan({ quiet: atNoon, zone: "America/New_York" }, "2026-11-24T12:00:00Z")).quiet, [
      "2026-11-24T17:00:00.000Z",
      "2026-11-24T19:00:00.000Z",
    ]);
  });

  test("they begin with their first moment and are over with their last", async () => {
    const quiet = { from: "22:00", to: "07:00" };
    const begun = await plan({ quiet }, "2026-11-24T22:00:00Z");
    assert.equal(begun.quiet?.from.toISOString(), "2026-11-24T22:00:00.000Z");
    const over = await plan({ quiet }, "2026-11-25T07:00:00Z");
    assert.equal(over.quiet?.from.toISOString(), "2026-11-25T22:00:00.000Z");
    assert.equal(over.digestAt?.toISOString(), "2026-11-26T07:00:00.000Z");
  });

  test("on the nights that the clocks are changed they begin and end as the clocks show it", async () => {
    const quiet = { from: "22:00", to: "07:00" };
    const zone = "Asia/Jerusalem";
    // On 27 March 2026 there is no 02:30 in Jerusalem; on 25 October there are two.
    const spring = await plan({ quiet }, "2026-03-26T21:00:00Z", { zone });
    assert.deepEqual(said(spring).quiet, ["2026-03-26T20:00:00.000Z", "2026-03-27T04:00:00.000Z"]);
    const autumn = await plan({ quiet }, "2026-10-24T20:00:00Z", { zone });
    assert.deepEqual(said(autumn).quiet, ["2026-10-24T19:00:00.000Z", "2026-10-25T05:00:00.000Z"]);
    const early = { from: "01:30", to: "02:30" };
    const skipped = await plan({ quiet: early }, "2026-03-26T21:00:00Z", { zone });
    assert.deepEqual(said(skipped).quiet, ["2026-03-26T23:30:00.000Z", "2026-03-27T00:00:00.000Z"]);
    const late = { from: "02:30", to: "07:00" };
    const from = await plan({ quiet: late }, "2026-03-26T21:00:00Z", { zone });
    assert.equal(from.quiet?.from.toISOString(), "2026-03-27T00:00:00.000Z");
    const twice = await plan({ quiet: { from: "01:30", to: "01:45" } }, "2026-10-24T20:00:00Z", { zone });
    assert.deepEqual(said(twice).quiet, ["2026-10-24T22:30:00.000Z", "2026-10-24T23:45:00.000Z"]);
  });

  for (const zone of zones) {
    test(`in ${zone} it is quiet when the clock on the wall says so, all year`, async () => {
      const spans: [from: string, to: string][] = [
        ["22:00", "07:00"],
        ["02:30", "02:45"],
        ["13:15", "16:00"],
      ];
      for (const [from, to] of spans) {
        const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
        const [start, end] = [minutes(from), minutes(to)];
        const isMeant = (at: number): boolean => {
          const minute = shown(at, zone);
          return start < end ? start <= minute && minute < end : start <= minute || minute < end;
        };
        /** The wall shows this time an hour or half an hour earlier or later as well: then it may be quiet for longer. */
        const comesTwice = (at: number): boolean =>
          [-2, -1, -0.5, 0.5, 1, 2].some((hours) => {
            const other = at + hours * hourMs;
            return offsetAt(other, zone) !== offsetAt(at, zone);
          });
        for (const at of instantsIn(zone)) {
          const made = await plan({ quiet: { from, to } }, new Date(at), { zone });
          const isQuiet = made.quiet !== null && made.quiet.from.getTime() <= at;
          if (isQuiet !== isMeant(at)) {
            assert.ok(isQuiet && comesTwice(at), `${new Date(at).toISOString()} ${from}-${to} quiet: ${isQuiet}`);
          }
          const last = (made.quiet?.to.getTime() ?? 0) - 1;
          assert.ok(isMeant(last) || comesTwice(last), `${new Date(last).toISOString()} ends ${from}-${to}`);
          assert.ok(last > at && made.until.getTime() <= last + 1, "nothing is promised past the end");
        }
      }
    });
  }
});

suite("digests", () => {
  const daily: Hours = { delivery: "digest", digest: { every: "day", at: ["08:00", "18:00"] } };

  test("come at their times by the zone's clocks, and at six in the evening where no time is named", async () => {
    const zone = "Asia/Jerusalem";
    assert.equal(
      (await plan(daily, "2026-11-24T06:00:00Z", { zone })).digestAt?.toISOString(),
      "2026-11-24T16:00:00.000Z",
    );
    assert.equal(
      (await plan(daily, "2026-07-24T16:00:00Z", { zone })).digestAt?.toISOString(),
      "2026-07-25T05:00:00.000Z",
    );
    const usual = await plan({ delivery: "both" }, "2026-11-24T12:00:00Z");
    assert.equal(usual.digestAt?.toISOString(), "2026-11-24T18:00:00.000Z");
    const weekly: Hours = { delivery: "digest", digest: { every: "week", on: [0, 5], at: ["14:00"] } };
    // 24 November 2026 is a Tuesday.
    assert.equal((await plan(weekly, "2026-11-24T12:00:00Z")).digestAt?.toISOString(), "2026-11-27T14:00:00.000Z");
    assert.equal((await plan(weekly, "2026-11-27T14:00:00Z")).digestAt?.toISOString(), "2026-11-29T14:00:00.000Z");
  });

  test("at a full hour of the zone's clocks for those who take so many articles an hour", async () => {
    const half = await plan({ perHour: 5, zone: "Asia/Kolkata" }, "2026-11-24T12:00:00Z");
    assert.equal(half.digestAt?.toISOString(), "2026-11-24T12:30:00.000Z");
    const named = await plan({ ...daily, delivery: "both", perHour: 5 }, "2026-11-24T12:00:00Z");
    assert.equal(named.digestAt?.toISOString(), "2026-11-24T18:00:00.000Z");
  });

  test("never come to chats that have none, nor hold anything up", async () => {
    const made = await plan({ zone: "Asia/Tokyo" }, "2026-11-24T12:00:00Z");
    assert.deepEqual(said(made), { quiet: null, digest: null });
    assert.ok(made.until > new Date("2026-11-25T12:00:00Z"));
  });

  test("a time that does not exist is when the clocks are put forward, and one that comes twice counts once", async () => {
    const at: Hours = { delivery: "digest", digest: { every: "day", at: ["02:30"] }, zone: "Asia/Jerusalem" };
    const skipped = await plan(at, "2026-03-26T12:00:00Z");
    assert.equal(skipped.digestAt?.toISOString(), "2026-03-27T00:00:00.000Z");
    assert.equal((await plan(at, "2026-03-27T00:00:00Z")).digestAt?.toISOString(), "2026-03-27T23:30:00.000Z");
    const twice: Hours = { ...at, digest: { every: "day", at: ["01:30"] } };
    assert.equal((await plan(twice, "2026-10-24T12:00:00Z")).digestAt?.toISOString(), "2026-10-24T22:30:00.000Z");
    assert.equal((await plan(twice, "2026-10-24T22:30:00Z")).digestAt?.toISOString(), "2026-10-25T23:30:00.000Z");
  });

  test("one that falls into quiet hours comes at their end, as does what they held up: one digest", async () => {
    const hours: Hours = { ...daily, quiet: { from: "17:00", to: "09:00" } };
    const evening = await plan(hours, "2026-11-24T12:00:00Z");
    assert.equal(evening.digestAt?.toISOString(), "2026-11-25T09:00:00.000Z");
    const next = await plan(hours, "2026-11-25T09:00:00Z");
    assert.equal(next.digestAt?.toISOString(), "2026-11-26T09:00:00.000Z");
    const early: Hours = { ...daily, quiet: { from: "22:00", to: "07:00" } };
    const moments: string[] = [];
    for (let until = "2026-11-24T12:00:00Z"; moments.length < 4; ) {
      until = (await plan(early, until)).digestAt?.toISOString() ?? "";
      moments.push(until.slice(8, 16));
    }
    assert.deepEqual(moments, ["24T18:00", "25T07:00", "25T08:00", "25T18:00"]);
  });

  test("one that was missed comes late and once, and not while it is quiet", async () => {
    const late = await plan(daily, "2026-11-24T12:34:00Z", { until: "2026-11-20T09:00:00Z" });
    assert.equal(late.digestAt?.toISOString(), "2026-11-20T18:00:00.000Z");
    const after = await plan(daily, "2026-11-24T12:34:00Z");
    assert.equal(after.digestAt?.toISOString(), "2026-11-24T18:00:00.000Z");
    const hours: Hours = { ...daily, quiet: { from: "22:00", to: "07:00" } };
    const night = await plan(hours, "2026-11-24T23:00:00Z", { until: "2026-11-20T09:00:00Z" });
    assert.equal(night.digestAt?.toISOString(), "2026-11-25T07:00:00.000Z");
    const held: Hours = { quiet: { from: "22:00", to: "07:00" } };
    const morning = await plan(held, "2026-11-24T12:00:00Z", { until: "2026-11-23T12:00:00Z" });
    assert.equal(morning.digestAt?.toISOString(), "2026-11-24T07:00:00.000Z", "a night passed while Crier was down");
  });

  const yearly: [name: string, hours: Hours, count: number][] = [
    ["twice a day", { delivery: "digest", digest: { every: "day", at: ["02:30", "23:45"] } }, 728],
    ["weekly", { delivery: "both", digest: { every: "week", on: [6], at: ["00:00"] } }, 52],
  ];
  /** The moments of a stretch of time, each as it is planned at the one before it. */
  async function momentsOf(hours: Hours, begin: number, end: number): Promise<Date[]> {
    const moments: Date[] = [];
    for (let now = new Date(begin); now.getTime() < end; ) {
      const { digestAt, quiet } = await plan(hours, now);
      assert.ok(digestAt && digestAt > now, `after ${now.toISOString()}`);
      if (quiet) assert.ok(digestAt <= quiet.from || digestAt >= quiet.to, `${digestAt.toISOString()} is quiet`);
      if (moments.length % 5 === 0) {
        // Planned anew before it is due, it is due at the same moment.
        const between = new Date((now.getTime() + digestAt.getTime()) / 2);
        const again = await plan(hours, between, { until: now.toISOString() });
        assert.equal(again.digestAt?.getTime(), digestAt.getTime(), `planned at ${between.toISOString()}`);
      }
      moments.push(digestAt);
      now = digestAt;
    }
    return moments;
  }

  for (const zone of zones) {
    test(`in ${zone} each moment of a year comes once, in order, and outside quiet hours`, async () => {
      const quiet = { from: "22:00", to: "07:00" };
      const begin = Date.UTC(2026, 0, 4, 12);
      const shownAt = (at: Date): string => new Date(at.getTime() + offsetAt(at.getTime(), zone)).toISOString();
      for (const [name, hours, count] of yearly) {
        const moments = await momentsOf({ ...hours, zone }, begin, begin + 364 * dayMs);
        assert.ok(Math.abs(moments.length - count) <= 1, `${name}: ${moments.length}`);
        assert.equal(new Set(moments.map(shownAt)).size, moments.length, `${name}: a time that came twice`);
      }
      await momentsOf({ delivery: "both", quiet, zone }, begin, begin + 364 * dayMs);
      for (const noon of changesIn(zone)) {
        const hourly: Hours = { delivery: "digest", digest: { every: "hour" }, zone };
        for (const at of await momentsOf(hourly, noon - 1.5 * dayMs, noon + dayMs)) {
          assert.match(shownAt(at), /:00:00\.000Z$/);
        }
        await momentsOf({ ...hourly, quiet }, noon - 1.5 * dayMs, noon + dayMs);
      }
    });
  }
});

suite("Sabbath and holidays", () => {
  const sabbaths = calendar([
    ["2026-11-27T14:16:00Z", "2026-11-28T15:15:00Z"],
    ["2026-12-04T14:15:00Z", "2026-12-05T15:14:00Z"],
  ]);

  test("they and the quiet hours that touch them are one, with one digest at the end", async () => {
    const hours: Hours = { sabbath: "Jerusalem", quiet: { from: "16:00", to: "14:30" }, zone: "UTC" };
    const made = await plan(hours, "2026-11-27T12:00:00Z", { sabbaths });
    assert.deepEqual(said(made).quiet, ["2026-11-26T16:00:00.000Z", "2026-11-28T15:15:00.000Z"]);
    const nightly: Hours = { sabbath: "Jerusalem", quiet: { from: "15:00", to: "05:00" } };
    const evening = await plan(nightly, "2026-11-27T14:30:00Z", { sabbaths });
    assert.deepEqual(said(evening), {
      quiet: ["2026-11-27T14:16:00.000Z", "2026-11-29T05:00:00.000Z"],
      digest: "2026-11-29T05:00:00.000Z",
    });
  });

  test("a weekly digest on Sabbath comes after it", async () => {
    const hours: Hours = {
      sabbath: "Jerusalem",
      delivery: "digest",
      digest: { every: "week", on: [6], at: ["12:00"] },
    };
    const made = await plan(hours, "2026-11-23T12:00:00Z", { sabbaths });
    assert.deepEqual(said(made), {
      quiet: ["2026-11-27T14:16:00.000Z", "2026-11-28T15:15:00.000Z"],
      digest: "2026-11-28T15:15:00.000Z",
    });
  });

  test("where they cannot be calculated it is quiet, for longer than until the next try, and it is said why", async () => {
    const broken: SabbathCalendar = {
      places: async () => [],
      between: () => Promise.reject(new Error("The sun does not set there.")),
    };
    const now = new Date("2026-06-17T12:00:00Z");
    const hours: Hours = { sabbath: "69.6,18.9", delivery: "digest", breaking: true };
    const made = await plan(hours, now, { sabbaths: broken });
    assert.equal(made.problem, "The sun does not set there.");
    assert.deepEqual(made.quiet?.from, now);
    assert.equal(made.until.getTime(), now.getTime() + hourMs);
    assert.ok(made.quiet && made.quiet.to.getTime() > made.until.getTime() + 12 * hourMs);
    assert.ok(made.digestAt && made.digestAt >= made.quiet.to);
    const well = await plan({ quiet: { from: "22:00", to: "07:00" } }, now, { sabbaths: broken });
    assert.equal(well.problem, null, "who keeps no Sabbath does not need it");
  });

  test("a Sabbath that cannot be calculated a week ahead or that is over silences nobody today", async () => {
    const asked: [since: string, until: string][] = [];
    const now = new Date("2026-05-15T12:00:00Z");
    const nearby: SabbathCalendar = {
      places: async () => [],
      async between(_place, _zone, since, until) {
        asked.push([since.toISOString(), until.toISOString()]);
        if (until > new Date("2026-05-22T00:00:00Z")) throw new Error("The sun does not set there.");
        return [{ from: new Date("2026-05-15T20:00:00Z"), to: new Date("2026-05-16T22:00:00Z") }];
      },
    };
    const made = await plan({ sabbath: "69.6,18.9" }, now, { sabbaths: nearby });
    assert.equal(made.problem, null);
    assert.equal(made.quiet?.from.toISOString(), "2026-05-15T20:00:00.000Z");
    assert.equal(asked.length, 2);
    assert.ok(made.until <= new Date(asked[1]?.[1] ?? ""), "what was not looked at is not promised");
  });
});

test("a zone that there is not holds everything up and is said, instead of failing for all", async () => {
  const made = await plan({ quiet: { from: "22:00", to: "07:00" }, zone: "Mars/Olympus" }, "2026-11-24T12:00:00Z");
  assert.match(made.problem ?? "", /Mars\/Olympus/);
  assert.ok(made.quiet);
});

test("intervals that overlap or touch are one", () => {
  const of = (from: number, to: number) => ({ from: new Date(from), to: new Date(to) });
  assert.deepEqual(union([of(5, 7), of(1, 3), of(3, 4), of(6, 6), of(5, 6), of(8, 8)]), [of(1, 4), of(5, 7)]);
});
