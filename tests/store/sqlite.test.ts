import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openStore } from "#store/open";
import { describeStore } from "#tests/contract/store";
import { createMemoryLog } from "#tests/fakes/log";

describeStore("SQLite", async () => {
  const folder = await createFolder();
  return {
    holdsTwo: false,
    open: () => openStore({ dataDir: folder, log: createMemoryLog() }),
    async run(text) {
      const raw = new DatabaseSync(path.join(folder, "crier.db"));
      try {
        return raw.prepare(text).all();
      } finally {
        raw.close();
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
});

const createFolder = (): Promise<string> => mkdtemp(path.join(tmpdir(), "crier-store-"));

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await createFolder();
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const open = (dataDir: string) => openStore({ dataDir, log: createMemoryLog() });

test("the folder is made, and only its owner can read what is in it", () =>
  inFolder(async (folder) => {
    const dataDir = path.join(folder, "deep", "data");
    const store = await open(dataDir);
    try {
      assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
      for (const file of ["crier.db", "crier.db-wal", "crier.db-shm"]) {
        assert.equal((await stat(path.join(dataDir, file))).mode & 0o777, 0o600, file);
      }
    } finally {
      await store.close();
    }
  }));

test("an older step is brought up to date once, a newer one is refused in words", () =>
  inFolder(async (folder) => {
    const log = createMemoryLog();
    const applied = () => log.lines.filter(({ text }) => text === "database brought up to date").length;
    await (await openStore({ dataDir: folder, log })).close();
    const steps = applied();
    assert.ok(steps > 0);
    await (await openStore({ dataDir: folder, log })).close();
    assert.equal(applied(), steps);
    const raw = new DatabaseSync(path.join(folder, "crier.db"));
    raw.exec("insert into migrations (number, name) values (9999, 'later')");
    raw.close();
    await assert.rejects(open(folder), /written by a newer Crier: it is at step 9999.*Update Crier/);
  }));

test("what cannot be opened is said in words", async () => {
  await inFolder(async (folder) => {
    await writeFile(path.join(folder, "crier.db"), "This was never a database. ".repeat(200));
    await assert.rejects(open(folder), /crier\.db is damaged or is no database of Crier's/);
  });
  await inFolder(async (folder) => {
    await writeFile(path.join(folder, "file"), "");
    await assert.rejects(open(path.join(folder, "file")), /is not a folder/);
    await assert.rejects(open(path.join(folder, "file", "data")), /is not a folder/);
  });
});
