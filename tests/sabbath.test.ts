import assert from "node:assert/strict";
import { test } from "node:test";
import { planOf } from "#core/hours";
import type { Interval } from "#core/hours/interval";
import { dayIn } from "#core/text";
import { createSabbaths } from "#src/sabbath";

const dayMs = 86_400_000;
const begin = Date.UTC(2026, 0, 1);
const sabbaths = createSabbaths();

const between = (place: string, zone: string, since: string, until: string): Promise<Interval[]> =>
  sabbaths.between(place, zone, new Date(since), new Date(until));

interface City {
  name: string;
  zone: string;
  north: number;
  east: number;
  candleMinutes: number;
  holidayDays: 1 | 2;
}

const cities: City[] = [
  { name: "Jerusalem", zone: "Asia/Jerusalem", north: 31.769, east: 35.216, candleMinutes: 40, holidayDays: 1 },
  { name: "Haifa", zone: "Asia/Jerusalem", north: 32.816, east: 34.989, candleMinutes: 30, holidayDays: 1 },
  { name: "New York", zone: "America/New_York", north: 40.714, east: -74.006, candleMinutes: 18, holidayDays: 2 },
  { name: "Melbourne", zone: "Australia/Melbourne", north: -37.814, east: 144.963, candleMinutes: 18, holidayDays: 2 },
  { name: "-13.83,-171.76", zone: "Pacific/Apia", north: -13.83, east: -171.76, candleMinutes: 18, holidayDays: 2 },
];

/**
 * When the sun's centre is so many degrees under the horizon in the evening of a day, within a minute or two: the low
 * precision formulas of the Astronomical Almanac, which have nothing in common with Hebcal's.
 */
