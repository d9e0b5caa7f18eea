import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { HttpGet } from "#content/shared/http";
import { freshFor, readSource } from "#content/shared/source";
import type { FeedError } from "#core/errors";
import type { Validators } from "#core/model";
import { openStage, redirectTo, refused } from "./http-stage.ts";

const feed = '<?xml version="1.0"?><rss version="2.0"><channel><title>חדשות</title></channel></rss>';
const day = 24 * 60 * 60_000;

async function open(t: TestContext) {
  const { server, http } = await openStage(t);
  const read = (path = "/feed", validators: Validators = {}, accept = "application/rss+xml, */*;q=0.5") =>
    readSource(http, { url: server.url + path, validators }, { accept, signal: t.signal });
  const answer = (status: number, body = "", headers: Record<string, string> = {}) =>
    server.answer((_, response) => response.writeHead(status, headers).end(body));
  return { server, read, answer };
}

describe("a conditional read", { timeout: 20_000 }, () => {
  it("keeps the validators as they came, and how long it stays good", async (t) => {
    const { read, answer } = await open(t);
    answer(200, feed, {
      etag: 'W/"7-gzip"',
      "last-modified": "Mon, 02 Mar 2026 08:00:00 GMT",
      "cache-control": "max-age=60",
    });
    const first = await read();
    assert(first.kind === "answer");
    assert.deepEqual(first.validators, { etag: 'W/"7-gzip"', lastModified: "Mon, 02 Mar 2026 08:00:00 GMT" });
    assert.equal(first.answer.maxAgeMs, 60_000);
    answer(304, "", { "cache-control": "max-age=600", age: "300" });
    assert.deepEqual(await read("/feed", first.validators), { kind: "unchanged", freshForMs: 300_000 });
    answer(304);
    assert.deepEqual(await read("/feed", { lastModified: "x" }), { kind: "unchanged" });
  });

  it("does not believe that nothing changed of what it does not have", async (t) => {
    const { read, answer } = await open(t);
    answer(304);
    await assert.rejects(
      read(),
      refused("http-status", /nothing has changed \(HTTP 304\), though Crier has nothing of it yet/),
    );
  });

  it("takes what is longer of the server's word and the feed's, up to a day", () => {
    assert.deepEqual(freshFor(60_000, 600_000), { freshForMs: 600_000 });
    assert.deepEqual(freshFor(undefined, 0), {});
    assert.deepEqual(freshFor(30 * day), { freshForMs: day });
  });
});

describe("a feed that ended", { timeout: 20_000 }, () => {
  it("says so itself, or for good from where it moved to", async (t) => {
    const { server, read, answer } = await open(t);
    answer(410);
    assert.deepEqual(await read(), { kind: "gone" });
    assert.deepEqual(await read("/feed#news"), { kind: "gone" });
    for (const [status, ends] of [
      [301, true],
      [302, false],
    ] as const) {
      server.answer((request, response) => {
        if (request.url === "/feed") response.writeHead(status, { location: "/new" }).end();
        else response.writeHead(410).end();
      });
      if (ends) assert.deepEqual(await read(), { kind: "gone" });
      else await assert.rejects(read(), refused("http-status", /redirects to a page that is there no longer/));
    }
  });
});

