import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePattern } from "#content/shared/pattern";
import { type CollectDeps, createCollector } from "#core/collect";
import { FeedError } from "#core/errors";
import type { Article, FeedRules } from "#core/model";
import type { ContentAdapter, FetchResult } from "#core/ports";
import { deskSettings } from "#tests/fakes/desk";
import { article, createNewsroom, fetched } from "#tests/fakes/newsroom";

/** A collector over a real store and a feed whose answers the test writes. */
async function createDesk(firstRun: CollectDeps["firstRun"] = "none", change: Partial<CollectDeps> = {}) {
  const newsroom = await createNewsroom();
  const { store, clock, log, feed } = newsroom;
  let answer: () => FetchResult = () => fetched([]);
  let asked = 0;
  const told: string[] = [];
  const completed: string[] = [];
  const adapter: ContentAdapter = {
    kind: "fake",
    async fetch() {
      asked += 1;
      return answer();
    },
    async complete(given) {
      completed.push(given.title);
      if (given.title === "Unreadable" || (given.title === "Late" && completed.length < 3)) {
        throw new FeedError("timeout", "The page did not answer.");
      }
      const publishedAt = given.title === "Touched" ? new Date("2019-01-01") : given.publishedAt;
      return { ...given, publishedAt, summary: `From the page of ${given.title}.` };
    },
  };
  const collector = createCollector({
    store,
    adapters: [adapter],
    clock,
    log,
    intervalMs: 60_000,
    random: () => 0.5,
    firstRun,
    compilePattern,
    desk: { ...deskSettings, probeAfterMs: 600_000 },
    push: null,
    onQueued: () => {},
    tellAdmins: async (_key, text) => void told.push(text),
    ...change,
  });
  const signal = new AbortController().signal;
  await newsroom.subscribe("ada");
  const waitMs = async (): Promise<number> => {
    const [read] = await store.feeds.list();
    // Reads that brought nothing are written down together, a moment later.
    return Math.round(((read?.nextAt.getTime() ?? 0) - clock.now().getTime()) / 1_000) * 1_000;
  };
  return {
    ...newsroom,
    collector,
    told,
    completed,
    asked: () => asked,
    waitMs,
    async read(next: Article[] | (() => FetchResult), hours = 24): Promise<void> {
      answer = typeof next === "function" ? next : () => fetched(next);
      await clock.sleep(hours * 3_600_000);
      await collector.collectDue(signal);
    },
    async readAtOnce(): Promise<void> {
      await collector.collectDue(signal);
    },
    rule: (rules: FeedRules) => store.feeds.setRules(feed.id, rules),
    async send(): Promise<void> {
      // Two of one chat are never claimed at once.
      for (;;) {
        const [claimed] = await store.outbox.claim("fake", 1, [], clock.now());
        if (!claimed) return;
        const outcome = { state: "sent", receipt: { messageId: String(claimed.id) } } as const;
        await store.outbox.finish(claimed, outcome, clock.now());
      }
    },
    async queued(): Promise<string[]> {
      return (await store.outbox.recent(100))
        .map(
          ({ title, key }) =>
            `${title}${key.includes("revision") ? " (correction)" : ""}${key.includes("recall") ? " (recall)" : ""}`,
        )
        .reverse();
    },
  };
}

