import { CompiledQuery, sql } from "kysely";
import type { Log } from "#core/ports";
import { BackupError, type BackupSummary, type BackupTable, isTable, readBackup, verifyBackup } from "#store/backup";
import { type Database, inTransaction } from "#store/database";
import { migrate, newestStep } from "#store/migrate";
import { columnsOf, listTables, watchedByTrigger } from "#store/tables";

/** Rows written with one statement. */
const batch = 500;

/**
 * Brings a backup back in one transaction: the database holds what it held before, or all of the backup. What it held is
 * lost with `force`; without, a database that holds anything is refused.
 *
 * @throws BackupError in words, for a file that is damaged or from a newer Crier, and for a database that is not empty
 */
export async function restoreBackup(
  database: Database,
  file: string,
  { force, log }: { force: boolean; log: Log },
): Promise<BackupSummary> {
  const summary = await verifyBackup(file);
  if (summary.step > newestStep) {
    throw new BackupError(
      `${file} was written by a newer Crier: it is at step ${summary.step} and this one knows ${newestStep}. Update Crier first.`,
    );
  }
  const silent: Log = { ...log, info: () => {} };
  await inTransaction(database, async (tx) => {
    if (tx.engine.name === "SQLite") await sql`pragma defer_foreign_keys = on`.execute(tx.db);
    const tables = await listTables(tx);
    if (!force) await refuseFull(tx, tables);
    for (const table of [...tables.toReversed(), "migrations"])
      await sql`drop table if exists ${sql.table(table)}`.execute(tx.db);
    // The rows fit the step that they were written at: later ones then bring them up to date, as they do everywhere.
    await migrate(tx, silent, summary.step);
    // What a step writes by itself is in the backup too.
    for (const table of (await listTables(tx)).toReversed()) await sql`delete from ${sql.table(table)}`.execute(tx.db);
    await fill(tx, file, summary);
    await refuseDangling(tx, file);
    await migrate(tx, silent);
  });
  if (database.engine.name === "SQLite") await sql`pragma wal_checkpoint(truncate)`.execute(database.db);
  return summary;
}

async function refuseFull(tx: Database, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    if (table === "migrations") continue;
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(tx.db);
    if (rows.length === 0) continue;
    throw new BackupError(
      `The store is not empty: it holds ${table.replaceAll("_", " ")}. --force replaces all that it holds by the backup; make a backup of it first.`,
    );
  }
}

/** What the engine does not look at itself when a row is written: whether what it names is there. */
async function refuseDangling({ db }: Database, file: string): Promise<void> {
  for (const { table, column, parent } of watchedByTrigger) {
    const { rows } = await sql`
      select 1 from ${sql.table(table)} r where not exists (
        select 1 from ${sql.table(parent)} p where p.id = r.${sql.ref(column)}) limit 1`.execute(db);
    if (rows.length > 0)
      throw new BackupError(`${file} does not fit: ${table} in it name ${parent} that are not there.`);
  }
}

/** Writes the rows of the file, which was read whole before: it must still be the same. */
async function fill(tx: Database, file: string, { counts }: BackupSummary): Promise<void> {
  const written: Record<string, number> = {};
  let table: { name: string; insert(rows: unknown[][]): Promise<void> } | null = null;
  let rows: unknown[][] = [];
  const flush = async (): Promise<void> => {
    if (!table || rows.length === 0) return;
    await table.insert(rows);
    written[table.name] = (written[table.name] ?? 0) + rows.length;
    rows = [];
  };
  for await (const value of readBackup(file)) {
    if (Array.isArray(value)) {
      rows.push(value);
      if (rows.length === batch) await flush();
      continue;
    }
    await flush();
    if (!isTable(value)) continue;
    table = { name: value.table, insert: await createInsert(tx, file, value) };
    written[value.table] = 0;
    await keepCounting(tx, value);
  }
  if (JSON.stringify(written) !== JSON.stringify(counts)) throw new BackupError(`${file} changed while it was read.`);
}

/** Writes rows in the types of the table's columns; PostgreSQL takes many as one JSON text. Names that are no columns of ours go no further. */
async function createInsert(tx: Database, file: string, { table, columns }: BackupTable) {
  if (!(await listTables(tx)).includes(table))
    throw new BackupError(`${file} does not fit: there is no table ${table}.`);
  const types = new Map((await columnsOf(tx, table)).map(({ name, type }) => [name, type]));
  const strange = columns.find((column) => !types.has(column));
  if (strange !== undefined) throw new BackupError(`${file} does not fit: there is no column ${table}.${strange}.`);
  const names = columns.map((column) => `"${column}"`).join(", ");
  if (tx.engine.name === "SQLite") {
    // One by one: taking a row out of a JSON text costs SQLite more than the call.
    const statement = `insert into "${table}" (${names}) values (${columns.map(() => "?").join(", ")})`;
    return async (rows: unknown[][]): Promise<void> => {
      for (const row of rows) await tx.db.executeQuery(CompiledQuery.raw(statement, row));
    };
  }
  const values = columns.map((column, at) => `cast(value ->> ${at} as ${types.get(column)})`).join(", ");
  const statement = `insert into "${table}" (${names}) select ${values} from json_array_elements(cast($1 as json)) r (value)`;
  return async (rows: unknown[][]): Promise<void> => {
    await tx.db.executeQuery(CompiledQuery.raw(statement, [JSON.stringify(rows)]));
  };
}

/** Goes on with the ids where the backup left off: none that was given once is given again. */
async function keepCounting({ db, engine }: Database, { table, lastId }: BackupTable): Promise<void> {
  if (lastId === null || lastId < 1) return;
  if (engine.name === "SQLite") {
    await sql`delete from sqlite_sequence where name = ${table}`.execute(db);
    await sql`insert into sqlite_sequence (name, seq) values (${table}, ${lastId})`.execute(db);
  } else await sql`select setval(pg_get_serial_sequence(${table}, 'id'), ${lastId})`.execute(db);
}
