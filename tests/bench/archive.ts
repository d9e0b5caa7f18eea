/**
 * What an article costs, and what is asked about the past, beside 10,000, 100,000 and 1,000,000 articles that are kept:
 * a newsroom's archive with its messages, deliveries and aliases, and the terms of the last two days, as in truth.
 * SQLite, and PostgreSQL where one answers.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createHousekeeper } from "#core/housekeeping";
import { linkKey } from "#core/link-key";
import type { Article, Feed } from "#core/model";
import type { Store } from "#core/ports";
import { createRoutes } from "#core/route";
import { terms } from "#core/similar";
import { takeIn } from "#core/take-in";
import { explain } from "#core/why";
import { openStore } from "#store/open";
import { deskSettings } from "#tests/fakes/desk";
import { createMemoryLog } from "#tests/fakes/log";
import { article } from "#tests/fakes/newsroom";
import { createDatabase } from "#tests/store/database";
import { median } from "./figures.ts";

const sizes = [10_000, 100_000, 1_000_000];
const feeds = 20;
const chats = 50;
const platform = "fake";
/** One article in five minutes: a million in nine and a half years. */
const everyMs = 5 * 60_000;
const dayMs = 24 * 60 * 60_000;
const begin = Date.UTC(2016, 0, 1);
const batch = 5_000;
/** How often each cost is measured. */
const rounds = 15;

// ---- an invented newsroom, the same at each run

const topics = "council harbour port court schools museum police rail theatre markets health sport".split(" ");
/** Numbers that look like chance and are the same for the same seed. */
const chance = (seed: number): number => {
  let mixed = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};

const syllable = (seed: number): string =>
  ["bcdfghklmnprstvwz", "aeiou", "bdfgklmnprstvz"]
    .map((letters, at) => letters[chance(seed + at) % letters.length])
    .join("");

/** One of so many words of an invented tongue. */
const wordOf = (seed: number, many: number): string => {
  const which = chance(seed) % many;
  return syllable(which * 8) + syllable(which * 8 + 4);
};
/** People and places: by their names stories are told apart. */
const nameOf = (seed: number): string => wordOf(seed, 100_000).replace(/^./, (first) => first.toUpperCase());

function storyOf(index: number): Article {
  const words = Array.from({ length: 10 }, (_, at) => wordOf(index * 16 + at, 3_000));
  return article(`${nameOf(index)} ${words.slice(0, 4).join(" ")}`, {
    sourceId: `https://bell.example/${index}`,
    url: `https://bell.example/${index}/${words[0]}`,
    summary: `${words.slice(4, 7).join(" ")} ${nameOf(index + 7)}, ${words.slice(7).join(" ")}.`,
    topics: [topics[chance(index) % topics.length] ?? ""],
    publishedAt: new Date(begin + index * everyMs),
  });
}

// ---- the archive, written beside the store

/** The engine itself. */
interface Raw {
  run(sql: string, parameter?: string): Promise<unknown>;
  /** A list of lists in JSON, a row each. */
  each: string;
  close(): Promise<void>;
}

async function grow(raw: Raw, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += batch) {
    const rows = Array.from({ length: Math.min(batch, to - start) }, (_, at) => {
      const index = start + at;
      const { sourceId, url, title, summary, topics } = storyOf(index);
      const seenAt = begin + index * everyMs;
      return [1 + (index % feeds), sourceId, url, linkKey(url ?? ""), title, summary, JSON.stringify(topics), seenAt];
    });
    await raw.run(
      `insert into articles (feed_id, source_id, source_key, url, url_key, title, summary, topics, source, language, breaking,
         published_at, seen_at, announced_at)
       select cast(value ->> 0 as bigint), value ->> 1, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
         value ->> 6, 'The Harbour Bell', 'en', 0, cast(value ->> 7 as bigint), cast(value ->> 7 as bigint), cast(value ->> 7 as bigint)
       from ${raw.each}`,
      JSON.stringify(rows),
    );
  }
  for (const sql of [
    `insert into messages (key, lane, kind, action, article_id, audience, created_at)
     select 'article:' || id, 40, 'article', 'send', id, 'subscribed', seen_at from articles a
     where id > coalesce((select max(article_id) from messages), 0) order by id`,
    // One delivery each, but for the newest articles: those reached all.
    `insert into deliveries (message_id, chat_id, platform, lane, state, revision, receipt, queued_at, claimed_at, ended_at)
     select m.id, c.id, '${platform}', 40, 'sent', 1, '{"messageId":"1"}', created_at, created_at, created_at + 1000
     from messages m join chats c on c.id = 1 + m.id % ${chats} or m.id > (select max(id) from messages) - 600
     where m.id > coalesce((select max(message_id) from deliveries), 0) order by m.id`,
    `insert into article_aliases (feed_id, source_key, article_id)
     select 1 + (feed_id % ${feeds}), 'other ' || id, id from articles
     where id % 4 = 0 and id > coalesce((select max(article_id) from article_aliases), 0) order by id`,
  ])
    await raw.run(sql);
}

