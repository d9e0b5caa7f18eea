/**
 * Digests for 100,000 chats of 200 different wants, 20 held articles each: put together and queued while the process goes
 * on. Beside it what the engine takes to write as many rows, with the same keys, by one statement of its own.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createDigester } from "#core/digester";
import type { SabbathCalendar } from "#core/hours/sabbath";
import type { Clock, Store } from "#core/ports";
import { terms } from "#core/similar";
import { article } from "#tests/contract/store/place";
import { createMemoryLog } from "#tests/fakes/log";
import { onEachEngine } from "./engines.ts";
import { show } from "./figures.ts";

const chats = 100_000;
const wants = 200;
const articles = 40;
const held = 20;
const before = new Date("2026-03-01T12:00:00Z");
const evening = new Date("2026-03-01T18:00:00Z");
const nobody: SabbathCalendar = { places: async () => [], between: async () => [] };

/** Subscribed chats with one digest a day, written by the engine itself; each wants half of the articles, by its own words. */
const crowd = [
  `insert into wants (id, key, wants)
   with recursive n (i) as (select 1 union all select i + 1 from n where i < ${wants})
   select i, 'wants ' || i, '{"topics":["Topic ' || (i % 8) || '"],"follows":["word' || i || '"]}' from n`,
  `insert into chats (platform, address, kind, wants_id, hours_id)
   with recursive n (i) as (select 1 union all select i + 1 from n where i < ${chats})
   select 'telegram', 'reader-' || i, 'private', 1 + i % ${wants}, 1 from n`,
  "insert into subscriptions (chat_id, since) select id, 0 from chats order by id",
];

const words = ["bridge", "harbour", "ferry", "council", "school", "river", "market", "strike", "festival", "storm"];

/** The same rows with the keys that every delivery has. */
const bare = {
  tables: [
    `create table bare (
      id bigint primary key, message_id bigint, chat_id bigint, platform text, lane bigint, state text, reason text,
      queued_at bigint, ended_at bigint, unique (message_id, chat_id))`,
    "create index bare_of_chat on bare (chat_id, state, lane, id)",
    "create index bare_ended on bare (platform, state, ended_at) where ended_at is not null",
  ],
  write: `insert into bare
    select id, message_id, chat_id, platform, lane, state, reason, queued_at, ended_at from deliveries order by id`,
};

async function measure(
  name: string,
  goal: number,
  store: Store,
  execute: (sql: string) => Promise<unknown>,
): Promise<void> {
  let now = before;
  const clock: Clock = { now: () => now, sleep: async () => {} };
  const { chat } = await store.chats.open({ platform: "telegram", address: "first", kind: "private" }, null, now);
  const hours = { delivery: "digest", digest: { every: "day", at: ["18:00"] } } as const;
  await store.subscriptions.setPreferences(
    chat.id,
    { hours: { ...hours, digest: { ...hours.digest, at: ["18:00"] } } },
    now,
  );
  for (const sql of crowd) await execute(sql);
  const log = createMemoryLog();
  let firstAt: number | null = null;
  const digester = createDigester({
    store,
    clock,
    log,
    zone: "UTC",
    sabbaths: nobody,
    onQueued: () => {
      firstAt ??= performance.now();
    },
    tellAdmins: async () => {},
  });
  const { signal } = new AbortController();
  await digester.run(signal);
  await store.feeds.configure([{ kind: "feed", address: "https://bell.example/feed" }], now);
  const [feed] = await store.feeds.list();
  const wanting = Array.from({ length: wants }, (_, index) => index + 1);
  for (let number = 0; number < articles; number += 1) {
    const title = Array.from({ length: 8 }, (_, at) => words[(number * 7 + at * (1 + (number % 3))) % 10]).join(" ");
    const told = article(`${title} ${number}`, {
      summary: `What there is to say of the ${title} on the day that has the number ${number}.`,
      topics: [`Topic ${number % 8}`],
    });
    const { id } = await store.articles.add(feed?.id ?? 0, told, { link: null, terms: terms(told) }, now);
    // Wants of an even number take the even articles, the others the odd ones.
    const to = { wants: wanting.filter((one) => one % 2 === number % 2) };
    await store.outbox.add(
      { key: `article:${id}`, lane: "article", kind: "article", action: "send", article: id },
      to,
      now,
    );
    while (!(await store.outbox.fanOut(5_000, now)));
  }
  const waiting = (await store.outbox.counts()).find(({ state }) => state === "held")?.count ?? 0;
  now = evening;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  firstAt = null;
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await digester.run(signal);
  const seconds = (performance.now() - begun) / 1_000;
  delay.disable();
  const { user, system } = process.cpuUsage(cpu);
  const memory = process.memoryUsage().rss;
  const counts = await store.outbox.counts();
  const made = counts.find(({ state }) => state === "pending")?.count ?? 0;
  const left = counts.find(({ state }) => state === "held")?.count ?? 0;
  for (const sql of bare.tables) await execute(sql);
  const bareBegun = performance.now();
  await execute(bare.write);
  const bareSeconds = (performance.now() - bareBegun) / 1_000;
  show(
    `${name}: ${made} digests of ${waiting} held articles`,
    `${seconds.toFixed(1)} s, longest stall ${(delay.max / 1e6).toFixed(0)} ms, ${(memory / 1e6).toFixed(0)} MB`,
    `${left} left; at most ${goal} s, 50 ms, 250 MB`,
  );
  show(`${name}: time of the processor, in this process`, `${((user + system) / 1e6).toFixed(1)} s`, "");
  show(`${name}: the first digests`, `${((firstAt ?? begun) - begun).toFixed(0)} ms`, "at most 1,000 ms");
  show(
    `${name}: as many rows by one bare insert … select`,
    `${bareSeconds.toFixed(1)} s`,
    `digests take ${(seconds / bareSeconds).toFixed(1)} times as long`,
  );
  for (const line of log.lines.filter(({ level }) => level === "error"))
    process.stderr.write(`${JSON.stringify(line)}\n`);
  if (waiting !== chats * held) process.stderr.write(`${waiting} articles were held, not ${chats * held}.\n`);
}

await onEachEngine((engine, store, execute) => measure(engine, engine === "SQLite" ? 15 : 60, store, execute));
