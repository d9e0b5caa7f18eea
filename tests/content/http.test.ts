import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { allowList, isPublic } from "#content/shared/address";
import { createHttp, fetchPicture, type HttpOptions } from "#content/shared/http";
import { FeedError, type FeedReason } from "#core/errors";
import { openWebServer, type WebServer } from "./web-server.ts";

const loopback = { allowPrivateHosts: ["127.0.0.1"] };

async function open(t: TestContext, options: HttpOptions = loopback) {
  const server = await openWebServer();
  const http = createHttp({ timeoutMs: 5000, ...options });
  t.after(async () => {
    await http.close();
    await server.close();
  });
  const get = (path = "/", base: string = server.url) => http.get(new URL(path, base).href, { signal: t.signal });
  return { server, http, get };
}

const refused = (reason: FeedReason, words: RegExp) => (error: unknown) => {
  assert(error instanceof FeedError, String(error));
  assert.equal(error.reason, reason, error.message);
  assert.match(error.message, words);
  return true;
};

const redirectTo = (server: WebServer, location: string, status = 302): void =>
  server.answer((_, response) => response.writeHead(status, { location }).end());

describe("addresses", () => {
  it("tells private addresses from public ones", () => {
    const isPrivate =
      "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:a00:1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::8.8.8.8 64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd12::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 nonsense";
    for (const address of isPrivate.split(" ")) assert.equal(isPublic(address), false, address);
    for (const address of [
      "8.8.8.8",
      "172.32.0.1",
      "100.128.0.1",
      "2606:4700::1111",
      "2a00:1450::1",
      "::ffff:8.8.8.8",
    ]) {
      assert.equal(isPublic(address), true, address);
    }
  });

  it("knows hosts by name, address and port", () => {
    const isAllowed = allowList(["Intranet", "127.0.0.1:8080", "[0:0::1]", "[fd00::2]:81"]);
    assert(
      isAllowed("intranet", "80") &&
        isAllowed("127.0.0.1", "8080") &&
        isAllowed("[::1]", "9") &&
        isAllowed("fd00::2", "81"),
    );
    assert(!isAllowed("127.0.0.1", "80") && !isAllowed("fd00::2", "80") && !isAllowed("intranet.example", "80"));
  });
});

describe("private addresses", { timeout: 20_000 }, () => {
  it("are refused however they are written", async (t) => {
    const { server, get } = await open(t, { allowPrivateHosts: [] });
    for (const host of [
      "127.0.0.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "127.1",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
    ]) {
      await assert.rejects(
        get("/", `http://${host}:${server.port}/`),
        refused("refused", /is a private address: name .* in ALLOW_PRIVATE_HOSTS/),
        host,
      );
    }
    await assert.rejects(
      get("/", `http://localhost:${server.port}/`),
      refused("refused", /localhost leads to (127\.0\.0\.1|::1), a private/),
    );
    assert.equal(server.requests.length, 0);
  });

  it("are refused behind a name and after a redirect", async (t) => {
    const { server, get } = await open(t, {
      allowPrivateHosts: ["news.test"],
      resolve: async () => [{ address: "127.0.0.1", family: 4 }],
    });
    await assert.rejects(
      get("/", `http://evil.test:${server.port}/`),
      refused("refused", /evil\.test leads to 127\.0\.0\.1/),
    );
    for (const target of [
      server.url,
      `http://evil.test:${server.port}/`,
      `http://[::ffff:127.0.0.1]:${server.port}/`,
    ]) {
      redirectTo(server, target);
      await assert.rejects(get("/", `http://news.test:${server.port}/`), refused("refused", /private address/), target);
    }
    assert(server.requests.every((request) => request.headers.host?.startsWith("news.test")));
  });

  it("gain nothing from a name that changes its answer: what was judged is what is connected to", async (t) => {
    const asked: string[] = [];
    const answering = (allowPrivateHosts: string[]) =>
      open(t, {
        allowPrivateHosts,
        resolve: async (host) => {
          asked.push(host);
          return [{ address: asked.length === 1 ? "127.0.0.1" : "127.0.0.9", family: 4 }];
        },
      });
    const { server, get } = await answering(["news.test"]);
    server.answer((_, response) => response.setHeader("connection", "close").end("first"));
    await get("/", `http://news.test:${server.port}/`);
    assert.equal(asked.length, 1);
    // Each new connection asks, and judges, anew.
    await assert.rejects(get("/", `http://news.test:${server.port}/`), refused("unreachable", /refuses connections/));
    assert.equal(asked.length, 2);
    const strict = await answering([]);
    await assert.rejects(strict.get("/", `http://news.test:${server.port}/`), refused("refused", /127\.0\.0\.9/));
    assert.equal(asked.length, 3);
    assert.equal(server.requests.length, 1);
  });

  it("among public ones are left out", async (t) => {
    const { server, get } = await open(t, {
      allowPrivateHosts: [],
      resolve: async () => [
        { address: "10.0.0.1", family: 4 },
        { address: "::1", family: 6 },
      ],
    });
    await assert.rejects(get("/", `http://mixed.test:${server.port}/`), refused("refused", /10\.0\.0\.1/));
  });

  it("pass when they are named with their port", async (t) => {
    const server = await openWebServer((_, response) => response.end("hello"));
    const http = createHttp({ allowPrivateHosts: [`127.0.0.1:${server.port}`] });
    t.after(() => Promise.all([http.close(), server.close()]));
    const answer = await http.get(server.url, { signal: t.signal });
    assert.equal(Buffer.from(answer.bytes).toString(), "hello");
  });
});

