import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createPageAdapter } from "#content/page/adapter";
import { createHttp } from "#content/shared/http";
import { FeedError, type FeedReason } from "#core/errors";
import { openWebServer } from "./web-server.ts";

const page = (title: string, more = ""): string =>
  `<!doctype html><html lang="en"><head><title>${title} - The Quay</title><meta property="og:type" content="article"><meta property="og:site_name" content="The Quay"><link rel="canonical" href="/story/ferry">${more}</head>
<body><article><h1>${title}</h1><p>The ferry runs again, every hour, from the north pier.</p></article></body></html>`;

async function open(t: TestContext) {
  const server = await openWebServer();
  const http = createHttp({ allowPrivateHosts: ["127.0.0.1"], timeoutMs: 5000, pauseMs: 0 });
  t.after(async () => {
    await http.close();
    await server.close();
  });
  const adapter = createPageAdapter(http);
  return {
    server,
    read: (path = "/story/ferry?utm_source=x", validators = {}, signal = t.signal) =>
      adapter.fetch({ url: `${server.url}${path}`, validators }, signal),
  };
}

const fails = (reason: FeedReason, words: RegExp) => (error: unknown) =>
  error instanceof FeedError && error.reason === reason && words.test(error.message);

test("a page is a feed of one article, whose id is its canonical link", { timeout: 10_000 }, async (t) => {
  const { server, read } = await open(t);
  server.answer((_, response) =>
    response.setHeader("etag", '"v1"').setHeader("cache-control", "max-age=60").end(page("Ferry runs")),
  );
  const result = await read();
  assert(result.kind === "fetched");
  assert.equal(result.freshForMs, 60_000);
  assert.deepEqual(result.validators, { etag: '"v1"' });
  const [article] = result.articles;
  assert.equal(result.articles.length, 1);
  assert.equal(article?.sourceId, `${server.url}/story/ferry`);
  assert.equal(article?.url, `${server.url}/story/ferry`);
  assert.equal(article?.title, "Ferry runs");
  assert.equal(article?.source, "The Quay");
  assert.match(article?.text ?? "", /^The ferry runs again/);
  // A changed headline is a revision of the same article.
  server.answer((_, response) => response.end(page("Ferry stops")));
  const again = await read("/story/ferry");
  assert(again.kind === "fetched");
  assert.equal(again.articles[0]?.sourceId, article?.sourceId);
  assert.equal(again.articles[0]?.title, "Ferry stops");
});

test("its own validators are asked with", { timeout: 10_000 }, async (t) => {
  const { server, read } = await open(t);
  server.answer((request, response) => {
    if (request.headers["if-none-match"] === '"v1"') response.writeHead(304).end();
    else response.end(page("Ferry runs"));
  });
  assert.deepEqual(await read("/story/ferry", { etag: '"v1"' }), { kind: "unchanged" });
});

test("a page that ended, one that moved, and one that its publisher took back", { timeout: 10_000 }, async (t) => {
  const { server, read } = await open(t);
  server.answer((request, response) => {
    if (request.url === "/gone") response.writeHead(410).end();
    else if (request.url === "/old") response.writeHead(301, { location: "/story/ferry" }).end();
    else response.end(page(request.url === "/taken" ? "Retracted: Ferry runs" : "Ferry runs"));
  });
  assert.deepEqual(await read("/gone"), { kind: "gone" });
  const moved = await read("/old");
  assert(moved.kind === "fetched");
  assert.equal(moved.movedTo, `${server.url}/story/ferry`);
  const taken = await read("/taken");
  assert(taken.kind === "fetched");
  assert.deepEqual(taken.articles, []);
  assert.deepEqual(taken.retracted, [`${server.url}/story/ferry`]);
});

test("what cannot be read, or is no article, is said in words", { timeout: 10_000 }, async (t) => {
  const { server, read } = await open(t);
  server.answer((request, response) => {
    if (request.url === "/busy") response.writeHead(503, { "retry-after": "120" }).end();
    else if (request.url === "/words") response.end("only words");
    else response.end("<!doctype html><html><body>Welcome</body></html>");
  });
  await assert.rejects(read("/words"), fails("not-a-feed", /is not a page of HTML/));
  await assert.rejects(read("/welcome"), fails("not-a-feed", /does not look like one article/));
  await assert.rejects(
    read("/busy"),
    (error) => fails("http-status", /503/)(error) && (error as FeedError).retryAfterMs === 120_000,
  );
});

test("reading stops at once when it is told to", { timeout: 10_000 }, async (t) => {
  const { server, read } = await open(t);
  server.answer(() => {});
  const stop = new AbortController();
  const reading = read("/story/ferry", {}, stop.signal);
  setImmediate(() => stop.abort());
  await assert.rejects(reading, FeedError);
});
