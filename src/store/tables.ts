import { sql } from "kysely";
import type { Database } from "#store/database";
import { migrations } from "#store/migrations/index";

/** A column whose rows name a row of another table by its `id`. */
export interface Reference {
  table: string;
  column: string;
  parent: string;
  isOptional: boolean;
}

export interface Column {
  name: string;
  /** In the engine's own words: text, bigint, INTEGER, … */
  type: string;
}

/**
 * Crier's own tables, those that others name before them: what the steps of the schema make, as far as it is there.
 * A PostgreSQL database may hold tables of others beside them.
 */
export async function listTables(database: Database): Promise<string[]> {
  const own = await namesOf(database);
  const references = await referencesAmong(database, own);
  const sorted: string[] = [];
  const place = (table: string): void => {
    if (sorted.includes(table)) return;
    for (const { parent } of references.filter((one) => one.table === table && one.parent !== table)) place(parent);
    sorted.push(table);
  };
  for (const table of own) place(table);
  return sorted;
}

/** What PostgreSQL keeps watch over by a trigger in the place of a foreign key. */
export const watchedByTrigger: readonly Reference[] = [
  { table: "deliveries", column: "message_id", parent: "messages", isOptional: false },
  { table: "deliveries", column: "chat_id", parent: "chats", isOptional: false },
];

/** Which columns of Crier's own tables name rows of others, as the engine itself keeps watch over them. */
export const listReferences = async (database: Database): Promise<Reference[]> =>
  referencesAmong(database, await namesOf(database));

/** The columns of a table in their order. */
export async function columnsOf({ db, engine }: Database, table: string): Promise<Column[]> {
  const { rows } = await sql<Column>`
    ${
      engine.name === "SQLite"
        ? sql`select name, type from pragma_table_info(${table}) order by cid`
        : sql`select column_name as name, data_type as type from information_schema.columns
            where table_schema = current_schema() and table_name = ${table} order by ordinal_position`
    }`.execute(db);
  return rows;
}

async function namesOf({ db, engine }: Database): Promise<string[]> {
  const made = migrations
    .flatMap((migration) => migration.statements(engine))
    .flatMap((statement) => /^\s*create table (?:if not exists )?(\w+)/i.exec(statement)?.[1] ?? []);
  const { rows } = await sql<{ name: string }>`
    ${
      engine.name === "SQLite"
        ? sql`select name from sqlite_master where type = 'table'`
        : sql`select tablename as name from pg_tables where schemaname = current_schema()`
    }`.execute(db);
  const there = new Set(rows.map(({ name }) => name));
  return [...new Set(made)].filter((name) => there.has(name));
}

async function referencesAmong({ db, engine }: Database, own: readonly string[]): Promise<Reference[]> {
  const { rows } = await sql<{ table_name: string; column_name: string; parent: string; required: number }>`
    ${
      engine.name === "SQLite"
        ? sql`select m.name as table_name, f."from" as column_name, f."table" as parent,
              (c."notnull" or c.pk > 0) as required
            from sqlite_master m
              join pragma_foreign_key_list(m.name) f
              join pragma_table_info(m.name) c on c.name = f."from"
            where m.type = 'table'`
        : sql`select t.relname as table_name, a.attname as column_name, p.relname as parent, a.attnotnull::int as required
            from pg_constraint k
              join pg_class t on t.oid = k.conrelid
              join pg_class p on p.oid = k.confrelid
              join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
            where k.contype = 'f' and k.connamespace = (select oid from pg_namespace where nspname = current_schema())`
    }`.execute(db);
  const declared = rows
    .filter((row) => own.includes(row.table_name))
    .map((row) => ({
      table: row.table_name,
      column: row.column_name,
      parent: row.parent,
      isOptional: row.required === 0,
    }));
  const isDeclared = ({ table, column }: Reference): boolean =>
    declared.some((one) => one.table === table && one.column === column);
  return [...declared, ...watchedByTrigger.filter((one) => own.includes(one.table) && !isDeclared(one))];
}
