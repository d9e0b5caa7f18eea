import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startTelegramSimulator, type TelegramSimulator } from "#src/sandbox/telegram/index";
import { startWhatsAppSimulator, type WhatsAppSimulator } from "#src/sandbox/whatsapp/simulator";
import { createPlace, openFeedServer, type Place, type RunningCrier, rss, shownIn, until } from "#tests/journeys/crier";
import { createDatabase } from "#tests/store/database";
import { findChromium } from "../../src/setup.mjs";

const chromePath = findChromium(process.env);
const database = await createDatabase();
const skip =
  chromePath === null
    ? "no Chromium was found: install it or set CHROME_PATH"
    : "missing" in database && database.missing;

const story = (number: number, title = `Story ${number}`) => ({
  title,
  summary: `What happened in story ${number}.`,
  link: `https://bell.example/story/${number}`,
});

/** Readers, editors and Crier in their chats: a process of its own, over PostgreSQL, between both platforms. */
suite("people and Crier", { skip, timeout: 300_000 }, () => {
  let telegram: TelegramSimulator;
  let whatsapp: WhatsAppSimulator;
  let feeds: Awaited<ReturnType<typeof openFeedServer>>;
  let place: Place;
  let crier: RunningCrier;
  let items = [story(1)];
  const put = (): string => feeds.put("/feed", "application/rss+xml; charset=utf-8", rss(items));
  const ids = { editor: "", reader: "", waEditor: "", waReader: "", waGroup: "", group: 0 };

  /** Crier's messages that stand in a Telegram chat, as its people see them. */
  const telegramShows = (chat: number | string): string[] => shownIn(telegram.phone, chat);
  const whatsappShows = (chat: string): string[] => shownIn(whatsapp.phone, chat);
  const arrives = (what: string, holds: () => boolean): Promise<void> => until(what, holds, 30_000);

  before(async () => {
    telegram = await startTelegramSimulator();
    whatsapp = await startWhatsAppSimulator();
    feeds = await openFeedServer();
    place = await createPlace();
    ids.editor = telegram.addPerson({ name: "Edna", isAdmin: true, started: true }).id;
    ids.reader = telegram.addPerson({ name: "Reuven" }).id;
    ids.waEditor = whatsapp.addPerson({ number: "972501111111", name: "Edna", isAdmin: true }).id;
    ids.waReader = whatsapp.addPerson({ number: "972502222222", name: "Reuven", isHidden: true }).id;
    ids.waGroup = whatsapp.addGroup({ title: "Bell readers", admins: [ids.waEditor], members: [ids.waReader] });
    crier = place.run(["start"], {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      TELEGRAM_ADMINS: ids.editor,
      WHATSAPP: "on",
      WHATSAPP_BROWSER_ARGS: whatsapp.browserArgs.join(" "),
      WHATSAPP_ADMINS: "+972 50-111-1111",
      WHATSAPP_GROUPS: "bell readers",
      CHROME_PATH: chromePath ?? "",
      FEEDS: put(),
      FEED_INTERVAL: "1s",
      ALLOW_PRIVATE_HOSTS: "127.0.0.1",
      DATABASE_URL: "missing" in database ? "" : database.url,
      PORT: "0",
      TIMEZONE: "UTC",
    });
  });
  after(async () => {
    if (crier && crier.child.exitCode === null) await crier.end("SIGKILL");
    await place?.remove();
    await telegram?.stop();
    await whatsapp?.stop();
    await feeds?.close();
    if (!("missing" in database)) await database.drop();
  });

  test("the code to link WhatsApp is drawn in the terminal and sent to the Telegram admin, and goes when it was used", async () => {
    const pictures = (): number =>
      telegram.phone.messages(ids.editor).filter(({ picture, deleted }) => picture && !deleted).length;
    await arrives("a picture for the admin", () => pictures() === 1);
    assert.match(crier.said(), /▄|█/);
    assert.match(telegramShows(ids.editor).join(), /Linked devices/);
    whatsapp.nextQr();
    await arrives("the picture changes", () =>
      telegram.phone.messages(ids.editor).some(({ editedAt }) => editedAt !== null),
    );
    assert.equal(pictures(), 1, "a new code replaces the old one");
    whatsapp.pair();
    await arrives("the picture is gone", () => pictures() === 0);
  });

  test("a reader starts, asks, and gets what is new", async () => {
    telegram.say(ids.reader, ids.reader, "/start");
    await arrives("a welcome", () => telegramShows(ids.reader).length === 1);
    telegram.say(ids.reader, ids.reader, "/latest");
    await arrives("the newest", () => telegramShows(ids.reader).at(-1) === "Story 1");
    telegram.say(ids.reader, ids.reader, "/help");
    await arrives("the help", () => telegramShows(ids.reader).at(-1)?.includes("/latest") === true);
    assert.ok(!telegramShows(ids.reader).at(-1)?.includes("broadcast"));
    items = [story(2), ...items];
    put();
    await arrives("the new story", () =>
      telegramShows(ids.reader).some((text) => text.includes("What happened in story 2.")),
    );
    await arrives("and in WhatsApp", () =>
      whatsappShows(ids.waGroup).some((text) => text.includes("What happened in story 2.")),
    );
  });

  test("added to a group by an admin it greets and posts there; removed, it stops", async () => {
    ids.group = telegram.addGroup({ title: "Newsroom friends", kind: "supergroup", admins: [ids.editor] });
    telegram.addBot(ids.group, ids.editor);
    await arrives("a greeting", () => telegramShows(ids.group).length === 1);
    assert.match(telegramShows(ids.group)[0] ?? "", /Every new article comes here/);
    items = [story(3), ...items];
    put();
    await arrives("the story", () => telegramShows(ids.group).length === 2);
  });

  test("WhatsApp answers in private and in the group", async () => {
    whatsapp.say(ids.waReader, ids.waReader, "!latest");
    await arrives("the newest, in private", () => whatsappShows(ids.waReader).some((text) => text.includes("Story 3")));
    whatsapp.say(ids.waGroup, ids.waReader, "!help");
    await arrives("the help, in the group", () =>
      whatsappShows(ids.waGroup).some((text) => text.includes("!latest –")),
    );
    whatsapp.say(ids.waGroup, ids.waReader, "!stop");
    await arrives("a refusal", () =>
      whatsappShows(ids.waGroup).some((text) => text.includes("Only this group's admins")),
    );
  });

  test("a broadcast is for editors, and reaches every chat of both platforms once", async () => {
    telegram.say(ids.reader, ids.reader, "/broadcast I am the king");
    await arrives(
      "a polite no",
      () => telegramShows(ids.reader).at(-1)?.includes("for the newsroom's editors") === true,
    );
    assert.match(crier.said(), /command refused/);
    telegram.say(ids.editor, ids.editor, "/broadcast The bridge is open again.");
    await arrives("a draft to look at", () =>
      telegramShows(ids.editor).some((text) => text.includes("/broadcast send 1 sends it")),
    );
    assert.ok(
      telegramShows(ids.editor).at(-2)?.startsWith("The bridge is open again."),
      "exactly as chats will see it",
    );
    assert.ok(!telegramShows(ids.reader).some((text) => text.includes("The bridge is open again.")));
    telegram.say(ids.editor, ids.editor, "/broadcast send 1");
    const holds = (texts: string[], text: string): boolean =>
      texts.filter((shown) => shown.includes(text)).length === 1;
    await arrives("it is everywhere", () =>
      [telegramShows(ids.reader), telegramShows(ids.group), whatsappShows(ids.waGroup)].every((texts) =>
        holds(texts, "The bridge is open again."),
      ),
    );
    await arrives("word of it", () =>
      telegramShows(ids.editor).some((text) => text.startsWith("Going out to 3 chats: 2 on telegram, 1 on whatsapp.")),
    );
    whatsapp.say(ids.waEditor, ids.waEditor, "!broadcast *Ferries* sail at noon.");
    await arrives("a draft", () =>
      whatsappShows(ids.waEditor).some((text) => text.includes("!broadcast send 2 sends")),
    );
    whatsapp.say(ids.waEditor, ids.waEditor, "!broadcast send");
    await arrives("from WhatsApp too", () =>
      [telegramShows(ids.reader), telegramShows(ids.group), whatsappShows(ids.waGroup)].every((texts) =>
        holds(texts, "Ferries sail at noon."),
      ),
    );
    assert.ok(![...telegramShows(ids.reader), ...whatsappShows(ids.waGroup)].some((text) => text.includes("king")));
  });

  test("a correction changes what was sent, on both platforms", async () => {
    items = [story(3, "Story 3, corrected"), ...items.slice(1)];
    put();
    for (const [where, shows] of [
      ["Telegram", () => telegramShows(ids.group)],
      ["WhatsApp", () => whatsappShows(ids.waGroup)],
    ] as const) {
      await arrives(where, () =>
        shows().some((text) => text.includes("Story 3, corrected") && /✏️ Corrected \d\d:\d\d/.test(text)),
      );
      assert.equal(shows().filter((text) => text.includes("What happened in story 3.")).length, 1, where);
    }
  });

  test("who stops, who blocks and who removes it gets nothing more", async () => {
    telegram.removeBot(ids.group, ids.editor);
    telegram.say(ids.reader, ids.reader, "/stop");
    await arrives("goodbye", () => telegramShows(ids.reader).at(-1)?.startsWith("No more articles here.") === true);
    const before = [telegramShows(ids.group).length, telegramShows(ids.reader).length];
    items = [story(4), ...items];
    put();
    await arrives("the others get it", () =>
      whatsappShows(ids.waGroup).some((text) => text.includes("What happened in story 4.")),
    );
    assert.deepEqual([telegramShows(ids.group).length, telegramShows(ids.reader).length], before);
    assert.equal(telegram.counts().refused429, 0);
    assert.equal(await crier.end("SIGTERM"), 0, crier.said());
    assert.deepEqual(place.leftovers(), []);
  });
});
