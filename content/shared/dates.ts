import { englishMonths, monthIn } from "./months.ts";
import { offsetAt, offsetOf, signed } from "./zones.ts";

/**
 * Reads the dates that feeds write: RFC 822, ISO 8601 and their misspellings. A date without a zone is taken as UTC.
 * Null for what cannot be read and for what no editor meant (before 1971: a clock that was never set; after 2100).
 */
export function parseDate(raw: string | undefined): Date | null {
  if (!raw || raw.length > 200) return null;
  const time = fromCommon(raw) ?? fromText(raw);
  if (time === null || Number.isNaN(time)) return null;
  const date = new Date(time);
  const year = date.getUTCFullYear();
  return year >= 1971 && year <= 2100 ? date : null;
}

/** The two forms that nearly all feeds write, at once: "Tue, 03 Jun 2025 08:00:00 +0300" and "2025-06-03T08:00:00Z". */
function fromCommon(raw: string): number | null {
  const mail =
    /^\s*(?:[A-Za-z]{3}, ?)?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC|Z|([+-])(\d\d)(\d\d))\s*$/.exec(
      raw,
    );
  if (mail) {
    const [, day, month = "", year, hours, minutes, seconds, sign, zoneHours = 0, zoneMinutes = 0] = mail;
    const clock: TimeOfDay = [Number(hours), Number(minutes), Number(seconds)];
    const offset = Number(zoneHours) * 60 + Number(zoneMinutes);
    const at = englishMonths.indexOf(month.toLowerCase()) + 1;
    return instant(Number(year), at, Number(day), clock, signed(sign, offset));
  }
  const iso = /^\s*(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|([+-])(\d\d):?(\d\d))\s*$/.exec(raw);
  if (!iso) return null;
  const [, year, month, day, hours, minutes, seconds, sign, zoneHours = 0, zoneMinutes = 0] = iso;
  const clock: TimeOfDay = [Number(hours), Number(minutes), Number(seconds)];
  const offset = Number(zoneHours) * 60 + Number(zoneMinutes);
  return instant(Number(year), Number(month), Number(day), clock, signed(sign, offset));
}

function fromText(raw: string): number | null {
  const text = raw
    .normalize("NFC")
    .replace(/[\u200e\u200f\u061c]/g, "")
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/, "$1-$2-$3T$4:$5:");
  if (!text || text.length > 80) return null;
  return fromNumber(text) ?? fromIso(text) ?? fromWords(text);
}

/** Seconds or milliseconds since 1970, a bare yyyymmdd, or a year and its day. */
function fromNumber(text: string): number | null {
  const dayOfYear = /^((?:19|20)\d\d)-?(\d{3})$/.exec(text);
  if (dayOfYear) {
    const day = Number(dayOfYear[2]);
    return day >= 1 && day <= 366 ? Date.UTC(Number(dayOfYear[1]), 0, day) : null;
  }
  if (!/^\d{8,13}$/.test(text)) return null;
  if (text.length === 8)
    return instant(Number(text.slice(0, 4)), Number(text.slice(4, 6)), Number(text.slice(6)), null, 0);
  return text.length >= 12 ? Number(text) : Number(text) * 1000;
}

/** ISO 8601, or the same with the words of Chinese, Japanese and Korean between the numbers. */
function fromIso(text: string): number | null {
  const found =
    /^(\d{4})-0?(\d{1,2})(?:-(\d{1,2}))?(?!\d)(.*)$/.exec(text) ??
    /^(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일](.*)$/.exec(text);
  if (!found) return null;
  const [, year, month, day = "1", rest = ""] = found;
  return inZone(rest, Number(year), Number(month), Number(day), clockOf(rest));
}

/** Day, month, year and time in whatever order and with whatever between them. */
function fromWords(text: string): number | null {
  const clock = clockOf(text);
  // The day of the week first, whose short French name is March's too.
  const dateText = text
    .replace(/^\p{L}+\.?,/u, "")
    .replace(/\d{1,2}:\d{2}.*$/, (rest) => / (\d{4})(?!\d)/.exec(rest.replace(/[+-]\d{4}/g, ""))?.[0] ?? "");
  const numeric = /(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})/.exec(dateText);
  if (numeric) {
    const [a, b, c] = [numeric[1], numeric[3], numeric[4]].map(Number) as [number, number, number];
    if (numeric[1]?.length === 4) return inZone(text, a, b, c, clock);
    // 03/04: month first as in America unless it is written with dots or cannot be.
    const dayFirst = numeric[2] !== "/" || a > 12;
    return inZone(text, fullYear(c), dayFirst ? b : a, dayFirst ? a : b, clock);
  }
  const month = monthIn(dateText);
  const numbers = dateText.match(/\d+/g) ?? [];
  const yearText = numbers.find((part) => part.length === 4) ?? (numbers.length > 1 ? numbers.at(-1) : undefined);
  const day = numbers.find((part) => part !== yearText && part.length <= 2);
  if (!month || !yearText || (yearText.length !== 4 && yearText.length !== 2)) return null;
  return inZone(text, fullYear(Number(yearText)), month, day ? Number(day) : 1, clock);
}

const fullYear = (year: number): number => (year >= 100 ? year : year < 70 ? 2000 + year : 1900 + year);

type TimeOfDay = [hours: number, minutes: number, seconds: number];

function clockOf(text: string): TimeOfDay | null {
  const found = /(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:\s*([ap])\.?\s?m\b)?/i.exec(text);
  if (!found) return null;
  let hours = Number(found[1]);
  const before = /(오후|下午|午後)|(오전|上午|午前)/.exec(text);
  const half = before ? (before[1] ? "p" : "a") : found[4]?.toLowerCase();
  if (half === "p" && hours < 12) hours += 12;
  if (half === "a" && hours === 12) hours = 0;
  return [hours, Number(found[2]), Number(found[3] ?? 0)];
}

/** The instant, by the zone that stands after the time. */
function inZone(text: string, year: number, month: number, day: number, clock: TimeOfDay | null): number | null {
  const after = /\d{1,2}[:h]\d{2}(.*)$/i.exec(text)?.[1] ?? "";
  const place = /\b[A-Z][A-Za-z]{1,20}\/[A-Za-z_+\d/-]{2,40}/.exec(after)?.[0];
  const local = place && instant(year, month, day, clock, 0);
  if (typeof local === "number") {
    const offset = offsetAt(place ?? "", local);
    if (offset !== null) return local - offset * 60_000;
  }
  return instant(year, month, day, clock, offsetOf(after));
}

function instant(year: number, month: number, day: number, clock: TimeOfDay | null, offset: number): number | null {
  const [hours, minutes, seconds] = clock ?? [0, 0, 0];
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return null;
  // 24:00 and a leap second are real times of the next minute.
  if (hours > 24 || minutes > 59 || seconds > 60) return null;
  return Date.UTC(year, month - 1, day, hours, minutes - offset, seconds);
}