/** Lets a test end what it opened whatever it finds. */
const desk = async <T>(
  firstRun: CollectDeps["firstRun"],
  work: (desk: Awaited<ReturnType<typeof createDesk>>) => Promise<T>,
  change: Partial<CollectDeps> = {},
): Promise<T> => {
  const opened = await createDesk(firstRun, change);
  try {
    return await work(opened);
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

test("what a feed had before and comes into sight is no news; a wrong date alone keeps nothing back", async () => {
  const of = (day: number, name = `Day ${day}`): Article =>
    article(name, { publishedAt: new Date(Date.UTC(2000, 0, 1) + day * 86_400_000) });
  // The clock of the tests starts at 2026: these stand in the feed at its first sight.
  const stood = [of(9), of(8), of(7)];
  const sends = (_case: string, next: Article[], first = stood): Promise<string[]> =>
    desk("none", async ({ read, queued }) => {
      await read(first);
      await read(next);
      return queued();
    });
  assert.deepEqual(await sends("one was taken out above", [of(9), of(7), of(6)]), []);
  assert.deepEqual(await sends("made longer", [...stood, ...[6, 5, 4, 3, 2, 1].map((day) => of(day))]), []);
  assert.deepEqual(
    await sends(
      "empty at first",
      [9, 8, 7, 6, 5].map((day) => of(day)),
      [],
    ),
    [],
  );
  assert.deepEqual(await sends("a clock that lags", [of(10), ...stood]), ["Day 10"]);
  assert.deepEqual(await sends("a draft's date", [of(1), ...stood]), ["Day 1"]);
  assert.deepEqual(await sends("a feed of one article", [of(10)], [of(9)]), ["Day 10"]);
  const redated = article("Day 7", { publishedAt: new Date("2030-01-01") });
  assert.deepEqual(await sends("an old one dated anew", [redated, of(10)]), ["Day 10"]);
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
    const dated = (title: string, day: number) => article(title, { publishedAt: new Date(Date.UTC(2026, 1, day)) });
    await read([dated("Second", 27), dated("First", 26), dated("Third", 28)]);
    assert.deepEqual(await queued(), ["First", "Second", "Third"]);
  }));

test("a changed headline is a correction for the chats that hold the article; a changed date is none", () =>
  desk("all", async ({ read, queued, send }) => {
    await read([article("One")]);
    await send();
    await read([article("One", { publishedAt: new Date(0) })]);
    assert.deepEqual(await queued(), ["One"]);
    await read([article("One, corrected", { sourceId: "One" })]);
    assert.deepEqual(await queued(), ["One, corrected", "One, corrected (correction)"]);
  }));

test("older copies that come again and again correct nothing; what goes back for good is corrected once", () =>
  desk("all", async ({ read, send, queued, store }) => {
    const version = (summary: string): (() => FetchResult) => {
      const articles = [article("Bridge opens", { summary })];
      return () => ({ ...fetched(articles), validators: { etag: summary } }) as FetchResult;
    };
    const [older, newer] = [version("Three boats came."), version("Seven boats came.")];
    const minute = 1 / 60;
    const corrections = async (): Promise<number> => {
      await send();
      return (await queued()).filter((title) => title.endsWith("(correction)")).length;
    };
    await read(older, minute);
    await send();
    for (let turn = 0; turn < 8; turn++) await read(turn % 2 ? older : newer, minute);
    assert.equal(await corrections(), 1, "the newer one is corrected once, the older one never");
    assert.deepEqual((await store.feeds.list())[0]?.validators, {}, "a doubtful answer must come again in full");
    await read(newer, minute);
    for (let turn = 0; turn < 4; turn++) await read(older, minute);
    assert.equal(await corrections(), 1, "four reads are a cache");
    for (let turn = 0; turn < 3; turn++) await read(older, minute);
    assert.equal(await corrections(), 2, "the publisher went back to it");
    assert.deepEqual((await store.feeds.list())[0]?.validators, { etag: "Three boats came." });
    for (let turn = 0; turn < 8; turn++) await read(newer, minute);
    assert.equal(await corrections(), 2, "each return must stand for longer");
    await read(version("Nine boats came."), minute);
    assert.equal(await corrections(), 3, "what is new is believed at once");
  }));

test("a changed body is kept, but corrects nothing that readers see; a summary that is missing once is no change", () =>
  desk("all", async ({ read, queued, send, store, feed }) => {
    await read([article("One", { text: "The ferry runs from Monday." })]);
    await send();
    await read([article("One", { text: "The ferry runs from Monday, twice an hour." })]);
    assert.deepEqual(await queued(), ["One"]);
    assert.equal((await store.articles.bySourceId(feed.id, "One"))?.revision, 2);
    await read([article("One", { text: "The ferry runs from Monday, twice an hour.", summary: null })]);
    assert.deepEqual(await queued(), ["One"]);
    assert.equal((await store.articles.bySourceId(feed.id, "One"))?.summary, "What there is to say of: One.");
  }));

test("another id with the same link and headline is the same story; with the same link alone it is not", () =>
  desk("all", async ({ read, queued }) => {
    const url = "https://bell.example/live/harbour";
    await read([article("Bridge opens", { url })]);
    await read([
      article("Bridge opens", { url, sourceId: "other" }),
      article("Ferry sinks", { url, sourceId: "third" }),
    ]);
    assert.deepEqual(await queued(), ["Bridge opens", "Ferry sinks"]);
    await read([article("Bridge opens", { url, sourceId: "other", summary: "Told anew." })]);
    assert.equal((await queued()).length, 2, "a twin's words are no revision");
  }));

test("ids that change at each reading send nothing twice and are not kept one by one", () =>
  desk("none", async ({ read, send, queued, store, feed }) => {
    await read([]);
    const told = (id: number): Article[] => [
      article("Ferry sails on Monday", { sourceId: `l${id}`, url: "https://bell.example/ferry" }),
      article("Dated harbour news", { sourceId: `d${id}`, url: null, publishedAt: new Date("2026-03-01") }),
      article("Harbour news of no date", { sourceId: `n${id}`, url: null }),
    ];
    for (let id = 0; id < 5; id++) await read(told(id), 1);
    assert.deepEqual(await queued(), ["Harbour news of no date", "Dated harbour news", "Ferry sails on Monday"]);
    const kept = await store.articles.bySourceIds(feed.id, ["l0", "l1", "l2", "l4", "d0", "d1", "d2", "d4"]);
    assert.deepEqual([...kept.keys()].sort(), ["d0", "d1", "l0", "l1"]);
    await send();
    await read([article("Ferry sails on Monday again", { sourceId: "l9", url: "https://bell.example/ferry" })], 1);
    assert.equal((await queued()).at(-1), "Ferry sails on Monday again (correction)");
  }));

test("a story that another feed has brought already goes out once, by its link or its words", () =>
  desk("all", async ({ store, clock, collector, read, queued }) => {
    const summary =
      "The old ferry between the two harbours takes passengers again from Monday, says the harbour office.";
    const title = "Ferry between the harbours runs again from Monday";
    await read([article(title, { summary, url: "https://bell.example/ferry-runs?utm_source=rss" })]);
    const { feed: other } = await store.feeds.add(
      { kind: "fake", address: "https://herald.example/feed" },
      clock.now(),
    );
    const taken = await collector.take(other, {
      articles: [
        article(title, { sourceId: "a", url: "http://m.bell.example/ferry-runs/" }),
        article(`${title} - Herald`, { sourceId: "b", summary, url: "https://herald.example/7" }),
        article("Ferry between the harbours stops on Monday", { sourceId: "c", url: "https://herald.example/8" }),
      ],
      retracted: [],
    });
    assert.deepEqual(
      taken.map(({ sourceId, verdict }) => `${sourceId} ${verdict}`),
      ["c new", "b twin", "a twin"],
    );
    assert.equal((await queued()).length, 2);
  }));

test("the newsroom's rules leave articles out, give topics and make news breaking", () =>
  desk("all", async ({ read, queued, rule, store, send }) => {
    await rule({
      exclude: [{ words: ["horoscope"] }, { pattern: "^sponsored\\b" }],
      topics: [{ topic: "Harbour", when: { words: ["ferry"] } }],
      breaking: [{ words: ["fire"] }],
    });
    await read([
      article("Your horoscope"),
      article("Sponsored: tea"),
      article("Fire at the docks"),
      article("A ferry comes"),
    ]);
    assert.deepEqual((await queued()).sort(), ["A ferry comes", "Fire at the docks"]);
    const kept = await store.articles.latest(10);
    assert.equal(kept.length, 4, "what is left out is known all the same");
    assert.deepEqual(kept.find(({ title }) => title === "A ferry comes")?.topics, ["Harbour"]);
    assert.equal((await store.outbox.recent(10)).find(({ title }) => title === "Fire at the docks")?.lane, "breaking");
    await send();
    await read([article("Horoscope: all signs", { sourceId: "Your horoscope" })]);
    assert.equal((await queued()).length, 2, "what did not go out is not corrected");
  }));

test("rules that cannot be used stop the feed in words, and nothing goes out by mistake", () =>
  desk("all", async ({ read, queued, rule, store }) => {
    await rule({ exclude: [{ pattern: "(?=x)" }] });
    await read([article("One")]);
    assert.deepEqual(await queued(), []);
    assert.match((await store.feeds.list())[0]?.problem ?? "", /crier feeds set/);
  }));

test("new articles that are no more than links are completed from their pages, and go out even when those fail", () =>
  desk("none", async ({ read, completed, store, rule, queued }) => {
    await read([article("Old", { summary: null })]);
    assert.deepEqual(completed, [], "what is not sent is not asked for");
    const told = article("Told");
    await read([
      article("Unreadable", { summary: null }),
      article("Bare", { summary: null }),
      told,
      article("Old", { summary: null }),
    ]);
    assert.deepEqual(completed.sort(), ["Bare", "Unreadable"]);
    assert.deepEqual((await queued()).sort(), ["Bare", "Told", "Unreadable"]);
    assert.equal(
      (await store.articles.latest(9)).find(({ title }) => title === "Bare")?.summary,
      "From the page of Bare.",
    );
    await rule({ pages: true });
    await read([article("Asked for"), told]);
    assert.deepEqual(completed.slice(2), ["Asked for"]);
    await rule({ pages: false });
    await read([article("Never", { summary: null })]);
    assert.equal(completed.length, 3);
    await rule({});
    await read([article("Touched", { summary: null })]);
    assert.equal((await queued()).includes("Touched"), false, "its page says that it is old");
  }));

test("a page that is not there yet is tried again at the next reads; its article is corrected when it comes", () =>
  desk("none", async ({ read, send, queued, completed, store }) => {
    const bare = (...titles: string[]): (() => FetchResult) => {
      const articles = titles.map((title) => article(title, { summary: null }));
      return () => ({ ...fetched(articles), validators: { etag: "1" } }) as FetchResult;
    };
    const validators = async () => (await store.feeds.list())[0]?.validators;
    await read([]);
    await read(bare("Late"));
    await send();
    assert.deepEqual(await validators(), {}, "an unchanged feed would not be looked at again");
    await read(bare("Late"));
    await read(bare("Late"));
    assert.deepEqual(await queued(), ["Late", "Late (correction)"]);
    assert.deepEqual(await validators(), { etag: "1" });
    await read(bare("Late"));
    assert.equal(completed.length, 3, "what its page has told is not asked again");
    for (let reads = 0; reads < 9; reads++) await read(bare("Unreadable"));
    assert.equal(completed.length, 3 + 5, "nor is it asked for ever");
    assert.deepEqual(await validators(), { etag: "1" });
  }));

test("a flood of articles leaves turns to others while it is written down", () =>
  desk("all", async ({ read, store }) => {
    let turns = 0;
    let timer = setImmediate(function count() {
      turns += 1;
      timer = setImmediate(count);
    });
    const articles = Array.from({ length: 200 }, (_, number) => article(`Report ${number}`));
    await read(() => {
      turns = 0;
      return fetched(articles);
    });
    const taken = turns;
    clearImmediate(timer);
    assert.equal((await store.articles.latest(300)).length, 200);
    assert.ok(taken >= 200 / 10, `${taken} turns`);
  }));

test("what its source takes back is recalled from the chats that hold it, by its own feed alone", () =>
  desk("all", async ({ read, queued, send, collector, store, clock }) => {
    await read([article("One"), article("Two")]);
    await send();
    const { feed: other } = await store.feeds.add(
      { kind: "fake", address: "https://herald.example/feed" },
      clock.now(),
    );
    await collector.take(other, { articles: [article("One", { sourceId: "x" })], retracted: [] });
    await collector.take(other, { articles: [], retracted: ["x"] });
    assert.equal((await queued()).length, 2);
    const withdrawn = { ...fetched([article("Two")]), retracted: ["One", "unheard of"] } as FetchResult;
    await read(() => withdrawn);
    await read(() => withdrawn);
    assert.deepEqual(await queued(), ["Two", "One", "One (recall)"]);
    await read([article("One"), article("Two")]);
    assert.deepEqual(await queued(), ["Two", "One", "One (recall)"], "coming back is no news");
  }));

test("a feed that fails is left alone for longer each time, and goes on when it is back", () =>
  desk("all", async ({ read, readAtOnce, queued, store, asked, waitMs }) => {
    const broken = (): FetchResult => {
      throw new FeedError("unreachable", "bell.example does not answer.");
    };
    await read(broken);
    await readAtOnce();
    assert.equal(asked(), 1, "it is not asked again at once");
    assert.equal((await store.feeds.list())[0]?.failures, 1);
    assert.equal(await waitMs(), 60_000);
    await read(broken);
    assert.equal(await waitMs(), 120_000);
    for (let again = 0; again < 9; again += 1) await read(broken);
    assert.equal(await waitMs(), 3_600_000);
    await read([article("One")]);
    assert.deepEqual(await queued(), ["One"]);
    assert.equal((await store.feeds.list())[0]?.failures, 0);
  }));

test("the pauses of feeds that failed together are spread", () =>
  desk(
    "all",
    async ({ read, waitMs }) => {
      await read(() => {
        throw new FeedError("unreachable", "bell.example does not answer.");
      });
      assert.equal(await waitMs(), 45_000);
    },
    { random: () => 0 },
  ));

test("the admins hear once that a feed fails, and once that it is back", () =>
  desk("all", async ({ read, told }) => {
    const broken = (): FetchResult => {
      throw new FeedError("http-status", "https://bell.example/feed has trouble at its server (HTTP 500).");
    };
    for (let again = 0; again < 3; again += 1) await read(broken);
    assert.deepEqual(told, []);
    for (let again = 0; again < 5; again += 1) await read(broken);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /bell\.example\/feed could not be read 4 times in a row\. .*HTTP 500/);
    await read(() => ({ kind: "unchanged" }));
    await read(() => ({ kind: "unchanged" }));
    assert.equal(told.length, 2);
    assert.match(told[1] ?? "", /bell\.example\/feed can be read again/);
    await read(broken);
    await read([article("One")]);
    assert.equal(told.length, 2, "a single failure is no news");
  }));

