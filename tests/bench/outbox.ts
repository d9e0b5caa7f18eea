/**
 * Claims and outcomes: as fast as they go, in batches of several sizes, beside bare SQL on the same tables in the same
 * run; and what a courier takes of the machine at the pace of a paid bot. SQLite, and PostgreSQL where one answers.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCourier } from "#core/deliver";
import type { Log, Store } from "#core/ports";
import { systemClock } from "#src/clock";
import { openStore } from "#store/open";
import { createFakeBot } from "#tests/fakes/bot";
import { createMemoryLog } from "#tests/fakes/log";
import { createDatabase } from "#tests/store/database";
import { show } from "./figures.ts";

const chats = 100_000;
const messages = 2;
const now = new Date("2026-03-01T12:00:00Z");
/** Rows that each measurement takes. */
const rows = 20_000;
const paidPerSecond = 1_000;
const courierMs = 10_000;

/** The engine itself, beside the store. */
interface Raw {
  run(sql: string): Promise<unknown>;
  /** Claims a batch and ends it in a transaction each, with nothing else asked or known; how many. */
  bare(limit: number): Promise<number>;
  close(): Promise<void>;
}

const crowd = [
  `insert into chats (platform, address, kind)
   with recursive n (i) as (select 1 union all select i + 1 from n where i < ${chats})
   select 'fake', 'reader-' || i, 'private' from n`,
  "insert into subscriptions (chat_id, since) select id, 0 from chats order by id",
];

const claimBare = (limit: string) => `update deliveries set state = 'sending', claimed_at = 1 where id in (
  select id from deliveries where state = 'pending' and platform = 'fake' order by lane, id limit ${limit}) returning id`;

async function rawSqlite(folder: string): Promise<Raw> {
  const { DatabaseSync } = await import("node:sqlite");
  const raw = new DatabaseSync(path.join(folder, "crier.db"), { timeout: 5_000 });
  raw.exec("pragma synchronous = full; pragma cache_size = -16000");
  const claim = raw.prepare(claimBare("?"));
  const end = raw.prepare("update deliveries set state = 'sent', receipt = ?, ended_at = ? where id = ?");
  return {
    run: async (sql) => raw.exec(sql),
    async bare(limit) {
      const claimed = claim.all(limit);
      raw.exec("begin immediate");
      for (const { id } of claimed) end.run(`{"messageId":"${id}"}`, now.getTime(), id ?? 0);
      raw.exec("commit");
      return claimed.length;
    },
    close: async () => raw.close(),
  };
}

async function rawPostgres(url: string): Promise<Raw> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    run: (sql) => client.query(sql),
    async bare(limit) {
      const claimed = await client.query({ name: "claim", text: claimBare("$1"), values: [limit] });
      const ids = claimed.rows.map(({ id }) => id);
      await client.query({
        name: "end",
        text: `update deliveries d set state = 'sent', receipt = '{"messageId":"' || d.id || '"}', ended_at = $2
          from unnest($1::bigint[]) e (id) where d.id = e.id`,
        values: [ids, now.getTime()],
      });
      return ids.length;
    },
    close: () => client.end(),
  };
}

/** Rows a second until as many are through as are measured. */
async function rate(batch: () => Promise<number>): Promise<number> {
  let done = 0;
  const begun = performance.now();
  while (done < rows) {
    const count = await batch();
    if (count === 0) throw new Error("Nothing waits any more.");
    done += count;
  }
  return (done / (performance.now() - begun)) * 1_000;
}

async function claimAndFinish(store: Store, limit: number): Promise<number> {
  const claimed = await store.outbox.claim("fake", limit, [], now);
  await Promise.all(
    claimed.map((delivery) =>
      store.outbox.finish(delivery, { state: "sent", receipt: { messageId: String(delivery.id) } }, now),
    ),
  );
  return claimed.length;
}

/** What a courier of a paid bot keeps up, and what it costs this process. */
async function courierAtPace(name: string, store: Store): Promise<void> {
  const limits = { perSecond: paidPerSecond, concurrency: 256, chatIntervalMs: 1_000 };
  const bot = createFakeBot({ clock: systemClock, callMs: 40, limits });
  await bot.start(async () => {});
  const log: Log = createMemoryLog();
  const courier = createCourier({ store, bot, clock: systemClock, log, timeZone: "UTC", tellAdmins: async () => {} });
  const sent = async (): Promise<number> =>
    (await store.outbox.counts()).find(({ state }) => state === "sent")?.count ?? 0;
  const before = await sent();
  const stopping = new AbortController();
  const used = process.cpuUsage();
  const begun = performance.now();
  const running = courier.run(stopping.signal);
  await systemClock.sleep(courierMs);
  stopping.abort();
  courier.wake();
  const seconds = (performance.now() - begun) / 1_000;
  await running;
  const { user, system } = process.cpuUsage(used);
  const count = (await sent()) - before;
  show(
    `${name}: a courier at ${paidPerSecond}/s`,
    `${(count / seconds).toFixed(0)} sent/s, ${((user + system) / 1e6 / seconds).toFixed(2)} of a core`,
    `${paidPerSecond} sent/s`,
  );
}

async function measure(name: string, store: Store, raw: Raw, goal: number): Promise<void> {
  for (const sql of crowd) await raw.run(sql);
  for (let message = 0; message < messages; message += 1) {
    const key = `message ${message}`;
    await store.outbox.add({ key, lane: "article", kind: "notice", spans: [{ text: key }] }, "subscribed", now);
  }
  while (!(await store.outbox.fanOut(5_000, now)));
  // It does so by itself within a minute; SQLite never does.
  if (name === "PostgreSQL") await raw.run("analyze");
  for (const limit of [30, 100, 1_000]) {
    const ours = await rate(() => claimAndFinish(store, limit));
    const bare = await rate(() => raw.bare(limit));
    show(
      `${name}: claim and end ${limit} at a time`,
      `${ours.toFixed(0)} rows/s, bare SQL ${bare.toFixed(0)}, ${((100 * ours) / bare).toFixed(0)} %`,
      `${goal} rows/s`,
    );
  }
  await courierAtPace(name, store);
}

const only = process.argv[2];
const folder = await mkdtemp(path.join(tmpdir(), "crier-bench-"));
if (only !== "postgres") {
  const store = await openStore({ dataDir: folder, log: createMemoryLog() });
  const raw = await rawSqlite(folder);
  await measure("SQLite", store, raw, 50_000);
  await raw.close();
  await store.close();
}
const database = only === "sqlite" ? { missing: "not asked for" } : await createDatabase();
if ("missing" in database) process.stdout.write(`PostgreSQL is left out: ${database.missing}\n`);
else {
  const store = await openStore({ databaseUrl: database.url, dataDir: folder, log: createMemoryLog() });
  const raw = await rawPostgres(database.url);
  await measure("PostgreSQL", store, raw, 10_000);
  await raw.close();
  await store.close();
  await database.drop();
}
await rm(folder, { recursive: true });
