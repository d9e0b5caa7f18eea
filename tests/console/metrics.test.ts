import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { FeedError, SendError } from "#core/errors";
import { buckets, createTally } from "#core/meter";
import { meteredAdapter, meteredBot } from "#core/metered";
import { meteredStore } from "#core/metered-store";
import { createVitals } from "#core/vitals";
import { metricsRoutes } from "#src/console/metrics";
import { openMetricsPage } from "#src/console/metrics-page";
import { writeFamilies } from "#src/console/metrics-text";
import { serveConsole } from "#src/console/serve";
import { type ParsedFamily, parseMetrics } from "#tests/console/metrics-parser";
import { createFakeBot } from "#tests/fakes/bot";
import { article, createNewsroom } from "#tests/fakes/newsroom";

const token = "0123456789abcdef";

/** A real store, bot and console, all of them metered. */
async function open(t: TestContext, { secret = null }: { secret?: string | null } = {}) {
  const newsroom = await createNewsroom();
  const { clock, log, feed } = newsroom;
  const tally = createTally();
  const store = meteredStore(newsroom.store, tally);
  const fake = createFakeBot({ clock, platform: "telegram" });
  const bot = meteredBot(fake, tally, clock);
  const vitals = createVitals({ store, clock });
  let opened = 0;
  const pages = await serveConsole({
    host: "127.0.0.1",
    port: 0,
    log,
    routes: [
      metricsRoutes({
        token: secret,
        log,
        open: () => {
          opened += 1;
          return openMetricsPage({ tally, vitals, store, bots: [fake], clock, engine: "SQLite" });
        },
      }),
    ],
  });
  t.after(async () => {
    await pages.close();
    await newsroom.close();
  });
  const url = `${pages.url}/metrics`;
  return {
    clock,
    log,
    store,
    feed,
    tally,
    fake,
    bot,
    url,
    opened: () => opened,
    async scrape(): Promise<Map<string, ParsedFamily>> {
      const answer = await fetch(url);
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4; charset=utf-8$/);
      return parseMetrics(await answer.text());
    },
    async subscribe(address: string) {
      const ref = { platform: "telegram", address, kind: "private" } as const;
      const { chat } = await store.chats.open(ref, address, clock.now());
      await store.subscriptions.begin(chat.id, clock.now());
      return chat;
    },
    publish: (title: string, publishedAt: Date | null = null, breaking = false) =>
      store.transaction(async (tx) => {
        const { id } = await tx.articles.add(feed.id, article(title, { publishedAt, breaking }), noKeys, clock.now());
        const lane = breaking ? "breaking" : "article";
        await tx.outbox.add(
          { key: `${id}`, lane, kind: "article", action: "send", article: id },
          "subscribed",
          clock.now(),
        );
        await tx.articles.announce(id, clock.now(), null);
        return id;
      }),
    async sendAll(): Promise<void> {
      for (const delivery of await store.outbox.claim("telegram", 100, [], clock.now()))
        await store.outbox.finish(
          delivery,
          { state: "sent", receipt: { messageId: String(delivery.id) } },
          clock.now(),
        );
    },
  };
}

const noKeys = { link: null, terms: [] };

/** A sample's value; null where there is none. */
function valueOf(
  families: Map<string, ParsedFamily>,
  name: string,
  labels: Record<string, string> = {},
): number | null {
  const family = families.get(name.replace(/_(bucket|sum|count)$/, "")) ?? families.get(name);
  const sample = family?.samples.find(
    (candidate) =>
      candidate.name === name && Object.entries(labels).every(([label, text]) => candidate.labels[label] === text),
  );
  return sample?.value ?? null;
}

