import assert from "node:assert/strict";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { createCertificate } from "#src/sandbox/whatsapp/certificate";
import { named, openSocketServer, openStage, refused, until } from "./http-stage.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok";

describe("a connection that was kept", { timeout: 20_000 }, () => {
  it("is used again by the same host", async (t) => {
    const { server, get } = await openStage(t);
    server.answer((_, response) => response.end("ok"));
    const sockets = new Set();
    for (let number = 0; number < 4; number += 1) {
      await get();
      sockets.add(server.requests.at(-1)?.socket);
    }
    assert.equal(sockets.size, 1);
  });

  it("and was closed meanwhile costs one more try, for what may be asked twice", async (t) => {
    const { http } = await openStage(t);
    let requests = 0;
    // Answers the first request on each connection; hangs up at the second without a byte.
    const port = await openSocketServer(t, (socket) => {
      let isFirst = true;
      socket.on("data", () => {
        requests += 1;
        if (isFirst) socket.write(ok);
        else socket.resetAndDestroy();
        isFirst = false;
      });
    });
    const url = `http://127.0.0.1:${port}/`;
    await http.get(url, { signal: t.signal });
    assert.equal((await http.get(url, { signal: t.signal })).status, 200);
    assert.equal(requests, 3);
    await assert.rejects(
      http.post(url, { signal: t.signal, form: {} }),
      refused("unreachable", /closed the connection/),
    );
    assert.equal(requests, 4);
  });

  it("is not what a new one is: that one is not tried twice", async (t) => {
    const { http } = await openStage(t);
    let requests = 0;
    const port = await openSocketServer(t, (socket) => {
      socket.once("data", () => {
        requests += 1;
        socket.destroy();
      });
    });
    await assert.rejects(http.get(`http://127.0.0.1:${port}/`, { signal: t.signal }), refused("unreachable", /closed/));
    assert.equal(requests, 1);
  });

  it("is not kept after an answer that was cut off", async (t) => {
    const { server, http } = await openStage(t);
    server.answer((_, response) => response.end(Buffer.alloc(3_000_000)));
    for (let number = 0; number < 3; number += 1) {
      await assert.rejects(
        http.get(server.url, { signal: t.signal, maxBytes: 1024 }),
        refused("too-large", /larger than/),
      );
    }
    await until("no connection is left", async () => (await server.connections()) === 0);
  });
});

describe("without its body", { timeout: 20_000 }, () => {
  it("an answer is its status and headers, however long it is", async (t) => {
    const { server, http } = await openStage(t);
    server.answer((_, response) => {
      response.writeHead(404, { "x-here": "yes" });
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(8192)));
      };
      response.on("drain", pour);
      pour();
    });
    const answer = await http.get(server.url, { signal: t.signal, withoutBody: true });
    assert.deepEqual([answer.status, answer.headers["x-here"], answer.bytes.byteLength], [404, "yes", 0]);
  });
});

describe("encryption", { timeout: 20_000 }, () => {
  it("that fails is said in words", async (t) => {
    const { server, http } = await openStage(t, named("news.test"));
    const { key, cert } = createCertificate("news.test");
    const secure = createTlsServer({ key, cert }, (_, response) => response.end("secret"));
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    t.after(() => secure.close());
    const { port } = secure.address() as AddressInfo;
    const get = (url: string) => http.get(url, { signal: t.signal });
    await assert.rejects(
      get(`https://news.test:${port}/`),
      refused("unreachable", /certificate of news\.test:\d+ is signed by nobody that this machine trusts/),
    );
    await assert.rejects(
      get(`https://news.test:${server.port}/`),
      refused("unreachable", /does not speak HTTPS as this machine does: try http:\/\//),
    );
    await assert.rejects(get(`http://news.test:${port}/`), refused("unreachable", /news\.test/));
  });
});
