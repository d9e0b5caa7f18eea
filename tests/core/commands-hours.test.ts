import assert from "node:assert/strict";
import { test } from "node:test";
import { commands } from "#core/commands/index";
import { desk, editor, group, member, privately } from "#tests/core/commands-desk";

test("/digest says how it stands and how it is written, and takes what people write", () =>
  desk(async ({ ask, preferences }) => {
    await ask("/start");
    assert.match(
      await ask("/digest"),
      /^You get every article\.\nIt is \d\d:\d\d by the clock of Asia\/Jerusalem\.\n\n\/digest daily 08:00, 18:00 – the news of the day together\n\/digest weekly /,
    );
    assert.match(
      await ask("/digest daily at 8 and 18"),
      /^You get every article\. In a digest every day at 08:00 and 18:00\.\nIt is \d\d:\d\d by the clock of Asia\/Jerusalem\. \/zone names another\.\n\/quiet breaking on lets breaking news through\.\n\/digest off takes it back\.$/,
    );
    assert.deepEqual((await preferences())?.hours, {
      delivery: "digest",
      digest: { every: "day", at: ["08:00", "18:00"] },
    });
    assert.match(
      await ask("/digest both"),
      /^You get every article\. At once, and together in a digest every day at 08/,
    );
    assert.match(await ask("/digest יום שישי ב-14"), /In a digest every Friday at 14:00\./);
    assert.equal(
      await ask("/digest someday"),
      "“someday” says nothing about a digest. Nothing is changed; write it as in /digest daily 08:00, 18:00",
    );
    assert.deepEqual((await preferences())?.hours?.digest, { every: "week", on: [5], at: ["14:00"] });
    assert.equal(await ask("/digest off"), "You get every article.\n/settings shows all that is decided here.");
    assert.deepEqual(await preferences(), {});
  }));

test("/quiet sets hours without messages, and lets breaking news through where that is wished", () =>
  desk(async ({ ask, preferences }) => {
    await ask("/start");
    assert.match(
      await ask("/quiet 22-7"),
      /^You get every article\. Quiet from 22:00 to 07:00\.\n.*\n\/quiet breaking on lets/,
    );
    assert.match(
      await ask("/quiet breaking on"),
      /Quiet from 22:00 to 07:00, but for breaking news\.\n(?!.*lets breaking)/,
    );
    assert.match(await ask("/quiet 11pm to 6am"), /Quiet from 23:00 to 06:00, but for breaking news\./);
    assert.deepEqual((await preferences())?.hours, { quiet: { from: "23:00", to: "06:00" }, breaking: true });
    assert.match(
      await ask("/quiet 22"),
      /^Quiet hours have a beginning and an end\. Nothing is changed; write it as in \/quiet/,
    );
    assert.match(await ask("/quiet breaking off"), /Quiet from 23:00 to 06:00\./);
    await ask("/quiet off");
    assert.deepEqual(await preferences(), {});
    assert.match(await ask("/quiet breaking on"), /^There are no quiet hours yet/);
  }));

test("/sabbath takes a place that the calendar knows, and says what is missing", () =>
  desk(async ({ ask, preferences }) => {
    await ask("/start");
    assert.match(
      await ask("/sabbath ירושלים"),
      /^You get every article\. Quiet on Sabbath and holidays in Jerusalem\.\n\/quiet breaking on lets .*\n\/sabbath off/,
    );
    assert.match(
      await ask("/sabbath new york"),
      /in New York\.\n\/zone New York sets your clock to that of the place\.\n/,
    );
    assert.equal(
      await ask("/sabbath Jerusalm"),
      "There is no place “Jerusalm” here. Did you mean Jerusalem? Nothing is changed; write it as in /sabbath Jerusalem",
    );
    assert.match(
      await ask("/sabbath on"),
      /^Say the place: the sun sets at another time in each\. Nothing is changed;/,
    );
    assert.match(
      await ask("/sabbath 40.71, -74.01"),
      /the clocks are not those of Asia\/Jerusalem: name the zone of the place/,
    );
    assert.equal((await preferences())?.hours?.sabbath, "New York");
    assert.match(
      await ask("/zone New York"),
      /Times are those of America\/New_York\.\nIt is \d\d:\d\d by the clock of Amer/,
    );
    assert.match(await ask("/sabbath 40.71, -74.01"), /Sabbath and holidays at 40\.71,-74\.01\./);
    assert.match(await ask("/zone Jerusalem"), /At 40\.71,-74\.01 the clocks are not those of Asia\/Jerusalem/);
    assert.deepEqual((await preferences())?.hours, { sabbath: "40.71,-74.01", zone: "America/New_York" });
  }));

test("/sabbath where the sun does not set is refused, instead of silencing the chat", () =>
  desk(async ({ ask, preferences, clock }) => {
    await ask("/start");
    await ask("/zone Oslo");
    // The desk's day is in the polar night of the far north, or is brought there.
    while (clock.now().getUTCMonth() !== 11 || clock.now().getUTCDate() < 10) await clock.sleep(86_400_000);
    assert.match(await ask("/sabbath 69.65, 18.96"), /the sun does not set at 69\.65,18\.96/);
    assert.deepEqual((await preferences())?.hours, { zone: "Europe/Oslo" });
  }));

