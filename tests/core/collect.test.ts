import assert from "node:assert/strict";
import { test } from "node:test";
import { type CollectDeps, createCollector } from "#core/collect";
import { FeedError } from "#core/errors";
import type { Article } from "#core/model";
import type { ContentAdapter, FetchResult } from "#core/ports";
import { article, createNewsroom, fetched } from "#tests/fakes/newsroom";

/** A collector over a real store and a feed whose answers the test writes. */
async function createDesk(firstRun: CollectDeps["firstRun"] = "none") {
  const newsroom = await createNewsroom();
  const { store, clock, log } = newsroom;
  let answer: () => FetchResult = () => fetched([]);
  const told: string[] = [];
  const adapter: ContentAdapter = { kind: "fake", fetch: async () => answer() };
  const collector = createCollector({
    store,
    adapters: [adapter],
    clock,
    log,
    intervalMs: 60_000,
    firstRun,
    onQueued: () => {},
    tellAdmins: async (_key, text) => void told.push(text),
  });
  const signal = new AbortController().signal;
  await newsroom.subscribe("ada");
  return {
    ...newsroom,
    told,
    async read(next: Article[] | (() => FetchResult)): Promise<void> {
      answer = typeof next === "function" ? next : () => fetched(next);
      await clock.sleep(24 * 3_600_000);
      await collector.collectDue(signal);
    },
    async readAtOnce(): Promise<void> {
      await collector.collectDue(signal);
    },
    async queued(): Promise<string[]> {
      return (await store.outbox.recent(100))
        .map(({ title, key }) => (key.includes("revision") ? `${title} (correction)` : (title ?? "")))
        .reverse();
    },
  };
}

/** Lets a test end what it opened whatever it finds. */
const desk = async (
  firstRun: CollectDeps["firstRun"],
  work: (desk: Awaited<ReturnType<typeof createDesk>>) => Promise<void>,
) => {
  const opened = await createDesk(firstRun);
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
};

const newestFirst = [article("Three"), article("Two"), article("One")];

test("the first sight of a feed floods nobody; what comes after it goes out", () =>
  desk("none", async ({ read, queued, store }) => {
    await read(newestFirst);
    assert.deepEqual(await queued(), []);
    assert.equal((await store.articles.latest(10)).length, 3);
    await read([article("Four"), ...newestFirst]);
    assert.deepEqual(await queued(), ["Four"]);
  }));

test("the first sight can send the newest or all, oldest first", async () => {
  await desk("newest", async ({ read, queued }) => {
    await read(newestFirst);
    assert.deepEqual(await queued(), ["Three"]);
  });
  await desk("all", async ({ read, queued }) => {
    await read(newestFirst);
    assert.deepEqual(await queued(), ["One", "Two", "Three"]);
  });
});

test("the same feed read again queues nothing", () =>
  desk("all", async ({ read, queued }) => {
    await read(newestFirst);
    await read(newestFirst);
    await read(newestFirst);
    assert.equal((await queued()).length, 3);
  }));

test("dates decide the order where every article has one", () =>
  desk("all", async ({ read, queued }) => {
    const dated = (title: string, day: number) => article(title, { publishedAt: new Date(Date.UTC(2026, 2, day)) });
    await read([dated("Second", 2), dated("First", 1), dated("Third", 3)]);
    assert.deepEqual(await queued(), ["First", "Second", "Third"]);
  }));

test("a changed headline is a correction for the chats that hold the article; a changed date is none", () =>
  desk("all", async ({ read, queued, store, clock }) => {
    await read([article("One")]);
    const [claimed] = await store.outbox.claim("fake", 1, [], clock.now());
    assert.ok(claimed);
    await store.outbox.finish(claimed.id, { state: "sent", receipt: { messageId: "1" } }, clock.now());
    await read([article("One", { publishedAt: new Date(0) })]);
    assert.deepEqual(await queued(), ["One"]);
    await read([article("One, corrected", { sourceId: "One" })]);
    assert.deepEqual(await queued(), ["One, corrected", "One, corrected (correction)"]);
  }));

test("another id with the same link and headline is the same story; with the same link alone it is not", () =>
  desk("all", async ({ read, queued }) => {
    const url = "https://bell.example/front";
    await read([article("Bridge opens", { url })]);
    await read([article("Bridge opens", { url, sourceId: "other" }), article("Ferry sinks", { url })]);
    assert.deepEqual(await queued(), ["Bridge opens", "Ferry sinks"]);
    await read([article("Bridge opens", { url, sourceId: "other", summary: "Told anew." })]);
    assert.equal((await queued()).length, 2, "a twin's words are no revision");
  }));

test("a feed that fails is left alone for longer each time, and goes on when it is back", () =>
  desk("all", async ({ read, readAtOnce, queued, store, clock }) => {
    let asked = 0;
    const broken = (): FetchResult => {
      asked += 1;
      throw new FeedError("unreachable", "bell.example does not answer.");
    };
    await read(broken);
    await readAtOnce();
    assert.equal(asked, 1, "it is not asked again at once");
    const [failed] = await store.feeds.list();
    assert.equal(failed?.failures, 1);
    await read(broken);
    const [twice] = await store.feeds.list();
    assert.ok((twice?.nextAt.getTime() ?? 0) - clock.now().getTime() >= 120_000);
    await read([article("One")]);
    assert.deepEqual(await queued(), ["One"]);
    assert.equal((await store.feeds.list())[0]?.failures, 0);
  }));

test("a server's wish for a pause is respected, up to a day", () =>
  desk("all", async ({ read, store, clock }) => {
    await read(() => {
      throw new FeedError("http-status", "Later.", { retryAfterMs: 365 * 86_400_000 });
    });
    const wait = ((await store.feeds.list())[0]?.nextAt.getTime() ?? 0) - clock.now().getTime();
    assert.equal(wait, 86_400_000);
  }));

test("a feed that is gone ends, and the admins hear of it", () =>
  desk("all", async ({ read, store, clock, told }) => {
    await read(() => ({ kind: "gone" }));
    assert.match(told[0] ?? "", /bell\.example\/feed has ended/);
    assert.deepEqual(await store.feeds.due(new Date(clock.now().getTime() + 1e9), 10), []);
  }));

test("when the queueing fails, nothing is marked seen", () =>
  desk("all", async ({ read, queued, store }) => {
    const twoFaced = [article("One"), { ...article("Two"), topics: undefined as unknown as string[] }];
    await read(twoFaced);
    assert.deepEqual(await store.articles.latest(10), []);
    await read([article("One"), article("Two")]);
    assert.equal((await queued()).length, 2);
  }));
