import assert from "node:assert/strict";
import { test } from "node:test";
import { normalHours } from "#core/hours/normal";
import { findPlace } from "#core/hours/places";
import { readDigest, readLimit, readQuiet } from "#core/hours/read";
import { hoursWords } from "#core/hours/words";
import { nearestZones, zoneFrom } from "#core/hours/zones";
import type { Hours } from "#core/model";
import { normalPreferences, preferencesWords } from "#core/preferences";
import { createSabbaths } from "#src/sabbath";

const every = (at: string[], on?: number[]): Hours => ({
  delivery: "digest",
  digest: on ? { every: "week", on, at } : { every: "day", at },
});

test("a digest's times are read as people write them", () => {
  const meant: [hours: Hours, ...ways: string[]][] = [
    [
      every(["08:00", "18:00"]),
      ...["daily 08:00, 18:00", "8, 18", "daily at 8 and 18", "Every day at 8am and 6 p.m.", "0800 1800", "8h 18h"],
      ...["כל יום ב-8 וב-18", "יומי 8:00 ו18:00", "ежедневно в 8:00 и 18:00", "كل يوم الساعة ٨ و 18:00"],
    ],
    [every(["12:00"]), "noon", "daily at noon", "12pm", "once a day at 12"],
    [every(["00:00"]), "midnight", "24:00", "12am"],
    [every(["14:00"], [5]), "weekly Friday 14:00", "fridays at 14", "FRI 2pm", "every friday 14.00"],
    [every(["14:00"], [5]), "יום שישי 14:00", "בשישי ב-14", "יום ו׳ 14:00", "по пятницам в 14:00", "الجمعة 14:00"],
    [every(["18:00"], [6]), "saturday", "Shabbat", "שבת"],
    [every(["07:30"], [0, 3]), "Wed, Sunday 7.30", "ראשון ורביעי 7:30"],
    [{ delivery: "digest", digest: { every: "hour" } }, "hourly", "every hour", "כל שעה", "ежечасно"],
    [{ delivery: "digest" }, "on", "yes", "daily", "18:00", "daily 6pm"],
    [{ ...every(["08:00"]), delivery: "both" }, "both 8", "8 both", "at once and at 8", "daily 08:00, also"],
  ];
  for (const [hours, ...ways] of meant) {
    for (const way of ways) assert.deepEqual(normalHours(readDigest(way, {}) as Hours), hours, way);
  }
  const before: Hours = { ...every(["08:00"]), perHour: 5 };
  assert.deepEqual(readDigest("off", before), { perHour: 5 });
  assert.deepEqual(readDigest("both", before), { ...before, delivery: "both" }, "its times stay");
  assert.deepEqual(normalHours(readDigest("both", {}) as Hours), { delivery: "both" });
});

test("what is no time of a digest is refused with the word that was not understood", () => {
  const refused: [text: string, problem: RegExp][] = [
    ["weekly", /needs its day/],
    ["25:00", /“25:00” says nothing/],
    ["8:61", /“8:61” says nothing/],
    ["sundae 8", /“sundae”/],
    ["twice a day", /“twice”/],
    ["every 3 hours", /every hour, or at the times/],
    ["08:00:00", /“08:00:00”/],
    ["perhaps", /“perhaps”/],
    ["x".repeat(5_000), /^“x{39}…” says/],
  ];
  for (const [text, problem] of refused) {
    const read = readDigest(text, {});
    assert.match("problem" in read ? read.problem : JSON.stringify(read), problem, text.slice(0, 30));
  }
});

test("quiet hours are read as people write them", () => {
  const ways = [
    "22:00-07:00",
    "22-7",
    "10pm-7am",
    "from 22 to 7",
    "22:00 – 07:00",
    "22.00 to 7 a.m.",
    "2200-0700",
    "22h–7h",
  ];
  for (const way of [...ways, "מ-22 עד 7", "בין 22:00 ל-7:00", "с 22 до 7", "من 22 الى 7"]) {
    assert.deepEqual(readQuiet(way, {}), { quiet: { from: "22:00", to: "07:00" } }, way);
  }
  const night: Hours = { quiet: { from: "22:00", to: "07:00" } };
  assert.deepEqual(readQuiet("22-7 breaking", {}), { ...night, breaking: true });
  assert.deepEqual(readQuiet("breaking on", night), { ...night, breaking: true });
  assert.deepEqual(readQuiet("breaking news off", { ...night, breaking: true }), night);
  assert.deepEqual(readQuiet("23-6", { ...night, breaking: true }), {
    quiet: { from: "23:00", to: "06:00" },
    breaking: true,
  });
  assert.deepEqual(readQuiet("breaking on", { sabbath: "Haifa" }), { sabbath: "Haifa", breaking: true });
  assert.deepEqual(readQuiet("לא", { ...night, perHour: 3 }), { perHour: 3 });
  const refused: [text: string, problem: RegExp][] = [
    ["22", /a beginning and an end/],
    ["on", /a beginning and an end/],
    ["22-7-8", /a beginning and an end/],
    ["22-22", /the whole day/],
    ["at night", /“night”/],
    ["22-7 breaking maybe", /“maybe”/],
    ["breaking on", /no quiet hours yet/],
  ];
  for (const [text, problem] of refused) {
    const read = readQuiet(text, {});
    assert.match("problem" in read ? read.problem : JSON.stringify(read), problem, text);
  }
});