test("/limit and /zone are set, asked for and taken back", () =>
  desk(async ({ ask, preferences }) => {
    await ask("/start");
    assert.match(
      await ask("/limit 5 an hour"),
      /At most 5 articles an hour, the rest in the next digest\.\n\/limit off/,
    );
    assert.match(await ask("/limit many"), /^A limit is one number: .* Nothing is changed; write it as in \/limit 5$/);
    assert.match(await ask("/limit"), /\n\/limit 5 – so many an hour, and the rest together\n/);
    assert.match(await ask("/zone london"), /Times are those of Europe\/London\./);
    assert.match(await ask("/zone Lodnon"), /^There is no zone “Lodnon”\. Did you mean London\? Nothing is changed;/);
    assert.match(
      await ask("/zone UTC+2"),
      /^There is no zone “UTC\+2”\. Name a large city in it\. Nothing is changed;/,
    );
    assert.deepEqual((await preferences())?.hours, { perHour: 5, zone: "Europe/London" });
    assert.match(await ask("/zone off"), /^You get .* digest\.\nIt is \d\d:\d\d by the clock of Asia\/Jerusalem\.$/);
    await ask("/limit off");
    assert.deepEqual(await preferences(), {});
  }));

test("/settings shows the hours, and /reset takes them back", () =>
  desk(async ({ ask, preferences }) => {
    await ask("/start");
    for (const line of ["/digest both hourly", "/quiet 22-7", "/sabbath Haifa", "/limit 3", "/zone London"])
      await ask(line);
    const settings = await ask("/settings");
    assert.match(
      settings,
      /^You get every article\. At once, and together in a digest every hour\. At most 3 articles an hour/,
    );
    const lines = [
      "/digest – at once, and every hour",
      "/quiet – 22:00 to 07:00",
      "/sabbath – Haifa",
      "/limit – 3 an hour",
      "/zone – Europe/London",
    ];
    assert.ok(settings.includes(`\n${lines.join("\n")}\n`), settings);
    assert.match(
      await ask("/start"),
      /^New articles come here already\. You get every article\. At once, and together/,
    );
    assert.match(await ask("/reset"), /^You get every article\.\n/);
    assert.deepEqual(await preferences(), {});
  }));

test("in a group its admins decide its hours; each member may look", () =>
  desk(async ({ ask, preferences }) => {
    for (const line of ["/digest 8", "/quiet 22-7", "/sabbath Haifa", "/limit 3", "/zone London", "/quiet off"]) {
      assert.equal(await ask(line, group, member), "Only this group's admins can change what comes here.", line);
    }
    assert.equal(await ask("/digest nonsense", group, member), "Only this group's admins can change what comes here.");
    assert.deepEqual(await preferences(group), {});
    assert.match(await ask("/quiet", group, member), /^This group gets every article\.\n/);
    assert.match(
      await ask("/digest 8", group, editor),
      /^This group gets every article\. In a digest every day at 08:00\./,
    );
  }));

test("chosen hours are planned in the same moment, for linked chats as well", () =>
  desk(async ({ ask, store, clock }) => {
    await ask("/start");
    await ask("/quiet 22:00-07:00");
    const left = await store.hours.toPlan(clock.now(), 10);
    assert.deepEqual(left, [], "nothing waits for a plan");
    const code = /\/link ([A-Z0-9]{8})/.exec(await ask("/link"))?.[1] ?? "";
    const other = { ...privately, address: "77" };
    assert.match(await ask(`/link ${code}`, other), /^Linked: .* Quiet from 22:00 to 07:00\./);
    await ask("/digest daily 8", other);
    assert.match(await ask("/settings"), /In a digest every day at 08:00\. Quiet from 22:00 to 07:00\./);
  }));

test("hostile input changes nothing and is cut short in the answer", () =>
  desk(async ({ ask, preferences }) => {
    await ask("/start");
    for (const name of ["digest", "quiet", "sabbath", "limit", "zone"]) {
      for (const text of [
        "x".repeat(20_000),
        "\u202e\u0000'; --",
        "9".repeat(5_000),
        "constructor",
        "🔴".repeat(300),
      ]) {
        const answer = await ask(`/${name} ${text}`);
        assert.match(answer, /Nothing is changed; write it as in/, `${name} ${text.slice(0, 10)}`);
        assert.ok(answer.length < 400, `${name}: ${answer.length}`);
        assert.ok(answer.isWellFormed());
        assert.doesNotMatch(answer, /[\u202e\u0000]/);
      }
    }
    assert.deepEqual(await preferences(), {});
  }));

test("what the help says of them fits a phone", () => {
  const hours = commands.filter(({ about }) => about === "when");
  assert.deepEqual(
    hours.map(({ name }) => name),
    ["digest", "quiet", "sabbath", "limit", "zone"],
  );
});
