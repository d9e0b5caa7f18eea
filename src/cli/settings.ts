import { existsSync } from "node:fs";
import path from "node:path";
import { type Config, type Need, type Problem, readConfig } from "../config.ts";
import { createLog } from "../log.ts";
import { findChromium } from "../setup.mjs";
import { complain, type Env } from "./environment.ts";

/** The configuration and the browser for WhatsApp; null after every problem was told. */
export async function loadSettings(
  env: Env,
  needs: readonly Need[] = ["bot", "feed"],
): Promise<{ config: Config; chromePath: string | null } | null> {
  const wanted = needs.includes("feed") && (await hasAddedFeeds(env)) ? needs.filter((need) => need !== "feed") : needs;
  const { config, problems } = readConfig(env, wanted);
  const chromePath = findChromium(env);
  const all: Problem[] = [...problems];
  if (env.CHROME_PATH && !chromePath) {
    all.push({
      setting: "CHROME_PATH",
      problem: `names ${env.CHROME_PATH}, which is no program. Correct it, or unset it to let Crier look by itself.`,
    });
  }
  if (config && all.length === 0) return { config, chromePath };
  tellProblems(all);
  return null;
}

/** Where the settings name no feed, one may have been added beside them. */
async function hasAddedFeeds(env: Env): Promise<boolean> {
  if (env.FEEDS?.trim()) return false;
  const { config } = readConfig(env, []);
  if (!config || (!config.databaseUrl && !existsSync(path.join(config.dataDir, "crier.db")))) return false;
  const { openStore } = await import("#store/open");
  const store = await openStore({ ...config, databaseUrl: config.databaseUrl ?? "", log: createLog("silent") });
  try {
    return (await store.feeds.list()).length > 0;
  } finally {
    await store.close();
  }
}

/** Says every problem, one a line. */
export function tellProblems(problems: readonly Problem[]): void {
  complain(problems.length === 1 ? "crier: one setting needs you." : `crier: ${problems.length} settings need you.`);
  for (const { setting, problem } of problems) complain(`  ${setting} ${problem}`);
  complain("Settings stand in .env or the environment; .env.example explains each.");
}