/** The terms of the last two days alone: older ones are forgotten each night. */
async function writeTerms(raw: Raw, size: number): Promise<void> {
  const recent = Math.ceil((2 * dayMs) / everyMs);
  const rows = Array.from({ length: recent }, (_, at) => size - recent + at).flatMap((index) =>
    terms(storyOf(index)).map((term) => [
      term,
      begin + index * everyMs,
      1 + (index % feeds),
      `https://bell.example/${index}`,
    ]),
  );
  await raw.run("delete from article_terms");
  await raw.run(
    `insert into article_terms (term, seen_at, article_id)
     select value ->> 0, cast(value ->> 1 as bigint), a.id from ${raw.each} join articles a
       on a.feed_id = cast(value ->> 2 as bigint) and a.source_key = value ->> 3
     on conflict do nothing`,
    JSON.stringify(rows),
  );
}

// ---- what is measured

async function timed(work: (round: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    await work(round);
    times.push(performance.now() - begun);
  }
  return median(times);
}

async function costsAt(store: Store, feed: Feed, size: number): Promise<Record<string, number>> {
  let next = size;
  const now = (): Date => new Date(begin + next * everyMs);
  const routeOf = createRoutes();
  const news = {
    retracted: [],
    rule: (one: Article) => ({ article: one, out: true, why: null }),
    sends: "all",
    desk: deskSettings,
  } as const;
  const intake = (articles: Article[]) =>
    store.transaction(async (tx) => takeIn(tx, feed, { ...news, articles, route: await routeOf(tx) }, now()));
  const newest = size - (size % feeds) - feeds + feed.id - 1;
  /** What the feed shows: nineteen articles that are known, and one that is new. */
  const shown = (): Article[] => [
    storyOf((next += 1)),
    ...Array.from({ length: 19 }, (_, at) => storyOf(newest - at * feeds)),
  ];
  const [chat] = await store.why.chats("reader-7");
  if (!chat) throw new Error("The chat is missing.");
  const why = { store, compilePattern: () => () => false, timeZone: "UTC", platforms: [platform] };
  let swept = 0;
  const sweep = (days: number) =>
    createHousekeeper({
      store,
      clock: { now, sleep: async () => {} },
      log: createMemoryLog(),
      keepDays: (now().getTime() - begin) / dayMs - days,
    }).run(new AbortController().signal);
  return {
    "an article is taken in": await timed(async () => {
      const taken = await intake(shown());
      if (taken.at(-1)?.verdict !== "new") throw new Error(`It was ${taken.at(-1)?.verdict}.`);
    }),
    "a story of another feed is found a twin": await timed(async (round) => {
      const story = storyOf(size - 2 * feeds - feed.id - round);
      const [taken] = await intake([
        { ...story, sourceId: `other ${round} of ${size}`, url: `https://echo.example/${size}/${round}` },
      ]);
      if (taken?.verdict !== "twin") throw new Error(`It was ${taken?.verdict}.`);
    }),
    "a claim of 30": await timed(async () => {
      const claimed = await store.outbox.claim(platform, 30, [], now());
      if (claimed.length !== 30) throw new Error(`${claimed.length} were claimed.`);
      await Promise.all(
        claimed.map((one) => store.outbox.finish(one, { state: "sent", receipt: { messageId: "1" } }, now())),
      );
    }),
    "a correction reaches 50 chats": await timed(async (round) => {
      const [taken] = await intake([
        { ...storyOf(newest - round * feeds), title: `${nameOf(round)} corrected in ${size}` },
      ]);
      if (taken?.verdict !== "changed") throw new Error(`It was ${taken?.verdict}.`);
      // What was new before is told first.
      for (let isTold = false; !isTold; ) {
        const claimed = await store.outbox.claim(platform, 1_000, [], now());
        isTold = claimed.length === 0;
        await Promise.all(
          claimed.map((one) =>
            store.outbox.finish(one, { state: "sent", receipt: one.receipt ?? { messageId: "1" } }, now()),
          ),
        );
      }
    }),
    "a recall reaches 50 chats": await timed(async (round) => {
      const { sourceId } = storyOf(newest - round * feeds);
      await store.transaction(async (tx) =>
        takeIn(tx, feed, { ...news, articles: [], retracted: [sourceId], route: await routeOf(tx) }, now()),
      );
      const claimed = await store.outbox.claim(platform, 1_000, [], now());
      if (claimed.length === 0) throw new Error("Nothing was recalled.");
      await Promise.all(claimed.map((one) => store.outbox.finish(one, { state: "recalled" }, now())));
    }),
    "/latest": await timed(() => store.articles.latest(10)),
    "topics of two weeks": await timed(() => store.articles.topics(new Date(now().getTime() - 14 * dayMs), 20)),
    "why an article did not come": await timed((round) => explain(why, 1 + (chance(round) % size), chat)),
    "the metrics": await timed(async () => {
      await store.gauges.waiting(now());
      await store.gauges.lastSent(platform);
      await store.gauges.eachFeed(0, feeds);
      await store.gauges.publications(feed.id, new Date(now().getTime() - 14 * dayMs));
      await store.gauges.delays(platform, new Date(now().getTime() - dayMs), 100);
    }),
    "the newest deliveries": await timed(() => store.outbox.recent(50)),
    "a night without anything old": await timed(() => sweep(-1)),
    "a night that removes a day": await timed(async () => {
      swept += 1;
      const { articles } = await sweep(sweptBefore + swept);
      if (articles === 0) throw new Error("Nothing was removed.");
    }).finally(() => {
      sweptBefore += swept;
    }),
  };
}

