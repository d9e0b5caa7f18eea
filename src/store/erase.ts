import { randomBytes } from "node:crypto";
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { ChatId } from "#core/model";
import type { UpkeepStore } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { toInstant } from "#store/rows";
import type { Schema } from "#store/schema";
import { skipWaiting } from "#store/skip-waiting";
import { columnsOf, listReferences, listTables, type Reference } from "#store/tables";

type Erasure = Pick<UpkeepStore, "forget" | "toErase" | "erase" | "scrub">;

/** Columns in which a person may be named beside their own rows: keys made of a platform's ids, who did what, why not. */
const namingColumns = ["key", "person", "reason", "note", "problem", "closed_why"];
/** Shorter ones would be found in numbers that are none of theirs. */
const shortestName = 5;
/** Looks at the log of a SQLite file that others may still be reading. */
const cutTries = 20;
const cutPauseMs = 50;

export function createErasure(database: Database): Erasure {
  return {
    forget: (chat, now) =>
      inTransaction(database, async (tx) => {
        const { db } = tx;
        await db
          .updateTable("chats")
          .set({ forget_at: toInstant(now) })
          .where("id", "=", chat)
          .execute();
        await db.deleteFrom("subscriptions").where("chat_id", "=", chat).execute();
        await skipWaiting(tx, chat, { reason: "The chat asked to be forgotten.", now });
      }),

    async toErase(limit) {
      const rows = await database.db
        .selectFrom("chats")
        .select("id")
        .where("forget_at", "is not", null)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("deliveries")
                .select("deliveries.id")
                .whereRef("deliveries.chat_id", "=", "chats.id")
                .where("state", "in", ["pending", "sending"]),
            ),
          ),
        )
        .orderBy("forget_at")
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },

    erase: (chat) => inTransaction(database, (tx) => eraseChat(tx, chat)),

    async scrub() {
      const { db, engine } = database;
      if (engine.name === "PostgreSQL") {
        // Its files are the server's own: what is free there is overwritten in time.
        for (const table of await listTables(database)) await sql`vacuum ${sql.table(table)}`.execute(db);
        return true;
      }
      // Pages keep copies of rows that were moved: only a new file is free of them.
      await sql`vacuum`.execute(db);
      for (let tries = 1; tries <= cutTries; tries += 1) {
        if (await cutLog(db)) return true;
        await new Promise((resolve) => setTimeout(resolve, cutPauseMs));
      }
      return false;
    },
  };
}

/** Empties the log of a SQLite file; false while others read in it. SQLite's own way to wait would stop the whole process. */
const cutLog = (db: Kysely<Schema>): Promise<boolean> =>
  db.connection().execute(async (connection) => {
    const { rows: before } = await sql<{ timeout: number }>`pragma busy_timeout`.execute(connection);
    await sql`pragma busy_timeout = 0`.execute(connection);
    try {
      const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(connection);
      return rows[0]?.busy === 0;
    } finally {
      await sql.raw(`pragma busy_timeout = ${before[0]?.timeout ?? 0}`).execute(connection);
    }
  });

async function eraseChat(tx: Database, chat: ChatId) {
  const { db } = tx;
  const references = await listReferences(tx);
  const names = await namesOf(tx, chat);
  await leavePerson(tx, chat);
  const shared = await db
    .selectFrom("chats")
    .select(["wants_id", "hours_id"])
    .where("id", "=", chat)
    .executeTakeFirst();
  await countPast(tx, sql`chat_id = ${chat}`);
  const told = await db
    .selectFrom("deliveries as d")
    .innerJoin("messages as m", "m.id", "d.message_id")
    .select("m.id")
    .where("d.chat_id", "=", chat)
    .where("m.audience", "in", ["chat", "digest"])
    .execute();
  const { numDeletedRows } = await db.deleteFrom("deliveries").where("chat_id", "=", chat).executeTakeFirst();
  // What was said to this chat alone.
  const alone = sql`id ${tx.engine.anyOf(told.map(({ id }) => id))}
    and not exists (select 1 from deliveries d where d.message_id = messages.id)`;
  const messages = await removeRows(tx, references, "messages", alone);
  await removeRows(tx, references, "chats", sql`id = ${chat}`);
  for (const [table, id] of [
    ["wants", shared?.wants_id ?? 0],
    ["hours", shared?.hours_id ?? 0],
  ] as const) {
    const others = sql`select 1 from chats where ${sql.ref(`${table}_id`)} = ${id}`;
    await sql`delete from ${sql.table(table)} where id = ${id} and not exists (${others})`.execute(db);
  }
  for (const name of names) await replaceName(tx, name, randomBytes(6).toString("hex"));
  return { deliveries: Number(numDeletedRows), messages };
}

