import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { askBy, askFile, type Ledger, postgresLedger, sqliteLedger } from "#tests/crash/ledger";
import { createDatabase } from "#tests/store/database";

/** Where a life takes place: a data folder and a database of its own. */
export interface Place {
  engine: "SQLite" | "PostgreSQL";
  dataDir: string;
  /** What Crier is told of it. */
  env: Record<string, string>;
  /** What Crier is run by, where it is to see another disk than others do. */
  within: readonly string[];
  ledger: Ledger;
  /** Resolves when nothing of a killed process is under way in the database any more. */
  isLeft(): Promise<void>;
  remove(): Promise<void>;
}

export async function createSqlitePlace(): Promise<Place> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "crier-crash-"));
  return {
    engine: "SQLite",
    dataDir,
    env: { DATA_DIR: dataDir },
    within: [],
    ledger: sqliteLedger(askFile(dataDir)),
    isLeft: async () => {},
    remove: () => rm(dataDir, { recursive: true, force: true }),
  };
}

/** A place on a disk of 24 megabytes, which only Crier sees. Or why there is none. */
export async function createSmallDisk(): Promise<(Place & { seenFromHere: string }) | { missing: string }> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "crier-disk-"));
  const mount = 'mount -t tmpfs -o size=24m none "$0" && echo mounted && exec sleep 100000';
  const [program, ...args] = ["unshare", "-rm", "sh", "-c", mount, dataDir] as const;
  const holder = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(holder, "close");
  const [said] = await Promise.race([once(holder.stdout, "data"), ended]);
  const remove = async (): Promise<void> => {
    holder.kill("SIGKILL");
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  };
  if (!String(said).includes("mounted")) {
    await remove();
    return { missing: "no disk of its own can be mounted here" };
  }
  const within = ["nsenter", "--target", String(holder.pid), "--user", "--mount", "--preserve-credentials"];
  return {
    engine: "SQLite",
    dataDir,
    seenFromHere: `/proc/${holder.pid}/root${dataDir}`,
    env: { DATA_DIR: dataDir },
    within,
    ledger: sqliteLedger(askBy(dataDir, within)),
    isLeft: async () => {},
    remove,
  };
}

/** Or why there is none. */
export async function createPostgresPlace(): Promise<Place | { missing: string }> {
  const database = await createDatabase();
  if ("missing" in database) return database;
  const { url, drop } = database;
  const dataDir = await mkdtemp(path.join(tmpdir(), "crier-crash-"));
  const ledger = postgresLedger(url);
  return {
    engine: "PostgreSQL",
    dataDir,
    env: { DATA_DIR: dataDir, DATABASE_URL: url },
    within: [],
    ledger,
    async isLeft() {
      const others = `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;
      while ((await ledger.all(others)).length > 0) await pause(5);
    },
    async remove() {
      await drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