test("a server's wish for a pause is respected, up to a day", () =>
  desk("all", async ({ read, waitMs }) => {
    await read(() => {
      throw new FeedError("http-status", "Later.", { retryAfterMs: 365 * 86_400_000 });
    });
    assert.equal(await waitMs(), 86_400_000);
  }));

test("a source that stays good for longer is read less often, up to an hour; the newsroom's own interval counts more", () =>
  desk("all", async ({ read, waitMs, rule }) => {
    const fresh = (freshForMs: number) => (): FetchResult => ({ ...fetched([]), freshForMs }) as FetchResult;
    await read(fresh(1_000));
    assert.equal(await waitMs(), 60_000);
    await read(fresh(900_000));
    assert.equal(await waitMs(), 900_000);
    await read(() => ({ kind: "unchanged", freshForMs: 7_200_000 }));
    assert.equal(await waitMs(), 3_600_000);
    await rule({ intervalMs: 5_000 });
    await read(fresh(900_000));
    assert.equal(await waitMs(), 5_000);
  }));

test("a feed whose hub tells of news is offered to it, and read more seldom, but read", () => {
  const offered: unknown[] = [];
  const missed: number[] = [];
  const push = {
    offer: async (feed: number, hub: object | null) => void offered.push({ feed, ...hub }),
    isLive: async () => offered.length > 0,
    missed: (feed: number) => void missed.push(feed),
  };
  const hub = { url: "https://hub.example/", topic: "https://bell.example/feed" };
  return desk(
    "all",
    async ({ read, waitMs, feed }) => {
      await read(() => ({ ...fetched([article("One")]), hub }) as FetchResult);
      assert.deepEqual(offered, [{ feed: feed.id, ...hub }]);
      assert.deepEqual(missed, [], "the first sight of a feed is nothing that a hub could have told");
      await read(() => ({ kind: "unchanged" }));
      assert.equal(await waitMs(), 600_000);
      await read(() => ({ ...fetched([article("Two"), article("One")]), hub }) as FetchResult);
      assert.deepEqual(missed, [feed.id]);
    },
    { push },
  );
});

