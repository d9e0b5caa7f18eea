import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { fetchPicture } from "#content/shared/picture";
import { loopback, openSocketServer, openStage, refused } from "./http-stage.ts";
import { openWebServer } from "./web-server.ts";

describe("size and time", { timeout: 30_000 }, () => {
  const small = { ...loopback, maxBytes: 64 * 1024, timeoutMs: 700 };

  it("stops at the cap, told ahead or found on the way", async (t) => {
    const { server, get } = await openStage(t, small);
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
    const { server, get } = await openStage(t, small);
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
    const { server, get } = await openStage(t);
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
    const { server, get } = await openStage(t, small);
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
    const { get } = await openStage(t, { allowPrivateHosts: [], timeoutMs: 200, resolve: () => new Promise(() => {}) });
    await assert.rejects(get("/", "http://slow.test/"), refused("timeout", /took longer/));
  });

  it("stops when it is told to", async (t) => {
    const { server, http } = await openStage(t);
    const stop = new AbortController();
    server.answer(() => stop.abort());
    await assert.rejects(http.get(server.url, { signal: stop.signal }), refused("unreachable", /was stopped/));
    await assert.rejects(http.get(server.url, { signal: AbortSignal.abort() }), refused("unreachable", /was stopped/));
  });
});

describe("words of failure", { timeout: 20_000 }, () => {
  it("say what to look at", async (t) => {
    const { get } = await openStage(t, {
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
    const replies: [reply: string | null, words: RegExp][] = [
      [null, /closed the connection before it had answered/],
      ["SSH-2.0-OpenSSH_9.2\r\n", /is not HTTP: check the address and its port/],
      ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", /closed the connection before it had answered in full/],
      ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", /closed the connection/],
      ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nshort\r\n", /is not HTTP/],
      ["HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\nbro", /closed the connection/],
    ];
    const { get } = await openStage(t);
    for (const [reply, words] of replies) {
      const port = await openSocketServer(t, (socket) => {
        socket.once("data", () => (reply === null ? socket.destroy() : socket.end(reply)));
      });
      await assert.rejects(get("/", `http://127.0.0.1:${port}/`), refused("unreachable", words), String(reply));
    }
  });

  it("also for headers without end", async (t) => {
    const { server, get } = await openStage(t);
    server.answer((_, response) => response.setHeader("x-long", "x".repeat(100_000)).end());
    await assert.rejects(get(), refused("too-large", /more than 64 KiB of headers/));
  });

  it("also when the body ends early in each of its packings", async (t) => {
    const { server, get } = await openStage(t);
    const text = Array.from({ length: 3000 }, (_, number) => `Новость ${(number * 7919) % 9973}`).join(" ");
    for (const [encoding, packed] of [
      ["br", brotliCompressSync(text)],
      ["zstd", zstdCompressSync(text)],
    ] as const) {
      server.answer((_, response) =>
        response.setHeader("content-encoding", encoding).end(packed.subarray(0, packed.length / 2)),
      );
      await assert.rejects(get(), refused("unreachable", /sent a damaged/), encoding);
    }
  });
});

describe("pictures", { timeout: 20_000 }, () => {
  it("are known by their bytes, not by what the server says", async (t) => {
    const { server, http } = await openStage(t);
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
