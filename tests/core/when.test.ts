import assert from "node:assert/strict";
import { test } from "node:test";
import { howLong, when } from "#core/when";

test("an instant of today is its time, of yesterday says so, and of earlier its day", () => {
  const now = new Date("2026-03-03T12:00:00Z");
  const said = (at: string, timeZone: string) => when(new Date(at), now, timeZone);
  assert.equal(said("2026-03-03T11:05:00Z", "UTC"), "11:05");
  assert.equal(said("2026-03-03T00:00:00Z", "UTC"), "00:00");
  assert.equal(said("2026-03-02T23:59:00Z", "UTC"), "yesterday 23:59");
  assert.equal(said("2026-03-02T23:59:00Z", "Asia/Jerusalem"), "01:59");
  assert.equal(said("2026-03-01T23:59:00Z", "UTC"), "1 March 23:59");
  assert.equal(said("2025-12-31T23:59:00Z", "UTC"), "31 December 23:59");
});

test("a day of 23 hours is one day", () => {
  // In Jerusalem clocks go forward on 27 March 2026.
  const now = new Date("2026-03-27T21:30:00Z");
  assert.equal(when(new Date("2026-03-26T22:30:00Z"), now, "Asia/Jerusalem"), "yesterday 00:30");
});

test("a span is said in the unit that people would use", () => {
  const minutes = (count: number) => howLong(count * 60_000);
  assert.deepEqual([0, 1, 2, 99, 100, 150, 2_000, 3_000, 10_000].map(minutes), [
    "1 minute",
    "1 minute",
    "2 minutes",
    "99 minutes",
    "2 hours",
    "3 hours",
    "33 hours",
    "2 days",
    "7 days",
  ]);
});
