import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startTelegramSimulator, type TelegramSimulator } from "#src/sandbox/telegram/index";
import { startWhatsAppSimulator, type WhatsAppSimulator } from "#src/sandbox/whatsapp/simulator";
import { createPlace, openFeedServer, type Place, type RunningCrier, rss, shownIn, until } from "#tests/journeys/crier";
import { findChromium } from "../../src/setup.mjs";

const chromePath = findChromium(process.env);
const skip = chromePath === null ? "no Chromium was found: install it or set CHROME_PATH" : false;

const story = (number: number, title = `Story ${number}`) => ({
  title,
  summary: `What happened in story ${number}.`,
  link: `https://bell.example/story/${number}`,
});

/** One story past the editors' desk: a Crier as a process of its own, between both platforms, and killed halfway. */
suite("a story past the editors' desk", { skip, timeout: 300_000 }, () => {
  let telegram: TelegramSimulator;
  let whatsapp: WhatsAppSimulator;
  let feeds: Awaited<ReturnType<typeof openFeedServer>>;
  let place: Place;
  let crier: RunningCrier;
  let settings: Record<string, string>;
  let items = [story(1)];
  const put = (): string => feeds.put("/feed", "application/rss+xml; charset=utf-8", rss(items));
  const ids = { editor: "", reader: "", waEditor: "", waReader: "", waGroup: "" };

  const telegramShows = (chat: string): string[] => shownIn(telegram.phone, chat);
  const whatsappShows = (chat: string): string[] => shownIn(whatsapp.phone, chat);
  const arrives = (what: string, holds: () => boolean): Promise<void> => until(what, holds, 60_000);
  const has = (shown: string[], words: string): boolean => shown.filter((text) => text.includes(words)).length === 1;
  const readersHave = (words: string): boolean =>
    [telegramShows(ids.reader), whatsappShows(ids.waGroup)].every((shown) => has(shown, words));
  const nobodyHas = (words: string): boolean =>
    ![...telegramShows(ids.reader), ...whatsappShows(ids.waGroup)].some((text) => text.includes(words));
  const start = async (): Promise<void> => {
    crier = place.run(["start"], settings);
    await arrives("Crier runs", () => crier.said().includes("Crier is running"));
  };
  const cli = async (...args: string[]): Promise<string> => {
    const run = place.run(args, settings);
    assert.equal(await run.exited, 0, run.said());
    return run.said();
  };

  before(async () => {
    telegram = await startTelegramSimulator();
    whatsapp = await startWhatsAppSimulator();
    feeds = await openFeedServer();
    place = await createPlace();
    ids.editor = telegram.addPerson({ name: "Edna", isAdmin: true, started: true }).id;
    ids.reader = telegram.addPerson({ name: "Reuven", started: true }).id;
    ids.waEditor = whatsapp.addPerson({ number: "972501111111", name: "Dov", isAdmin: true }).id;
    ids.waReader = whatsapp.addPerson({ number: "972502222222", name: "Reuven" }).id;
    ids.waGroup = whatsapp.addGroup({ title: "Bell readers", admins: [ids.waEditor], members: [ids.waReader] });
    settings = {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      TELEGRAM_ADMINS: ids.editor,
      TELEGRAM_CHATS: ids.reader,
      WHATSAPP: "on",
      WHATSAPP_BROWSER_ARGS: whatsapp.browserArgs.join(" "),
      WHATSAPP_ADMINS: "+972 50-111-1111",
      WHATSAPP_GROUPS: "bell readers",
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
    await arrives("the feed is read", () => feeds.readsOf("/feed") >= 2);
  });
  after(async () => {
    if (crier && crier.child.exitCode === null) await crier.end("SIGKILL");
    await place?.remove();
    await telegram?.stop();
    await whatsapp?.stop();
    await feeds?.close();
  });

  test("a feed under review: its story waits, both editors are told, and it is let go on Telegram", async () => {
    assert.match(await cli("feeds", "set", "1", "--release", "review"), /an editor lets each article go/);
    items = [story(2), ...items];
    put();
    await arrives("both are told", () =>
      [telegramShows(ids.editor), whatsappShows(ids.waEditor)].every((shown) => has(shown, "Held: “Story 2”")),
    );
    assert.match(await cli("review"), /“Story 2”: an editor is to look at it/);
    await crier.end("SIGKILL");
    await start();
    telegram.say(ids.editor, ids.editor, "/review");
    await arrives("the list", () => telegramShows(ids.editor).some((text) => /^2 {2}“Story 2”/.test(text)));
    assert.ok(nobodyHas("Story 2"));
    telegram.say(ids.editor, ids.editor, "/review send 2");
    await arrives("an answer", () =>
      telegramShows(ids.editor).some((text) =>
        text.startsWith("“Story 2” goes out to 2 chats: 1 on telegram, 1 on whatsapp."),
      ),
    );
    await arrives("it is on both platforms", () => readersHave("What happened in story 2."));
    whatsapp.say(ids.waEditor, ids.waEditor, "!review drop 2");
    await arrives("the other editor is told who decided", () =>
      whatsappShows(ids.waEditor).some((text) => text.startsWith("Edna on telegram let go “Story 2”")),
    );
  });

  test("corrected on WhatsApp it is edited on both, and the feed does not undo it", async () => {
    whatsapp.say(ids.waEditor, ids.waEditor, "!correct 2 headline: Story two");
    await arrives("edited", () => readersHave("Story two"));
    await arrives("the other editor hears of it", () =>
      telegramShows(ids.editor).some((text) => text.startsWith("Dov on whatsapp corrected “Story two”")),
    );
    items = [{ ...story(2), summary: "What happened later." }, ...items.slice(1)];
    put();
    await arrives("the feed's own change comes", () => readersHave("What happened later."));
    assert.ok(readersHave("Story two"), "and leaves the headline");
  });

  test("taken back from the command line it is gone, and the trail says it all", async () => {
    assert.match(await cli("retract", "2", "wrong name"), /^Taken back: “Story two”\. 2 chats will lose it/);
    await arrives("gone", () => nobodyHas("Story two") && nobodyHas("What happened later."));
    const reads = feeds.readsOf("/feed");
    await arrives("the feed, which still has it, is read", () => feeds.readsOf("/feed") > reads + 1);
    assert.ok(nobodyHas("Story two"));
    const said = await cli("audit", "2", "--chats");
    for (const words of [
      /held: its feed is under review\n/,
      /let go by Edna on telegram\n/,
      /queued by Edna on telegram\n– telegram: 1 got it, and it was taken back\n– whatsapp: 1 got it, and it was taken back\n/,
      /corrected by Dov on whatsapp: headline: “Story 2” → “Story two”\n– telegram: 1 corrected\n– whatsapp: 1 corrected\n/,
      /changed by its feed: summary: .*\n– telegram: 1 corrected\n– whatsapp: 1 corrected\n/,
      /taken back by you: wrong name\n– telegram: 1 lost it\n– whatsapp: 1 lost it\n/,
      /whatsapp +Bell readers +\d\d:\d\d +lost it/,
    ]) {
      assert.match(said, words);
    }
  });
});