/** What a platform calls the chat and its person, now and before: addresses, and what stands before their first mark. */
async function namesOf({ db }: Database, chat: ChatId): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    select address from chats where id = ${chat} union select address from former_addresses where chat_id = ${chat}`.execute(
    db,
  );
  const names = rows.flatMap(({ address }) => [address, address.split("@")[0] ?? ""]);
  // The longest first: a shorter one may be a part of it.
  return [...new Set(names)].filter((name) => name.length >= shortestName).sort((a, b) => b.length - a.length);
}

/** The other chats of the same person go on; one that is left alone is nobody's other chat. */
async function leavePerson({ db }: Database, chat: ChatId): Promise<void> {
  await sql`
    update chats set person_id = null where id = ${chat} or (
      person_id = (select own.person_id from chats own where own.id = ${chat})
      and (select count(*) from chats other where other.person_id = chats.person_id) <= 2)`.execute(db);
}

/** Removes rows with those that name them; where naming is optional the name is taken out and the row stays. */
async function removeRows(
  tx: Database,
  references: readonly Reference[],
  table: string,
  which: RawBuilder<unknown>,
): Promise<number> {
  for (const { table: child, column, isOptional } of references.filter(({ parent }) => parent === table)) {
    const named = sql`${sql.ref(column)} in (select id from ${sql.table(table)} where ${which})`;
    if (isOptional) await sql`update ${sql.table(child)} set ${sql.ref(column)} = null where ${named}`.execute(tx.db);
    else await removeRows(tx, references, child, named);
  }
  const { numAffectedRows } = await sql`delete from ${sql.table(table)} where ${which}`.execute(tx.db);
  return Number(numAffectedRows ?? 0);
}

/** Puts a token that tells nothing in the place of a name, wherever it stands by itself: "somebody" stays the same somebody. */
async function replaceName(tx: Database, name: string, token: string): Promise<void> {
  const whole = new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(name)}(?![\\p{L}\\p{N}])`, "gu");
  const pattern = `%${name.replace(/[\\%_]/g, "\\$&")}%`;
  for (const table of await listTables(tx)) {
    const columns = (await columnsOf(tx, table)).map((column) => column.name);
    if (!columns.includes("id")) continue;
    for (const column of columns.filter((one) => namingColumns.includes(one))) {
      const { rows } = await sql<{ id: number; text: string }>`
        select id, ${sql.ref(column)} as text from ${sql.table(table)}
        where ${sql.ref(column)} like ${pattern} escape '\\'`.execute(tx.db);
      for (const { id, text } of rows) {
        const replaced = text.replace(whole, token);
        if (replaced === text) continue;
        await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${replaced} where id = ${id}`.execute(tx.db);
      }
    }
  }
}

/** Adds deliveries that are about to be removed to the numbers of the past, by the day on which they ended. */
export async function countPast({ db }: Database, which: RawBuilder<unknown>): Promise<void> {
  await sql`
    insert into past_deliveries (day, platform, lane, state, count)
    select ended_at / 86400000 * 86400000 as day, platform, lane, state, count(*) from deliveries
    where ${which} and ended_at is not null
    group by 1, platform, lane, state
    on conflict (day, platform, lane, state) do update set count = past_deliveries.count + excluded.count`.execute(db);
}
