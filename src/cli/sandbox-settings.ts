import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { readConfig } from "../config.ts";
import type { Env } from "./environment.ts";
import { tellProblems } from "./settings.ts";

/** What of the settings holds in the sandbox too: where its page is, and the clock. No bot, feed or database of yours. */
const kept = ["CHROME_PATH", "TIMEZONE", "LOG_LEVEL"] as const;

/** Where the sandbox runs: its page's place, and a store for one visit. */
export interface SandboxSurroundings {
  host: string;
  port: number;
  timeZone: string;
  env: Env;
  /** Takes the store away. */
  remove(): Promise<void>;
}

/** Null after every problem with a setting that holds in the sandbox too was told. */
export async function prepareSandbox(env: Env): Promise<SandboxSurroundings | null> {
  const own = Object.fromEntries(kept.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const page = Object.fromEntries(["HOST", "PORT"].flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const { config, problems } = readConfig({ ...own, ...page, WHATSAPP: "on", FEEDS: "http://127.0.0.1/" });
  if (!config) {
    tellProblems(problems);
    return null;
  }
  const folder = await mkdtemp(path.join(tmpdir(), "crier-sandbox-"));
  return {
    host: config.host,
    port: config.port,
    timeZone: config.timeZone,
    env: { ...own, DATA_DIR: folder, PORT: "0" },
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