function evening({ north, east, zone }: City, day: number, degrees: number): number {
  const radians = Math.PI / 180;
  // Noon by the sun at the place, on the day that the clocks there show.
  let at = day * dayMs + dayMs / 2 - (east / 360) * dayMs;
  at += (day - dayIn(new Date(at), zone)) * dayMs;
  for (let round = 0; round < 4; round++) {
    const days = at / dayMs - 10_957.5;
    const anomaly = (357.528 + 0.9856003 * days) * radians;
    const mean = 280.46 + 0.9856474 * days;
    const longitude = (mean + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * radians;
    const obliquity = (23.439 - 0.0000004 * days) * radians;
    const ascension = Math.atan2(Math.cos(obliquity) * Math.sin(longitude), Math.cos(longitude));
    const declination = Math.asin(Math.sin(obliquity) * Math.sin(longitude));
    const sidereal = (280.46061837 + 360.98564736629 * days + east) * radians;
    const hour = Math.atan2(Math.sin(sidereal - ascension), Math.cos(sidereal - ascension));
    const wanted = Math.acos(
      (-Math.sin(degrees * radians) - Math.sin(north * radians) * Math.sin(declination)) /
        (Math.cos(north * radians) * Math.cos(declination)),
    );
    at += ((wanted - hour) / (2 * Math.PI)) * dayMs;
  }
  return at;
}

/** Days without work beside the Sabbath, by the Hebrew calendar of ICU. */
function isHoliday(day: number, days: 1 | 2): boolean {
  const parts = new Intl.DateTimeFormat("en-u-ca-hebrew", { day: "numeric", month: "long", timeZone: "UTC" });
  const date = parts.format(day * dayMs + dayMs / 2);
  const first = /^(?:[12] Tishri|10 Tishri|15 Tishri|22 Tishri|15 Nisan|21 Nisan|6 Sivan)$/;
  const second = /^(?:16 Tishri|23 Tishri|16 Nisan|22 Nisan|7 Sivan)$/;
  return first.test(date) || (days === 2 && second.test(date));
}

for (const city of cities) {
  test(`Sabbaths and holidays of two years in ${city.name}: their days, from candle lighting to nightfall`, async () => {
    const { name, zone, candleMinutes, holidayDays } = city;
    const isHoly = (day: number): boolean => (day + 5) % 7 === 0 || isHoliday(day, holidayDays);
    const all = await sabbaths.between(name, zone, new Date(begin), new Date(begin + 730 * dayMs));
    const holy = new Set<number>();
    for (const { from, to } of all) {
      const [eve, last] = [dayIn(from, zone), dayIn(to, zone)];
      assert.ok(!isHoly(eve) && isHoly(eve + 1) && isHoly(last) && !isHoly(last + 1), from.toISOString());
      for (let day = eve + 1; day <= last; day++) holy.add(day);
      const lit = evening(city, eve, 0.833) - candleMinutes * 60_000;
      const dark = evening(city, last, 8.5);
      assert.ok(
        Math.abs(from.getTime() - lit) < 2.5 * 60_000,
        `${from.toISOString()} is not ${new Date(lit).toISOString()}`,
      );
      assert.ok(
        Math.abs(to.getTime() - dark) < 2.5 * 60_000,
        `${to.toISOString()} is not ${new Date(dark).toISOString()}`,
      );
    }
    for (let day = begin / dayMs + 2; day < begin / dayMs + 728; day++) {
      assert.equal(holy.has(day), isHoly(day), new Date(day * dayMs).toISOString());
    }
  });
}

test("a holiday beside a Sabbath, and two days of one, are one; those with a weekday between them are two", async () => {
  const local = (zone: string) => (at: Date) =>
    at.toLocaleString("en-GB", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  const said = async (place: string, zone: string, since: string, until: string) =>
    (await between(place, zone, since, until)).map(({ from, to }) => [from, to].map(local(zone)).join(" – "));
  assert.deepEqual(await said("Jerusalem", "Asia/Jerusalem", "2026-09-10", "2026-09-22"), [
    "11/09/2026, 18:10 – 13/09/2026, 19:24", // New Year after a Sabbath that is its first day
    "18/09/2026, 18:01 – 19/09/2026, 19:16",
    "20/09/2026, 17:58 – 21/09/2026, 19:14", // Day of Atonement
  ]);
  assert.deepEqual(await said("New York", "America/New_York", "2027-04-21", "2027-04-26"), [
    "21/04/2027, 19:23 – 24/04/2027, 20:28", // two days of Passover, and Sabbath
  ]);
  assert.deepEqual(await said("Jerusalem", "Asia/Jerusalem", "2027-04-21", "2027-04-26"), [
    "21/04/2027, 18:31 – 22/04/2027, 19:51",
    "23/04/2027, 18:33 – 24/04/2027, 19:52",
  ]);
});

test("what was asked for is whole: also a Sabbath that has begun, and a run of days of which the last is left", async () => {
  const [run, ...more] = await between("New York", "America/New_York", "2027-04-24T12:00:00Z", "2027-04-24T13:00:00Z");
  assert.equal(run?.from.toISOString(), "2027-04-21T23:23:00.000Z");
  assert.deepEqual(more, []);
  assert.deepEqual(await between("Jerusalem", "Asia/Jerusalem", "2026-11-22T12:00:00Z", "2026-11-24T12:00:00Z"), []);
  // A chat whose clock is a day ahead of the place.
  const [abroad] = await between("Hawaii", "Pacific/Apia", "2026-11-29T01:00:00Z", "2026-11-29T02:00:00Z");
  assert.equal(abroad?.to.toISOString().slice(0, 10), "2026-11-29");
});

test("in Israel a holiday has one day, also at a place that is named by its degrees", async () => {
  const passover = ["2026-04-01T12:00:00Z", "2026-04-02T20:00:00Z"] as const;
  const lasts = async (place: string, zone: string): Promise<number> => {
    const [{ from, to } = { from: new Date(0), to: new Date(0) }] = await between(place, zone, ...passover);
    return Math.round((to.getTime() - from.getTime()) / dayMs);
  };
  assert.equal(await lasts("32.08,34.83", "Asia/Jerusalem"), 1);
  // Thursday and Friday, and the Sabbath after them.
  assert.equal(await lasts("51.51,-0.13", "Europe/London"), 3);
});

test("where nights are never dark it is over when they are darkest; where the sun does not set it cannot be said", async () => {
  const [helsinki] = await between("Helsinki", "Europe/Helsinki", "2026-06-19T00:00:00Z", "2026-06-21T00:00:00Z");
  assert.match(helsinki?.to.toISOString() ?? "", /^2026-06-20T22:2/);
  // The sun sets there after midnight.
  const [iceland] = await between("65.68,-18.1", "Atlantic/Reykjavik", "2026-06-19T00:00:00Z", "2026-06-21T00:00:00Z");
  assert.match(iceland?.from.toISOString() ?? "", /^2026-06-20T00:[34]/);
  for (const month of ["2026-06", "2026-12"]) {
    await assert.rejects(
      between("69.65,18.96", "Europe/Oslo", `${month}-17T00:00:00Z`, `${month}-20T00:00:00Z`),
      /the sun does not set at 69\.65,18\.96/,
    );
  }
});

test("a place that there is not, and one whose clocks are others, is refused in words", async () => {
  await assert.rejects(between("Atlantis", "UTC", "2026-06-17", "2026-06-20"), /no place Atlantis/);
  await assert.rejects(
    between("40.71,-74.01", "Asia/Jerusalem", "2026-06-17", "2026-06-20"),
    /At 40\.71,-74\.01 the clocks are not those of Asia\/Jerusalem: name the zone/,
  );
  const names = (await sabbaths.places()).map(({ name }) => name);
  assert.ok(names.includes("Tel Aviv") && names.includes("London"));
});

test("without its package nothing goes out to those who keep Sabbath, until it is there", async () => {
  let isInstalled = false;
  const calendar = createSabbaths(() =>
    isInstalled ? import("@hebcal/core") : Promise.reject(new Error("Cannot find package '@hebcal/core'")),
  );
  const now = new Date("2026-11-24T12:00:00Z");
  const make = () =>
    planOf({ sabbath: "Jerusalem" }, { digestedUntil: now, now, zone: "Asia/Jerusalem", sabbaths: calendar });
  const blind = await make();
  assert.match(blind.problem ?? "", /package @hebcal\/core.* cannot be loaded: run npm install/);
  assert.ok(blind.quiet && blind.quiet.from <= now && blind.quiet.to > now);
  isInstalled = true;
  const made = await make();
  assert.equal(made.problem, null);
  assert.equal(made.quiet?.from.toISOString(), "2026-11-27T13:55:00.000Z");
  const unknown = await planOf({ sabbath: "Atlantis" }, { digestedUntil: now, now, zone: "UTC", sabbaths: calendar });
  assert.match(unknown.problem ?? "", /no place Atlantis/);
  assert.deepEqual(unknown.quiet?.from, now);
});