describe("a move", { timeout: 20_000 }, () => {
  const movedTo = async (t: TestContext, from: string, to: string, status = 301): Promise<string | undefined> => {
    const { server, read } = await open(t);
    server.answer((request, response) => {
      if (request.url === from) response.writeHead(status, { location: to }).end();
      else response.end(feed);
    });
    const result = await read(from);
    assert(result.kind === "answer");
    return result.movedTo?.slice(server.url.length);
  };

  it("is remembered when it is permanent and leads to a place like the old one", async (t) => {
    assert.equal(await movedTo(t, "/feed", "/new/feed.xml#top"), "/new/feed.xml");
    assert.equal(await movedTo(t, "/?feed=rss2", "/feed", 308), "/feed");
    assert.equal(await movedTo(t, "/feed", "/?feed=rss2"), "/?feed=rss2");
    assert.equal(await movedTo(t, "/feed", "/author/feed"), "/author/feed");
    assert.equal(await movedTo(t, "/feed", "/new", 302), undefined);
    assert.equal(await movedTo(t, "/feed", "/new", 307), undefined);
  });

  it("to a front page or a sign-in is none, as networks and parked domains have them", async (t) => {
    for (const to of [
      "/",
      "/login",
      "/user/sign-in?back=feed",
      "/sso/start",
      "/oauth2/authorize",
      "/account-suspended",
    ]) {
      assert.equal(await movedTo(t, "/feed", to), undefined, to);
    }
  });

  it("away from encryption is none", async (t) => {
    const from = {
      status: 200,
      url: "http://news.example/feed",
      movedTo: "http://news.example/feed",
      headers: {},
      bytes: Buffer.from(feed),
    };
    const http: HttpGet = { get: async () => from, post: async () => from, close: async () => {} };
    const read = (url: string) => readSource(http, { url, validators: {} }, { accept: "*/*", signal: t.signal });
    const [down, plain] = [await read("https://news.example/feed"), await read("http://old.example/feed")];
    assert(down.kind === "answer" && plain.kind === "answer");
    assert.deepEqual([down.movedTo, plain.movedTo], [undefined, from.movedTo]);
  });
});

describe("a refusal", { timeout: 20_000 }, () => {
  it("is said in words for its status", async (t) => {
    const { read, answer } = await open(t);
    for (const [status, words] of [
      [301, /redirects without saying where to/],
      [400, /did not answer with anything to read \(HTTP 400\): check the address/],
      [401, /wants a name and password/],
      [403, /ask the publisher to let Crier through/],
      [404, /is not there \(HTTP 404\): check the address/],
      [429, /asks Crier to come less often/],
      [451, /legal reasons/],
      [500, /has trouble at its server/],
      [599, /has trouble at its server/],
    ] as const) {
      answer(status, "no");
      await assert.rejects(read(), refused("http-status", words), String(status));
    }
    answer(500, "", { "retry-after": "30" });
    await assert.rejects(read(), (error) => (error as FeedError).retryAfterMs === 30_000);
  });

  it("by a test for robots names who tests", async (t) => {
    const { server, read, answer } = await open(t);
    const robots = (who: string) =>
      refused("refused", new RegExp(`/feed answered with a page${who} that tests for robots.*let Crier through`));
    answer(403, "<html>", { "cf-mitigated": "challenge" });
    await assert.rejects(read(), robots(" of Cloudflare"));
    answer(503, "<!DOCTYPE html><title>Just a moment...</title>");
    await assert.rejects(read(), robots(" of Cloudflare"));
    answer(405, '<html><script src="https://geo.captcha-delivery.com/c.js">');
    await assert.rejects(read(), robots(" of DataDome"));
    answer(403, "<html><title>Доступ</title><div class='g-recaptcha'>");
    await assert.rejects(read(), robots(""));
    // And with a status that says that all is well.
    answer(202, '<html><meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2F">');
    await assert.rejects(read(), robots(" of SiteGround"));
    answer(200, "<html><body>Incapsula incident ID: 1-2</body>");
    await assert.rejects(read("/feed", {}, "text/html"), robots(" of Imperva"));
    redirectTo(server, "/again");
    await assert.rejects(read(), refused("http-status", /in a circle/));
  });

  it("by a page to sign in at is one only where no page was looked for", async (t) => {
    const { read, answer } = await open(t);
    answer(200, '<!doctype html><form><input class="x" type="password" name="p"></form>');
    await assert.rejects(read(), refused("refused", /answered with a page to sign in at.*open address/));
    assert.equal((await read("/", {}, "text/html")).kind, "answer");
    // Served as HTML, and yet a feed.
    answer(200, `${feed}<!-- <input type=password> -->`, { "content-type": "text/html" });
    assert.equal((await read()).kind, "answer");
  });
});
