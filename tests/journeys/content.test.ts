import assert from "node:assert/strict";
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, suite, test } from "node:test";
import { startTelegramSimulator, type TelegramSimulator } from "#src/sandbox/telegram/index";
import { type FakeHub, openHub } from "#tests/fakes/hub";
import { createPlace, openFeedServer, type Place, type RunningCrier, rss, until } from "#tests/journeys/crier";

const secret = "an-own-system's-secret-0123456789";
const patienceMs = 30_000;
const story = (slug: string, title: string, summary = `What there is to say of: ${title}.`) => ({
  title,
  summary,
  link: `https://bell.example/${slug}`,
});

suite("what a newsroom really publishes, through Crier as its own process", { timeout: 300_000 }, () => {
  let telegram: TelegramSimulator;
  let feeds: Awaited<ReturnType<typeof openFeedServer>>;
  let place: Place;
  let crier: RunningCrier;
  let settings: Record<string, string>;
  let reader: string;
  let editor: string;
  let hub: FakeHub;

  const shown = (who: string): string[] =>
    telegram
      .ledger()
      .filter(({ chat, deleted }) => String(chat) === who && !deleted)
      .map(({ text }) => text);
  const got = (words: string): boolean => shown(reader).some((text) => text.includes(words));
  const times = (words: string): number => shown(reader).filter((text) => text.includes(words)).length;
  const pages = (): string => /(http:\/\/127\.0\.0\.1:\d+)\/healthz/.exec(crier.said())?.[1] ?? "";
  const cli = async (...args: string[]): Promise<{ code: number | null; said: string }> => {
    const run = place.run(args, settings);
    const code = await run.exited;
    return { code, said: run.said() };
  };
  const handIn = async (json: unknown, bearer = secret) => {
    const answer = await fetch(`${pages()}/hooks/articles`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${bearer}` },
      body: JSON.stringify(json),
    });
    return { status: answer.status, body: (await answer.json().catch(() => null)) as Record<string, unknown> | null };
  };

  before(async () => {
    telegram = await startTelegramSimulator();
    reader = telegram.addPerson({ name: "Reader", started: true }).id;
    editor = telegram.addPerson({ name: "Editor", started: true }).id;
    feeds = await openFeedServer();
    const hosts = new Map<string, string>();
    hub = await openHub({ clock: { now: () => new Date() }, hosts });
    place = await createPlace();
    await mkdir(path.join(place.folder, "posts"));
    const origin = new URL(feeds.put("/feed", "application/rss+xml", rss([story("old", "An old story")]))).origin;
    feeds.put("/news.xml", "application/xml", newsSitemap(origin, []));
    settings = {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      TELEGRAM_CHATS: reader,
      TELEGRAM_ADMINS: editor,
      FEEDS: `${origin}/feed sitemap:${origin}/news.xml folder:./posts`,
      FEED_INTERVAL: "1s",
      LINK_INTERVAL: "2s",
      HOOK_SECRET: secret,
      PUBLIC_URL: "http://crier.example",
      ALLOW_PRIVATE_HOSTS: "127.0.0.1",
      PORT: "0",
    };
    crier = place.run(["start"], settings);
    await until("Crier runs", () => pages() !== "", patienceMs);
    hosts.set("crier.example", pages());
    await until("every feed is read", () => feeds.readsOf("/feed") >= 3 && feeds.readsOf("/news.xml") >= 3, patienceMs);
  });

  after(async () => {
    await crier.end("SIGTERM");
    await place.remove();
    await hub.close();
    await feeds.close();
    await telegram.stop();
  });

  test("an editor's own post goes out when it is written, half-written files and drafts do not", async () => {
    const folder = path.join(place.folder, "posts");
    await writeFile(path.join(folder, "draft.md"), "---\ntitle: Not yet\ndraft: true\n---\nLater.\n");
    await writeFile(path.join(folder, ".new.md.tmp"), "---\ntitle: Half");
    await rename(path.join(folder, ".new.md.tmp"), path.join(folder, ".hidden.md"));
    await writeFile(
      path.join(folder, "harbour.md"),
      "---\ntitle: הנמל נפתח מחדש\nkicker: מהעורכים\nsummary: הספינות שבו לרציף הבוקר.\nlanguage: he\n---\nגוף הידיעה.\n",
    );
    await until("the post arrives", () => got("הנמל נפתח מחדש"), patienceMs);
    assert.equal(got("Not yet"), false);
    assert.equal(got("Half"), false);
  });

  test("a news sitemap's article goes out with what its own page says", async () => {
    const origin = feeds.put(
      "/ferry-runs-again",
      "text/html; charset=utf-8",
      `<!DOCTYPE html><html lang="en"><head><title>Ferry runs again - The Harbour Bell</title>
<meta property="og:type" content="article"><meta property="og:site_name" content="The Harbour Bell">
<meta property="og:description" content="Boats cross the bay twice an hour from Monday."></head>
<body><article><h1>Ferry runs again</h1><p>Boats cross the bay twice an hour from Monday.</p></article></body></html>`,
    );
    const base = new URL(origin).origin;
    feeds.put(
      "/news.xml",
      "application/xml",
      newsSitemap(base, [{ slug: "ferry-runs-again", title: "Ferry runs again" }]),
    );
    await until("the article arrives", () => got("Boats cross the bay twice an hour"), patienceMs);
    assert.equal(times("Ferry runs again"), 1);
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    assert.equal(times("Ferry runs again"), 1, "its page is there, so it stays");
    feeds.remove("/ferry-runs-again");
    await until("the story is taken back", () => !got("Ferry runs again"), patienceMs);
    await until(
      "the editor hears of it",
      () => shown(editor).some((text) => /Taken back.*Ferry runs again/.test(text)),
      patienceMs,
    );
  });

  test("the newsroom's own system says what to publish, once, and takes it back", async () => {
    assert.equal((await handIn({ title: "Not for strangers" }, "wrong")).status, 401);
    const wrong = await handIn({ title: "", url: "nowhere" });
    assert.equal(wrong.status, 422);
    const bridge = { id: "cms-7", ...story("bridge", "The bridge is open"), url: "https://bell.example/bridge" };
    const { status, body } = await handIn(bridge);
    assert.equal(status, 202);
    assert.match(JSON.stringify(body), /"verdict":"new"/);
    await until("it arrives", () => got("The bridge is open"), patienceMs);
    assert.match(JSON.stringify((await handIn(bridge)).body), /"verdict":"known"/);
    // The feed tells of the same story a moment later.
    const feed = [{ ...story("bridge?utm_source=rss", "The bridge is open") }, story("old", "An old story")];
    feeds.put("/feed", "application/rss+xml", rss(feed));
    const reads = feeds.readsOf("/feed");
    await until("the feed is read", () => feeds.readsOf("/feed") >= reads + 3, patienceMs);
    assert.equal(times("The bridge is open"), 1);
    assert.match(JSON.stringify((await handIn({ ...bridge, retracted: true })).body), /"verdict":"retracted"/);
    await until("it is gone", () => !got("The bridge is open"), patienceMs);
    assert.equal(got("Not for strangers"), false);
  });

  test("feeds are found, added and ruled beside the running Crier", async () => {
    const address = feeds.put("/sport/rss.xml", "application/rss+xml", rss([story("s0", "A match of old")]));
    const site = `${new URL(address).origin}/sport/`;
    feeds.put(
      "/sport/",
      "text/html",
      `<html><head><link rel="alternate" type="application/rss+xml" href="rss.xml" title="Sport"></head><body>Sport</body></html>`,
    );
    const added = await cli("feeds", "add", site, "--exclude", "horoscope", "--topic", "Sport");
    assert.equal(added.code, 0, added.said);
    assert.match(added.said, /rss\.xml/);
    await until("it is read", () => feeds.readsOf("/sport/rss.xml") >= 3, patienceMs);
    const now = [
      story("s2", "Horoscope of the week"),
      story("s1", "Rowers win the regatta"),
      story("s0", "A match of old"),
    ];
    feeds.put("/sport/rss.xml", "application/rss+xml", rss(now));
    await until("the article arrives", () => got("Rowers win the regatta"), patienceMs);
    const reads = feeds.readsOf("/sport/rss.xml");
    await until("it is read again", () => feeds.readsOf("/sport/rss.xml") >= reads + 3, patienceMs);
    assert.equal(got("Horoscope of the week"), false);
    assert.equal(got("A match of old"), false);
    const listed = await cli("feeds");
    assert.match(listed.said, /rss\.xml/);
    assert.match(listed.said, /horoscope/);
    const removed = await cli("feeds", "remove", address);
    assert.equal(removed.code, 0, removed.said);
    const before = feeds.readsOf("/sport/rss.xml");
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.ok(feeds.readsOf("/sport/rss.xml") <= before + 1);
  });

  test("a hub tells of news at once, and the feed brings it no second time", async () => {
    hub.set({ leaseSeconds: 86_400 });
    const topic = feeds.put("/hubbed", "application/rss+xml", withHub(rss([story("h0", "Hubbed of old")]), hub.url));
    const every = await cli("feeds", "add", topic, "--every", "1h");
    assert.equal(every.code, 0, every.said);
    await until("the hub is asked and has verified", () => hub.subscribers(topic).length === 1, patienceMs);
    const news = withHub(rss([story("h1", "The hub was first"), story("h0", "Hubbed of old")]), hub.url);
    feeds.put("/hubbed", "application/rss+xml", news);
    assert.deepEqual(await hub.publish(topic, news, { secret: "not the right one" }), [202]);
    assert.deepEqual(await hub.publish(topic, news), [202]);
    await until("the article arrives", () => got("The hub was first"), 5_000);
    assert.deepEqual(await hub.publish(topic, news), [202]);
    await cli("feeds", "set", topic, "--every", "1s");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    assert.equal(times("The hub was first"), 1);
  });

  test("the admin hears that a feed fails, and that it is back", async () => {
    const address = feeds.put("/flaky", "application/rss+xml", rss([story("f0", "Flaky of old")]));
    await cli("feeds", "add", address);
    // Finding it reads it too.
    const found = feeds.readsOf("/flaky");
    await until("it is read", () => feeds.readsOf("/flaky") >= found + 3, patienceMs);
    feeds.put(
      "/flaky",
      "text/html",
      "<html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x'></script></html>",
    );
    await until(
      "the editor hears that it fails",
      () => shown(editor).some((text) => /flaky could not be read 4 times/.test(text)),
      60_000,
    );
    feeds.put("/flaky", "application/rss+xml", rss([story("f1", "Flaky is back"), story("f0", "Flaky of old")]));
    await until("the article arrives", () => got("Flaky is back"), 60_000);
    await until(
      "the editor hears that it is back",
      () => shown(editor).some((text) => /flaky can be read again/.test(text)),
      patienceMs,
    );
  });
});

const withHub = (feed: string, hub: string): string =>
  feed.replace("<channel>", `<channel><atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="${hub}"/>`);

function newsSitemap(origin: string, articles: { slug: string; title: string }[]): string {
  const urls = articles.map(
    ({ slug, title }) =>
      `<url><loc>${origin}/${slug}</loc><news:news><news:publication><news:name>The Harbour Bell</news:name><news:language>en</news:language></news:publication><news:publication_date>2026-03-01T12:00:00Z</news:publication_date><news:title>${title}</news:title></news:news></url>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">${urls.join("")}</urlset>`;
}
