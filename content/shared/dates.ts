/** Hours from UTC of the zone names that feeds write out. "IST" is Israel's here, whose press Crier was made for; India writes +0530. */
const zones: Record<string, number> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  wet: 0,
  west: 1,
  bst: 1,
  cet: 1,
  cest: 2,
  met: 1,
  mest: 2,
  eet: 2,
  eest: 3,
  ist: 2,
  idt: 3,
  msk: 3,
  est: -5,
  edt: -4,
  et: -5,
  cst: -6,
  cdt: -5,
  ct: -6,
  mst: -7,
  mdt: -6,
  mt: -7,
  pst: -8,
  pdt: -7,
  pt: -8,
  akst: -9,
  akdt: -8,
  hst: -10,
  ast: -4,
  adt: -3,
  nst: -3.5,
  ndt: -2.5,
  brt: -3,
  art: -3,
  jst: 9,
  kst: 9,
  hkt: 8,
  sgt: 8,
  awst: 8,
  aest: 10,
  aedt: 11,
  nzst: 12,
  nzdt: 13,
};

/** Languages whose month names are understood beside English. Where two mean different months by a word, the first has it. */
const languages =
  "en de fr es it pt nl pl hu ru uk el tr he ar ar-SY ar-DZ ar-MA sv da nb fi cs ro bg sk hr sl sr lt lv et ca gl eu id vi fa ka hy az kk be is".split(
    " ",
  );

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

/** Minutes from UTC; what lies beyond any zone is none. */
const signed = (sign: string | undefined, minutes: number): number =>
  minutes > 15 * 60 ? 0 : sign === "-" ? -minutes : minutes;

function fromText(raw: string): number | null {
  const text = raw
    .normalize("NFC")
    .replace(/[\u200e\u200f\u061c]/g, "")
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .replace(/\s+/g, " ")
    .trim();
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

/** Minutes from UTC of a place ("Asia/Jerusalem") when its own clocks show that time; null for a place that nobody knows. */
function offsetAt(place: string, local: number): number | null {
  try {
    const format = new Intl.DateTimeFormat("en", { timeZone: place, timeZoneName: "longOffset" });
    const offset = (time: number): number => {
      const name = format.formatToParts(time).find(({ type }) => type === "timeZoneName")?.value ?? "";
      const [, sign, hours = 0, minutes = 0] = /([+-])(\d\d):(\d\d)/.exec(name) ?? [];
      return (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
    };
    return offset(local - offset(local) * 60_000);
  } catch {
    return null;
  }
}

/** Minutes from UTC of what stands after a time. */
function offsetOf(after: string): number {
  const found = /([+-])\s?(\d{1,2}):?(\d{2})?(?!\d)/.exec(after);
  if (found) return signed(found[1], Number(found[2]) * 60 + Number(found[3] ?? 0));
  for (const [name] of after.toLowerCase().matchAll(/[a-z]+/g)) {
    const hours = zones[name];
    if (hours !== undefined) return hours * 60;
  }
  return 0;
}

function instant(year: number, month: number, day: number, clock: TimeOfDay | null, offset: number): number | null {
  const [hours, minutes, seconds] = clock ?? [0, 0, 0];
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return null;
  // 24:00 and a leap second are real times of the next minute.
  if (hours > 24 || minutes > 59 || seconds > 60) return null;
  return Date.UTC(year, month - 1, day, hours, minutes - offset, seconds);
}

const englishMonths = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

let months: Map<string, number> | undefined;

/** Without accents, which capitals often lack. */
const bare = (word: string): string => word.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

function monthIn(text: string): number | undefined {
  const words = (bare(text).match(/\p{L}{2,}/gu) ?? []) as string[];
  // RFC 822 writes them in three English letters: the names of all languages, which take a moment to make, are for other dates.
  const plain = words.find((word) => englishMonths.includes(word));
  if (plain) return englishMonths.indexOf(plain) + 1;
  months ??= monthNames();
  for (const [index, word] of words.entries()) {
    const pair = `${word} ${words[index + 1] ?? ""}`;
    const month = months.get(pair) ?? months.get(word) ?? months.get(word.replace(/^ב/, "")) ?? englishMonth(word);
    if (month) return month;
  }
  return undefined;
}

/** "Sept", "Janu" and the like: English months by their first three letters. */
function englishMonth(word: string): number | undefined {
  const at = englishMonths.indexOf(word.slice(0, 3));
  return at >= 0 && word.length <= 9 ? at + 1 : undefined;
}

/** Months by name, as Intl spells them: alone and beside a day, in full and short. The first language to claim a word has it. */
function monthNames(): Map<string, number> {
  const names = new Map<string, number>();
  for (const language of languages) {
    for (const style of ["long", "short"] as const) {
      for (const options of [{ month: style }, { month: style, day: "numeric" }] as const) {
        const format = new Intl.DateTimeFormat(`${language}-u-ca-gregory`, { ...options, timeZone: "UTC" });
        for (let month = 0; month < 12; month++) {
          const name = format.formatToParts(Date.UTC(2024, month, 1)).find((part) => part.type === "month")?.value;
          const word = bare(name ?? "").replace(/\.$/, "");
          if (word && !/\d/.test(word) && !names.has(word)) names.set(word, month + 1);
        }
      }
    }
  }
  return names;
}