test("a feed that moved and fails there is tried at its own address again", async () => {
  const asked: string[] = [];
  await desk(
    "all",
    async ({ read, readAtOnce, store }) => {
      await readAtOnce();
      await read(() => ({ ...fetched([]), movedTo: "https://parked.example/feed" }) as FetchResult);
      for (let again = 0; again < 6; again += 1) await read([article("One")]);
      assert.equal((await store.feeds.list())[0]?.url, "https://bell.example/feed");
      assert.deepEqual(asked.slice(-2), ["https://bell.example/feed", "https://bell.example/feed"]);
    },
    {
      adapters: [
        {
          kind: "fake",
          async fetch({ url }) {
            asked.push(url);
            if (url.includes("parked")) throw new FeedError("not-a-feed", "It is a web page.");
            return asked.length < 3
              ? ({ ...fetched([]), movedTo: "https://parked.example/feed" } as FetchResult)
              : fetched([]);
          },
        },
      ],
    },
  );
});

test("a story that stood in another feed at its first sight went out to nobody: it is no twin to be left out for", () =>
  desk("none", async ({ collector, store, clock, read, queued }) => {
    await read([article("Bridge opens to all")]);
    const { feed: other } = await store.feeds.add(
      { kind: "fake", address: "https://herald.example/feed" },
      clock.now(),
    );
    const news = { articles: [article("Bridge opens to all", { sourceId: "h1" })], retracted: [] };
    assert.equal((await collector.take(other, news))[0]?.verdict, "new");
    assert.deepEqual(await queued(), ["Bridge opens to all"]);
  }));

