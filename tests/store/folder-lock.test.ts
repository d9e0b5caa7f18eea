import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { holdDatabase } from "#store/database-lock";
import { holdFolder } from "#store/folder-lock";
import { openStore } from "#store/open";
import { createMemoryLog } from "#tests/fakes/log";
import { createDatabase, run } from "#tests/store/database";

const worker = path.join(import.meta.dirname, "folder-lock-worker.ts");
const now = new Date("2026-03-01T12:00:00Z");

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-lock-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts a process that takes the folder; answers the first line that it says. */
async function start(folder: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", worker, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface(child.stdout)) return { child, said: line };
  return { child, said: "" };
}

const ended = (child: ChildProcess): Promise<unknown> =>
  child.exitCode === null && child.signalCode === null
    ? new Promise((resolve) => child.once("exit", resolve))
    : Promise.resolve();

test("of many that start at once on one folder, one runs and the others say who does", { timeout: 60_000 }, () =>
  inFolder(async (folder) => {
    const all = await Promise.all(Array.from({ length: 5 }, () => start(folder)));
    try {
      const holders = all.filter(({ said }) => said === "held");
      assert.equal(holders.length, 1);
      // Those that came in the same instant may not yet have read who it is; a later one does.
      const { said } = await start(folder);
      assert.equal(
        said,
        `A Crier runs on the folder ${folder} already (process ${holders[0]?.child.pid}, since 2026-03-01 12:00:00 UTC). Two would send everything twice: stop that one first, or set DATA_DIR to a folder of this one's own.`,
      );
      for (const other of all.filter(({ said }) => said !== "held"))
        assert.match(other.said, /^A Crier runs on the fol/);
    } finally {
      for (const { child } of all) child.kill("SIGKILL");
      await Promise.all(all.map(({ child }) => ended(child)));
    }
  }),
);

test(
  "a killed process leaves the folder free at once, and readers beside a running one are let in",
  { timeout: 60_000 },
  () =>
    inFolder(async (folder) => {
      for (let round = 0; round < 3; round += 1) {
        const { child, said } = await start(folder);
        assert.equal(said, "held");
        const beside = await openStore({ dataDir: folder, log: createMemoryLog() });
        assert.deepEqual(await beside.feeds.list(), []);
        await beside.close();
        assert.throws(() => holdFolder(folder, now), new RegExp(`process ${child.pid}`));
        child.kill("SIGKILL");
        await ended(child);
      }
      const hold = holdFolder(folder, now);
      assert.throws(() => holdFolder(folder, now), new RegExp(`process ${process.pid}`));
      hold.release();
      hold.release();
      assert.ok(!(await readdir(folder)).includes("crier.pid"));
      holdFolder(folder, now).release();
    }),
);

test("the folder is made, for its owner alone; what is none is said in words", () =>
  inFolder(async (folder) => {
    const dataDir = path.join(folder, "deep", "data");
    holdFolder(dataDir, now).release();
    assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
    assert.equal((await stat(path.join(dataDir, "crier.lock"))).mode & 0o777, 0o600);
    await writeFile(path.join(folder, "file"), "");
    assert.throws(() => holdFolder(path.join(folder, "file"), now), /is not a folder\. Set it to one/);
  }));

const database = await createDatabase();
if ("missing" in database) {
  test("two on one PostgreSQL database", { skip: database.missing }, () => {});
} else {
  const { url, drop } = database;
  test("of two on one PostgreSQL database the second says who runs there; a lost process leaves it free", async () => {
    try {
      const hold = await holdDatabase(url);
      const name = new URL(url).pathname.slice(1);
      await assert.rejects(
        holdDatabase(url),
        new RegExp(
          `^Error: A Crier runs on the database ${name} already \\(process ${process.pid} on .*, since \\d{4}-.* UTC\\)\\. Stop each that runs there first`,
        ),
      );
      const other = new URL(url);
      await run(url, "create schema elsewhere");
      other.searchParams.set("options", "-c search_path=elsewhere");
      await (await holdDatabase(other.href)).release();
      await run(
        url,
        `select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '${name}' and application_name like 'crier process ${process.pid} on %'`,
      );
      await (await holdDatabase(url)).release();
      await hold.release();
    } finally {
      await drop();
    }
  });
}
