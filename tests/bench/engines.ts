import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Store } from "#core/ports";
import { openStore } from "#store/open";
import { createMemoryLog } from "#tests/fakes/log";
import { createDatabase, run } from "#tests/store/database";

/** A store on an empty database, and a way past it to the engine itself. */
type Measure = (
  engine: "SQLite" | "PostgreSQL",
  store: Store,
  execute: (sql: string) => Promise<unknown>,
) => Promise<void>;

/** Measures on SQLite, and on PostgreSQL where one answers. */
export async function onEachEngine(measure: Measure): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-bench-"));
  const sqlite = await openStore({ dataDir: folder, log: createMemoryLog() });
  const { DatabaseSync } = await import("node:sqlite");
  const raw = new DatabaseSync(path.join(folder, "crier.db"), { timeout: 5_000 });
  await measure("SQLite", sqlite, async (sql) => raw.exec(sql));
  raw.close();
  await sqlite.close();
  await rm(folder, { recursive: true });

  const database = await createDatabase();
  if ("missing" in database) {
    process.stdout.write(`PostgreSQL is left out: ${database.missing}\n`);
    return;
  }
  const store = await openStore({ databaseUrl: database.url, dataDir: folder, log: createMemoryLog() });
  await measure("PostgreSQL", store, (sql) => run(database.url, sql));
  await store.close();
  await database.drop();
}
