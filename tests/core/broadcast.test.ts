import assert from "node:assert/strict";
import { test } from "node:test";
import { createBroadcaster } from "#core/broadcast";
import { readAudience } from "#core/broadcast/audience";
import { paceWords } from "#core/broadcast/say";
import { momentWords, readWhen } from "#core/broadcast/when";
import { readBroadcast } from "#core/commands/broadcast-read";
import { createCourier } from "#core/deliver";
import { SendError } from "#core/errors";
import type { Span } from "#core/model";
import type { Author } from "#core/ports";
import { tellAdmins } from "#core/tell";
import { desk, editor, group, privately } from "#tests/core/commands-desk";
import { createFakeBot } from "#tests/fakes/bot";
import { until } from "#tests/fakes/newsroom";

const zone = "Asia/Jerusalem";
/** 14:00 on Sunday 1 March in Jerusalem. */
const noon = new Date("2026-03-01T12:00:00Z");
const bell: Author = { platform: "fake", person: "1" };

const at = (text: string, now = noon, timeZone = zone): string => {
  const read = readWhen(text, now, timeZone);
  if (!read) return "no time";
  return "problem" in read ? read.problem : `${read.at.toISOString()}${read.comesTwice ? " of two" : ""}`;
};

test("times are read as the newsroom's clocks show them", () => {
  assert.equal(at("18:30 The bridge"), "2026-03-01T16:30:00.000Z");
  assert.equal(at("today, 18.30"), "2026-03-01T16:30:00.000Z");
  assert.equal(at("tomorrow 7:05"), "2026-03-02T05:05:00.000Z");
  assert.equal(at("2026-11-25 07:00"), "2026-11-25T05:00:00.000Z");
  assert.equal(at("2026-07-01T07:00"), "2026-07-01T04:00:00.000Z", "in summer time");
  assert.equal(at("23:59", new Date("2026-03-01T21:58:30Z")), "2026-03-01T21:59:00.000Z");
  assert.equal(
    at("00:10", new Date("2026-12-31T23:30:00Z"), "Pacific/Auckland"),
    "00:10 has passed: it is 12:30 on Friday 1 January (Pacific/Auckland).",
  );
});

test("what is no time is text, and what cannot be meant says why", () => {
  for (const text of ["the quay", "18:3 x", "18:300", "noon", "", "٠٧:٠٠"]) assert.equal(at(text), "no time", text);
  assert.equal(at("13:59"), "13:59 has passed: it is 14:00 on Sunday 1 March (Asia/Jerusalem).");
  assert.equal(at("14:00"), "14:00 has passed: it is 14:00 on Sunday 1 March (Asia/Jerusalem).");
  assert.equal(at("25:10"), "25:10 is no time of day.");
  assert.equal(at("2026-02-30 07:00"), "2026-02-30 is no day of the calendar.");
  assert.match(at("2062-11-25 07:00"), /more than a year away/);
});

test("when the clocks change, a time that is not there is refused and one that comes twice is its first", () => {
  // Israel: forward over 02:00 on 27 March 2026, back over 02:00 on 25 October.
  assert.match(at("2026-03-27 02:30"), /no 02:30 in Asia\/Jerusalem: the clocks are put forward/);
  assert.equal(at("2026-03-27 03:00"), "2026-03-27T00:00:00.000Z");
  assert.equal(at("2026-10-25 01:30"), "2026-10-24T22:30:00.000Z of two");
  assert.equal(at("01:30", new Date("2026-10-24T22:45:00Z")), "2026-10-24T23:30:00.000Z", "the first one has passed");
  assert.equal(at("2026-10-25 02:00"), "2026-10-25T00:00:00.000Z");
  // Lord Howe: by half an hour; Samoa left out a whole day.
  assert.match(at("2026-10-04 02:15", noon, "Australia/Lord_Howe"), /no 02:15/);
  assert.match(at("2011-12-30 12:00", new Date("2011-12-20T00:00:00Z"), "Pacific/Apia"), /no 12:00/);
});

