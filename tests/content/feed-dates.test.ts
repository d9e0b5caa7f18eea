import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDate } from "#content/shared/dates";

describe("dates", () => {
  const dates: [written: string, expected: string | null][] = [
    ["Wed, 04 Jun 2025 07:30:00 +0300", "2025-06-04T04:30:00Z"],
    ["2025-06-04T07:30:00.250-0400", "2025-06-04T11:30:00Z"],
    ["20250604T073000Z", "2025-06-04T07:30:00Z"],
    ["2025-06", "2025-06-01T00:00:00Z"],
    ["2025-006-04", "2025-06-04T00:00:00Z"],
    ["2025-155", "2025-06-04T00:00:00Z"],
    ["Wed 4 Jun 2025 07:30", "2025-06-04T07:30:00Z"],
    ["Wed Jun  4 07:30:15 IDT 2025", "2025-06-04T04:30:15Z"],
    ["06/04/2025 - 7:30 pm", "2025-06-04T19:30:00Z"],
    ["4th June 25", "2025-06-04T00:00:00Z"],
    ["Wed, 4 Jun 2025 24:00:00 GMT", "2025-06-05T00:00:00Z"],
    // Places keep their own clocks: summer and winter.
    ["Wed, 4 Jun 2025 07:30:00 Asia/Jerusalem", "2025-06-04T04:30:00Z"],
    ["Sat, 4 Jan 2025 07:30:00 Asia/Jerusalem", "2025-01-04T05:30:00Z"],
    ["Wed, 4 Jun 2025 07:30:00 Etc/UTC", "2025-06-04T07:30:00Z"],
    ["Wed, 4 Jun 2025 07:30:00 Nowhere/Atlantis", "2025-06-04T07:30:00Z"],
    ["יום רביעי, 4 ביוני 2025, 07:30", "2025-06-04T07:30:00Z"],
    ["٤ يونيو ٢٠٢٥ ٠٧:٣٠", "2025-06-04T07:30:00Z"],
    ["4 حزيران 2025", "2025-06-04T00:00:00Z"],
    ["4 تشرين الثاني 2025", "2025-11-04T00:00:00Z"],
    ["4 июня 2025 г., 07:30 MSK", "2025-06-04T04:30:00Z"],
    ["Τετ, 4 Ιούν 2025 07:30:00 EEST", "2025-06-04T04:30:00Z"],
    ["4 juin 2025 à 7h30", "2025-06-04T07:30:00Z"],
    ["4 FÉVR. 2025", "2025-02-04T00:00:00Z"],
    ["2025年6月4日 下午7:30", "2025-06-04T19:30:00Z"],
    ["2025년 6월 4일", "2025-06-04T00:00:00Z"],
    ["\u200f4.6.2025 07:30\u200f", "2025-06-04T07:30:00Z"],
    ["Wed, 31 Jun 2025 07:30:00 GMT", null],
    ["2025-13-01", null],
    ["Wed, 04 Jun 1925 07:30:00 GMT", null],
    ["2025", null],
    ["soon", null],
    ["-".repeat(100), null],
  ];
  for (const [written, expected] of dates) {
    it(`${JSON.stringify(written.slice(0, 50))} is ${expected ?? "none"}`, () =>
      assert.deepEqual(parseDate(written), expected ? new Date(expected) : null));
  }
});
