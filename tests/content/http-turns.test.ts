import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { fetchPicture } from "#content/shared/picture";
import { createTurns } from "#content/shared/turns";
import type { FeedError } from "#core/errors";
import { loopback, named, openStage, refused, until } from "./http-stage.ts";

const pauseMs = 60;
const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

describe("one host", { timeout: 30_000 }, () => {
  it("has no more than two requests at once, whatever its ports and however many wait", async (t) => {
    const { server, get } = await openStage(t);
    const held: ServerResponse[] = [];
    server.answer((_, response) => held.push(response));
    const answers = Array.from({ length: 7 }, (_, number) => get(`/${number}`));
    let most = 0;
    for (let left = 7; left > 0; left -= 1) {
      await until("the next ones arrive", () => held.length === Math.min(2, left));
      most = Math.max(most, held.length, await server.connections());
      held.shift()?.end();
    }
    await Promise.all(answers);
    assert.equal(most, 2);
    assert.equal(server.requests.length, 7);
  });

  it("is left in peace from the end of a request to the next", async (t) => {
    const { server, get } = await openStage(t, { ...loopback, pauseMs });
    const times: { came: number; ended: number }[] = [];
    server.answer((_, response) => {
      const came = performance.now();
      response.end();
      times.push({ came, ended: performance.now() });
    });
    // One after the other, and all at once.
    for (let number = 0; number < 3; number += 1) await get();
    await Promise.all([get(), get(), get()]);
    for (const [index, { came }] of times.entries()) {
      // Two may begin together; the one before these two had ended.
      const before = times[index - (index > 3 ? 2 : 1)];
      if (before) assert(came - before.ended >= pauseMs - 2, `${came - before.ended} ms`);
    }
  });

  it("is asked in the order of asking", async (t) => {
    const { server, get } = await openStage(t, { ...loopback, mostAtOnce: 1 });
    server.answer((_, response) => response.end());
    await Promise.all(["/1", "/2", "/3", "/4", "/5"].map((path) => get(path)));
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      ["/1", "/2", "/3", "/4", "/5"],
    );
  });

  it("answers a picture without a pause, though not over its two connections", async (t) => {
    const { server, http, get } = await openStage(t, { ...loopback, pauseMs: 20_000 });
    server.answer((_, response) => response.end(png));
    await get("/feed");
    // Would outlast the test, were there a pause.
    await fetchPicture(http, `${server.url}/a.png`, t.signal);
    const held: ServerResponse[] = [];
    server.answer((_, response) => held.push(response));
    const pictures = ["/1.png", "/2.png", "/3.png"].map((path) => fetchPicture(http, server.url + path, t.signal));
    await until("two are asked for", () => held.length === 2);
    assert.equal(await server.connections(), 2);
    for (const response of held.splice(0)) response.end(png);
    await until("the third is asked for", () => held.length === 1);
    held[0]?.end(png);
    await Promise.all(pictures);
  });

  it("is not asked any more by who was told to stop", async (t) => {
    const { server, http, get } = await openStage(t);
    const held: ServerResponse[] = [];
    server.answer((_, response) => held.push(response));
    const stop = new AbortController();
    const [first, second] = [get("/1"), get("/2")];
    const stopped = http.get(`${server.url}/never`, { signal: stop.signal });
    const third = get("/3");
    await until("two are asked for", () => held.length === 2);
    stop.abort();
    await assert.rejects(stopped, refused("unreachable", /was stopped/));
    for (const response of held.splice(0)) response.end();
    await until("the last is asked for", () => held.length === 1);
    held[0]?.end();
    await Promise.all([first, second, third]);
    assert.deepEqual(server.requests.map(({ url }) => url).sort(), ["/1", "/2", "/3"]);
  });

  it("takes no time from who waits for it", async (t) => {
    const { server, get } = await openStage(t, { ...loopback, mostAtOnce: 1, timeoutMs: 1500 });
    server.answer((_, response) => setTimeout(() => response.end(), 400));
    // The last waits for longer than one may take.
    await Promise.all(Array.from({ length: 6 }, () => get()));
    assert.equal(server.requests.length, 6);
  });

  it("is left alone when it asks for it, whatever is asked for there", async (t) => {
    let at = Date.parse("2026-03-02T08:00:00Z");
    const { server, http } = await openStage(t, {
      ...named("busy.test", "calm.test"),
      clock: { now: () => new Date(at) },
      mostAtOnce: 1,
    });
    const get = (host: string, path: string) => http.get(`http://${host}:${server.port}${path}`, { signal: t.signal });
    for (const status of [429, 503]) {
      server.answer((_, response) => response.writeHead(status, { "retry-after": "120" }).end());
      const before = server.requests.length;
      const [first, ...waiting] = await Promise.allSettled([
        get("busy.test", "/1"),
        get("busy.test", "/2"),
        get("busy.test", "/3"),
      ]);
      assert(first?.status === "fulfilled" && first.value.retryAfterMs === 120_000);
      for (const one of waiting) {
        assert(one.status === "rejected");
        refused("http-status", /busy\.test asked to be left alone: Crier comes again in 2 minutes/)(one.reason);
        assert.equal((one.reason as FeedError).retryAfterMs, 120_000);
      }
      at += 60_000;
      await assert.rejects(
        get("busy.test", "/4"),
        (error) => refused("http-status", /in 60 seconds/)(error) && (error as FeedError).retryAfterMs === 60_000,
      );
      assert.equal(server.requests.length, before + 1);
      server.answer((_, response) => response.end());
      assert.equal((await get("calm.test", "/")).status, 200);
      at += 60_000;
      assert.equal((await get("busy.test", "/5")).status, 200);
    }
    // Said with any other answer it is the feed's matter alone.
    server.answer((_, response) => response.writeHead(500, { "retry-after": "120" }).end());
    assert.equal((await get("busy.test", "/6")).retryAfterMs, 120_000);
    assert.equal((await get("busy.test", "/7")).status, 500);
  });
});

