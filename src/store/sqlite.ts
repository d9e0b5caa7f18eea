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
import { explainOpening, explainStatement } from "#store/file-errors";
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
    return { db: connect(raw, file), engine };
  } catch (error) {
    throw new Error(explainOpening(file, error), { cause: error });
  }
}

const engine: Engine = {
  name: "SQLite",
  types: { id: "integer primary key autoincrement", int: "integer", small: "integer", endOfTable: " strict" },
  anyOf: (values) => sql<boolean>`in (select value from json_each(${JSON.stringify(values)}))`,
  kept: sql``,
  locking: () => sql``,
  clock: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  async lock() {},
  isClash: () => false,
};

function connect(raw: DatabaseSync, file: string): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new ImmediateDriver(raw, file),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

/** Takes the right to write when a transaction begins: taken halfway, it can be refused without a way to wait for it. */
class ImmediateDriver extends SqliteDriver {
  readonly #raw: DatabaseSync;

  constructor(raw: DatabaseSync, file: string) {
    super({ database: adapt(raw, file) });
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
function adapt(raw: DatabaseSync, file: string): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  return {
    close: () => raw.close(),
    prepare(text) {
      const statement = kept.get(text) ?? toStatement(raw.prepare(text), file);
      kept.delete(text);
      kept.set(text, statement);
      if (kept.size > keptStatements) kept.delete(kept.keys().next().value ?? "");
      return statement;
    },
  };
}

function toStatement(statement: StatementSync, file: string): SqliteStatement {
  const inWords = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw explainStatement(file, error);
    }
  };
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => inWords(() => statement.all(...parameters.map(toInput))),
    run: (parameters) => inWords(() => statement.run(...parameters.map(toInput))),
    iterate: (parameters) => statement.iterate(...parameters.map(toInput)),
  };
}

const toInput = (value: unknown): SQLInputValue =>
  typeof value === "string" ? clean(value) : (value as SQLInputValue);