test("a limit is one number", () => {
  for (const way of ["5", " 5 ", "5 an hour", "at most 5 articles", "5 בשעה", "٥"]) {
    assert.deepEqual(readLimit(way, {}), { perHour: 5 }, way);
  }
  assert.deepEqual(readLimit("off", { perHour: 5 }), {});
  for (const text of ["0", "101", "-3", "5.5", "five", "5 6", "1e9"]) assert.ok("problem" in readLimit(text, {}), text);
});

test("a zone is known by its name, its city or its country, and a slip is seen", () => {
  const known: [string, string | null][] = [
    ["Asia/Jerusalem", "Asia/Jerusalem"],
    ["asia/jerusalem", "Asia/Jerusalem"],
    ["jerusalem", "Asia/Jerusalem"],
    ["ירושלים", "Asia/Jerusalem"],
    ["Israel", "Asia/Jerusalem"],
    ["New York", "America/New_York"],
    ["new_york", "America/New_York"],
    ["Kolkata", "Asia/Kolkata"],
    ["port-au-prince", "America/Port-au-Prince"],
    ["Kyiv", "Europe/Kyiv"],
    ["Лондон", "Europe/London"],
    ["utc", "UTC"],
    ["EST", null],
    ["UTC+2", null],
    ["+02:00", null],
    ["Mars/Olympus", null],
    ["constructor", null],
    ["__proto__", null],
    ["'; drop table hours", null],
    ["", null],
  ];
  for (const [text, zone] of known) assert.equal(zoneFrom(text), zone, text);
  assert.deepEqual(nearestZones("Jeruslem"), ["Jerusalem"]);
  assert.deepEqual(nearestZones("qqqqqq"), []);
});

test("a place is known by its name in several languages, or by its degrees", async () => {
  const calendar = createSabbaths();
  const name = async (text: string) => {
    const found = await findPlace(text, calendar, "Asia/Jerusalem");
    return "name" in found ? found.name : found.meant;
  };
  assert.equal(await name("jerusalem"), "Jerusalem");
  assert.equal(await name("ירושלים"), "Jerusalem");
  assert.equal(await name("Petah Tikva"), "Petach Tikvah");
  assert.equal(await name("st. petersburg"), "Saint Petersburg");
  assert.equal(await name("31.778, 35.2354"), "31.78,35.24");
  assert.equal(await name("(-33.9 151.2)"), "-33.9,151.2");
  assert.deepEqual(await name("Jerusalm"), ["Jerusalem"]);
  assert.deepEqual(await name("91,10"), []);
  assert.deepEqual(await name("constructor"), []);
});

test("hours have one form, so that chats with the same share one row", () => {
  const messy: Hours = {
    zone: "UTC",
    perHour: 5,
    breaking: true,
    quiet: { to: "07:00", from: "22:00" },
    digest: { every: "week", at: ["18:00", "08:00", "18:00"], on: [5, 0, 5] },
    delivery: "both",
  };
  assert.equal(
    JSON.stringify(normalHours(messy)),
    JSON.stringify({
      delivery: "both",
      digest: { every: "week", on: [0, 5], at: ["08:00", "18:00"] },
      quiet: { from: "22:00", to: "07:00" },
      breaking: true,
      perHour: 5,
      zone: "UTC",
    }),
  );
  const nothing: Hours[] = [
    {},
    { breaking: true },
    { digest: { every: "hour" } },
    { quiet: { from: "22:00", to: "22:00" } },
    { perHour: 0 },
  ];
  for (const hours of nothing) assert.equal(normalHours(hours), undefined, JSON.stringify(hours));
  assert.deepEqual(normalHours({ delivery: "digest", digest: { every: "day", at: ["18:00"] } }), {
    delivery: "digest",
  });
  const daily = normalHours({
    delivery: "digest",
    digest: { every: "week", on: [0, 1, 2, 3, 4, 5, 6], at: ["08:00"] },
  });
  assert.deepEqual(daily?.digest, { every: "day", at: ["08:00"] });
  assert.deepEqual(normalPreferences({ silent: true, hours: { breaking: true } }), { silent: true });
});

test("hours are said in sentences", () => {
  const said: [Hours, string][] = [
    [{ delivery: "digest" }, "In a digest every day at 18:00."],
    [
      { ...every(["08:00", "18:00"]), breaking: true },
      "In a digest every day at 08:00 and 18:00, breaking news at once.",
    ],
    [{ ...every(["14:00"], [0, 5]) }, "In a digest every Sunday and Friday at 14:00."],
    [{ delivery: "both", digest: { every: "hour" } }, "At once, and together in a digest every hour."],
    [{ perHour: 1 }, "At most 1 article an hour, the rest in the next digest."],
    [{ quiet: { from: "22:00", to: "07:00" } }, "Quiet from 22:00 to 07:00."],
    [
      { quiet: { from: "22:00", to: "07:00" }, sabbath: "Jerusalem", breaking: true, zone: "Asia/Jerusalem" },
      "Quiet from 22:00 to 07:00 and on Sabbath and holidays in Jerusalem, but for breaking news. Times are those of Asia/Jerusalem.",
    ],
    [{ sabbath: "31.78,35.22" }, "Quiet on Sabbath and holidays at 31.78,35.22."],
  ];
  for (const [hours, words] of said) assert.equal(hoursWords(hours).join(" "), words);
  assert.equal(
    preferencesWords({ topics: ["Sport"], hours: { delivery: "digest" } }),
    "You get articles on Sport. In a digest every day at 18:00.",
  );
});