test("a feed that is gone ends, and the admins hear of it", () =>
  desk("all", async ({ read, store, clock, told }) => {
    await read(() => ({ kind: "gone" }));
    assert.match(told[0] ?? "", /bell\.example\/feed has ended/);
    assert.deepEqual(await store.feeds.due(new Date(clock.now().getTime() + 1e9), 10), []);
  }));

test("a feed that moved for good is read at its new address", () =>
  desk("all", async ({ read, store }) => {
    await read(() => ({ ...fetched([]), movedTo: "https://new.example/feed" }) as FetchResult);
    assert.equal((await store.feeds.list())[0]?.url, "https://new.example/feed");
  }));

test("a slow host holds up no other, and has two reads at most", async () => {
  const newsroom = await createNewsroom();
  const { store, clock, log } = newsroom;
  try {
    const slow = Array.from({ length: 70 }, (_, at) => `https://slow.example/${at}`);
    const quick = Array.from({ length: 30 }, (_, at) => `https://quick${at}.example/`);
    await store.feeds.configure(
      [...slow, ...quick].map((address) => ({ kind: "fake", address })),
      clock.now(),
    );
    let atOnce = 0;
    let most = 0;
    const order: string[] = [];
    const adapter: ContentAdapter = {
      kind: "fake",
      async fetch({ url }) {
        if (url.startsWith("https://slow")) {
          atOnce += 1;
          most = Math.max(most, atOnce);
          await clock.sleep(5_000);
          atOnce -= 1;
        }
        order.push(url);
        return { kind: "unchanged" };
      },
    };
    const collector = createCollector({
      store,
      adapters: [adapter],
      clock,
      log,
      intervalMs: 3_600_000,
      random: () => 0.5,
      firstRun: "none",
      compilePattern,
      desk: deskSettings,
      push: null,
      onQueued: () => {},
      tellAdmins: async () => {},
    });
    await collector.collectDue(new AbortController().signal);
    assert.equal(order.length, 100);
    assert.equal(most, 2);
    assert.deepEqual(
      order.slice(0, 30).filter((url) => url.startsWith("https://slow")),
      [],
    );
    assert.equal((await store.feeds.due(clock.now(), 200)).length, 0);
  } finally {
    await newsroom.close();
  }
});

test("when the queueing fails, nothing is marked seen", () =>
  desk("all", async ({ read, queued, store }) => {
    const twoFaced = [article("One"), { ...article("Two"), topics: undefined as unknown as string[] }];
    await read(twoFaced);
    assert.deepEqual(await store.articles.latest(10), []);
    await read([article("One"), article("Two")]);
    assert.equal((await queued()).length, 2);
  }));
