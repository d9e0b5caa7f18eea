import { type RawBuilder, sql } from "kysely";
import type { UpkeepStore } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { countPast } from "#store/erase";
import { toInstant } from "#store/rows";
import { listReferences } from "#store/tables";

type Retention = Pick<UpkeepStore, "retireDeliveries" | "retireMessages" | "retireArticles">;

/** What nobody waits for any more. What waits, is under way or may have arrived is never removed. */
const settled = ["sent", "failed", "skipped", "recalled"] as const;

export function createRetention(database: Database): Retention {
  return {
    retireDeliveries: (before, limit) =>
      inTransaction(database, async (tx) => {
        const platforms = await sql<{ platform: string }>`select distinct platform from chats`.execute(tx.db);
        let left = limit;
        for (const { platform } of platforms.rows) {
          for (const state of settled) {
            // In the words of the index of what ended.
            const { rows } = await sql<{ id: number }>`
              select id from deliveries
              where platform = ${platform} and state = ${state} and ended_at is not null and ended_at < ${toInstant(before)}
              order by ended_at limit ${left}`.execute(tx.db);
            if (rows.length === 0) continue;
            const those = sql`id ${tx.engine.anyOf(rows.map(({ id }) => id))}`;
            await countPast(tx, those);
            await sql`delete from deliveries where ${those}`.execute(tx.db);
            left -= rows.length;
            if (left === 0) return limit;
          }
        }
        return limit - left;
      }),

    retireMessages: (before, limit) =>
      inTransaction(database, async (tx) => {
        const { rows } = await sql<{ id: number }>`
          select id from messages m
          where id < ${firstSince("messages", "created_at", before)} and created_at < ${toInstant(before)}
            and fan_out_cursor is null and ${await unnamed(tx, "messages", "m", ["digest_articles", "article_steps"])}
          order by id limit ${limit}`.execute(tx.db);
        if (rows.length === 0) return 0;
        const those = tx.engine.anyOf(rows.map(({ id }) => id));
        await sql`delete from digest_articles where message_id ${those}`.execute(tx.db);
        // The trail goes on without what is known of its chats.
        await sql`update article_steps set message_id = null where message_id ${those}`.execute(tx.db);
        await sql`delete from messages where id ${those}`.execute(tx.db);
        return rows.length;
      }),

    retireArticles: (before, { newest, after, limit }) =>
      inTransaction(database, async (tx) => {
        const { db, engine } = tx;
        const own = ["article_terms", "article_aliases", "article_steps", "article_pasts"];
        const { rows } = await sql<{ id: number; isFree: number }>`
          select id, case when ${await unnamed(tx, "articles", "a", own)} then 1 else 0 end as "isFree"
          from articles a
          where id > ${after} and id < ${firstSince("articles", "seen_at", before)} and seen_at < ${toInstant(before)}
            and id < (select id from articles order by id desc limit 1 offset ${newest - 1})
          order by id limit ${limit}`.execute(db);
        const ids = rows.filter(({ isFree }) => isFree === 1).map(({ id }) => id);
        if (ids.length > 0) {
          const named = sql`article_id ${engine.anyOf(ids)}`;
          await sql`
            insert into former_articles (feed_id, source_key, article_id)
            select feed_id, source_key, id from articles where id ${engine.anyOf(ids)}
            union
            select feed_id, source_key, article_id from article_aliases where ${named}
            on conflict (feed_id, source_key) do nothing`.execute(db);
          await sql`delete from article_terms where ${named}`.execute(db);
          await sql`delete from article_pasts where ${named}`.execute(db);
          await sql`delete from article_aliases where ${named}`.execute(db);
          await sql`delete from article_steps where ${named}`.execute(db);
          await sql`delete from articles where id ${engine.anyOf(ids)}`.execute(db);
        }
        return { retired: ids.length, last: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
      }),
  };
}

/**
 * The first row that is too young to be removed. Rows are written in the order of time: only what is still needed of the
 * past stands before it, and what comes after is not looked at.
 */
const firstSince = (table: string, column: string, since: Date): RawBuilder<number> =>
  sql`coalesce((
    select id from ${sql.table(table)} where ${sql.ref(column)} >= ${toInstant(since)} order by id limit 1
  ), ${Number.MAX_SAFE_INTEGER})`;

/** No row of another table names this one. */
async function unnamed(
  tx: Database,
  parent: string,
  alias: string,
  but: readonly string[] = [],
): Promise<RawBuilder<boolean>> {
  const naming = (await listReferences(tx)).filter((one) => one.parent === parent && !but.includes(one.table));
  const each = naming.map(
    ({ table, column }) =>
      sql`not exists (select 1 from ${sql.table(table)} r where r.${sql.ref(column)} = ${sql.ref(alias)}.id)`,
  );
  return sql<boolean>`(${sql.join([sql`1 = 1`, ...each], sql` and `)})`;
}