test("moments are told as people say them", () => {
  const said = (iso: string): string => momentWords(new Date(iso), noon, zone);
  assert.deepEqual(
    ["2026-03-01T16:30:00Z", "2026-03-02T05:00:00Z", "2026-02-28T20:00:00Z", "2026-11-25T05:00:00Z"].map(said),
    ["at 18:30", "tomorrow at 07:00", "yesterday at 22:00", "on Wednesday 25 November at 07:00"],
  );
  const paces = [
    { platform: "telegram", perSecond: 30 },
    { platform: "whatsapp", perSecond: 1 },
  ];
  const takes = (telegram: number, whatsapp: number): string =>
    paceWords(
      [
        { platform: "telegram", count: telegram },
        { platform: "whatsapp", count: whatsapp },
      ],
      paces,
    );
  assert.deepEqual(
    [takes(30, 1), takes(600, 3), takes(600, 45), takes(30_000, 12), takes(1_000_000, 0)],
    ["a moment", "about 20 seconds", "about 45 seconds", "about 17 minutes", "about 9 hours"],
  );
});

test("the words after the command are options, a verb with its number, or the text itself", () => {
  const reading = { now: noon, timeZone: zone, platforms: ["telegram", "whatsapp"], here: 7 };
  const read = (...spans: (Span | string)[]) =>
    readBroadcast(
      spans.map((span) => (typeof span === "string" ? { text: span } : span)),
      reading,
    );
  const draft = { kind: "draft", at: null, comesTwice: false, audience: {} };
  const evening = new Date("2026-03-01T16:30:00Z");

  const bold = { text: "הגשר", bold: true };
  const link = { text: "נפתח", link: "https://bell.example/" };
  assert.deepEqual(read("at 18:30 ", bold, " שוב\n\n", link), {
    ...draft,
    at: evening,
    spans: [bold, { text: " שוב\n\n" }, link],
  });
  assert.deepEqual(read("to telegram+groups at 18:30\nСнова"), {
    ...draft,
    at: evening,
    audience: { platforms: ["telegram"], kinds: ["group"] },
    spans: [{ text: "Снова" }],
  });
  assert.deepEqual(read("At 18:30 TO topic:ספורט الجسر"), {
    ...draft,
    at: evening,
    audience: { topic: "ספורט" },
    spans: [{ text: "الجسر" }],
  });
  assert.deepEqual(read('to whatsapp+topic:"Local news" Hello'), {
    ...draft,
    audience: { platforms: ["whatsapp"], topic: "Local news" },
    spans: [{ text: "Hello" }],
  });
  assert.deepEqual(read("to topic:“Local news” Hello").kind, "draft");
  assert.deepEqual(read("to here Hello"), { ...draft, audience: { chat: 7 }, spans: [{ text: "Hello" }] });
  for (const text of [
    "To our readers: thank you",
    "at noon we meet",
    "to telegram+friends Hello",
    "list of ferries",
    "send help",
    "pause for a moment",
    "now the bridge is open",
    "show 12 of them",
    "recall the day",
  ]) {
    assert.deepEqual(read(text), { ...draft, spans: [{ text }] }, text);
  }
  assert.deepEqual(read("to telegram to groups Hello"), {
    ...draft,
    audience: { platforms: ["telegram"] },
    spans: [{ text: "to groups Hello" }],
  });
  assert.deepEqual(read(" List "), { kind: "list" });
  assert.deepEqual(read("show #12"), { kind: "show", id: 12 });
  assert.deepEqual(read("PAUSE 3"), { kind: "pause", id: 3 });
  assert.deepEqual(read("send"), { kind: "send", id: null, at: null });
  assert.deepEqual(read("send 12 now"), { kind: "send", id: 12, at: "now" });
  assert.deepEqual(read("send 12 at 18:30"), { kind: "send", id: 12, at: evening });
  for (const wrong of [
    "pause",
    "recall",
    "at 13:00 Hello",
    "send 12 at dawn",
    "send 12 at 18:30 please",
    "send 12 at 13:00",
  ]) {
    assert.equal(read(wrong).kind, "problem", wrong);
  }
  assert.equal(readAudience("here", { platforms: [], here: null }), null);
});

