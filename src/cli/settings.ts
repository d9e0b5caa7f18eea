import { type Config, type Problem, readConfig } from "../config.ts";
import { findChromium } from "../setup.mjs";
import { complain, type Env } from "./environment.ts";

/** The configuration and the browser for WhatsApp; null after every problem was told. */
export function loadSettings(env: Env): { config: Config; chromePath: string | null } | null {
  const { config, problems } = readConfig(env);
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

/** Says every problem, one a line. */
export function tellProblems(problems: readonly Problem[]): void {
  complain(problems.length === 1 ? "crier: one setting needs you." : `crier: ${problems.length} settings need you.`);
  for (const { setting, problem } of problems) complain(`  ${setting} ${problem}`);
  complain("Settings stand in .env or the environment; .env.example explains each.");
}