describe("redirects", { timeout: 20_000 }, () => {
  it("are followed, and the permanent ones reported", async (t) => {
    const { server, get } = await open(t);
    const along = (first: number, second: number) =>
      server.answer((request, response) => {
        if (request.url === "/a") response.writeHead(first, { location: "/b" }).end("moved");
        else if (request.url === "/b") response.writeHead(second, { location: "c?x=1" }).end();
        else response.end("here");
      });
    along(301, 308);
    const moved = await get("/a");
    assert.equal(moved.url, `${server.url}/c?x=1`);
    assert.equal(moved.movedTo, moved.url);
    along(301, 302);
    assert.equal((await get("/a")).movedTo, undefined);
  });

  it("end after five", async (t) => {
    const { server, get } = await open(t);
    redirectTo(server, "/again");
    await assert.rejects(get(), refused("http-status", /redirects more than 5 times/));
    assert.equal(server.requests.length, 6);
  });

  it("do not leave the web, nor carry a password", async (t) => {
    const { server, get } = await open(t);
    for (const location of [
      "file:///etc/passwd",
      "ftp://127.0.0.1/",
      "gopher://127.0.0.1:70/",
      "javascript:alert(1)",
    ]) {
      redirectTo(server, location);
      await assert.rejects(get(), refused("refused", /not a web address/), location);
    }
    redirectTo(server, `http://user:secret@127.0.0.1:${server.port}/`);
    await assert.rejects(
      get(),
      (error) => refused("refused", /holds a name or password/)(error) && !String(error).includes("secret"),
    );
  });
});

describe("size and time", { timeout: 30_000 }, () => {
  const small = { ...loopback, maxBytes: 64 * 1024, timeoutMs: 700 };

  it("stops at the cap, told ahead or found on the way", async (t) => {
    const { server, get } = await open(t, small);
    server.answer((_, response) => response.setHeader("content-length", 100_000).end(Buffer.alloc(100_000)));
    await assert.rejects(get(), refused("too-large", /larger than/));
    server.answer((_, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(8192)));
      };
      response.on("drain", pour);
      pour();
    });
    await assert.rejects(get(), refused("too-large", /larger than/));
  });

  it("stops a bomb in each packing", async (t) => {
    const { server, get } = await open(t, small);
    const bomb = Buffer.alloc(50 * 1024 * 1024);
    const packings = {
      gzip: gzipSync(bomb),
      br: brotliCompressSync(bomb.subarray(0, 5e6)),
      zstd: zstdCompressSync(bomb),
      deflate: deflateSync(bomb),
    };
    for (const [encoding, packed] of Object.entries(packings)) {
      server.answer((_, response) => response.setHeader("content-encoding", encoding).end(packed));
      await assert.rejects(get(), refused("too-large", /larger than/), encoding);
    }
    server.answer((_, response) => response.setHeader("content-encoding", "gzip, gzip, gzip").end("x"));
    await assert.rejects(get(), refused("refused", /3 times over/));
  });

  it("unpacks what honest servers send", async (t) => {
    const { server, get } = await open(t);
    const text = "שלום עולם ".repeat(500);
    const packings: [encoding: string, packed: Uint8Array][] = [
      ["gzip", gzipSync(text)],
      ["br", brotliCompressSync(text)],
      ["zstd", zstdCompressSync(text)],
      ["deflate", deflateSync(text)],
      ["deflate", deflateRawSync(text)],
      ["gzip", Buffer.from(text)],
      ["identity", gzipSync(text)],
      ["deflate, gzip", gzipSync(deflateSync(text))],
      ["gzip", gzipSync(text).subarray(0, -8)],
    ];
    for (const [encoding, packed] of packings) {
      server.answer((_, response) => response.setHeader("content-encoding", encoding).end(packed));
      assert.equal(Buffer.from((await get()).bytes).toString(), text, encoding);
    }
    server.answer((_, response) => response.setHeader("content-encoding", "br").end("not brotli"));
    await assert.rejects(get(), refused("unreachable", /damaged br answer/));
  });

  it("does not wait for a server that drips or is silent", async (t) => {
    const { server, get } = await open(t, small);
    // On a busy machine either of the two clocks, for the whole and for one part of it, may ring first.
    const gaveUp = refused("timeout", /longer than 0\.7 s|stopped answering midway/);
    server.answer(() => {});
    await assert.rejects(get(), gaveUp);
    server.answer((_, response) => {
      const drip = setInterval(() => response.write("."), 50);
      response.on("close", () => clearInterval(drip));
    });
    await assert.rejects(get(), gaveUp);
  });

  it("does not wait for a name that is never found", async (t) => {
    const { get } = await open(t, { allowPrivateHosts: [], timeoutMs: 200, resolve: () => new Promise(() => {}) });
    await assert.rejects(get("/", "http://slow.test/"), refused("timeout", /took longer/));
  });

  it("stops when it is told to", async (t) => {
    const { server, http } = await open(t);
    const stop = new AbortController();
    server.answer(() => stop.abort());
    await assert.rejects(http.get(server.url, { signal: stop.signal }), refused("unreachable", /was stopped/));
    await assert.rejects(http.get(server.url, { signal: AbortSignal.abort() }), refused("unreachable", /was stopped/));
  });
});

