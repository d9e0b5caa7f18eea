import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { CompiledQuery, sql } from "kysely";
import type { Database } from "#store/database";
import { createGaugeStore } from "#store/gauges";
import { migrate } from "#store/migrate";
import { openPostgres } from "#store/postgres";
import { openSqlite } from "#store/sqlite";
import { createMemoryLog } from "#tests/fakes/log";
import { createDatabase } from "#tests/store/database";

const now = new Date("2026-03-01T12:00:00Z");
const hourMs = 3_600_000;

/** A year of an invented newsroom: 200,000 deliveries that ended, and a few that wait. */
async function fill({ db }: Database): Promise<void> {
  const numbers = (count: number) =>
    sql`(with recursive n (i) as (select 1 union all select i + 1 from n where i < ${sql.lit(count)}) select i from n) n`;
  const at = now.getTime();
  for (const statement of [
    sql`insert into feeds (id, kind, address, url, next_at) select i, 'feed', 'https://bell.example/' || i, '', 0 from ${numbers(20)}`,
    sql`insert into articles (id, feed_id, source_id, source_key, title, source, topics, breaking, published_at, seen_at)
      select i, 1 + i % 20, 'a' || i, 'a' || i, 'Article', 'Bell', '[]', 0, ${sql.lit(at)} - i * cast(3000000 as bigint), ${sql.lit(at)} - i * cast(3000000 as bigint) from ${numbers(10_000)}`,
    sql`insert into chats (id, platform, address, kind) select i, 'telegram', 'chat ' || i, 'private' from ${numbers(20)}`,
    sql`insert into messages (id, key, lane, kind, action, article_id, audience, created_at)
      select i, 'article:' || i, 40, 'article', 'send', i, 'subscribed', 0 from ${numbers(10_000)}`,
    sql`insert into deliveries (message_id, chat_id, platform, lane, state, queued_at, ended_at)
      select m.id, c.id, 'telegram', 40, 'sent', 0, ${sql.lit(at)} - m.id * 3000000 from messages m, chats c`,
    sql`update deliveries set state = 'pending', ended_at = null where message_id = 1`,
    sql`update deliveries set state = 'unknown' where message_id = 2`,
  ])
    await statement.execute(db);
}

/** The store's connection, with all that is asked over it. */
function listen(database: Database): { database: Database; asked: CompiledQuery[] } {
  const asked: CompiledQuery[] = [];
  const executor = new Proxy(database.db.getExecutor(), {
    get(target, name) {
      const own: unknown = Reflect.get(target, name, target);
      if (name !== "executeQuery") return typeof own === "function" ? own.bind(target) : own;
      return (query: CompiledQuery, ...rest: []) => {
        asked.push(query);
        return target.executeQuery(query, ...rest);
      };
    },
  });
  const db = new Proxy(database.db, {
    get: (target, name) => (name === "getExecutor" ? () => executor : Reflect.get(target, name, target)),
  });
  return { database: { ...database, db }, asked };
}

/** Every reading once; how the engine goes about each of its statements. */
async function plansOf(database: Database, explain: string): Promise<{ text: string; plan: string }[]> {
  const { database: heard, asked } = listen(database);
  const gauges = createGaugeStore(heard);
  assert.equal((await gauges.waiting(now)).length, 2);
  assert.ok(await gauges.lastSent("telegram"));
  await gauges.feeds();
  await gauges.failing(4, 5);
  await gauges.eachFeed(0, 200);
  assert.equal((await gauges.publications(3, new Date(now.getTime() - 2_000 * hourMs))).length, 120);
  assert.equal((await gauges.delays("telegram", new Date(now.getTime() - 2 * hourMs), 5_000)).length, 0);
  assert.ok(asked.length >= 12, `${asked.length} statements`);
  return Promise.all(
    asked.map(async ({ sql: text, parameters }) => {
      const { rows } = await database.db.executeQuery<Record<string, unknown>>(
        CompiledQuery.raw(`${explain} ${text}`, [...parameters]),
      );
      return { text, plan: rows.map((row) => String(row.detail ?? row["QUERY PLAN"])).join("\n") };
    }),
  );
}

test("on SQLite no reading walks over what has ended", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-gauges-"));
  const database = openSqlite(folder);
  try {
    await migrate(database, createMemoryLog());
    await fill(database);
    for (const { text, plan } of await plansOf(database, "explain query plan")) {
      // Feeds are few, and the other indexes hold what waits alone.
      const walks = plan
        .split("\n")
        .filter((step) => /^SCAN |^SEARCH \S+$/.test(step) && !/^SCAN (f|feeds|w|s$|\(subquery)/.test(step))
        .filter((step) => !/INDEX deliveries_(waiting|under_way|to_look_at)/.test(step));
      assert.deepEqual(walks, [], `${text}\n${plan}`);
    }
  } finally {
    await database.db.destroy();
    await rm(folder, { recursive: true, force: true });
  }
});

const place = await createDatabase();
test("on PostgreSQL no reading walks over what has ended", { skip: "missing" in place && place.missing }, async () => {
  if ("missing" in place) return;
  const database = await openPostgres(place.url, createMemoryLog());
  try {
    await migrate(database, createMemoryLog());
    await fill(database);
    await sql`analyze`.execute(database.db);
    for (const { text, plan } of await plansOf(database, "explain")) {
      assert.doesNotMatch(plan, /Seq Scan on (deliveries|articles|messages)/, `${text}\n${plan}`);
    }
  } finally {
    await database.db.destroy();
    await place.drop();
  }
});
