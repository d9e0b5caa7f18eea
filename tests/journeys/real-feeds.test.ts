import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, suite, test } from "node:test";
import { startTelegramSimulator, type TelegramSimulator } from "#src/sandbox/telegram/index";
import { startWhatsAppSimulator, type WhatsAppSimulator } from "#src/sandbox/whatsapp/simulator";
import { openStore } from "#store/open";
import { createMemoryLog } from "#tests/fakes/log";
import { createPlace, openFeedServer, type Place, type RunningCrier, rss, until } from "#tests/journeys/crier";
import { findChromium } from "../../src/setup.mjs";

const corpus = process.env.CRIER_CORPUS ?? path.resolve(import.meta.dirname, "../../../shared/corpus");
/** Captured feeds with few items: into one group go twenty messages a minute. */
const captured = [
  { file: "publisher/jpost-homepage-2023-02-27-first3.xml", items: 3 },
  { file: "real-smallweb/7be307059415227d.xml", items: 10 },
  { file: "real-smallweb/41bef19bb6c75432.xml", items: 4 },
];
const chromePath = findChromium(process.env);
const skip = !existsSync(path.join(corpus, "MANIFEST.json"))
  ? "the captured feeds are not here"
  : chromePath === null && "no Chromium was found: install it or set CHROME_PATH";

/** Of our own making: what encodings, markup and direction could break. */
const own = [
  {
    title: "ראש העיר: «הנמל ייפתח מחדש» ב־1 במרץ",
    summary: "הספינות ישובו לרציף — כך נמסר הבוקר.",
    link: "https://bell.example/he/1",
  },
  {
    title: "Ferry & <fog>: 3 < 5 👩‍👩‍👧‍👦 🇮🇱",
    summary: 'Captain\'s words: "we wait" & watch.',
    link: "https://bell.example/en/2",
  },
  { title: "ميناء المدينة يفتح أبوابه", summary: "عادت السفن إلى الرصيف.", link: "https://bell.example/ar/3" },
];
const total = captured.reduce((sum, { items }) => sum + items, own.length);
const group = "Harbour Bell — חדשות";