test("an editor drafts, looks, sends, and sees what became of it", () =>
  desk(async ({ ask, said, subscribe, store, clock, publish }) => {
    await publish("Old news");
    for (const name of ["ada", "ben"]) await subscribe(name);
    await subscribe("friends", "group");
    assert.match(
      await ask("/broadcast", privately, editor),
      /^Write the text after the command: \/broadcast The bridge/,
    );
    assert.match(await ask("/broadcast list", privately, editor), /^No broadcast yet/);
    assert.match(
      await ask("/broadcast to channels Hello", privately, editor),
      /^Nobody would get it: there are no channels\./,
    );
    assert.match(await ask("/broadcast show 9", privately, editor), /^There is no broadcast 9\./);
    assert.match(await ask("/broadcast send", privately, editor), /^You have no draft\./);
    assert.match(
      await ask(`/broadcast ${"x".repeat(4_001)}`, privately, editor),
      /too long.*4,001 characters, 4,000 at most/,
    );

    assert.equal(
      await ask("/broadcast to private הגשר נפתח", privately, editor),
      [
        "הגשר נפתח",
        "Broadcast 1 is a draft: above is what chats will see. Once sent it goes out at once.",
        "To private chats, now 2 chats on fake; at the platform's pace that takes a moment.",
        "/broadcast send 1 sends it, /broadcast cancel 1 drops it.",
      ].join("\n"),
    );
    assert.match(
      await ask("/broadcast pause 1", privately, editor),
      /^Broadcast 1 is a draft: there is nothing to pause\.$/,
    );
    const sent = await ask("/broadcast send 1", privately, editor);
    assert.match(sent, /^Going out to 2 chats on fake\.\n/);
    assert.equal(sent.split("\n").slice(2).join("\n"), "הגשר נפתח\nהגשר נפתח");
    assert.equal(await ask("/broadcast send 1", privately, editor), "Broadcast 1 is going out already.");
    assert.equal(await ask("/broadcast send", privately, editor), "Broadcast 1 is going out already.");
    const broadcaster = createBroadcaster({
      store,
      clock,
      log: silent,
      timeZone: zone,
      onQueued: () => {},
      tellAdmins: async () => {},
    });
    await broadcaster.runDue(new AbortController().signal);
    assert.equal(
      await ask("/broadcast show 1", privately, editor),
      [
        "Broadcast 1 is done: “הגשר נפתח”",
        "Sent to 2 of 2 chats on fake. At 14:00, in a moment.",
        "Drafted at 14:00 on fake, begun at 14:00 on fake, done at 14:00.",
      ].join("\n"),
    );
    assert.match(await ask("/broadcast recall 1", privately, editor), /^Broadcast 1 is being taken back from 2 chats/);
    const recalls = await said();
    assert.deepEqual(recalls, [], "asked and claimed already");
    assert.match(
      await ask("/broadcast recall 1", privately, editor),
      /^Broadcast 1 is taken back: there is nothing to recall/,
    );
    assert.equal(await ask("/broadcast list", privately, editor), "1  “הגשר נפתח” is taken back, 2 chats");
    assert.deepEqual(
      (await store.broadcasts.audit(1)).map(({ step }) => step),
      ["drafted", "begun", "done", "recalled"],
    );
  }));

const silent = { debug() {}, info() {}, warn() {}, error() {} };

