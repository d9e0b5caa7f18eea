import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { startTelegramSimulator } from "#src/sandbox/telegram/index";
import { createPlace, openFeedServer, rss, until } from "#tests/journeys/crier";

const patienceMs = 60_000;

suite("before a story goes out its page is looked at, by Crier as its own process", { timeout: 300_000 }, () => {
  test("a story whose page is there goes, one whose page comes late waits for it, and the editor hears of that", async (t) => {
    const telegram = await startTelegramSimulator();
    const feeds = await openFeedServer();
    const place = await createPlace();
    const reader = telegram.addPerson({ name: "Reader", started: true }).id;
    const editor = telegram.addPerson({ name: "Editor", started: true }).id;
    const shown = (who: string): string =>
      telegram
        .ledger()
        .filter(({ chat, deleted }) => String(chat) === who && !deleted)
        .map(({ text }) => text)
        .join("\n");
    const page = (slug: string, title: string): string =>
      feeds.put(`/${slug}`, "text/html", `<!doctype html><title>${title}</title><link rel=canonical href="/${slug}">`);
    const old = page("old", "An old story");
    const story = (slug: string, title: string) => ({
      title,
      summary: `All of ${title}.`,
      link: new URL(slug, old).href,
    });
    const publish = (...stories: Parameters<typeof rss>[0]): string =>
      feeds.put("/feed", "application/rss+xml", rss([...stories, story("old", "An old story")]));
    const crier = place.run(["start"], {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      TELEGRAM_CHATS: reader,
      TELEGRAM_ADMINS: editor,
      FEEDS: publish(),
      FEED_INTERVAL: "1s",
      PREFLIGHT: "on",
      ALLOW_PRIVATE_HOSTS: "127.0.0.1",
      PORT: "0",
    });
    t.after(async () => {
      await crier.end("SIGTERM");
      await place.remove();
      await feeds.close();
      await telegram.stop();
    });
    await until("the feed is read", () => feeds.readsOf("/feed") >= 2, patienceMs);

    page("ferry", "Ferry runs again");
    publish(story("ferry", "Ferry runs again"), story("bridge", "The bridge is open"));
    await until("the story whose page is there arrives", () => shown(reader).includes("Ferry runs again"), patienceMs);
    await until(
      "the editor hears of the other",
      () => /“The bridge is open” waits: its page answers 404\./.test(shown(editor)),
      patienceMs,
    );
    assert.ok(!shown(reader).includes("The bridge is open"));
    page("bridge", "The bridge is open");
    await until("it arrives", () => shown(reader).includes("The bridge is open"), patienceMs);
    await until(
      "the editor hears that it went",
      () => /“The bridge is open” goes out: its page is there now\./.test(shown(editor)),
      patienceMs,
    );
    assert.ok(!shown(editor).includes("Ferry runs again"), "nobody hears of what went well");
  });
});