/** Days of the archive's beginning that are removed by now. */
let sweptBefore = 0;

async function measure(name: string, store: Store, raw: Raw): Promise<void> {
  sweptBefore = 0;
  const addresses = Array.from({ length: feeds }, (_, at) => ({
    kind: "feed",
    address: `https://bell.example/feed/${at}`,
  }));
  await store.feeds.configure(addresses, new Date(begin));
  for (let number = 1; number <= chats; number += 1) {
    const { chat } = await store.chats.open(
      { platform, address: `reader-${number}`, kind: "private" },
      null,
      new Date(begin),
    );
    await store.subscriptions.begin(chat.id, new Date(begin));
  }
  const [feed] = await store.feeds.list();
  if (!feed) throw new Error("The feed is missing.");
  const costs: Record<string, number>[] = [];
  let kept = 0;
  for (const size of sizes) {
    await grow(raw, kept, size);
    await writeTerms(raw, size);
    // PostgreSQL does so by itself within a minute.
    if (name === "PostgreSQL") await raw.run("vacuum analyze");
    costs.push(await costsAt(store, { ...feed, firstReadAt: new Date(begin) }, size));
    // What was taken in while measuring stands where the archive goes on.
    kept = size + 2 * rounds;
  }
  process.stdout.write(
    `${name}, ms`.padEnd(44) + sizes.map((size) => size.toLocaleString("en").padStart(12)).join("") + "\n",
  );
  for (const what of Object.keys(costs[0] ?? {})) {
    const figures = costs.map((cost) => (cost[what] ?? Number.NaN).toFixed(2).padStart(12));
    process.stdout.write(`  ${what}`.padEnd(44) + figures.join("") + "\n");
  }
}

const only = process.argv[2];
const folder = await mkdtemp(path.join(tmpdir(), "crier-bench-"));
if (only !== "postgres") {
  const { DatabaseSync } = await import("node:sqlite");
  const store = await openStore({ dataDir: folder, log: createMemoryLog() });
  const engine = new DatabaseSync(path.join(folder, "crier.db"), { timeout: 5_000 });
  engine.exec("pragma synchronous = off");
  await measure("SQLite", store, {
    run: async (sql, parameter) => (parameter === undefined ? engine.exec(sql) : engine.prepare(sql).run(parameter)),
    each: "json_each(?)",
    close: async () => engine.close(),
  });
  engine.close();
  await store.close();
}
const database = only === "sqlite" ? { missing: "not asked for" } : await createDatabase();
if ("missing" in database) process.stdout.write(`PostgreSQL is left out: ${database.missing}\n`);
else {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query("set synchronous_commit = off");
  const store = await openStore({ databaseUrl: database.url, dataDir: folder, log: createMemoryLog() });
  await measure("PostgreSQL", store, {
    run: (sql, parameter) => client.query(sql, parameter === undefined ? [] : [parameter]),
    each: "json_array_elements($1::json) r (value)",
    close: () => client.end(),
  });
  await client.end();
  await store.close();
  await database.drop();
}
await rm(folder, { recursive: true });