test("in a group of readers nothing is drafted, and a reader can do nothing of it", () =>
  desk(async ({ ask, subscribe, store }) => {
    await subscribe(group.address, "group");
    assert.match(await ask("/broadcast Secret", group, editor), /^Readers see what is written here/);
    assert.match(await ask("/broadcast Secret"), /for the newsroom's editors/);
    assert.match(await ask("/broadcast send"), /for the newsroom's editors/);
    assert.deepEqual(await store.broadcasts.list(9), []);
  }));

test("a step that is told late is not taken a second time", () =>
  desk(async ({ command, said, subscribe, store }) => {
    await subscribe("ada");
    const say = (text: string, id: string) => command("broadcast", editor, privately, [{ text }], id);
    await say("Hello", "u1");
    await say("send 1", "u2");
    await say("pause 1", "u3");
    await say("resume 1", "u4");
    await say("pause 1", "u3");
    await say("send 1", "u2");
    assert.equal((await store.broadcasts.get(1))?.state, "running");
    assert.deepEqual(
      (await store.broadcasts.audit(1)).map(({ step }) => step),
      ["drafted", "begun", "paused", "resumed"],
    );
    while (!(await store.outbox.fanOut(9, noon)));
    assert.equal((await said()).filter(({ to }) => to === "ada").length, 1);
  }));

/** An editor's desk with a courier and a broadcaster at work. */
const working = (
  work: (
    parts: Parameters<Parameters<typeof desk>[0]>[0] & {
      bot: ReturnType<typeof createFakeBot>;
      say(text: string): Promise<void>;
      ring(): Promise<void>;
      startCourier(): () => Promise<void>;
    },
  ) => Promise<void>,
  limits: Parameters<typeof createFakeBot>[0]["limits"] = {},
): Promise<void> =>
  desk(async (parts) => {
    const { store, clock, log, command } = parts;
    const bot = createFakeBot({ clock, limits });
    await bot.start(async () => {});
    const tell = (key: string, text: string) => tellAdmins({ store, clock, admins: bot.adminChats }, key, text);
    const couriers: { wake(): void }[] = [];
    const onQueued = (): void => couriers.forEach((courier) => void courier.wake());
    const settle = async (): Promise<void> => {
      while (!(await store.outbox.fanOut(100, clock.now())));
      onQueued();
    };
    const broadcaster = createBroadcaster({ store, clock, log, timeZone: zone, onQueued, tellAdmins: tell });
    let stop = async (): Promise<void> => {};
    const startCourier = () => {
      const stopping = new AbortController();
      const courier = createCourier({ store, bot, clock, log, timeZone: zone, tellAdmins: tell });
      couriers.push(courier);
      const running = courier.run(stopping.signal);
      stop = async () => {
        stopping.abort();
        courier.wake();
        await running;
      };
      return stop;
    };
    try {
      await work({
        ...parts,
        bot,
        startCourier,
        async say(text) {
          await command("broadcast", editor, { platform: "fake", address: "admin", kind: "private" }, [{ text }]);
          await settle();
        },
        async ring() {
          await broadcaster.runDue(new AbortController().signal);
          await settle();
        },
      });
    } finally {
      await stop();
    }
  });

const texts = (held: { text: string }[]): string[] => held.map(({ text }) => text);

test("paused in the middle it stops, over a restart too; resumed it goes on: each chat gets it once", () =>
  working(
    async ({ bot, say, ring, startCourier, subscribe, store, states }) => {
      const names = Array.from({ length: 60 }, (_, index) => `reader ${index}`);
      for (const name of names) await subscribe(name);
      await say("The bridge is open again.");
      const stopFirst = startCourier();
      await say("send 1");
      const got = (): number => names.filter((name) => bot.shown(name).length > 0).length;
      await until("twenty have it", () => got() >= 20);
      await say("pause 1");
      await stopFirst();
      const atPause = got();
      assert.ok(atPause < 60, `${atPause} have it`);
      await say("Later");
      await say("send 2");
      startCourier();
      await until("the other one is everywhere", () => names.every((name) => texts(bot.shown(name)).includes("Later")));
      await ring();
      assert.equal(got(), 60);
      assert.equal(
        names.filter((name) => texts(bot.shown(name)).includes("The bridge is open again.")).length,
        atPause,
      );
      assert.equal((await store.broadcasts.get(1))?.state, "paused");
      assert.equal((await states()).held, 60 - atPause);
      await say("resume 1");
      await until("all have it", () =>
        names.every((name) => texts(bot.shown(name)).includes("The bridge is open again.")),
      );
      await until("it is written down", async () => !(await states()).sending);
      await ring();
      assert.ok(
        names.every((name) => bot.shown(name).length === 2),
        "each one once",
      );
      assert.deepEqual(
        (await store.broadcasts.list(9)).map(({ state }) => state),
        ["done", "done"],
      );
    },
    { perSecond: 20, concurrency: 4 },
  ));

test("taken back: gone where the platform lets it go, and the report says where not, and why", () =>
  working(async ({ bot, say, ring, startCourier, subscribe, store, states }) => {
    for (const name of ["ada", "ben", "cleo"]) await subscribe(name);
    bot.failNext("cleo", new SendError("rejected", "The bot may not post there."));
    startCourier();
    await say("Wrong news");
    await say("send 1");
    await until("two have it", async () => bot.shown("ada").length + bot.shown("ben").length === 2);
    await until("the third failed", async () => (await states()).failed === 1);
    await ring();
    bot.failNext("ben", new SendError("rejected", "The message is too old to be deleted."));
    await say("recall 1");
    await until("it is gone", async () => bot.shown("ada").length === 0 && (await states()).failed === 2);
    assert.deepEqual(texts(bot.shown("ben")), ["Wrong news"]);
    await say("show 1");
    await until("a report", () => texts(bot.shown("admin")).at(-1)?.startsWith("Broadcast 1 is taken back") === true);
    const report = texts(bot.shown("admin")).at(-1)?.split("\n") ?? [];
    assert.match(report[1] ?? "", /^Sent to 2 of 3 chats on fake\./);
    assert.deepEqual(report.slice(2, -1), [
      "1 failed.",
      "– 1 failed: The bot may not post there.",
      "Taken back from 1 chat, 1 could not be.",
      "– 1 failed: The message is too old to be deleted.",
    ]);
    assert.equal((await store.broadcasts.get(1))?.state, "recalled");
  }));

test("what quiet hours hold up is said so, going out and taken back: it is not paused", () =>
  working(async ({ bot, say, ring, startCourier, subscribe, store, clock, states }) => {
    const [ada, ben, cleo] = [await subscribe("ada"), await subscribe("ben"), await subscribe("cleo")];
    const beQuiet = async (chat: number, from: Date): Promise<void> => {
      await store.subscriptions.setPreferences(chat, { hours: { quiet: { from: "22:00", to: "07:00" } } }, clock.now());
      const to = new Date(from.getTime() + 3_600_000);
      for (const { id, plan } of await store.hours.toPlan(clock.now(), 9)) {
        if (plan === null) await store.hours.plan(id, { quiet: { from, to }, digestAt: to, until: to }, clock.now());
      }
    };
    const told = (): string => texts(bot.shown("admin")).at(-1) ?? "";
    const answer = async (verb: string, begins: string): Promise<string[]> => {
      await say(`${verb} 1`);
      await until(begins, () => told().startsWith(begins));
      return told().split("\n");
    };
    await beQuiet(ada.id, clock.now());
    await beQuiet(cleo.id, clock.now());
    startCourier();
    await say("The bridge is open.");
    await say("send 1");
    await until("ben has it", async () => bot.shown("ben").length === 1 && !(await states()).sending);
    await ring();
    const going = "Broadcast 1 is going out: “The bridge is open.”";
    assert.equal((await answer("show", going))[2], "2 waiting until their chats' quiet hours end.");
    await answer("pause", "Broadcast 1 is paused: 1 chat has it, 2 chats wait.");
    assert.equal((await answer("show", "Broadcast 1 is paused: “"))[2], "2 held.");
    await answer("resume", "Broadcast 1 goes on to 2 chats.");
    await until("they are held again", async () => (await states()).held === 2);
    assert.equal((await answer("show", going))[2], "2 waiting until their chats' quiet hours end.");
    await beQuiet(ben.id, clock.now());
    await answer("recall", "Broadcast 1 is being taken back from 1 chat");
    const taken = await answer("show", "Broadcast 1 is taken back: “");
    assert.ok(taken.includes("Taken back from 0 chats, 1 to come."), taken.join("\n"));
  }));

test("its time comes: it begins once, though two look at once; another time and a cancel are kept", () =>
  working(async ({ bot, say, ring, startCourier, subscribe, store, clock }) => {
    await subscribe("ada");
    startCourier();
    await say("at 14:10 Ten past");
    await ring();
    assert.equal((await store.broadcasts.get(1))?.state, "draft", "without a send it stays a draft");
    await say("send 1");
    await say("at 14:20 Never");
    await say("send 2");
    await say("cancel 2");
    await say("at 14:30 Moved");
    await say("send 3");
    await say("send 3 at 14:40");
    await clock.sleep(11 * 60_000);
    await Promise.all([ring(), ring()]);
    await until("it is there", () => bot.shown("ada").length === 1);
    await clock.sleep(20 * 60_000);
    await ring();
    assert.deepEqual(texts(bot.shown("ada")), ["Ten past"]);
    await clock.sleep(10 * 60_000);
    await ring();
    await until("the moved one too", () => bot.shown("ada").length === 2);
    assert.deepEqual(texts(bot.shown("ada")), ["Ten past", "Moved"]);
    assert.deepEqual((await store.broadcasts.audit(1)).map(({ step, by }) => [step, by]).slice(0, 3), [
      ["drafted", { platform: "fake", person: "1" }],
      ["scheduled", { platform: "fake", person: "1" }],
      ["begun", null],
    ]);
  }));

test("missed by less than an hour it goes out at the start; by more it waits, and the admin is asked", () =>
  working(async ({ bot, say, ring, startCourier, subscribe, store, clock }) => {
    await subscribe("ada");
    startCourier();
    for (const text of ["at 14:10 Early", "send 1", "at 14:50 Late", "send 2"]) await say(text);
    await clock.sleep(109 * 60_000);
    await ring();
    await ring();
    await until("the late one", () => bot.shown("ada").length === 1);
    assert.deepEqual(texts(bot.shown("ada")), ["Late"]);
    assert.equal((await store.broadcasts.get(1))?.state, "draft");
    const asked = (): string[] => texts(bot.shown("admin")).filter((text) => text.includes("was to go out at 14:10"));
    await until("the admin is asked", () => asked().length > 0);
    assert.match(
      asked()[0] ?? "",
      /not running then, and it is 15:49 on Sunday 1 March .*“Early”\n.*“broadcast send 1” sends it now/,
    );
    await say("send 1");
    await until("it goes out", () => bot.shown("ada").length === 2);
    assert.equal(asked().length, 1);
  }));

test("the audience of a topic is who would get its articles", () =>
  desk(async ({ ask, subscribe, store, clock }) => {
    const chats = new Map<string, number>();
    for (const name of ["all", "sport", "weather", "muted", "follows"]) chats.set(name, (await subscribe(name)).id);
    const set = (name: string, preferences: Parameters<typeof store.subscriptions.setPreferences>[1]) =>
      store.subscriptions.setPreferences(chats.get(name) ?? 0, preferences, clock.now());
    await set("sport", { topics: ["ספורט"], languages: ["he"] });
    await set("weather", { topics: ["Weather"] });
    await set("muted", { mutes: ["ספורט"] });
    await set("follows", { follows: ["ספורט"], feeds: [1] });
    assert.match(
      await ask("/broadcast to topic:ספורט גמר הגביע הערב", privately, editor),
      /To chats that would get “ספורט”, now 3 chats on fake/,
    );
    const said = await ask("/broadcast send 1", privately, editor);
    assert.equal(said.split("\n").filter((line) => line === "גמר הגביע הערב").length, 3);
  }));

test("words to the log name neither the writer nor the text", () =>
  working(async ({ say, ring, startCourier, subscribe, log, store }) => {
    await subscribe("ada");
    startCourier();
    await say("at 14:01 Confidential");
    await store.broadcasts.change(
      1,
      {
        step: "scheduled",
        from: ["draft"],
        to: "scheduled",
        key: "k",
        by: { ...bell, person: "972501111111@c.us" },
        dueAt: noon,
      },
      noon,
    );
    await ring();
    await ring();
    const logged = JSON.stringify(log.lines);
    assert.match(logged, /a broadcast begins to 1 chat/);
    assert.doesNotMatch(logged, /Confidential|972501111111/);
  }));