describe("words of failure", { timeout: 20_000 }, () => {
  it("say what to look at", async (t) => {
    const { get } = await open(t, {
      allowPrivateHosts: ["127.0.0.1"],
      resolve: async (host) => Promise.reject(Object.assign(new Error(host), { code: "ENOTFOUND" })),
    });
    await assert.rejects(
      get("/", "http://nowhere.test/"),
      refused("unreachable", /no host nowhere\.test: is its name spelt right/),
    );
    const closed = await openWebServer();
    await closed.close();
    await assert.rejects(get("/", closed.url), refused("unreachable", /refuses connections: is its server running/));
    await assert.rejects(get("/", "file:///etc/passwd"), refused("refused", /must begin with http/));
  });

  it("also for a server that hangs up or talks nonsense", async (t) => {
    for (const reply of [null, "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"]) {
      const server = createServer((socket) => {
        socket.on("error", () => {});
        socket.once("data", () => (reply === null ? socket.destroy() : socket.end(reply)));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      t.after(() => server.close());
      const address = server.address();
      assert(address && typeof address === "object");
      const { get } = await open(t);
      await assert.rejects(get("/", `http://127.0.0.1:${address.port}/`), refused("unreachable", /127\.0\.0\.1/));
    }
  });
});

describe("headers", { timeout: 20_000 }, () => {
  it("are sent and read", async (t) => {
    const { server, http } = await open(t, {
      ...loopback,
      userAgent: "Crier/0.1 (+https://news.example)",
      clock: { now: () => new Date("2025-06-03T08:00:00Z") },
    });
    const answerWith = (headers: Record<string, string>) => {
      server.answer((_, response) => response.writeHead(200, headers).end());
      return http.get(server.url, { signal: t.signal, validators: { etag: '"1"' } });
    };
    assert.equal((await answerWith({ "retry-after": "90" })).retryAfterMs, 90_000);
    assert.equal((await answerWith({ "retry-after": "Tue, 03 Jun 2025 08:01:00 GMT" })).retryAfterMs, 60_000);
    assert.equal((await answerWith({ "retry-after": "soon" })).retryAfterMs, undefined);
    assert.equal((await answerWith({ "cache-control": "public, s-maxage=5, max-age=60" })).maxAgeMs, 60_000);
    assert.equal(server.requests[0]?.headers["user-agent"], "Crier/0.1 (+https://news.example)");
    assert.equal(server.requests[0]?.headers["if-none-match"], '"1"');
  });
});

describe("pictures", { timeout: 20_000 }, () => {
  it("are known by their bytes, not by what the server says", async (t) => {
    const { server, http } = await open(t);
    const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
    const serve = (bytes: Uint8Array, type: string, status = 200) =>
      server.answer((_, response) => response.writeHead(status, { "content-type": type }).end(bytes));
    serve(png, "text/plain");
    assert.deepEqual(await fetchPicture(http, server.url, t.signal), { bytes: png, type: "image/png" });
    serve(Buffer.from("<svg onload='alert(1)'/>"), "image/png");
    await assert.rejects(fetchPicture(http, server.url, t.signal), refused("not-a-feed", /not a picture/));
    serve(png, "image/png", 404);
    await assert.rejects(fetchPicture(http, server.url, t.signal), refused("http-status", /404/));
    serve(Buffer.concat([png, Buffer.alloc(6 * 1024 * 1024)]), "image/png");
    await assert.rejects(fetchPicture(http, server.url, t.signal), refused("too-large", /5 MiB/));
  });
});
