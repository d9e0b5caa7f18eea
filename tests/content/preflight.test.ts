import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { createPreflightCheck } from "#content/preflight/index";
import type { PreflightResult } from "#core/ports";
import { named, openStage } from "./http-stage.ts";

const site = "news.test";
const hosts = [site, "www.news.test", "m.news.test", "wire.test"];
const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const paragraphs = Array.from({ length: 8 }, (_, at) => `<p>${`The harbour master said so, ${at}. `.repeat(6)}</p>`);

const head = (canonical: string | null, title = "Ferry runs again") =>
  `<!doctype html><html><head><title>${title}</title>${canonical === null ? "" : `<link rel="canonical" href="${canonical}">`}`;
const story = (canonical: string | null = null, title = "Ferry runs again"): string =>
  `${head(canonical, title)}<meta property="og:type" content="article"><meta property="og:title" content="${title}">` +
  `</head><body><article><h1>${title}</h1>${paragraphs.join("")}</article></body></html>`;

type Answer = string | Buffer | number | ((request: IncomingMessage, response: ServerResponse) => void);

/** A site of pages: what stands at no path of it is not there. */
async function open(t: TestContext, options: { timeoutMs?: number } = {}) {
  const { server, http } = await openStage(t, { ...named(...hosts), ...options });
  const check = createPreflightCheck(http);
  const at = (path: string, host = site): string => `http://${host}:${server.port}${path}`;
  const pages = new Map<string, Answer>();
  server.answer((request, response) => {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "");
    const answer = pages.get(`${host === site ? "" : host}${request.url}`) ?? 404;
    if (typeof answer === "function") answer(request, response);
    else if (typeof answer === "number") response.writeHead(answer).end("trouble");
    else response.writeHead(200, typeof answer === "string" ? { "content-type": "text/html" } : {}).end(answer);
  });
  return {
    server,
    at,
    serve: (given: Record<string, Answer>) => {
      for (const [path, answer] of Object.entries(given)) pages.set(path, answer);
    },
    /** The page at this path, with a picture or none. */
    look: (path = "/2026/ferry", image: string | null = null, signal = t.signal) =>
      check({ url: path.startsWith("/") ? at(path) : path, image: image && at(image) }, signal),
  };
}

const fine: PreflightResult = { ok: true, unproven: null };
const problem = (words: string): PreflightResult => ({ ok: false, problem: words });
const redirect =
  (to: string, status = 302) =>
  (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, { location: to }).end();
  };
const says =
  (status: number, headers: Record<string, string>, body: string | Buffer = "") =>
  (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, headers).end(body);
  };

