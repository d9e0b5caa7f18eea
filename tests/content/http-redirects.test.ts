import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { named, openSocketServer, openStage, redirectTo, refused } from "./http-stage.ts";
import type { WebServer } from "./web-server.ts";

/** From one path to the next, and "here" at the end of the way. */
const lead = (server: WebServer, hops: Record<string, [status: number, location: string]>): void =>
  server.answer((request, response) => {
    const hop = hops[request.url ?? ""];
    if (hop) response.writeHead(hop[0], { location: hop[1] }).end("moved");
    else response.end("here");
  });

describe("redirects", { timeout: 20_000 }, () => {
  it("are followed, and reported when each was permanent", async (t) => {
    const { server, get } = await openStage(t);
    for (const [first, second, isForGood] of [
      [301, 308, true],
      [308, 301, true],
      [301, 302, false],
      [302, 301, false],
      [303, 308, false],
      [307, 307, false],
    ] as const) {
      lead(server, { "/a": [first, "/b"], "/b": [second, "c?x=1"] });
      const answer = await get("/a");
      assert.equal(answer.url, `${server.url}/c?x=1`);
      assert.equal(Buffer.from(answer.bytes).toString(), "here");
      assert.equal(answer.movedTo, isForGood ? answer.url : undefined, `${first}, ${second}`);
    }
  });

  it("end after ten, and at once in a circle", async (t) => {
    const { server, get } = await openStage(t);
    server.answer((request, response) =>
      response.writeHead(302, { location: `/${Number(request.url?.slice(1)) + 1}` }).end(),
    );
    await assert.rejects(get("/1"), refused("http-status", /redirects more than 10 times/));
    assert.equal(server.requests.length, 11);
    redirectTo(server, "/again");
    await assert.rejects(get("/start"), refused("http-status", /redirects in a circle, as sites do that want cookies/));
    assert.equal(server.requests.length, 13);
  });

  it("without a place to go to are an answer like another", async (t) => {
    const { server, get } = await openStage(t);
    server.answer((_, response) => response.writeHead(301).end("?"));
    const { status, movedTo } = await get();
    assert.deepEqual([status, movedTo], [301, undefined]);
  });

  it("are read as browsers read them", async (t) => {
    const { server, get } = await openStage(t);
    const cases: [location: string, path: string][] = [
      ["/all news/feed.xml", "/all%20news/feed.xml"],
      ["  feed.xml  ", "/in/feed.xml"],
      ["../other", "/other"],
      ["?page=2&q=a b", "/in/a?page=2&q=a%20b"],
      ["//127.0.0.1:PORT/x", "/x"],
      ["\\\\127.0.0.1:PORT\\y", "/y"],
      ["/feed.xml#part", "/feed.xml"],
      ["HTTP://127.0.0.1:PORT/Z", "/Z"],
      // As UTF-8 and as windows-1255, which Node writes byte by byte.
      [Buffer.from("/חדשות").toString("latin1"), "/%D7%97%D7%93%D7%A9%D7%95%D7%AA"],
      ["/\xe7\xe3\xf9", "/%E7%E3%F9"],
    ];
    for (const [location, path] of cases) {
      lead(server, { "/in/a": [301, location.replace("PORT", String(server.port))] });
      const answer = await get("/in/a");
      assert.equal(server.requests.at(-1)?.url, path, location);
      assert.equal(answer.movedTo, `${server.url}${path}`);
    }
  });

  it("do not leave the web, nor carry a password", async (t) => {
    const { server, get } = await openStage(t);
    for (const location of [
      "file:///etc/passwd",
      "ftp://127.0.0.1/",
      "gopher://127.0.0.1:70/",
      "javascript:alert(1)",
      "data:,x",
      "http://",
      "https://:80/",
      `/${"x".repeat(9000)}`,
    ]) {
      redirectTo(server, location);
      await assert.rejects(get(), refused("refused", /which is not a web address/), location);
    }
    for (const location of [`http://user:secret@127.0.0.1:${server.port}/`, "ftp://user:secret@127.0.0.1/"]) {
      redirectTo(server, location);
      await assert.rejects(
        get(),
        (error) => refused("refused", /name or password|not a web address/)(error) && !String(error).includes("secret"),
      );
    }
  });

  it("lead from host to host, each in its turn", async (t) => {
    const { server, get } = await openStage(t, named("old.test", "new.test"));
    server.answer((request, response) => {
      if (request.headers.host?.startsWith("old.test")) {
        response.writeHead(301, { location: `http://new.test:${server.port}/feed` }).end();
      } else response.end("here");
    });
    const answer = await get("/feed", `http://old.test:${server.port}`);
    assert.equal(answer.movedTo, `http://new.test:${server.port}/feed`);
  });

  it("are left unread, however much they say", async (t) => {
    const { get } = await openStage(t);
    const port = await openSocketServer(t, (socket, count) => {
      socket.once("data", () => {
        if (count > 1) return socket.end("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere");
        socket.write("HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n");
        const pour = (): void => {
          while (!socket.destroyed && socket.write(Buffer.alloc(8192)));
        };
        socket.on("drain", pour);
        pour();
      });
    });
    assert.equal(Buffer.from((await get("/", `http://127.0.0.1:${port}/`)).bytes).toString(), "here");
  });
});

describe("addresses", { timeout: 20_000 }, () => {
  it("are asked for as browsers do", async (t) => {
    const { server, http } = await openStage(t, named("xn--5dbqzzl.test", "news.test"));
    server.answer((_, response) => response.end("here"));
    for (const [address, host, path] of [
      [
        "news.test:PORT/חדשות היום?q=עיר",
        "news.test",
        "/%D7%97%D7%93%D7%A9%D7%95%D7%AA%20%D7%94%D7%99%D7%95%D7%9D?q=%D7%A2%D7%99%D7%A8",
      ],
      ['NEWS.test:PORT/a/../b|c?d="e"#f', "news.test", "/b|c?d=%22e%22"],
      ["עברית.test:PORT/%zz", "xn--5dbqzzl.test", "/%zz"],
      ["xn--5dbqzzl.test:PORT", "xn--5dbqzzl.test", "/"],
    ] as const) {
      await http.get(`http://${address.replace("PORT", String(server.port))}`, { signal: t.signal });
      const request = server.requests.at(-1);
      assert.deepEqual([request?.headers.host, request?.url], [`${host}:${server.port}`, path]);
    }
  });

  it("that are none are refused in words", async (t) => {
    const { http } = await openStage(t);
    for (const [address, words] of [
      ["", /is not a web address: check how it is written/],
      ["news.example/feed", /is not a web address/],
      ["http://", /is not a web address/],
      ["http://news.example:99999/", /is not a web address/],
      ["http://a b/", /is not a web address/],
      ["feed://news.example/rss", /must begin with http:\/\/ or https:\/\//],
      ["http://me:secret@news.example/", /holds a name or password/],
      [`http://news.example/${"x".repeat(10_000)}`, /is not a web address/],
    ] as const) {
      await assert.rejects(
        http.get(address, { signal: t.signal }),
        (error) => refused("refused", words)(error) && !String(error).includes("secret"),
      );
    }
    await assert.rejects(http.get("http://127.0.0.1:0/", { signal: t.signal }), refused("unreachable", /127\.0\.0\.1/));
  });
});