suite("real feeds through Crier as its own process", { skip, timeout: 420_000 }, () => {
  let telegram: TelegramSimulator;
  let whatsapp: WhatsAppSimulator;
  let feeds: Awaited<ReturnType<typeof openFeedServer>>;
  let place: Place;
  let crier: RunningCrier;
  let telegramGroup: number;
  let editor: string;
  let settings: Record<string, string>;

  /** What each group got, message by message. */
  const inTelegram = (): string[] =>
    telegram
      .ledger()
      .filter(({ chat }) => chat === telegramGroup)
      .map(({ text }) => text);
  const inWhatsApp = (): string[] =>
    whatsapp
      .ledger()
      .filter(({ chat }) => chat.endsWith("@g.us"))
      .map(({ text }) => text);
  const toEditor = (): string[] =>
    telegram
      .ledger()
      .filter(({ chat }) => String(chat) === editor)
      .map(({ text }) => text);
  const start = (): RunningCrier => place.run(["start"], settings);
  const statesOf = async () => {
    const store = await openStore({ dataDir: place.dataDir, log: createMemoryLog() });
    const counts = await store.outbox.counts();
    await store.close();
    return (platform: string, state: string): number =>
      counts.find((count) => count.platform === platform && count.state === state)?.count ?? 0;
  };

  before(async () => {
    telegram = await startTelegramSimulator();
    whatsapp = await startWhatsAppSimulator({ autoPair: true });
    feeds = await openFeedServer();
    place = await createPlace();
    editor = telegram.addPerson({ name: "Edna", isAdmin: true, started: true }).id;
    telegramGroup = telegram.addGroup({ title: group, kind: "supergroup", botIsMember: true, admins: [editor] });
    const friend = whatsapp.addPerson({ number: "972501111111", name: "Edna", isAdmin: true });
    whatsapp.addGroup({ title: group, admins: [friend.id] });
    const addresses = captured.map(({ file }) =>
      feeds.put(`/${path.basename(file)}`, "application/xml", readFileSync(path.join(corpus, file))),
    );
    addresses.push(feeds.put("/own.xml", "application/rss+xml; charset=utf-8", rss(own)));
    settings = {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      TELEGRAM_ADMINS: editor,
      TELEGRAM_CHATS: String(telegramGroup),
      WHATSAPP: "on",
      WHATSAPP_BROWSER_ARGS: whatsapp.browserArgs.join(" "),
      WHATSAPP_GROUPS: group,
      CHROME_PATH: chromePath ?? "",
      FEEDS: addresses.join(" "),
      FEED_INTERVAL: "5s",
      FIRST_RUN: "all",
      ALLOW_PRIVATE_HOSTS: "127.0.0.1",
      PORT: "0",
      TIMEZONE: "Asia/Jerusalem",
    };
    crier = start();
  });
  after(async () => {
    if (crier && crier.child.exitCode === null) await crier.end("SIGKILL");
    await place?.remove();
    await telegram?.stop();
    await whatsapp?.stop();
    await feeds?.close();
  });

  test("each article arrives exactly once in both groups, its text intact", async () => {
    await until("all are there", () => inTelegram().length >= total && inWhatsApp().length >= total, 180_000);
    await until("the feeds are read again", () => feeds.readsOf("/own.xml") >= 3, 30_000);
    const ends = (texts: string[]): string[] => texts.map((text) => text.replace(/\s+/g, " ").trim()).sort();
    for (const [platform, texts] of [
      ["Telegram", inTelegram()],
      ["WhatsApp", inWhatsApp()],
    ] as const) {
      assert.equal(texts.length, total, platform);
      assert.equal(new Set(ends(texts)).size, total, `${platform}: none twice`);
      for (const { title, summary } of own) {
        const bare = (text: string): string => text.replace(/[\u2060\u200E\u200F\u2066-\u2069]/g, "");
        const found = texts.filter((text) => bare(text).includes(title));
        assert.equal(found.length, 1, `${platform}: ${title}`);
        assert.ok(bare(found[0] ?? "").includes(summary), `${platform}: ${summary}`);
      }
      assert.equal(
        texts.filter((text) => text.includes("Russia's fighter jet deal with Iran is a sign of weakness")).length,
        1,
        platform,
      );
    }
    assert.equal(telegram.counts().refused429, 0, "within Telegram's limits");
  });

  test("stopped, it leaves no process; started again with nothing new, it sends nothing", async () => {
    assert.equal(await crier.end("SIGTERM"), 0, crier.said());
    assert.deepEqual(place.leftovers(), []);
    const reads = feeds.readsOf("/own.xml");
    const before = [telegram.ledger().length, whatsapp.ledger().length];
    crier = start();
    await until("WhatsApp is connected", () => whatsapp.connected(), 60_000);
    await until("the feeds are read twice", () => feeds.readsOf("/own.xml") >= reads + 2, 60_000);
    assert.deepEqual([telegram.ledger().length, whatsapp.ledger().length], before);
  });

  test("killed in the middle and started again, each arrives once but for what was under way", async () => {
    const news = Array.from({ length: 6 }, (_, index) => ({
      title: `Tide table ${index + 1}`,
      summary: `High water at the ${index + 1}. hour.`,
      link: `https://bell.example/tide/${index + 1}`,
    }));
    telegram.fault({ method: "sendMessage", kind: "slow", ms: 1_000, chat: telegramGroup });
    whatsapp.fault({ kind: "send-slow", ms: 1_000 });
    feeds.put("/own.xml", "application/rss+xml; charset=utf-8", rss([...news.toReversed(), ...own]));
    const tides = (texts: string[]): string[] => texts.filter((text) => text.includes("Tide table"));
    await until("some have arrived", () => tides(inTelegram()).length >= 2, 60_000);
    assert.equal(await crier.end("SIGKILL"), null);
    telegram.clearFaults();
    whatsapp.clearFaults();
    crier = start();
    const lost = async (): Promise<{ telegram: number; whatsapp: number }> => {
      const count = await statesOf();
      return { telegram: count("telegram", "unknown"), whatsapp: count("whatsapp", "unknown") };
    };
    await until(
      "everything is settled",
      async () => {
        const count = await statesOf();
        return ["telegram", "whatsapp"].every(
          (platform) => count(platform, "pending") + count(platform, "sending") === 0,
        );
      },
      120_000,
    );
    const unknown = await lost();
    assert.ok(unknown.telegram <= 1 && unknown.whatsapp <= 1, JSON.stringify(unknown));
    for (const [texts, missing] of [
      [tides(inTelegram()), unknown.telegram],
      [tides(inWhatsApp()), unknown.whatsapp],
    ] as const) {
      assert.equal(new Set(texts).size, texts.length, "none twice");
      assert.ok(
        texts.length >= news.length - missing && texts.length <= news.length,
        `${texts.length} of ${news.length}, ${missing} unknown`,
      );
    }
    if (unknown.telegram + unknown.whatsapp > 0) {
      await until("the admin hears of it", () => toEditor().some((text) => text.includes("under way")), 30_000);
    }
    assert.equal(await crier.end("SIGTERM"), 0, crier.said());
    assert.deepEqual(place.leftovers(), []);
  });

  test("its log holds no token, no phone number and no message", () => {
    assert.ok(crier.said().length > 0);
    assert.ok(!crier.said().includes(telegram.token));
    assert.doesNotMatch(crier.said(), /972501111111|Tide table/);
  });
});
