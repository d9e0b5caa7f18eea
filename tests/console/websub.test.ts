import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import path from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { openPlace, type Place, topic } from "./place.ts";

const document = readFileSync(path.join(import.meta.dirname, "../fixtures/push/harbour.atom"));
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const ageMs = (place: Place, date: Date | null): number => (date?.getTime() ?? 0) - place.clock.now().getTime();
const challenge = { "hub.challenge": "c-1", "hub.lease_seconds": "3600" };

describe("subscribing at a hub", () => {
  it("asks once, confirms what it asked for, and keeps the lease", async (t) => {
    const place = await openPlace(t);
    assert.equal(await place.isLive(), false);
    await place.subscribe();
    assert.equal(place.hub.requests.length, 1);
    assert.equal(place.hub.requests[0]?.["hub.lease_seconds"], "864000");
    assert.deepEqual(
      place.hub.verifications.map(({ wasEcho }) => wasEcho),
      [true],
    );
    const active = await place.subscription();
    assert.equal(active.state, "active");
    assert.equal(ageMs(place, active.expiresAt), 10 * dayMs);
    assert.equal(ageMs(place, active.renewAt), (20 / 3) * dayMs);
    assert.equal(await place.isLive(), true);

    // The same hub again changes nothing; nothing is due.
    await place.subscribe();
    assert.deepEqual(await place.subscription(), active);
    assert.equal(place.hub.requests.length, 1);
  });

  it("gives every subscription a name and a secret of its own, and says neither in the log", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    const first = await place.subscription();
    await place.subscriber.offer(place.feed.id, { url: place.hub.url, topic: `${topic}?page=1` });
    const second = await place.subscription();
    assert.notEqual(second.token, first.token);
    assert.notEqual(second.secret, first.secret);
    assert.equal(second.state, "asked");
    assert.deepEqual(await place.hub.publish(topic, document), [410], "the earlier one has ended");
    assert.equal(place.hub.subscribers(topic).length, 0);
    const logged = JSON.stringify(place.log.lines);
    assert.ok(logged.length > 2);
    for (const secret of [first.token, first.secret, second.token, second.secret]) assert.ok(!logged.includes(secret));
  });

  it("confirms a hub that verifies before it answers", async (t) => {
    const place = await openPlace(t);
    place.hub.set({ synchronous: true });
    await place.subscribe();
    assert.equal((await place.subscription()).state, "active");
    assert.equal(ageMs(place, (await place.subscription()).expiresAt), 10 * dayMs);
  });

  it("believes the verification of a hub that then answers with an error", async (t) => {
    const place = await openPlace(t);
    for (const status of [500, 403]) {
      place.hub.set({ synchronous: status });
      await place.subscriber.offer(place.feed.id, null);
      await place.subscribe();
      const { state, renewAt } = await place.subscription();
      assert.equal(state, "active", String(status));
      assert.equal(ageMs(place, renewAt), (20 / 3) * dayMs);
    }
  });

  it("has no push without an address that hubs can reach", async (t) => {
    const place = await openPlace(t);
    for (const base of [null, "http://localhost:8080", "http://127.0.0.1", "http://[::1]:80", "ftp://crier.example"]) {
      const subscriber = place.openSubscriber(base);
      await subscriber.offer(place.feed.id, { url: place.hub.url, topic });
      assert.equal(await place.store.pushes.byFeed(place.feed.id), null, String(base));
    }
  });

  it("keeps no subscription at what is no hub, and ends it when the feed names none", async (t) => {
    const place = await openPlace(t);
    for (const url of ["javascript:alert(1)", "", "mailto:a@b.example"]) {
      await place.subscriber.offer(place.feed.id, { url, topic });
      assert.equal(await place.store.pushes.byFeed(place.feed.id), null, url);
    }
    for (const bad of ["", "https://bell.example/a b", `https://bell.example/${"x".repeat(2000)}`, "a\0b"]) {
      await place.subscriber.offer(place.feed.id, { url: place.hub.url, topic: bad });
      assert.equal(await place.store.pushes.byFeed(place.feed.id), null, bad);
    }
    await place.subscribe();
    await place.subscriber.offer(place.feed.id, null);
    assert.equal(await place.store.pushes.byFeed(place.feed.id), null);
    assert.deepEqual(await place.hub.publish(topic, document), [410]);
  });

  it("asks a failing hub again, later each time", async (t) => {
    const place = await openPlace(t);
    const pauses: number[] = [];
    place.hub.failNext("hang up");
    place.hub.failNext(503, 2);
    place.hub.failNext(500, 3);
    await place.subscriber.offer(place.feed.id, { url: place.hub.url, topic });
    for (let time = 0; time < 6; time++) {
      await place.subscriber.renewDue(place.signal);
      const { state, renewAt } = await place.subscription();
      assert.equal(state, "asked");
      pauses.push(ageMs(place, renewAt) / 60_000);
      await place.subscriber.renewDue(place.signal);
      await place.clock.sleep(ageMs(place, renewAt));
    }
    assert.deepEqual(pauses, [5, 15, 60, 360, 360, 360]);
    assert.equal(place.hub.requests.length, 0);
    await place.subscriber.renewDue(place.signal);
    await place.hub.settled();
    assert.equal(await place.isLive(), true);
  });

  it("heeds Retry-After, up to a day", async (t) => {
    const place = await openPlace(t);
    place.hub.failNext(429, 1, { "retry-after": "7200" });
    await place.subscriber.offer(place.feed.id, { url: place.hub.url, topic });
    await place.subscriber.renewDue(place.signal);
    const first = await place.subscription();
    assert.equal(first.state, "asked");
    assert.equal(ageMs(place, first.renewAt), 2 * hourMs);
    await place.clock.sleep(2 * hourMs);
    place.hub.failNext(503, 1, { "retry-after": "99999999" });
    await place.subscriber.renewDue(place.signal);
    assert.equal(ageMs(place, (await place.subscription()).renewAt), dayMs);
  });

  it("leaves a hub alone for a day that refuses or denies, and then asks once more", async (t) => {
    const place = await openPlace(t);
    place.hub.failNext(403);
    await place.subscribe();
    const refused = await place.subscription();
    assert.equal(refused.state, "refused");
    assert.equal(ageMs(place, refused.renewAt), dayMs);
    assert.equal(await place.isLive(), false);
    const late = await place.hub.query(await place.callback(), {
      "hub.mode": "subscribe",
      "hub.topic": topic,
      ...challenge,
    });
    assert.equal(late.status, 404, "a refused subscription is not meant any more");

    await place.clock.sleep(dayMs);
    place.hub.set({ denies: "לא היום\n" });
    await place.subscriber.renewDue(place.signal);
    await place.hub.settled();
    assert.equal((await place.subscription()).state, "refused");
    assert.equal(place.lines(/denied/)[0]?.level, "warn");

    await place.clock.sleep(dayMs);
    place.hub.set({ denies: null });
    await place.subscriber.renewDue(place.signal);
    await place.hub.settled();
    assert.equal((await place.subscription()).state, "active");
    assert.deepEqual(await place.hub.deny(topic, "over quota"), [200]);
    assert.equal((await place.subscription()).state, "refused");
    assert.equal(await place.isLive(), false);
  });

  it("asks again where the hub took the request and never verified", async (t) => {
    const place = await openPlace(t);
    place.hub.set({ silent: true });
    await place.subscribe();
    assert.equal((await place.subscription()).state, "asked");
    assert.equal(await place.isLive(), false);
    await place.clock.sleep(5 * 60_000);
    place.hub.set({ silent: false });
    await place.subscribe();
    assert.equal(await place.isLive(), true);
    assert.equal(place.hub.requests.length, 2);
  });

  it("does not wait for a slow hub longer than for a feed, and asks no hub twice at once", async (t) => {
    const place = await openPlace(t);
    place.hub.set({ delayMs: 300 });
    await place.subscriber.offer(place.feed.id, { url: place.hub.url, topic });
    await Promise.all([
      place.subscriber.renewDue(place.signal),
      place.subscriber.renewDue(place.signal),
      place.subscriber.renewDue(place.signal),
    ]);
    await place.hub.settled();
    assert.equal(place.hub.requests.length, 1);
    assert.equal(await place.isLive(), true);
  });

  it("is due again at once when Crier was stopped midway", async (t) => {
    const place = await openPlace(t);
    place.hub.set({ delayMs: 5_000 });
    await place.subscriber.offer(place.feed.id, { url: place.hub.url, topic });
    const stopping = new AbortController();
    const renewing = place.subscriber.renewDue(stopping.signal);
    while (place.hub.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    stopping.abort();
    await renewing;
    assert.equal(ageMs(place, (await place.subscription()).renewAt), 0);
  });
});

