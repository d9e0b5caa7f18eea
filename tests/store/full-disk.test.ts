import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { promisify } from "node:util";
import { sql } from "kysely";
import { explainStatement } from "#store/file-errors";
import { openDatabase, openStore } from "#store/open";
import { now } from "#tests/contract/store/place";
import { createMemoryLog } from "#tests/fakes/log";

const run = promisify(execFile);
const worker = path.join(import.meta.dirname, "full-disk-worker.ts");

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-disk-"));
  try {
    await work(folder);
  } finally {
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a program with a disk of 24 megabytes under a folder, which only it sees; null where that is not permitted. */
async function onSmallDisk(folder: string, args: string[]): Promise<string | null> {
  const mount = 'mount -t tmpfs -o size=24m none "$0"';
  try {
    await run("unshare", ["-rm", "sh", "-c", mount, folder]);
  } catch {
    return null;
  }
  const program = [process.execPath, "--disable-warning=ExperimentalWarning", ...args];
  const { stdout } = await run("unshare", ["-rm", "sh", "-c", `${mount} && exec "$@"`, folder, ...program], {
    timeout: 100_000,
  });
  return stdout;
}

test(
  "a full disk is said in words; with room again all goes on, nothing lost and nothing doubled",
  { timeout: 120_000 },
  (t) =>
    inFolder(async (folder) => {
      const said = await onSmallDisk(folder, [worker, folder]);
      if (said === null) return t.skip("no disk of its own can be mounted here");
      const { states, shown, told, titles } = JSON.parse(said) as {
        states: Record<string, number>;
        shown: Record<string, string[]>;
        told: string[];
        titles: string[];
      };
      assert.deepEqual(told, [
        `The disk that holds ${folder}/data is full. Make room: Crier tries again and goes on by itself.`,
      ]);
      for (const [address, held] of Object.entries(shown)) {
        assert.deepEqual(held.toSorted(), titles.toSorted(), address);
      }
      assert.deepEqual(Object.keys(states).toSorted(), states.unknown ? ["sent", "unknown"] : ["sent"]);
      assert.equal((states.sent ?? 0) + (states.unknown ?? 0), titles.length * 3);
    }),
);

test("a store that turned read-only is said in words, and is written again once it may be", () =>
  inFolder(async (folder) => {
    const database = await openDatabase({ dataDir: folder, log: createMemoryLog() });
    await database.db.destroy();
    const store = await openStore({ dataDir: folder, log: createMemoryLog() });
    const open = (address: string) => store.chats.open({ platform: "telegram", address, kind: "private" }, null, now);
    await open("ada");
    await store.close();

    const other = await openDatabase({ dataDir: folder, log: createMemoryLog() });
    await sql`pragma query_only = on`.execute(other.db);
    const write = () => sql`update chats set title = 'Ada' where address = 'ada'`.execute(other.db);
    await assert.rejects(
      write(),
      /crier\.db can be read but not written\. Give Crier's user the right to write in .*tries again by itself/,
    );
    await sql`pragma query_only = off`.execute(other.db);
    await write();
    await other.db.destroy();
  }));

test("a database that another process holds for too long is said in words", () =>
  inFolder(async (folder) => {
    const database = await openDatabase({ dataDir: folder, log: createMemoryLog() });
    await sql`pragma busy_timeout = 10`.execute(database.db);
    const holder = new DatabaseSync(path.join(folder, "crier.db"));
    holder.exec("begin immediate");
    await assert.rejects(
      database.db.transaction().execute(async () => {}),
      /crier\.db was held by another process for too long\. Crier tries again by itself/,
    );
    holder.exec("rollback");
    holder.close();
    await database.db.transaction().execute(async () => {});
    await database.db.destroy();
  }));

test(
  "a folder in which nothing may be written is said in words",
  { skip: process.getuid?.() === 0 && "root may write anywhere" },
  () =>
    inFolder(async (folder) => {
      const locked = path.join(folder, "locked");
      await mkdir(locked, { mode: 0o500 });
      await assert.rejects(
        openStore({ dataDir: locked, log: createMemoryLog() }),
        /Crier may not write to .*crier\.db/,
      );
    }),
);

test("an error that nobody can mend while Crier runs stays what it is", () => {
  const error = Object.assign(new Error("constraint failed"), { errcode: 19 });
  assert.equal(explainStatement("/data/crier.db", error), error);
  assert.equal(explainStatement("/data/crier.db", "text"), "text");
  const damaged = explainStatement("/data/crier.db", Object.assign(new Error("malformed"), { errcode: 11 }));
  assert.match(
    String(damaged),
    /\/data\/crier\.db is damaged\. Stop Crier, move the file away and bring a backup back/,
  );
});
