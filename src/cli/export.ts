import { once } from "node:events";
import { type ExportedRow, exported, exportRows } from "#store/export";
import { migrate } from "#store/migrate";
import { createLog } from "../log.ts";
import { complain } from "./environment.ts";
import { readAsked, withDatabase } from "./store.ts";

const usage = `crier export articles|chats|deliveries [--csv|--json]   all of them, on standard output; --csv unless --json is given
--json writes an array with one object a line.`;

/** `crier export WHAT`: streams, so that a million rows take no more memory than a thousand. */
export async function exportAll(args: string[]): Promise<number> {
  const asked = readAsked(args, { usage, count: 1, flags: ["csv", "json"] });
  if (asked === "help") return 0;
  const what = exported.find((one) => one === (asked ? asked.words[0] : null));
  if (!asked || !what || (asked.flags.csv && asked.flags.json)) {
    if (asked) complain(usage);
    return 2;
  }
  return withDatabase(async (database) => {
    await migrate(database, createLog("silent"));
    await (asked.flags.json ? writeJson : writeCsv)(exportRows(database, what));
    return 0;
  });
}

async function writeJson(pages: AsyncGenerator<ExportedRow[]>): Promise<void> {
  let before = "[\n";
  for await (const rows of pages) {
    await write(before + rows.map((row) => JSON.stringify(row)).join(",\n"));
    before = ",\n";
  }
  await write(before === "[\n" ? "[]\n" : "\n]\n");
}

/** RFC 4180. */
async function writeCsv(pages: AsyncGenerator<ExportedRow[]>): Promise<void> {
  let isFirst = true;
  for await (const rows of pages) {
    const lines = rows.map((row) => Object.values(row).map(toCell).join(","));
    if (isFirst) lines.unshift(Object.keys(rows[0] ?? {}).join(","));
    isFirst = false;
    await write(`${lines.join("\r\n")}\r\n`);
  }
}

/** A cell that begins like a formula would be run by a spreadsheet: headlines come from anywhere. Numbers are none. */
export function toCell(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Waits where the reader is slower; ends quietly where it has had enough. */
async function write(text: string): Promise<void> {
  const { stdout } = process;
  if (stdout.listenerCount("error") === 0) {
    stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
  }
  if (!stdout.write(text)) await once(stdout, "drain");
}
