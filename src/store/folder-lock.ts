import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { explainOpening, isBusy } from "#store/file-errors";

const lockName = "crier.lock";
const holderName = "crier.pid";

/** Handles of this process: one that nobody points to would be closed, and its lock be gone. */
const held = new Set<DatabaseSync>();

/**
 * Takes a data folder for this process, made where it is missing. The lock is the operating system's on an empty SQLite
 * file: it ends with the process, also with one that is killed, and leaves nothing to be cleared away. `advice` says what to
 * do about one that is taken.
 *
 * @throws Error in words, naming the process that runs there
 */
export function holdFolder(dataDir: string, now: Date, advice = defaultAdvice): { release(): void } {
  const file = path.join(dataDir, lockName);
  const holderFile = path.join(dataDir, holderName);
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(file, "", { flag: "a", mode: 0o600 });
    lock = new DatabaseSync(file, { timeout: 0 });
    lock.exec("pragma locking_mode = exclusive; begin exclusive;");
    writeFileSync(holderFile, JSON.stringify({ pid: process.pid, since: now.toISOString() }), { mode: 0o600 });
  } catch (error) {
    lock?.close();
    throw new Error(
      isBusy(error) ? `${inUse(path.resolve(dataDir), readHolder(holderFile))} ${advice}` : explainOpening(file, error),
      {
        cause: error,
      },
    );
  }
  const own = lock;
  held.add(own);
  return {
    release() {
      if (!held.delete(own)) return;
      // While the lock is still held: afterwards it would be the next one's.
      rmSync(holderFile, { force: true });
      own.close();
    },
  };
}

interface Holder {
  pid: number;
  since: Date;
}

/** Who wrote last that it runs there; null where nobody did yet. */
function readHolder(file: string): Holder | null {
  try {
    const { pid, since } = JSON.parse(readFileSync(file, "utf8")) as { pid: unknown; since: unknown };
    const at = new Date(String(since));
    return Number.isInteger(pid) && !Number.isNaN(at.getTime()) ? { pid: Number(pid), since: at } : null;
  } catch {
    return null;
  }
}

const defaultAdvice =
  "Two would send everything twice: stop that one first, or set DATA_DIR to a folder of this one's own.";

const inUse = (folder: string, holder: Holder | null): string =>
  `A Crier runs on the folder ${folder} already${holder ? ` (process ${holder.pid}, since ${instant(holder.since)})` : ""}.`;

/** "2026-11-24 14:05:03 UTC" */
const instant = (at: Date): string => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
