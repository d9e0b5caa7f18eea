import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { askFile, sqliteLedger } from "#tests/crash/ledger";
import type { Place } from "#tests/crash/place";
import type { Stage } from "#tests/crash/stage";

const cli = path.resolve(import.meta.dirname, "../../src/cli.ts");

/**
 * Backs up beside a Crier at work, and kills that one or the backup in the middle. What carries the name of a backup
 * afterwards must be whole, and sound where it is brought back.
 */
export async function killAtBackup(place: Place, stage: Stage): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-crash-backup-"));
  const file = path.join(folder, "backup");
  try {
    const backup = run(["backup", file], place.env);
    await pause(stage.chance.upTo(1_500));
    if (stage.chance.in(0.5)) backup.child.kill("SIGKILL");
    else await stage.kill();
    const code = await backup.ended;
    if (code !== null && code !== 0) throw new Error(`the backup failed: ${backup.said()}`);
    if (!existsSync(file)) {
      if (code === 0) throw new Error("there is no backup although it was said to be done");
      return;
    }
    const dataDir = path.join(folder, "data");
    const restored = run(["restore", file], { DATA_DIR: dataDir });
    if ((await restored.ended) !== 0) throw new Error(`the backup cannot be brought back: ${restored.said()}`);
    const flaws = await sqliteLedger(askFile(dataDir)).flaws();
    if (flaws.length > 0) throw new Error(`the backup is not sound: ${flaws.join("; ")}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", cli, ...args], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => void (said += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { child, ended, said: () => said };
}
