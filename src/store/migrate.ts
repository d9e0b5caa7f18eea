import { sql } from "kysely";
import type { Log } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { migrations } from "#store/migrations/index";

/** The step of the schema that this Crier works with. */
export const newestStep = migrations.at(-1)?.number ?? 0;

/**
 * Brings the schema up to date, or to an earlier step, one transaction for each step. Processes that start at the same
 * time wait for one another.
 *
 * @throws Error in words, when a newer Crier has written the database or its user may not create tables
 */
export async function migrate(database: Database, log: Log, upTo = newestStep): Promise<void> {
  while (true) {
    const applied = await inTransaction(database, (tx) => applyNext(tx, upTo)).catch((error: unknown) => {
      throw isForbidden(error) ? new Error(forbidden, { cause: error }) : error;
    });
    if (applied === null) return;
    log.info({ engine: database.engine.name, migration: applied }, "database brought up to date");
  }
}

/** PostgreSQL's insufficient_privilege: since version 15 only its owner may create tables in a database. */
const isForbidden = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "42501";

const forbidden =
  "The user in DATABASE_URL may not create tables in its database. Make it the database's owner, or run there: grant create on schema public to that user.";

/** Applies the first step that is missing; null when there is none. */
async function applyNext(tx: Database, upTo: number): Promise<number | null> {
  const { db, engine } = tx;
  await engine.lock(db, "migrate");
  await sql
    .raw(`create table if not exists migrations (number ${engine.types.int} primary key, name text not null)`)
    .execute(db);
  const { reached } = await db
    .selectFrom("migrations")
    .select((eb) => eb.fn.max("number").as("reached"))
    .executeTakeFirstOrThrow();
  const at: number = reached ?? 0;
  if (at > newestStep) {
    throw new Error(
      `The database was written by a newer Crier: it is at step ${at} and this one knows ${newestStep}. Update Crier, or go back to a backup from before the update.`,
    );
  }
  const next = migrations.find(({ number }) => number > at && number <= upTo);
  if (!next) return null;
  for (const statement of next.statements(engine)) await sql.raw(statement).execute(db);
  await db.insertInto("migrations").values({ number: next.number, name: next.name }).execute();
  return next.number;
}
