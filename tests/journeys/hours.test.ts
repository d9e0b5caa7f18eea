import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { Phone } from "#src/sandbox/phone";
import { startTelegramSimulator, type TelegramSimulator } from "#src/sandbox/telegram/index";
import { startWhatsAppSimulator, type WhatsAppSimulator } from "#src/sandbox/whatsapp/simulator";
import { createPlace, openFeedServer, type Place, type RunningCrier, rss, shownIn, until } from "#tests/journeys/crier";
import { findChromium } from "../../src/setup.mjs";

const chromePath = findChromium(process.env);
const skip = chromePath === null ? "no Chromium was found: install it or set CHROME_PATH" : false;

const linkOf = (title: string): string => `https://bell.example/${encodeURIComponent(title)}`;
const story = (title: string, topic = "Harbour") => ({
  title,
  topic,
  summary: `What there is to say of: ${title}.`,
  link: linkOf(title),
});

const minuteMs = 60_000;
/** The time of day, in UTC, so many milliseconds from now. */
const timeIn = (ms: number): string => new Date(Date.now() + ms).toISOString().slice(11, 16);

/** News that waits for its readers' hours: a Crier as a process of its own, between both platforms, and killed meanwhile. */
suite("news at its readers' hours", { skip, timeout: 300_000 }, () => {
  let telegram: TelegramSimulator;
  let whatsapp: WhatsAppSimulator;
  let feeds: Awaited<ReturnType<typeof openFeedServer>>;
  let place: Place;
  let crier: RunningCrier;
  let settings: Record<string, string>;
  let stories = [story("An old story")];
  const ids = { editor: "", once: "", daily: "", quiet: "", waAdmin: "", waOnce: "", waDaily: "", waQuiet: "" };

  const put = (...more: ReturnType<typeof story>[]): string => {
    stories = [...more.toReversed(), ...stories];
    const feed = stories.reduce(
      (text, { title, topic }) => text.replace(`${title}</title>`, `${title}</title><category>${topic}</category>`),
      rss(stories),
    );
    return feeds.put("/feed", "application/rss+xml; charset=utf-8", feed);
  };
  const phoneOf = (chat: string): Phone => (chat.includes("@") ? whatsapp.phone : telegram.phone);
  /** Crier's messages that stand in a chat, as its people see them. */
  const shows = (chat: string): string[] => shownIn(phoneOf(chat), chat);
  const having = (chat: string, words: string): string[] => shows(chat).filter((text) => text.includes(words));
  /** Lines of a chat's messages that tell a story: all but the one that says what was taken out of a digest. */
  const listed = (chat: string, title: string): number =>
    shows(chat).flatMap((text) => text.split("\n").filter((line) => line.includes(title) && !line.startsWith("✏️")))
      .length;
  const arrives = (what: string, holds: () => boolean): Promise<void> => until(what, holds, 60_000);
  /** Says a line and answers what Crier says to it. */
  const ask = async (chat: string, line: string, person = chat): Promise<string> => {
    const said = shows(chat).length;
    phoneOf(chat).say(chat, person, chat.includes("@") ? `!${line}` : `/${line}`);
    await arrives(`an answer to ${line}`, () => shows(chat).length > said);
    return shows(chat).at(-1) ?? "";
  };
  const start = async (): Promise<void> => {
    crier = place.run(["start"], settings);
    await arrives("Crier runs", () => crier.said().includes("Crier is running"));
  };
  const cli = async (...args: string[]): Promise<string> => {
    const run = place.run(args, settings);
    assert.equal(await run.exited, 0, run.said());
    return run.said();
  };
  /** These chats' waiting is over at the next full minute that is far enough for them to be told so. */
  const endAtFullMinute = async (): Promise<number> => {
    for (;;) {
      const at = Math.ceil((Date.now() + 4_000) / minuteMs) * minuteMs;
      const time = timeIn(at - Date.now());
      await Promise.all([
        ask(ids.daily, `digest daily ${time}`),
        ask(ids.waDaily, `digest daily ${time}`),
        ask(ids.quiet, `quiet ${timeIn(-60 * minuteMs)}-${time}`),
        ask(ids.waQuiet, `quiet ${timeIn(-60 * minuteMs)}-${time}`, ids.waAdmin),
      ]);
      if (Date.now() < at) return at;
    }
  };
  const waiting = (): string[] => [ids.daily, ids.quiet, ids.waDaily, ids.waQuiet];
  const atOnce = (): string[] => [ids.once, ids.waOnce];

  before(async () => {
    telegram = await startTelegramSimulator();
    whatsapp = await startWhatsAppSimulator();
    feeds = await openFeedServer();
    place = await createPlace();
    ids.editor = telegram.addPerson({ name: "Edna", isAdmin: true, started: true }).id;
    for (const name of ["once", "daily", "quiet"] as const) ids[name] = telegram.addPerson({ name }).id;
    ids.waAdmin = whatsapp.addPerson({ number: "972501111111", name: "Dov" }).id;
    ids.waDaily = whatsapp.addPerson({ number: "972502222222", name: "Ruth" }).id;
    ids.waOnce = whatsapp.addGroup({ title: "Bell at once", admins: [ids.waAdmin] });
    ids.waQuiet = whatsapp.addGroup({ title: "Bell at night", admins: [ids.waAdmin] });
    settings = {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      TELEGRAM_ADMINS: ids.editor,
      WHATSAPP: "on",
      WHATSAPP_BROWSER_ARGS: whatsapp.browserArgs.join(" "),
      WHATSAPP_GROUPS: "Bell at once, Bell at night",
      CHROME_PATH: chromePath ?? "",
      FEEDS: put(),
      FEED_INTERVAL: "1s",
      LINK_INTERVAL: "off",
      ALLOW_PRIVATE_HOSTS: "127.0.0.1",
      PORT: "0",
      TIMEZONE: "UTC",
    };
    await start();
    await arrives("a code to link WhatsApp", () => /▄|█/.test(crier.said()));
    whatsapp.pair();
    await cli("feeds", "set", "1", "--breaking", "topic:Alert");
    await arrives("the feed is read", () => feeds.readsOf("/feed") >= 2);
  });
  after(async () => {
    if (crier && crier.child.exitCode === null) await crier.end("SIGKILL");
    await place?.remove();
    await telegram?.stop();
    await whatsapp?.stop();
    await feeds?.close();
  });

  test("each chat says when it is told, and news waits for that", async () => {
    for (const chat of [ids.once, ids.daily, ids.quiet, ids.waDaily]) await ask(chat, "start");
    const hours = `${timeIn(-120 * minuteMs)}-${timeIn(120 * minuteMs)}`;
    const [from = "", to = ""] = hours.split("-");
    assert.ok((await ask(ids.daily, `digest daily ${to}`)).includes(`In a digest every day at ${to}.`));
    assert.ok((await ask(ids.waDaily, `digest daily ${to}`)).includes(`In a digest every day at ${to}.`));
    assert.ok((await ask(ids.waQuiet, `quiet ${hours}`, ids.waAdmin)).includes(`Quiet from ${from} to ${to}.`));
    await ask(ids.quiet, `quiet ${hours}`);
    assert.ok((await ask(ids.quiet, "quiet breaking on")).includes(`to ${to}, but for breaking news.`));

    put(story("Ferry sails again"), story("Bridge is closed"), story("Dam breaks", "Alert"), story("The wrong story"));
    for (const { title } of stories.slice(0, 4)) {
      await arrives(title, () => atOnce().every((chat) => having(chat, title).length === 1));
    }
    await arrives("who allows breaking news has it", () => having(ids.quiet, "Dam breaks").length === 1);
    const rest = waiting().flatMap((chat) => stories.flatMap(({ title }) => having(chat, title)));
    assert.deepEqual(rest, having(ids.quiet, "Dam breaks"), "and nobody else has anything");
    assert.match(await cli("why", "Bridge", ids.daily), new RegExp(`It is held\\.\\nIts next digest .*${to}:00`));
  });

  test("killed before the digest and started after its time, each phone gets it once, in the newest words", async () => {
    const at = await endAtFullMinute();
    await crier.end("SIGKILL");
    assert.match(
      await cli("correct", linkOf("Bridge is closed"), "--headline", "Bridge is closed at night"),
      /^Corrected/,
    );
    assert.match(await cli("retract", linkOf("The wrong story")), /^Taken back/);
    await until("the minute is over", () => Date.now() > at, 2 * minuteMs);
    await start();
    await arrives("the digests", () => waiting().every((chat) => shows(chat).some(isDigest)));
    for (const chat of waiting()) {
      const [digest = "", ...more] = shows(chat).filter(isDigest);
      assert.deepEqual(more, [], chat);
      assert.match(digest, chat === ids.quiet || chat === ids.waQuiet ? /^\W*While you were away/ : /^\W*Your news/);
      assert.ok(digest.includes("Bridge is closed at night") && digest.includes("Ferry sails again"), digest);
      assert.ok(!digest.includes("The wrong story"), digest);
      assert.equal(having(chat, "Dam breaks").length, 1, "breaking news came at once or in the digest");
      assert.equal(digest.includes("Dam breaks"), chat !== ids.quiet);
    }
    await arrives("at once it was corrected in its place", () =>
      atOnce().every(
        (chat) =>
          having(chat, "Bridge is closed at night").length === 1 && having(chat, "The wrong story").length === 0,
      ),
    );
    assert.ok(atOnce().every((chat) => !shows(chat).some(isDigest)));
  });

  test("what is corrected or taken back later is so in the digest, and the trail counts it", async () => {
    assert.match(
      await ask(ids.editor, `correct ${linkOf("Bridge is closed")} headline: Bridge is open`),
      /^Corrected: “Bridge is open”\. 6 chats will show it: 3 on telegram, 3 on whatsapp\./,
    );
    assert.match(
      await ask(ids.editor, `retract ${linkOf("Ferry sails again")}`),
      /^Taken back: .* 6 chats will lose it/,
    );
    const held = [...waiting(), ...atOnce()];
    await arrives("all are edited", () => held.every((chat) => having(chat, "Bridge is open").length === 1));
    await arrives("and the other is gone", () => held.every((chat) => listed(chat, "Ferry sails again") === 0));
    assert.ok(waiting().every((chat) => shows(chat).filter(isDigest).length === 1));
    assert.match(
      await cli("audit", linkOf("Bridge is closed")),
      /“Bridge is open”\n– telegram: 2 corrected in a digest, 1 corrected\n– whatsapp: 2 corrected in a digest, 1 corrected\n/,
    );
    assert.equal(await crier.end("SIGTERM"), 0, crier.said());
    assert.deepEqual(place.leftovers(), []);
  });
});

const isDigest = (text: string): boolean => /^\W*(?:Your news|While you were away)/.test(text);
