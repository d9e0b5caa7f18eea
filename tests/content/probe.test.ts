import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { createLinkProbe } from "#content/shared/probe";
import { named, openStage } from "./http-stage.ts";

const hosts = ["news.test", "www.news.test", "parked.test"];

async function open(t: TestContext) {
  const { server, http } = await openStage(t, { ...named(...hosts), timeoutMs: 1000 });
  const probe = createLinkProbe(http);
  return {
    server,
    at: (host: string, path: string): string => `http://${host}:${server.port}${path}`,
    ask: (path = "/2026/ferry", host = "news.test") => probe(`http://${host}:${server.port}${path}`, t.signal),
    answer: (status: number, headers: Record<string, string> = {}, body = "") =>
      server.answer((_, response) => response.writeHead(status, headers).end(body)),
    redirect: (to: string, status: number, after: number) =>
      server.answer((request, response) => {
        const here = `http://${request.headers.host}${request.url}`;
        if (here === to || request.url === to) response.writeHead(after).end();
        else response.writeHead(status, { location: to }).end();
      }),
  };
}

describe("an article's link", { timeout: 20_000 }, () => {
  it("is gone when its page says so itself", async (t) => {
    const { ask, answer } = await open(t);
    for (const status of [404, 410]) {
      answer(status, {}, "x".repeat(500_000));
      assert.equal(await ask(), "gone");
      assert.equal(await ask("/2026/מעבורת?id=7#top"), "gone");
    }
  });

  it("is there when it answers, however large", async (t) => {
    const { ask, answer, server } = await open(t);
    answer(200, { "content-length": "50000000" }, "x".repeat(50_000_000));
    assert.equal(await ask(), "there");
    answer(204);
    assert.equal(await ask(), "there");
    assert.equal(server.requests[0]?.headers.accept, "text/html,*/*;q=0.5");
  });

  it("is the same page behind a slash, a “www.” and another spelling", async (t) => {
    const { ask, redirect, at } = await open(t);
    for (const [to, status] of [
      ["/2026/ferry/", 301],
      [at("www.news.test", "/2026/ferry"), 302],
      [at("www.news.test", "/2026/ferry/"), 308],
    ] as const) {
      redirect(to, status, 404);
      assert.equal(await ask(), "gone", to);
      redirect(to, status, 200);
      assert.equal(await ask(), "there", to);
    }
    redirect("/%d7%90", 301, 410);
    assert.equal(await ask("/%D7%90/"), "gone");
  });

  it("is unknown when it leads elsewhere, whatever is said there", async (t) => {
    const { ask, redirect, at } = await open(t);
    for (const to of [
      "/",
      "/news/",
      "/404.html",
      "/2026/ferry?gone=1",
      at("parked.test", "/2026/ferry"),
      at("parked.test", "/"),
    ]) {
      for (const after of [200, 404, 410]) {
        redirect(to, 302, after);
        assert.equal(await ask(), "unknown", `${to} ${after}`);
      }
    }
  });

  it("is unknown when anything else happens", async (t) => {
    const { ask, answer, server } = await open(t);
    for (const status of [301, 304, 400, 401, 403, 405, 429, 451, 500, 503]) {
      answer(status);
      assert.equal(await ask(), "unknown", String(status));
    }
    answer(404, { "cf-mitigated": "challenge" });
    assert.equal(await ask(), "unknown");
    server.answer((request) => request.socket.destroy());
    assert.equal(await ask(), "unknown");
    server.answer(() => {});
    assert.equal(await ask(), "unknown");
    for (const address of ["", "nonsense", "mailto:a@b.example", "http://10.0.0.1/", "http://me:secret@news.test/"]) {
      assert.equal(await createLinkProbe((await openStage(t)).http)(address, t.signal), "unknown", address);
    }
    assert.equal(await createLinkProbe((await openStage(t)).http)(server.url, AbortSignal.abort()), "unknown");
  });
});
