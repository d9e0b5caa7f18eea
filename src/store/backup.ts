import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Database } from "#store/database";
import { withSnapshot } from "#store/snapshot";

/**
 * A backup is JSON lines, packed with gzip: a head, then each table's name and columns followed by its rows, and at the
 * end the counts and a digest of all lines before. It holds no engine's own form, so that either engine takes it.
 */
interface Head {
  crier: "backup";
  version: 1;
  /** The step of the schema that the rows fit. */
  step: number;
  at: string;
}

export interface BackupTable {
  table: string;
  columns: string[];
  lastId: number | null;
}

interface End {
  end: Record<string, number>;
  sha256: string;
}

/** What a backup says of itself. */
export interface BackupSummary {
  step: number;
  at: Date;
  /** Rows by table. */
  counts: Record<string, number>;
}

/** Refuses what has not the form of a backup, in words. */
export class BackupError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "BackupError";
  }
}

/** A row longer than this is none of ours: the longest are articles. */
const longestLine = 64 * 1024 * 1024;

/**
 * Writes a backup of a database while others go on writing in it. The file is there whole or not at all: it gets its
 * name when the disk holds it.
 */
export async function writeBackup(database: Database, file: string, now: Date): Promise<BackupSummary> {
  const part = `${file}.part`;
  const counts: Record<string, number> = {};
  try {
    const summary = await withSnapshot(database, async ({ step, tables }) => {
      const digest = createHash("sha256");
      const toText = (lines: unknown[]): string => {
        const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
        digest.update(text);
        return text;
      };
      async function* lines(): AsyncGenerator<string> {
        yield toText([{ crier: "backup", version: 1, step, at: now.toISOString() } satisfies Head]);
        for (const { name, columns, lastId, rows } of tables) {
          yield toText([{ table: name, columns: columns.map((column) => column.name), lastId } satisfies BackupTable]);
          counts[name] = 0;
          for await (const some of rows()) {
            counts[name] += some.length;
            yield toText(some);
          }
        }
        yield `${JSON.stringify({ end: counts, sha256: digest.digest("hex") } satisfies End)}\n`;
      }
      const out = createWriteStream(part, { mode: 0o600, flush: true });
      await pipeline(Readable.from(lines()), createGzip({ level: 5 }), out);
      if (!out.closed) await once(out, "close");
      return { step, at: now, counts };
    });
    await rename(part, file);
    await syncFolder(path.dirname(path.resolve(file)));
    return summary;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** A new name has reached the disk only with its folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Reads a backup from its first line to its last. @throws BackupError */
export async function* readBackup(file: string): AsyncGenerator<Head | BackupTable | unknown[] | End> {
  const digest = createHash("sha256");
  let isFirst = true;
  for await (const line of linesOf(file)) {
    const value = parseLine(file, line);
    if (isFirst && !isHead(value)) throw new BackupError(`${file} is no backup of Crier's.`);
    isFirst = false;
    if (isEnd(value)) {
      if (value.sha256 !== digest.digest("hex")) throw damaged(file, "its checksum does not match");
      yield value;
      return;
    }
    digest.update(line).update("\n");
    yield value;
  }
  throw isFirst
    ? new BackupError(`${file} is empty: it is no backup of Crier's.`)
    : damaged(file, "its end is missing");
}

/** Reads a backup whole and holds it against what it says of itself. @throws BackupError */
export async function verifyBackup(file: string): Promise<BackupSummary> {
  const counts: Record<string, number> = {};
  let head: Head | null = null;
  let table = "";
  for await (const value of readBackup(file)) {
    if (Array.isArray(value)) counts[table] = (counts[table] ?? 0) + 1;
    else if (isHead(value)) head = value;
    else if (isEnd(value)) {
      if (JSON.stringify(value.end) !== JSON.stringify(counts)) throw damaged(file, "rows are missing");
    } else if (isTable(value)) {
      table = value.table;
      counts[table] = 0;
    } else throw damaged(file, "a line of it is none of a backup");
  }
  if (!head) throw damaged(file, "its head is missing");
  return { step: head.step, at: new Date(head.at), counts };
}

const damaged = (file: string, how: string, cause?: unknown): BackupError =>
  new BackupError(`${file} is damaged: ${how}. Take another backup; nothing was changed.`, cause);

async function* linesOf(file: string): AsyncGenerator<Buffer> {
  const packed = createReadStream(file);
  const unpacked = createGunzip();
  packed.on("error", (error) => unpacked.destroy(error));
  let rest: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of packed.pipe(unpacked) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
        yield Buffer.concat([...rest, chunk.subarray(from, at)]);
        rest = [];
        length = 0;
        from = at + 1;
      }
      rest.push(chunk.subarray(from));
      length += chunk.length - from;
      if (length > longestLine) throw damaged(file, "a line of it has no end");
    }
  } catch (error) {
    throw explain(file, error);
  } finally {
    packed.destroy();
  }
}

function explain(file: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "Z_DATA_ERROR" && /incorrect header/.test(String(error))) {
    return new BackupError(`${file} is no backup of Crier's.`, error);
  }
  if (code.startsWith("Z_"))
    return damaged(file, code === "Z_BUF_ERROR" ? "it is cut off" : "it cannot be unpacked", error);
  if (code === "ENOENT") return new BackupError(`There is no file ${file}.`, error);
  if (code === "EACCES" || code === "EISDIR") return new BackupError(`${file} cannot be read.`, error);
  return error;
}

function parseLine(file: string, line: Buffer): Head | BackupTable | unknown[] | End {
  try {
    return JSON.parse(line.toString("utf8")) as Head | BackupTable | unknown[] | End;
  } catch (error) {
    throw damaged(file, "a line of it cannot be read", error);
  }
}

const isHead = (value: unknown): value is Head =>
  typeof value === "object" && value !== null && "crier" in value && "version" in value && value.version === 1;

export const isTable = (value: unknown): value is BackupTable =>
  typeof value === "object" && value !== null && "table" in value && "columns" in value;

const isEnd = (value: unknown): value is End =>
  typeof value === "object" && value !== null && "end" in value && "sha256" in value;
