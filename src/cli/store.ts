import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Store } from "#core/ports";
import type { Database } from "#store/database";
import { openDatabase, openStore } from "#store/open";
import type { Config } from "../config.ts";
import { createLog } from "../log.ts";
import { complain, print, readEnvironment } from "./environment.ts";
import { loadSettings } from "./settings.ts";

/** Where a command's store is. */
export const placeOf = ({ dataDir, databaseUrl }: Config) => ({
  dataDir,
  log: createLog("silent"),
  ...(databaseUrl ? { databaseUrl } : {}),
});

/** Runs a command's work with the settings' store, which may be that of a running Crier. Answers the exit code. */
export const withStore = (work: (store: Store, config: Config) => Promise<number>): Promise<number> =>
  withSettings(async (config) => {
    const store = await openStore(placeOf(config));
    try {
      return await work(store, config);
    } finally {
      await store.close();
    }
  });

/** The same with the database as it is found: nothing brings it up to date. */
export const withDatabase = (work: (database: Database, config: Config) => Promise<number>): Promise<number> =>
  withSettings(async (config) => {
    const database = await openDatabase(placeOf(config));
    try {
      return await work(database, config);
    } finally {
      await database.db.destroy();
    }
  });

async function withSettings(work: (config: Config) => Promise<number>): Promise<number> {
  const settings = await loadSettings(readEnvironment(), []);
  if (!settings) return 2;
  const { config } = settings;
  if (!config.databaseUrl && !existsSync(path.join(config.dataDir, "crier.db"))) {
    throw new Error(`There is no store in ${config.dataDir} yet. Start Crier once, or set DATA_DIR to where it is.`);
  }
  return work(config);
}

/** What a command was asked: `count` words and flags. Null after it was told how it is asked. */
export function readAsked<Flag extends string>(
  args: string[],
  { usage, count, flags }: { usage: string; count: number; flags: readonly Flag[] },
): { words: string[]; flags: Record<Flag, boolean> } | "help" | null {
  if (args.some((arg) => arg === "--help" || arg === "-h")) {
    print(usage);
    return "help";
  }
  const options = Object.fromEntries(flags.map((flag) => [flag, { type: "boolean" as const, default: false }]));
  try {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    if (positionals.length !== count || positionals.some((word) => word.trim() === "")) throw new Error(usage);
    return { words: positionals, flags: values as Record<Flag, boolean> };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    complain(why === usage ? usage : `crier: ${why}\n${usage}`);
    return null;
  }
}
