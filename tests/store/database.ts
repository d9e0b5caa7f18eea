import { randomBytes } from "node:crypto";
import pg from "pg";

export const serverUrl = process.env.TEST_DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/test";

/** A PostgreSQL database of one test's own. */
export interface TestDatabase {
  readonly url: string;
  /** The address of a new schema in it, for one test of many: quicker than a database each. What is dropped at the end need not reach the disk. */
  schema(): Promise<string>;
  drop(): Promise<void>;
}

/** Runs one statement on a connection of its own. */
export async function run(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** A new database on the tests' server; where none answers, why. */
export async function createDatabase(): Promise<TestDatabase | { missing: string }> {
  const name = `crier_test_${randomBytes(6).toString("hex")}`;
  try {
    await run(serverUrl, `create database ${name}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { missing: `no PostgreSQL for tests at ${new URL(serverUrl).host}: ${why}` };
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  let schemas = 0;
  return {
    url: url.href,
    async schema() {
      const place = `place_${++schemas}`;
      await run(url.href, `create schema ${place}`);
      const its = new URL(url);
      its.searchParams.set("options", `-c search_path=${place} -c synchronous_commit=off`);
      return its.href;
    },
    drop: async () => void (await run(serverUrl, `drop database ${name} with (force)`)),
  };
}

/** Where a test's store is to stand: a folder of its own on SQLite, a new schema on PostgreSQL or why there is none. */
export const bothEngines = (
  database: TestDatabase | { missing: string },
): Record<"SQLite" | "PostgreSQL", () => Promise<{ databaseUrl?: string } | { missing: string }>> => ({
  SQLite: async () => ({}),
  PostgreSQL: async () => ("missing" in database ? database : { databaseUrl: await database.schema() }),
});