describe("before an article goes out, its page", { timeout: 30_000 }, () => {
  it("is fine when it answers 200, and may come later", async (t) => {
    const { look, serve } = await open(t);
    assert.deepEqual(await look(), problem("its page answers 404"));
    serve({ "/2026/ferry": story() });
    assert.deepEqual(await look(), fine);
    serve({ "/2026/ferry": says(203, { "content-type": "text/html" }, story()) });
    assert.deepEqual(await look(), fine);
  });

  it("is asked for as readers do, and without a pause", async (t) => {
    const { look, serve, server } = await open(t);
    serve({ "/2026/ferry": story() });
    await look();
    assert.match(server.requests[0]?.headers.accept ?? "", /^text\/html/);
    assert.equal(server.requests.length, 1);
  });

  it("is wanting when it answers anything else", async (t) => {
    const { look, serve } = await open(t);
    for (const status of [201, 204, 304, 400, 401, 403, 410, 429, 451, 500, 502, 503]) {
      serve({ "/2026/ferry": status });
      assert.deepEqual(await look(), problem(`its page answers ${status}`));
    }
    serve({ "/2026/ferry": says(200, { "content-type": "text/html" }) });
    assert.deepEqual(await look(), problem("its page is empty"));
  });

  it("is wanting when it cannot be opened, and says why", async (t) => {
    const { look, serve, server } = await open(t, { timeoutMs: 300 });
    serve({ "/2026/ferry": () => {} });
    assert.deepEqual(await look(), problem("its page does not answer in time"));
    serve({ "/2026/ferry": (_, response) => response.writeHead(200, { "content-type": "text/html" }).write("<p>") });
    assert.deepEqual(await look(), problem("its page does not answer in time"), "half a page");
    serve({ "/2026/ferry": (request) => request.socket.destroy() });
    assert.deepEqual(
      await look(),
      problem(`its page cannot be opened: ${site}:${server.port} closed the connection before it had answered in full`),
    );
    assert.deepEqual(
      await look("http://10.0.0.1/story"),
      problem("its page cannot be opened: 10.0.0.1 is a private address"),
    );
    assert.deepEqual(
      await look("mailto:desk@news.test"),
      problem("its page cannot be opened: mailto:desk@news.test is not a web address"),
    );
    serve({ "/2026/ferry": redirect("/2026/ferry?again=1"), "/2026/ferry?again=1": redirect("/2026/ferry") });
    const looping = await look();
    assert.match(looping.ok ? "" : looping.problem, /^its page cannot be opened: .* redirects in a circle/);
    assert.deepEqual(
      await look("/2026/ferry", null, AbortSignal.abort()),
      problem("its page does not answer in time"),
      "it never throws",
    );
  });

  it("is the same behind a slash, a “www.”, a phone's host, AMP and marks of senders", async (t) => {
    const { look, serve, at } = await open(t);
    serve({ "/2026/ferry/": story(), "www.news.test/2026/ferry": story(), "m.news.test/2026/ferry": story() });
    for (const to of ["/2026/ferry/", at("/2026/ferry", "www.news.test"), at("/2026/ferry", "m.news.test")]) {
      serve({ "/2026/ferry": redirect(to, 301) });
      assert.deepEqual(await look(), fine, to);
    }
    for (const own of [
      "/2026/ferry/",
      "/2026/ferry?utm_source=rss",
      "/2026/ferry#top",
      "/2026/ferry/amp",
      at("/2026/ferry", "www.news.test"),
      at("/2026/ferry", "m.news.test"),
      at("/2026/ferry").replace("http:", "https:"),
      "",
      "javascript:alert(1)",
    ]) {
      serve({ "/2026/ferry": story(own), "/2026/ferry?utm_medium=feed": story(own) });
      assert.deepEqual(await look(), fine, own);
      assert.deepEqual(await look("/2026/ferry?utm_medium=feed"), fine, own);
    }
    serve({ "/amp/2026/ferry": story("/2026/ferry") });
    assert.deepEqual(await look("/amp/2026/ferry"), fine);
  });

  it("is wanting when its link leads to the front page, a section or a page to sign in at", async (t) => {
    const { look, serve, at } = await open(t);
    const form = '<form><input name="user"><input type="password" name="key"></form>';
    serve({
      "/": story(),
      "/he/": story(),
      "/sport/": `${head(null)}</head><body><h2>All of it</h2></body></html>`,
      "/members?next=/2026/ferry": `${head(null, "Welcome")}</head><body>${form}</body></html>`,
      "/login?next=/2026/ferry": `${head(null, "Welcome")}</head><body>One moment</body></html>`,
    });
    for (const [to, words] of [
      ["/", "the front page"],
      ["/he/", "the front page"],
      ["/sport/", "a page that is no article"],
      ["/members?next=/2026/ferry", "a page to sign in at"],
      ["/login?next=/2026/ferry", "a page to sign in at"],
    ]) {
      serve({ "/2026/ferry": redirect(to ?? "") });
      assert.deepEqual(await look(), problem(`its link leads to ${words}, ${at(to ?? "")}`));
    }
  });

  it("may have moved, if an article is there", async (t) => {
    const { look, serve, at } = await open(t);
    serve({ "/?p=17": redirect("/2026/ferry-runs", 301), "/2026/ferry-runs": story("/2026/ferry-runs") });
    assert.deepEqual(await look("/?p=17"), fine);
    serve({ "/2026/ferry-runs": story(at("/?p=17")) });
    assert.deepEqual(await look("/?p=17"), fine, "it may call itself by its old address");
    serve({ "/2026/ferry-runs": story("/2026/another") });
    assert.equal((await look("/?p=17")).ok, false);
  });

  it("may be no HTML", async (t) => {
    const { look, serve } = await open(t);
    serve({
      "/2026/ferry": says(200, { "content-type": "application/pdf" }, "%PDF-1.7 <link rel=canonical href=/other>"),
    });
    assert.deepEqual(await look(), fine);
    serve({ "/report": redirect("/files/report.pdf"), "/files/report.pdf": Buffer.from("%PDF-1.7") });
    assert.deepEqual(await look("/report"), fine);
    serve({
      "/2026/ferry": says(200, { "content-type": "application/pdf", link: '</other>; rel="canonical"' }, "%PDF-1.7"),
      "/other": story(null, "Another story"),
    });
    assert.equal((await look()).ok, false);
  });

  it("is wanting when it calls another's address its own", async (t) => {
    const { look, serve, at } = await open(t);
    const canonical = "its page says that its canonical address is";
    serve({ "/2026/ferry": story("/2026/budget"), "/2026/budget": story("/2026/budget", "Budget passed") });
    assert.deepEqual(await look(), problem(`${canonical} ${at("/2026/budget")}`));
    serve({ "/2026/ferry": story("/2026/ferry-2") });
    assert.deepEqual(await look(), problem(`${canonical} ${at("/2026/ferry-2")}, which answers 404`));
    serve({ "/2026/ferry": story("/") });
    assert.deepEqual(await look(), problem(`${canonical} the front page, ${at("/")}`));
    serve({ "/2026/ferry": story(at("/2026/ferry", "wire.test")), "wire.test/2026/ferry": story() });
    assert.deepEqual(await look(), problem(`${canonical} ${at("/2026/ferry", "wire.test")}`), "another's site");
    serve({ "/2026/ferry": story(`/${"x".repeat(3000)}`) });
    const long = await look();
    assert.ok(!long.ok && long.problem.length < 300, "short enough for a phone");
  });

  it("may have one address by number and one by words", async (t) => {
    const { look, serve } = await open(t);
    serve({ "/story.php?id=17": story("/2026/ferry-runs"), "/2026/ferry-runs": story("/2026/ferry-runs") });
    assert.deepEqual(await look("/story.php?id=17"), fine, "the same headline stands there");
    serve({ "/2026/ferry-runs": redirect("/story.php?id=17") });
    assert.deepEqual(await look("/story.php?id=17"), fine, "it leads back");
  });

  it("behind a wall that lets readers through is not held for it", async (t) => {
    const { look, serve } = await open(t);
    serve({ "/2026/ferry": says(403, { "cf-mitigated": "challenge", "content-type": "text/html" }, "<p>wait</p>") });
    const seen = await look();
    assert.ok(seen.ok);
    assert.match(seen.unproven ?? "", /^its page answered with a page of Cloudflare that tests for robots$/);
    for (const status of [404, 410, 500, 522]) {
      serve({ "/2026/ferry": says(status, { "cf-mitigated": "challenge" }, '<div class="cf-error-details">') });
      assert.deepEqual(await look(), problem(`its page answers ${status}`), "nobody gets through to that");
    }
    serve({ "/2026/ferry": says(403, { "content-type": "text/html" }, "<h1>Forbidden</h1>") });
    assert.deepEqual(await look(), problem("its page answers 403"));
  });

  it("costs little, however large and however made", async (t) => {
    const { look, serve, server } = await open(t);
    let sent = 0;
    const endless = (_: IncomingMessage, response: ServerResponse): void => {
      response.writeHead(200, { "content-type": "text/html" });
      const more = (): void => {
        while (!response.destroyed && response.write("<div><a href=x>".repeat(4096))) sent += 61_440;
      };
      response.on("drain", more);
      more();
    };
    serve({ "/2026/ferry": endless });
    assert.deepEqual(await look(), fine, "it answers, and who reads it to its end is not known");
    assert.ok(sent < 20_000_000, `${sent} bytes were taken`);
    serve({ "/2026/ferry": says(200, { "content-type": "video/mp4", "content-length": "9000000000" }, "x") });
    assert.deepEqual(await look(), fine);
    serve({
      "/2026/ferry": (_, response) => response.writeHead(404, { "content-length": "9000000000" }).write("x"),
    });
    assert.deepEqual(await look(), problem("its page answers 404"), "however much it says");
    serve({ "/2026/ferry": `${"<b>".repeat(200_000)}<link rel=canonical href=/2026/budget>` });
    assert.deepEqual(await look(), fine, "what lies past the bounds of a page is not read");
    const own = Array.from({ length: 30_000 }, (_, at) => `<link rel=canonical href=/${at}>`).join("");
    serve({ "/2026/ferry": own });
    const before = server.requests.length;
    assert.equal((await look()).ok, false);
    assert.equal(server.requests.length - before, 2, "one of them is looked at");
  });
});

