import { type Kysely, sql } from "kysely";
import type { Database } from "#store/database";
import type { Schema } from "#store/schema";
import { type Column, columnsOf, listTables } from "#store/tables";

/** The database as it stands at one instant, while others go on writing. */
export interface Snapshot {
  /** The step of its schema. */
  step: number;
  tables: SnapshotTable[];
}

interface SnapshotTable {
  name: string;
  columns: Column[];
  /** The highest id that was ever given there; null for a table without ids. Numbers that were given are not given again. */
  lastId: number | null;
  /** Its rows a few at a time, each as the values of its columns. */
  rows(): AsyncGenerator<unknown[][]>;
}

/** Rows read at once. */
const page = 1_000;

/** Hands `work` all of Crier's own tables as they stand at this instant. Nobody waits for it, and it waits for nobody. */
export function withSnapshot<T>({ db, engine }: Database, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    const one: Database = { db: connection, engine };
    const isSqlite = engine.name === "SQLite";
    // A plain "begin" takes no right to write in SQLite: the first look fixes what is seen.
    await sql
      .raw(isSqlite ? "begin" : "begin transaction isolation level repeatable read, read only")
      .execute(connection);
    try {
      const { step } = await connection
        .selectFrom("migrations")
        .select((eb) => eb.fn.max("number").as("step"))
        .executeTakeFirstOrThrow();
      const names = (await listTables(one)).filter((name) => name !== "migrations");
      const tables: SnapshotTable[] = [];
      for (const name of names) {
        const columns = await columnsOf(one, name);
        tables.push({
          name,
          columns,
          lastId: columns.some((column) => column.name === "id") ? await lastIdOf(one, name) : null,
          rows: () =>
            isSqlite ? pagesOfSqlite(connection, name, columns) : pagesOfPostgres(connection, name, columns),
        });
      }
      return await work({ step, tables });
    } finally {
      await sql`rollback`.execute(connection);
    }
  });
}

async function lastIdOf({ db, engine }: Database, table: string): Promise<number> {
  const { rows } = await sql<{ last: number | null }>`
    ${
      engine.name === "SQLite"
        ? sql`select seq as last from sqlite_sequence where name = ${table}`
        : sql`select pg_sequence_last_value(pg_get_serial_sequence(${table}, 'id')::regclass) as last`
    }`.execute(db);
  return rows[0]?.last ?? 0;
}

/** By rowid, which every table of ours has: a cursor would hold up the other statements of the connection. */
async function* pagesOfSqlite(db: Kysely<Schema>, table: string, columns: Column[]): AsyncGenerator<unknown[][]> {
  const names = columns.map(({ name }) => sql.ref(name));
  for (let after = -1; ; ) {
    const { rows } = await sql<Record<string, unknown>>`
      select rowid as "rowid of", ${sql.join(names)} from ${sql.table(table)}
      where rowid > ${after} order by rowid limit ${page}`.execute(db);
    if (rows.length > 0) yield rows.map((row) => columns.map(({ name }) => row[name]));
    if (rows.length < page) return;
    after = Number(rows.at(-1)?.["rowid of"]);
  }
}

async function* pagesOfPostgres(db: Kysely<Schema>, table: string, columns: Column[]): AsyncGenerator<unknown[][]> {
  const names = columns.map(({ name }) => sql.ref(name));
  await sql`declare rows_of no scroll cursor for select ${sql.join(names)} from ${sql.table(table)}`.execute(db);
  while (true) {
    const { rows } = await sql<Record<string, unknown>>`${sql.raw(`fetch ${page} from rows_of`)}`.execute(db);
    if (rows.length > 0) yield rows.map((row) => columns.map(({ name }) => row[name]));
    if (rows.length < page) break;
  }
  await sql`close rows_of`.execute(db);
}