describe("/metrics", () => {
  it("is a page that Prometheus reads, of Crier, its store and its process", async (t) => {
    const { scrape, subscribe, publish, clock } = await open(t);
    const bare = await scrape();
    assert.equal(valueOf(bare, "crier_feeds"), 1);
    assert.equal(valueOf(bare, "crier_bot_state", { platform: "telegram", state: "starting" }), 1);
    assert.equal(valueOf(bare, "crier_bot_state", { platform: "telegram", state: "ready" }), 0);
    assert.equal(valueOf(bare, "crier_outbox_oldest_due_seconds", { platform: "telegram" }), 0);
    assert.equal(valueOf(bare, "crier_build_info", { store: "SQLite", node: process.version }), 1);
    assert.ok((valueOf(bare, "process_resident_memory_bytes") ?? 0) > 1e6);
    await subscribe("ada");
    await publish("One");
    await clock.sleep(30_000);
    const full = await scrape();
    assert.equal(
      valueOf(full, "crier_deliveries_waiting", { platform: "telegram", lane: "article", state: "pending" }),
      1,
    );
    assert.equal(valueOf(full, "crier_outbox_oldest_due_seconds", { platform: "telegram" }), 30);
    for (const [name, { help, type, samples }] of full) {
      assert.ok(help.length > 5, name);
      if (name.startsWith("crier_")) assert.equal(name.endsWith("_total"), type === "counter", name);
      for (const { labels } of samples)
        assert.ok(!JSON.stringify(labels).includes("bell.example"), `${name} names no feed's address`);
    }
  });

  it("counts how deliveries end, by platform and lane, and how long they took", async (t) => {
    const { scrape, subscribe, publish, sendAll, store, clock } = await open(t);
    await subscribe("ada");
    await subscribe("ben");
    const published = new Date(clock.now().getTime() - 20_000);
    await publish("One", published);
    await clock.sleep(20_000);
    await sendAll();
    await publish("Two", null, true);
    const [first, second] = await store.outbox.claim("telegram", 10, [], clock.now());
    assert.ok(first && second);
    await store.outbox.finish(first, { state: "failed", reason: "No right to post." }, clock.now());
    await store.outbox.retry(second, clock.now(), "Not now.", true);
    await sendAll();
    const page = await scrape();
    const ended = (lane: string, state: string) =>
      valueOf(page, "crier_deliveries_total", { platform: "telegram", lane, state });
    assert.deepEqual([ended("article", "sent"), ended("breaking", "sent"), ended("breaking", "failed")], [2, 1, 1]);
    assert.equal(ended("digest", "sent"), null);
    assert.equal(valueOf(page, "crier_delivery_retries_total", { lane: "breaking" }), 1);
    const delay = (part: string, more: Record<string, string> = {}) =>
      valueOf(page, `crier_delivery_delay_seconds_${part}`, { platform: "telegram", lane: "article", ...more });
    assert.deepEqual([delay("count"), delay("sum")], [2, 80]);
    assert.deepEqual([delay("bucket", { le: "30" }), delay("bucket", { le: "60" })], [0, 2]);
    assert.equal(valueOf(page, "crier_queue_delay_seconds_sum", { lane: "article" }), 40);
    assert.equal(buckets[0], 0.05);
    assert.equal(buckets.at(-1), 3600);
  });

  it("counts what a lost answer turned out to be, and what was abandoned", async (t) => {
    const { scrape, subscribe, publish, store, clock } = await open(t);
    await subscribe("ada");
    await publish("One");
    const [delivery] = await store.outbox.claim("telegram", 1, [], clock.now());
    assert.ok(delivery);
    await store.outbox.finish(delivery, { state: "unknown", reason: "lost", lookAt: clock.now() }, clock.now());
    const [unknown] = await store.outbox.unknown.due("telegram", 1, [], clock.now());
    assert.ok(unknown);
    const later = { kind: "later", lookAt: clock.now() } as const;
    await store.outbox.unknown.prove(unknown, later, clock.now());
    await store.transaction((tx) =>
      tx.outbox.unknown.prove(unknown, { kind: "found", receipt: { messageId: "1" } }, clock.now()),
    );
    await store.outbox.unknown.prove(unknown, { kind: "found", receipt: { messageId: "1" } }, clock.now());
    await publish("Two");
    await store.outbox.claim("telegram", 1, [], clock.now());
    await store.outbox.abandon("telegram", "Crier ended.", clock.now(), new Date(8.64e15));
    const page = await scrape();
    assert.deepEqual(
      page.get("crier_proofs_total")?.samples.map(({ labels, value }) => [labels.proof, value]),
      [["found", 1]],
    );
    assert.equal(valueOf(page, "crier_deliveries_total", { state: "unknown" }), 1);
    assert.equal(valueOf(page, "crier_deliveries_total", { state: "sent" }), 1);
    assert.equal(valueOf(page, "crier_deliveries_abandoned_total", { platform: "telegram" }), 1);
    assert.equal(valueOf(page, "crier_deliveries_waiting", { state: "unknown" }), 1);
  });

  it("counts articles by the verdict on them, and nothing of a transaction that failed", async (t) => {
    const { scrape, publish, store, feed, clock } = await open(t);
    const first = await publish("One");
    await publish("Two");
    const now = clock.now();
    await store.transaction(async (tx) => {
      await tx.articles.add(feed.id, article("Left out"), noKeys, now);
      const { id } = await tx.articles.add(feed.id, article("Held"), noKeys, now);
      const waits = { watched: null, embargoUntil: null, preflight: null, approvals: 0, expiresAt: null };
      await tx.desk.hold(id, { ...waits, reviewed: true, editors: 1 }, now);
      await tx.articles.alias(feed.id, "a twin", first);
      await tx.articles.revise(first, article("Won"), noKeys, now);
      await tx.transaction((inner) => inner.articles.alias(feed.id, "another twin", first + 1));
    });
    await store.transaction((tx) => tx.articles.retract(first, now));
    await store.transaction((tx) => tx.articles.retract(first, now));
    await assert.rejects(
      store.transaction(async (tx) => {
        await tx.articles.add(feed.id, article("Never"), noKeys, now);
        throw new Error("The disk is full.");
      }),
    );
    const verdicts = (await scrape()).get("crier_articles_total")?.samples;
    assert.deepEqual(Object.fromEntries(verdicts?.map(({ labels, value }) => [labels.verdict, value]) ?? []), {
      new: 2,
      "left out": 1,
      held: 1,
      changed: 1,
      twin: 1,
      retracted: 1,
    });
  });

  it("counts the platform's answers and the pauses that it asks for", async (t) => {
    const { scrape, bot, fake } = await open(t);
    const chat = { platform: "telegram", address: "ada", kind: "private" } as const;
    const message = { kind: "notice", spans: [{ text: "hello" }] } as const;
    const say = () => bot.send(chat, { ...message, spans: [...message.spans] }, "key");
    fake.failNext("ada", new SendError("rate-limited", "Too many.", { retryAfterMs: 2_500 }), { times: 2 });
    await assert.rejects(say);
    await assert.rejects(say);
    const receipt = await say();
    fake.failNext("ada", new SendError("unknown", "The answer was lost."));
    await assert.rejects(bot.recall(chat, receipt));
    const page = await scrape();
    const calls = (call: string, outcome: string) =>
      valueOf(page, "crier_bot_calls_total", { platform: "telegram", call, outcome });
    assert.deepEqual([calls("send", "ok"), calls("send", "rate-limited"), calls("recall", "unknown")], [1, 2, 1]);
    assert.equal(valueOf(page, "crier_rate_limited_total", { platform: "telegram" }), 2);
    assert.equal(valueOf(page, "crier_pause_seconds_total", { platform: "telegram" }), 5);
    assert.equal(valueOf(page, "crier_bot_call_duration_seconds_count", { platform: "telegram" }), 4);
    assert.equal(valueOf(page, "crier_bot_call_duration_seconds_sum", { platform: "telegram" }), 0.02);
  });

  it("counts reads of feeds, and why they failed", async (t) => {
    const { scrape, store, feed, tally, clock } = await open(t);
    let next: () => Promise<{ kind: "unchanged" } | { kind: "gone" }> = async () => ({ kind: "unchanged" });
    const adapter = meteredAdapter({ kind: "feed", fetch: () => next() }, tally, clock);
    const stopping = new AbortController();
    const read = () => adapter.fetch({ url: feed.url, validators: {} }, stopping.signal);
    await read();
    next = async () => {
      throw new FeedError("timeout", "It took too long.");
    };
    await assert.rejects(read);
    await assert.rejects(read);
    next = async () => {
      throw new TypeError("a fault of Crier's own");
    };
    await assert.rejects(read);
    stopping.abort();
    await assert.rejects(read);
    await store.feeds.failed(feed.id, { nextAt: clock.now(), problem: "It took too long." });
    const page = await scrape();
    const reads = (outcome: string) => valueOf(page, "crier_feed_reads_total", { kind: "feed", outcome });
    assert.deepEqual([reads("unchanged"), reads("failed")], [1, 3]);
    const failures = (reason: string) => valueOf(page, "crier_feed_failures_total", { reason });
    assert.deepEqual([failures("timeout"), failures("fault")], [2, 1]);
    assert.equal(valueOf(page, "crier_feeds_failing"), 1);
    assert.equal(valueOf(page, "crier_feed_failures", { feed: String(feed.id) }), 1);
  });

  it("has series of single feeds only while these are few", async (t) => {
    const { scrape, store, feed, clock } = await open(t);
    await store.feeds.read(feed.id, { at: clock.now(), nextAt: clock.now() });
    await clock.sleep(90_000);
    const few = await scrape();
    assert.equal(valueOf(few, "crier_feed_last_read_seconds", { feed: String(feed.id) }), 90);
    assert.equal(valueOf(few, "crier_feeds_oldest_read_seconds"), 90);
    for (let number = 0; number < 200; number += 1)
      await store.feeds.add({ kind: "feed", address: `https://${number}.example/` }, clock.now());
    await clock.sleep(10_000);
    const many = await scrape();
    assert.equal(valueOf(many, "crier_feeds"), 201);
    assert.equal(many.has("crier_feed_last_read_seconds"), false);
  });

  it("loads nothing before it is asked for, and counts from the start all the same", async (t) => {
    const { opened, scrape, tally } = await open(t);
    tally.count("crier_rate_limited_total", { platform: "telegram" });
    assert.equal(opened(), 0);
    assert.equal(valueOf(await scrape(), "crier_rate_limited_total", { platform: "telegram" }), 1);
    await scrape();
    assert.equal(opened(), 1);
  });
});

