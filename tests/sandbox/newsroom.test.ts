import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { parseRssFeed } from "feedsmith";
import { type Newsroom, startNewsroom } from "#src/sandbox/newsroom";

const bounded = { timeout: 20_000 };

async function open(context: TestContext, options: Partial<Parameters<typeof startNewsroom>[0]> = {}) {
  const newsroom = await startNewsroom({ everyMs: 5, autoplay: false, ...options });
  context.after(() => newsroom.stop());
  return newsroom;
}

const read = async ({ feedUrl }: Newsroom) => parseRssFeed(await (await fetch(feedUrl)).text());

test("the feed begins with two older articles, in words that a parser reads back", bounded, async (context) => {
  const newsroom = await open(context);
  const { title, items = [] } = await read(newsroom);
  assert.equal(title, "The Harbour Bell");
  assert.deepEqual(
    items.map((item) => item.title),
    newsroom.articles().map((article) => article.title),
  );
  assert.equal(items.length, 2);
  assert.ok(items.every(({ pubDate }) => Date.parse(String(pubDate)) < Date.now() - 60_000));
});

test("a dozen articles follow, each with its language, kicker, topics and picture", bounded, async (context) => {
  const newsroom = await open(context);
  let published = 0;
  while (newsroom.publishNext()) published += 1;
  assert.equal(published, 12);
  const { items = [] } = await read(newsroom);
  const languages = items.map(({ dc }) => dc?.languages?.[0]);
  assert.equal(languages.filter((language) => language === "he").length, 2);
  assert.equal(languages.filter((language) => language === "ar").length, 1);
  assert.ok(items.every(({ prism, categories, description }) => prism?.section && categories?.length && description));
  assert.ok(items.some(({ title }) => title === "ספריית הנמל פותחת מדף עברי ראשון, עם 300 ספרים"));
});

test("the feed is unchanged until something changes", bounded, async (context) => {
  const newsroom = await open(context);
  const first = await fetch(newsroom.feedUrl);
  const etag = first.headers.get("etag") ?? "";
  const ask = () => fetch(newsroom.feedUrl, { headers: { "if-none-match": `"other", W/${etag}` } });
  assert.equal((await ask()).status, 304);
  newsroom.publishNext();
  const changed = await ask();
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.get("etag"), etag);
});

test("pictures are PNG files wide enough for a large preview", bounded, async (context) => {
  const newsroom = await open(context);
  while (newsroom.publishNext());
  const pictures = [...new Set(newsroom.articles().flatMap(({ picture }) => picture ?? []))];
  assert.ok(pictures.length >= 8);
  for (const address of pictures.slice(0, 3)) {
    const answer = await fetch(address);
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.equal(answer.headers.get("content-type"), "image/png");
    assert.equal(bytes.subarray(1, 4).toString("latin1"), "PNG");
    assert.ok(bytes.readUInt32BE(16) >= 600);
    assert.ok(bytes.length < 5_000_000);
  }
  assert.equal((await fetch(`${newsroom.origin}/pictures/constructor.png`)).status, 404);
});

test("an article's page speaks OpenGraph and its own direction", bounded, async (context) => {
  const newsroom = await open(context);
  while (newsroom.publishNext());
  const hebrew = newsroom.articles().find(({ language }) => language === "he");
  const page = await (await fetch(hebrew?.url ?? "")).text();
  assert.match(page, /<html lang="he" dir="rtl">/);
  assert.ok(page.includes(`<meta property="og:title" content="${hebrew?.title}">`));
});

test(
  "a visitor's own story is escaped, in the feed and on its page, and has an address of its own",
  bounded,
  async (context) => {
    const newsroom = await open(context);
    const title = `<script>alert("1")</script> & 'so on' ]]>`;
    const story = newsroom.publish({ title, summary: "<b>bold</b>" });
    const twin = newsroom.publish({ title, summary: "again", breaking: true });
    assert.notEqual(story.url, twin.url);
    const { items = [] } = await read(newsroom);
    assert.equal(items.length, 4);
    assert.equal(items[1]?.title, title);
    assert.ok(items[0]?.categories?.some(({ name }) => name === "Breaking"));
    const page = await (await fetch(story.url)).text();
    assert.ok(!page.includes("<script>"));
    const named = newsroom.publish({ title: "שלום לכולם", summary: "ברוכים הבאים" });
    assert.equal(named.language, "he");
    assert.equal((await fetch(named.url)).status, 200);
  },
);

test("a correction changes the article in place, and nothing when it says the same", bounded, async (context) => {
  const newsroom = await open(context);
  const article = newsroom.publishNext();
  assert.ok(article);
  assert.equal(newsroom.correct(article.slug, { title: article.title }), null);
  assert.equal(newsroom.correct("no-such-thing", { title: "New" }), null);
  const corrected = newsroom.correct(article.slug, { title: "Ferry sails at noon" });
  assert.equal(corrected?.summary, article.summary);
  const { items = [] } = await read(newsroom);
  assert.equal(items.length, 3);
  assert.equal(items[0]?.title, "Ferry sails at noon");
});

test("it plays by itself once its feed is read: the whole edition, with a correction", bounded, async (context) => {
  const newsroom = await open(context, { autoplay: true });
  const ended = new EventTarget();
  newsroom.watch(() => {
    if (!newsroom.isPlaying()) ended.dispatchEvent(new Event("end"));
  });
  assert.equal(newsroom.articles().length, 2);
  const end = once(ended, "end");
  await read(newsroom);
  await end;
  assert.equal(newsroom.articles().length, 14);
  assert.deepEqual(
    newsroom.articles().flatMap(({ slug, correctedAt }) => (correctedAt ? [slug] : [])),
    ["ferry-fare"],
  );
  assert.equal(newsroom.next(), null);
});
