import type { Kysely, RawBuilder } from "kysely";
import { Overtaken } from "#core/errors";
import type { Schema } from "#store/schema";

/** What the engines do not share. */
export interface Engine {
  readonly name: "SQLite" | "PostgreSQL";
  /** Types of columns, for migrations. */
  readonly types: { id: string; int: string; small: string; endOfTable: string };
  /** `chat_id ${anyOf(ids)}`: true for each of the values, which travel as one parameter. */
  anyOf(values: readonly number[] | readonly string[]): RawBuilder<boolean>;
  /**
   * Stands in a statement that is asked again and again and always goes the same way along an index: its plan is kept.
   * To plan the statements of a claim costs PostgreSQL more than to carry them out.
   */
  readonly kept: RawBuilder<unknown>;
  /**
   * The end of a select whose rows, or those of one of its tables, must not be changed ("key share": removed) by others
   * before the transaction ends. SQLite has one writer at a time anyway.
   */
  locking(
    rows: "update" | "no key update" | "update skip locked" | "share" | "key share",
    of?: string,
  ): RawBuilder<unknown>;
  /** The database's own time, in milliseconds since 1970: the clocks of the machines that use it differ. */
  readonly clock: RawBuilder<number>;
  /** Lets one transaction at a time past this point; those that share it, together. */
  lock(db: Kysely<Schema>, what: string, how?: "shared"): Promise<void>;
  /** True when two transactions got in each other's way: the same work may succeed when it is run again. */
  isClash(error: unknown): boolean;
}

/** An engine with the connection to use: everybody's, or that of a transaction. */
export interface Database {
  readonly db: Kysely<Schema>;
  readonly engine: Engine;
}

/** How often clashing work is run before its error is passed on. */
const tries = 4;

/** Runs `work` in a transaction: in the one that is open already, else in one of its own, again where it clashed with another. */
export async function inTransaction<T>(database: Database, work: (tx: Database) => Promise<T>): Promise<T> {
  const { db, engine } = database;
  if (db.isTransaction) return work(database);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute((trx) => work({ db: trx, engine }));
    } catch (error) {
      if (attempt === tries || !(error instanceof Overtaken || engine.isClash(error))) throw error;
    }
  }
}
