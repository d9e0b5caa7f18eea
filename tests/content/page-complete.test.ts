import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { createCompleter } from "#content/shared/complete";
import { createHttp } from "#content/shared/http";
import { FeedError } from "#core/errors";
import type { Article } from "#core/model";
import { openWebServer } from "./web-server.ts";

const hebrew = readFileSync(path.join(import.meta.dirname, "../fixtures/pages/hebrew-graph.html"), "utf8");
const bare = (url: string | null, title: string): Article => ({
  sourceId: "1",
  url,
  title,
  kicker: null,
  summary: null,
  text: null,
  image: null,
  authors: [],
  source: "קול הנמל",
  topics: [],
  language: null,
  publishedAt: null,
  updatedAt: null,
  breaking: false,
});

async function open(t: TestContext) {
  const server = await openWebServer();
  const http = createHttp({ allowPrivateHosts: ["127.0.0.1"], timeoutMs: 5000, pauseMs: 0 });
  t.after(async () => {
    await http.close();
    await server.close();
  });
  return { server, complete: createCompleter(http) };
}

test("an article's page fills in what its feed left out", { timeout: 10_000 }, async (t) => {
  const { server, complete } = await open(t);
  server.answer((_, response) => response.end(hebrew));
  const article = await complete(bare(`${server.url}/news/local/48213?utm_source=feed`, "כותרת של העורך"), t.signal);
  assert.equal(article.title, "כותרת של העורך", "what the feed says stands");
  assert.equal(article.kicker, "תחבורה ימית");
  assert.equal(article.summary, "הקו הימי ייצא שמונה פעמים ביום, גם בשבת בצאתה");
  assert.deepEqual(article.authors, ["נועה ברקת", "יונתן לוי"]);
  assert.equal(article.language, "he-il");
  assert.equal(article.publishedAt?.toISOString(), "2026-03-04T05:15:00.000Z");
  assert.equal(article.updatedAt?.toISOString(), "2026-03-04T07:40:00.000Z");
  assert.match(article.image ?? "", /48213-large/);
  assert.match(article.text ?? "", /^המעבורת שבין העיר/);
  assert.equal(article.url, `${server.url}/news/local/48213`);
  assert.match(server.requests[0]?.headers.accept ?? "", /^text\/html/);
});

test("what the feed says stands, field by field", { timeout: 10_000 }, async (t) => {
  const { server, complete } = await open(t);
  server.answer((_, response) => response.end(hebrew));
  const said: Article = {
    ...bare(`${server.url}/news/local/48213`, "כותרת"),
    kicker: "מזג אוויר",
    summary: "תקציר",
    text: "גוף",
    image: "https://feed.example/p.jpg",
    authors: ["דנה כהן"],
    topics: ["ים"],
    language: "he",
    publishedAt: new Date(0),
    updatedAt: new Date(1),
  };
  assert.deepEqual(await complete(said, t.signal), said);
});

test("a headline that is only guessed gives way to the page's, and is a guess no more", {
  timeout: 10_000,
}, async (t) => {
  const { server, complete } = await open(t);
  server.answer((_, response) => response.end(hebrew));
  const url = `${server.url}/news/local/ferry-runs-again.html`;
  const article = await complete({ ...bare(url, "Ferry runs again"), titleIsGuess: true }, t.signal);
  assert.match(article.title, /המעבורת לכפר הים/);
  assert.equal(article.titleIsGuess, undefined);
  assert.equal((await complete(bare(url, "Ferry runs again"), t.signal)).title, "Ferry runs again");
});

test("a canonical link to another site, or to the front page, is not followed", { timeout: 10_000 }, async (t) => {
  const { server, complete } = await open(t);
  for (const link of ["https://elsewhere.example/story/1", "/"]) {
    server.answer((_, response) => response.end(hebrew.replace("/news/local/48213?utm_source=front", link)));
    const url = `${server.url}/news/local/48213`;
    assert.equal((await complete(bare(url, "T"), t.signal)).url, url, link);
  }
});

test("a page that is no article changes nothing, and no page is asked for without an address", {
  timeout: 10_000,
}, async (t) => {
  const { server, complete } = await open(t);
  server.answer((_, response) =>
    response.end("<html><head><title>One moment, please</title></head><body>Checking</body></html>"),
  );
  const article = bare(`${server.url}/story`, "Ferry");
  assert.deepEqual(await complete(article, t.signal), article);
  const without = bare(null, "Ferry");
  assert.equal(await complete(without, t.signal), without);
  assert.equal(server.requests.length, 1);
});

test("a page that cannot be read is said in words", { timeout: 10_000 }, async (t) => {
  const { server, complete } = await open(t);
  const article = bare(`${server.url}/story`, "Ferry");
  const answers: [status: number, words: RegExp][] = [
    [404, /is not there/],
    [402, /for those who paid/],
    [503, /trouble at its server/],
    [418, /did not answer with anything to read/],
  ];
  for (const [status, words] of answers) {
    server.answer((_, response) => response.writeHead(status).end());
    await assert.rejects(
      complete(article, t.signal),
      (error) => error instanceof FeedError && error.reason === "http-status" && words.test(error.message),
    );
  }
  server.answer((_, response) => response.end("x".repeat(6 * 1024 * 1024)));
  await assert.rejects(
    complete(article, t.signal),
    (error) => error instanceof FeedError && error.reason === "too-large",
  );
  server.answer((_, response) => response.writeHead(429, { "retry-after": "60" }).end());
  await assert.rejects(complete(article, t.signal), (error) => (error as FeedError).retryAfterMs === 60_000);
});
