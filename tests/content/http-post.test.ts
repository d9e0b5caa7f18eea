import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { loopback, openStage, redirectTo, refused } from "./http-stage.ts";

const bodyOf = async (request: IncomingMessage): Promise<string> => Buffer.concat(await request.toArray()).toString();

describe("a form", { timeout: 20_000 }, () => {
  it("is sent as browsers do", async (t) => {
    const { server, http } = await openStage(t);
    const bodies: string[] = [];
    server.answer(async (request, response) => {
      bodies.push(await bodyOf(request));
      response.writeHead(202, { "retry-after": "5" }).end("later");
    });
    const answer = await http.post(`${server.url}/hub`, {
      signal: t.signal,
      headers: { "x-own": "1" },
      form: { "hub.topic": "https://news.example/חדשות?a=b&c", "hub.mode": "subscribe" },
    });
    assert.deepEqual([answer.status, Buffer.from(answer.bytes).toString(), answer.retryAfterMs], [202, "later", 5000]);
    assert.deepEqual(
      [...new URLSearchParams(bodies[0])],
      [
        ["hub.topic", "https://news.example/חדשות?a=b&c"],
        ["hub.mode", "subscribe"],
      ],
    );
    const [request] = server.requests;
    assert.equal(request?.method, "POST");
    assert.equal(request?.headers["content-type"], "application/x-www-form-urlencoded");
    assert.equal(request?.headers["x-own"], "1");
  });

  it("is sent again only where a redirect says so", async (t) => {
    const { server, http } = await openStage(t);
    for (const status of [307, 308]) {
      const bodies: string[] = [];
      server.answer(async (request, response) => {
        bodies.push(`${request.method} ${request.url} ${await bodyOf(request)}`);
        if (request.url === "/a") response.writeHead(status, { location: "/b" }).end();
        else response.end();
      });
      await http.post(`${server.url}/a`, { signal: t.signal, form: { x: "1" } });
      assert.deepEqual(bodies, ["POST /a x=1", "POST /b x=1"]);
    }
    for (const status of [301, 302, 303]) {
      redirectTo(server, "/elsewhere", status);
      const before = server.requests.length;
      assert.equal((await http.post(server.url, { signal: t.signal, form: {} })).status, status);
      assert.equal(server.requests.length, before + 1);
    }
  });

  it("is guarded as a read is", async (t) => {
    const strict = await openStage(t, { allowPrivateHosts: [] });
    const how = { signal: t.signal, form: { secret: "s" } };
    await assert.rejects(strict.http.post(strict.server.url, how), refused("refused", /private address/));
    const { server, http } = await openStage(t, { ...loopback, timeoutMs: 300 });
    redirectTo(server, "http://[::1]:1/", 307);
    await assert.rejects(http.post(server.url, how), refused("refused", /private address/));
    server.answer(() => {});
    await assert.rejects(http.post(server.url, how), refused("timeout", /took longer than 0\.3 s/));
    assert.equal(server.requests.length, 2);
  });
});