describe("before an article goes out, its picture", { timeout: 30_000 }, () => {
  it("is fine when it loads", async (t) => {
    const { look, serve } = await open(t);
    serve({ "/2026/ferry": story(), "/ferry.png": png, "/moved.png": redirect("/ferry.png") });
    assert.deepEqual(await look("/2026/ferry", "/ferry.png"), fine);
    assert.deepEqual(await look("/2026/ferry", "/moved.png"), fine);
    serve({ "/ferry.png": says(200, { "content-type": "text/plain" }, png) });
    assert.deepEqual(await look("/2026/ferry", "/ferry.png"), fine, "its bytes tell");
  });

  it("is wanting when it is not there or no picture", async (t) => {
    const { look, serve } = await open(t, { timeoutMs: 2000 });
    serve({ "/2026/ferry": story() });
    const large = Buffer.concat([png, Buffer.alloc(5 * 1024 * 1024)]);
    const cases: [answer: Answer, words: string][] = [
      [404, "is not there (404)"],
      [410, "is not there (410)"],
      [403, "answers 403"],
      [500, "answers 500"],
      [story(), "is an HTML page"],
      [redirect("/2026/ferry"), "is an HTML page"],
      [says(200, { "content-type": "image/png" }), "is empty"],
      [says(200, { "content-type": "image/avif" }, "....ftypavif"), "is of a kind that chats do not show (image/avif)"],
      [says(200, { "content-type": 'image/<b>"' }, "<svg"), "is of a kind that chats do not show"],
      [large, "is larger than 5 MiB"],
      [says(200, { "content-length": "9000000000" }, png), "is larger than 5 MiB"],
      [() => {}, "does not answer in time"],
    ];
    for (const [answer, words] of cases) {
      serve({ "/ferry.png": answer });
      assert.deepEqual(await look("/2026/ferry", "/ferry.png"), problem(`its picture ${words}`));
    }
    assert.deepEqual(
      await look("/2026/none", "/none.png"),
      problem("its page answers 404, and its picture is not there (404)"),
    );
  });

  it("behind a wall says nothing against it, and nothing for its page", async (t) => {
    const { look, serve } = await open(t);
    const wall = says(403, { "x-vercel-mitigated": "challenge" }, "");
    serve({ "/2026/ferry": story(), "/ferry.png": wall });
    const seen = await look("/2026/ferry", "/ferry.png");
    assert.match(seen.ok ? (seen.unproven ?? "") : "", /^its picture answered with a page of Vercel/);
    serve({ "/2026/ferry": 404 });
    assert.deepEqual(await look("/2026/ferry", "/ferry.png"), problem("its page answers 404"));
    serve({ "/2026/ferry": wall, "/ferry.png": 404 });
    assert.deepEqual(await look("/2026/ferry", "/ferry.png"), problem("its picture is not there (404)"));
  });
});

it("an article without a link and a picture has nothing to be looked at", async (t) => {
  const { http, server } = await openStage(t);
  assert.deepEqual(await createPreflightCheck(http)({ url: null, image: null }, t.signal), fine);
  assert.equal(server.requests.length, 0);
});
