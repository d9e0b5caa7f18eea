import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { dueDeliveries } from "#store/claim";
import { migrate } from "#store/migrate";
import { openSqlite } from "#store/sqlite";
import { createMemoryLog } from "#tests/fakes/log";

test("a claim on SQLite walks one index in order, however much waits: no scan of the table, no sorting", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-plan-"));
  const database = openSqlite(folder);
  try {
    await migrate(database, createMemoryLog());
    const query = dueDeliveries(database.engine, "telegram", 30, [1, 2], new Date("2026-03-01T12:00:00Z"));
    const { rows } = await sql<{ detail: string }>`explain query plan ${query}`.execute(database.db);
    const steps = rows.map(({ detail }) => detail);
    assert.match(steps[0] ?? "", /^SEARCH d USING COVERING INDEX deliveries_waiting/);
    const onDeliveries = steps.slice(1).filter((step) => /^(SEARCH|SCAN) [shge] /.test(step));
    assert.equal(onDeliveries.length, 4);
    for (const step of onDeliveries)
      assert.match(
        step,
        /^SEARCH . USING (COVERING )?INDEX deliveries_(of_chat \(|under_way \(platform=\? AND )chat_id=\?/,
      );
    assert.deepEqual(
      steps.filter((step) => step.includes("TEMP B-TREE")),
      [],
    );
  } finally {
    await database.db.destroy();
    await rm(folder, { recursive: true, force: true });
  }
});