describe("who may read /metrics", () => {
  /** Asks with headers that fetch does not let anybody set. */
  const ask = (url: string, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      request(url, { headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on("error", reject)
        .end();
    });

  it("is this machine alone where there is no token", async (t) => {
    const { url, log } = await open(t);
    const { port } = new URL(url);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
      assert.equal(await ask(url, { host }), 200, host);
    // A reverse proxy on this machine, and another site's page by the reader's browser.
    for (const headers of [
      { "x-forwarded-for": "203.0.113.7" },
      { forwarded: "for=203.0.113.7" },
      { via: "1.1 proxy" },
      { host: "crier.example" },
      { host: `rebound.example:${port}` },
    ] as Record<string, string>[]) {
      assert.equal(await ask(url, headers), 403, JSON.stringify(headers));
    }
    const refused = await fetch(url, { headers: { "x-real-ip": "203.0.113.7" } });
    assert.match(await refused.text(), /shown to this machine alone\. Set METRICS_TOKEN/);
    assert.ok(log.lines.some(({ text }) => text === "a request for the metrics was refused"));
  });

  it("is who carries the token where there is one, from anywhere", async (t) => {
    const { url, log } = await open(t, { secret: token });
    const behindProxy = { host: "crier.example", "x-forwarded-for": "203.0.113.7" };
    assert.equal(await ask(url, { ...behindProxy, authorization: `Bearer ${token}` }), 200);
    assert.equal(await ask(url, { authorization: `bearer  ${token}` }), 200);
    for (const authorization of ["", token, `Basic ${token}`, `Bearer ${token}x`, "Bearer ", `Bearer ${token} x`])
      assert.equal(await ask(url, { authorization }), 401, authorization);
    const refused = await fetch(url);
    assert.equal(refused.headers.get("www-authenticate"), "Bearer");
    assert.ok(!JSON.stringify(log.lines).includes(token));
  });
});

describe("the text format", () => {
  it("takes any label and any number", () => {
    const labels = { feed: 'a "quoted"\nname \\ with a back\\slash, {braces} and עברית' };
    const text = writeFamilies([
      {
        name: "one",
        help: "A line\nand \\ another.",
        type: "gauge",
        samples: [{ labels, value: 1e-7 }, { value: -0.5 }],
      },
      { name: "none", help: "Nothing.", type: "counter", samples: [] },
      { name: "big_total", help: "Much.", type: "counter", samples: [{ value: 1e21 }] },
    ]);
    const families = parseMetrics(text);
    assert.deepEqual([...families.keys()], ["one", "big_total"]);
    assert.deepEqual(families.get("one")?.samples, [
      { name: "one", labels, value: 1e-7 },
      { name: "one", labels: {}, value: -0.5 },
    ]);
    assert.equal(families.get("big_total")?.samples[0]?.value, 1e21);
  });

  it("is read by a parser that forgives nothing", () => {
    const head = "# HELP a A.\n# TYPE a gauge\n";
    for (const broken of [
      "a 1\n",
      `${head}a 1\na 1\n`,
      `${head}a{x="1"} 1\na{x="1"} 2\n`,
      `${head}b 1\n`,
      `${head}a{x=1} 1\n`,
      `${head}a{x="1"y="2"} 1\n`,
      `${head}a{x="\\q"} 1\n`,
      `${head}a one\n`,
      `${head}a 1`,
      `${head}a 1\n${head}a{x="1"} 1\n`,
      '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n',
      '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    ]) {
      assert.throws(() => parseMetrics(broken), assert.AssertionError, broken);
    }
  });
});