describe("many hosts", { timeout: 30_000 }, () => {
  it("are served in rotation: a host with many feeds holds nobody up", async (t) => {
    const { server, http } = await openStage(t, { ...named("large.test", "small.test"), mostAtOnce: 1 });
    server.answer((_, response) => response.end());
    const get = (host: string) => http.get(`http://${host}:${server.port}/`, { signal: t.signal });
    await Promise.all([...Array.from({ length: 5 }, () => get("large.test")), get("small.test")]);
    const order = server.requests.map(({ headers }) => headers.host?.split(".")[0]);
    assert(order.indexOf("small") <= 2, order.join(", "));
  });

  it("share the connections that there are", async (t) => {
    const hosts = Array.from({ length: 12 }, (_, number) => `h${number}.test`);
    const { server, http } = await openStage(t, { ...named(...hosts), mostAtOnce: 4 });
    const held: ServerResponse[] = [];
    server.answer((_, response) => held.push(response));
    const answers = hosts.map((host) => http.get(`http://${host}:${server.port}/`, { signal: t.signal }));
    let most = 0;
    for (let left = hosts.length; left > 0; left -= 1) {
      await until("the next ones arrive", () => held.length === Math.min(4, left));
      most = Math.max(most, await server.connections());
      held.shift()?.end();
    }
    await Promise.all(answers);
    // One that is closed at this end may not be at the other yet.
    assert(most <= 5, `${most} connections`);
  });

  it("are forgotten when all is done, and their connections closed", async (t) => {
    const turns = createTurns({ pauseMs: 20, mostAtOnce: 64, now: Date.now });
    const ends = Array.from({ length: 1000 }, async (_, number) =>
      (await turns.take(`h${number}`, { signal: t.signal }))(),
    );
    assert.equal(turns.size, 1000);
    await Promise.all(ends);
    await until("none is left", () => turns.size === 0);

    const hosts = Array.from({ length: 100 }, (_, number) => `h${number}.test`);
    const { server, http } = await openStage(t, named(...hosts));
    server.answer((_, response) => response.end());
    await Promise.all(hosts.map((host) => http.get(`http://${host}:${server.port}/`, { signal: t.signal })));
    await until("no connection is left", async () => (await server.connections()) === 0);
  });

  it("are let go of when all is closed", async (t) => {
    const { server, http, get } = await openStage(t);
    server.answer(() => {});
    const waiting = Promise.allSettled([get("/1"), get("/2"), get("/3"), get("/4")]);
    await until("two are asked for", () => server.requests.length === 2);
    await http.close();
    for (const one of await waiting) {
      assert(one.status === "rejected");
      refused("unreachable", /Crier is stopping/)(one.reason);
    }
    await until("no connection is left", async () => (await server.connections()) === 0);
  });
});