describe("answering a hub", () => {
  it("confirms nothing that it did not ask for", async (t) => {
    const place = await openPlace(t);
    await place.subscriber.offer(place.feed.id, { url: place.hub.url, topic });
    const callback = await place.callback();
    const strangers = callback.replace(/.{32}$/, "A".repeat(32));
    const asked = { "hub.mode": "subscribe", "hub.topic": topic, ...challenge };
    const cases: [string, string, Record<string, string>][] = [
      ["another topic", callback, { ...asked, "hub.topic": `${topic}/` }],
      ["no topic", callback, { "hub.mode": "subscribe", ...challenge }],
      ["no challenge", callback, { "hub.mode": "subscribe", "hub.topic": topic }],
      ["a huge challenge", callback, { ...asked, "hub.challenge": "x".repeat(2001) }],
      ["an end", callback, { ...asked, "hub.mode": "unsubscribe" }],
      ["an unknown mode", callback, { ...asked, "hub.mode": "publish" }],
      ["an unknown token", strangers, asked],
      ["a token that is none", "http://crier.example/websub/%00", asked],
      ["a denial of another topic", callback, { "hub.mode": "denied", "hub.topic": "https://other.example/" }],
    ];
    for (const [what, address, fields] of cases) {
      const answer = await place.hub.query(address, fields);
      assert.equal(answer.status, 404, what);
      assert.ok(!answer.body.includes("c-1"), what);
      assert.equal((await place.subscription()).state, "asked", what);
    }
  });

  it("answers a repeated verification alike, changes nothing by it, and soon none at all", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    const before = await place.subscription();
    const repeat = {
      "hub.mode": "subscribe",
      "hub.topic": topic,
      "hub.challenge": "c-2",
      "hub.lease_seconds": "9999999",
    };
    assert.deepEqual(await place.hub.query(await place.callback(), repeat), {
      status: 200,
      body: "c-2",
      type: "text/plain; charset=UTF-8",
    });
    assert.deepEqual(await place.subscription(), before);
    await place.clock.sleep(11 * 60_000);
    assert.equal((await place.hub.query(await place.callback(), repeat)).status, 404);
    assert.deepEqual(await place.subscription(), before);
  });

  it("repeats a challenge as plain text whatever it says", async (t) => {
    const place = await openPlace(t);
    await place.subscriber.offer(place.feed.id, { url: place.hub.url, topic });
    const wild = "<script>alert('אבג')</script>";
    const answer = await place.hub.query(await place.callback(), {
      "hub.mode": "subscribe",
      "hub.topic": topic,
      "hub.challenge": wild,
      "hub.lease_seconds": "3600",
    });
    assert.equal(answer.body, wild);
    assert.match(answer.type, /^text\/plain/);
  });

  it("takes GET and POST alone", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    const address = (await place.callback()).replace("http://crier.example", place.url);
    for (const method of ["HEAD", "PUT", "DELETE", "OPTIONS"]) {
      const answer = await fetch(address, { method });
      assert.equal(answer.status, 405, method);
      assert.equal(answer.headers.get("allow"), "GET, POST");
    }
  });

  it("believes short leases, and none that is longer than thirty days or has no length", async (t) => {
    const place = await openPlace(t);
    const lease = async (leaseSeconds: number | null): Promise<[number, number]> => {
      place.hub.set({ leaseSeconds });
      await place.subscriber.offer(place.feed.id, null);
      await place.subscribe();
      const { renewAt, expiresAt } = await place.subscription();
      return [ageMs(place, renewAt) / 60_000, ageMs(place, expiresAt) / 60_000];
    };
    const dayMinutes = 24 * 60;
    assert.deepEqual(await lease(3_600), [30, 60]);
    assert.deepEqual(await lease(9_000), [90, 150]);
    assert.deepEqual(await lease(86_400), [16 * 60, dayMinutes]);
    assert.deepEqual(await lease(30), [1, 0.5]);
    assert.deepEqual(await lease(999_999_999), [20 * dayMinutes, 30 * dayMinutes]);
    assert.deepEqual(await lease(null), [16 * 60, dayMinutes]);
    assert.deepEqual(await lease(-5), [16 * 60, dayMinutes]);
    assert.deepEqual(await lease(0), [16 * 60, dayMinutes]);
  });
});

