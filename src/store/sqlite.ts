import { closeSync, mkdirSync, openSync } from "node:fs";
import path from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement,
  sql,
} from "kysely";
import type { Database, Engine } from "#store/database";
import { clean } from "#store/rows";
import type { Schema } from "#store/schema";

const fileName = "crier.db";
/** How long to wait for another process that writes: a backup, or `crier check`. */
const busyTimeoutMs = 5_000;
const keptStatements = 200;

/**
 * Opens the database file in a folder, both made where they are missing and readable for their owner alone. A commit
 * has reached the disk when it returns.
 *
 * @throws Error in words: no such folder can be made, no right to write, not a database, in use
 */
export function openSqlite(dataDir: string): Database {
  const file = path.join(dataDir, fileName);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    // SQLite gives its log files the mode of the database itself.
    closeSync(openSync(file, "a", 0o600));
    const raw = new DatabaseSync(file, { timeout: busyTimeoutMs });
    try {
      raw.exec(
        "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma cache_size = -16000;",
      );
    } catch (error) {
      raw.close();
      throw error;
    }
    return { db: connect(raw), engine };
  } catch (error) {
    throw new Error(explain(file, error), { cause: error });
  }
}

const engine: Engine = {
  name: "SQLite",
  types: { id: "integer primary key autoincrement", int: "integer", small: "integer", endOfTable: " strict" },
  anyOf: (values) => sql<boolean>`in (select value from json_each(${JSON.stringify(values)}))`,
  locking: () => sql``,
  async lock() {},
  isClash: () => false,
};

function connect(raw: DatabaseSync): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new ImmediateDriver(raw),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

/** Takes the right to write when a transaction begins: taken halfway, it can be refused without a way to wait for it. */
class ImmediateDriver extends SqliteDriver {
  readonly #raw: DatabaseSync;

  constructor(raw: DatabaseSync) {
    super({ database: adapt(raw) });
    this.#raw = raw;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // A full disk has rolled it back already, and the error that says so must not be hidden by another.
    if (this.#raw.isTransaction) await super.rollbackTransaction(connection);
  }
}

/** node:sqlite in the shape of the library that Kysely expects, with the statements kept that were used last. */
function adapt(raw: DatabaseSync): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  return {
    close: () => raw.close(),
    prepare(text) {
      const statement = kept.get(text) ?? toStatement(raw.prepare(text));
      kept.delete(text);
      kept.set(text, statement);
      if (kept.size > keptStatements) kept.delete(kept.keys().next().value ?? "");
      return statement;
    },
  };
}

function toStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters.map(toInput)),
    run: (parameters) => statement.run(...parameters.map(toInput)),
    iterate: (parameters) => statement.iterate(...parameters.map(toInput)),
  };
}

const toInput = (value: unknown): SQLInputValue =>
  typeof value === "string" ? clean(value) : (value as SQLInputValue);

function explain(file: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // https://www.sqlite.org/rescode.html: the low byte is the primary result code.
  const result = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  const folder = path.dirname(file);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || result === 8 || result === 14) {
    return `Crier may not write to ${file}. Give its user the right to write in ${folder}, or set DATA_DIR to another folder.`;
  }
  if (code === "ENOTDIR" || code === "EEXIST") {
    return `DATA_DIR (${folder}) is not a folder. Set it to one, or to a path where one can be made.`;
  }
  if (code === "ENOSPC" || result === 13) return `The disk that holds ${folder} is full. Make room, and start again.`;
  if (result === 26 || result === 11) {
    return `${file} is damaged or is no database of Crier's. Put a backup in its place, or move it away to begin anew.`;
  }
  if (result === 5 || result === 6) return `${file} is in use by another process. Stop that one first.`;
  return `The database ${file} cannot be opened: ${error instanceof Error ? error.message : String(error)}.`;
}