describe("what hubs deliver", () => {
  it("is handed on as it was sent, by each way of signing", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    for (const method of ["sha1", "sha256", "sha384", "sha512"] as const) {
      assert.deepEqual(
        await place.hub.publish(topic, document, { method, contentType: "application/atom+xml; charset=utf-8" }),
        [202],
      );
    }
    assert.equal(place.pushes.length, 4);
    for (const { feedId, content } of place.pushes) {
      assert.equal(feedId, place.feed.id);
      assert.deepEqual(Buffer.from(content?.bytes ?? []), document);
      assert.equal(content?.contentType, "application/atom+xml; charset=utf-8");
    }
  });

  it("is ignored without the right signature, and the feed is not live until one is right", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    assert.deepEqual(await place.hub.publish(topic, document, { secret: "another" }), [202]);
    assert.equal(await place.isLive(), false);
    assert.deepEqual(await place.hub.publish(topic, document, { method: null }), [202]);
    const address = (await place.callback()).replace("http://crier.example", place.url);
    const { secret } = await place.subscription();
    const right = createHmac("sha256", secret).update(document).digest("hex");
    const wrong = [
      right,
      `md5=${right}`,
      `sha256=${right.slice(2)}`,
      `sha256=${right}00`,
      `sha512=${right}`,
      `sha256=${right.replace(/^./, (digit) => (digit === "0" ? "1" : "0"))}`,
      "sha256=",
      `sha256=${"z".repeat(64)}`,
    ];
    for (const signature of wrong) {
      const answer = await fetch(address, {
        method: "POST",
        headers: { "x-hub-signature": signature },
        body: document,
      });
      assert.equal(answer.status, 202, signature);
    }
    assert.deepEqual(place.pushes, []);
    assert.equal(place.lines(/right signature/).length, 1, "said once");
    assert.deepEqual(await place.hub.publish(topic, document), [202]);
    assert.equal(place.pushes.length, 1);
    assert.equal(await place.isLive(), true);
  });

  it("is told 410 under an unknown token and after the lease", async (t) => {
    const place = await openPlace(t);
    place.hub.set({ leaseSeconds: 7_200 });
    await place.subscribe();
    const address = (await place.callback()).replace("http://crier.example", place.url);
    const { secret } = await place.subscription();
    const send = async (to: string): Promise<number> => {
      const signature = `sha256=${createHmac("sha256", secret).update(document).digest("hex")}`;
      return (await fetch(to, { method: "POST", headers: { "x-hub-signature": signature }, body: document })).status;
    };
    assert.equal(await send(address.replace(/.{32}$/, "B".repeat(32))), 410);
    assert.equal(await send(`${address}B`), 410);
    assert.equal(await send(address), 202);
    await place.clock.sleep(2 * hourMs - 1);
    assert.equal(await place.isLive(), true);
    assert.equal(await send(address), 202);
    await place.clock.sleep(1);
    assert.equal(await place.isLive(), false);
    assert.equal(await send(address), 410);
    assert.equal(place.pushes.length, 2);
  });

  it("arrives while the lease is renewed, and after it was", async (t) => {
    const place = await openPlace(t);
    place.hub.set({ leaseSeconds: 86_400 });
    await place.subscribe();
    const { token, secret } = await place.subscription();
    await place.clock.sleep(16 * hourMs);
    place.hub.failNext(503);
    await place.subscriber.renewDue(place.signal);
    assert.equal((await place.subscription()).state, "asked");
    assert.equal(await place.isLive(), true, "the old lease runs on");
    assert.deepEqual(await place.hub.publish(topic, document), [202]);
    await place.clock.sleep(hourMs);
    await place.subscriber.renewDue(place.signal);
    await place.hub.settled();
    const renewed = await place.subscription();
    assert.deepEqual([renewed.token, renewed.secret, renewed.state], [token, secret, "active"]);
    assert.equal(ageMs(place, renewed.expiresAt), dayMs);
    assert.deepEqual(await place.hub.publish(topic, document), [202]);
    assert.equal(place.pushes.length, 2);
  });

  it("is still taken when the hub will not renew, but not relied on", async (t) => {
    const place = await openPlace(t);
    place.hub.set({ leaseSeconds: 172_800 });
    await place.subscribe();
    await place.clock.sleep(32 * hourMs);
    place.hub.failNext(403);
    await place.subscriber.renewDue(place.signal);
    assert.equal((await place.subscription()).state, "refused");
    assert.equal(await place.isLive(), false);
    assert.deepEqual(await place.hub.publish(topic, document), [202]);
    assert.equal(place.pushes.length, 1);
    assert.equal(await place.isLive(), false);
  });

  it("is unpacked, its signature being over the packed bytes", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    assert.deepEqual(await place.hub.publish(topic, document, { gzip: true }), [202]);
    assert.deepEqual(Buffer.from(place.pushes[0]?.content?.bytes ?? []), document);
  });

  it("leads to a read of the feed where there is nothing in it to take in", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    assert.deepEqual(await place.hub.publish(topic, ""), [202]);
    const bomb = gzipSync(new Uint8Array(11 * 1024 * 1024));
    assert.deepEqual(await place.hub.publish(topic, bomb), [202]);
    assert.deepEqual(place.pushes, [
      { feedId: place.feed.id, content: null },
      { feedId: place.feed.id, content: null },
    ]);
  });

  it("leads to a read of the feed where it is packed in a way that Crier cannot undo", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    const address = (await place.callback()).replace("http://crier.example", place.url);
    const { secret } = await place.subscription();
    const damaged = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), Buffer.alloc(200, 0xff)]);
    for (const [encoding, body] of [
      ["gzip", damaged],
      ["br", damaged],
      ["compress", document],
      ["gzip, gzip, gzip", document],
      ["x".repeat(500), document],
    ] as const) {
      const headers = {
        "x-hub-signature": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
        "content-encoding": encoding,
      };
      assert.equal((await fetch(address, { method: "POST", headers, body })).status, 202, encoding);
      assert.deepEqual(place.pushes.pop(), { feedId: place.feed.id, content: null }, encoding);
    }
  });

  it("is handed on though it is no feed: what it is, its reader says", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    assert.deepEqual(await place.hub.publish(topic, "\0\xff<<<", { contentType: "text/plain" }), [202]);
    assert.equal(place.pushes[0]?.content?.contentType, "text/plain");
  });

  it("is refused when it is longer than a feed may be, told or not", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    assert.deepEqual(await place.hub.publish(topic, new Uint8Array(10 * 1024 * 1024 + 1)), [413]);
    const address = (await place.callback()).replace("http://crier.example", place.url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { "x-hub-signature": `sha256=${"0".repeat(64)}`, "transfer-encoding": "chunked" };
      const sending = request(address, { method: "POST", headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      // The console may hang up on what it does not want to hear.
      sending.on("error", (error) => setTimeout(() => reject(error), 500));
      const part = new Uint8Array(1024 * 1024);
      for (let sent = 0; sent < 11; sent++) sending.write(part);
      sending.end();
    });
    assert.equal(status, 413);
    assert.deepEqual(place.pushes, []);
    assert.deepEqual(await place.hub.publish(topic, document), [202], "the console goes on");
  });

  it("is not waited for where news was missed", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    place.subscriber.missed(place.feed.id);
    assert.equal(await place.isLive(), false);
    await place.hub.publish(topic, document);
    assert.equal(await place.isLive(), true);
  });
});

describe("removing a feed", () => {
  it("tells its hub, and confirms the end when the hub asks", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    await place.subscriber.forget(place.feed.id, place.signal);
    await place.hub.settled();
    assert.equal(await place.store.pushes.byFeed(place.feed.id), null);
    assert.deepEqual(place.hub.verifications.at(-1)?.mode, "unsubscribe");
    assert.equal(place.hub.verifications.at(-1)?.wasEcho, true);
    assert.deepEqual(await place.hub.publish(topic, document), [], "nobody subscribes any more");
    assert.equal(await place.isLive(), false);
  });

  it("ends push though the hub is down", async (t) => {
    const place = await openPlace(t);
    await place.subscribe();
    place.hub.failNext("hang up");
    await place.subscriber.forget(place.feed.id, place.signal);
    assert.deepEqual(await place.hub.publish(topic, document), [410]);
    await place.subscriber.forget(place.feed.id, place.signal);
  });
});
