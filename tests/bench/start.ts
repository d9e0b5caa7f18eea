import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startTelegramSimulator } from "#src/sandbox/telegram/index";
import { findChromium } from "../../src/setup.mjs";
import { median, show } from "./figures.ts";

const root = path.resolve(import.meta.dirname, "../..");
/** What `npm start` runs, so that its flags are measured too. */
const { start } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).scripts as { start: string };
const starts = 5;
/** The newsroom has published some articles, with pictures, by then. */
const sandboxMs = 45_000;

/** Runs the start script's command as npm would, but for the shell. */
function run(env: Record<string, string>): ChildProcess {
  const [, ...args] = start.split(" ");
  return spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
    stdio: "ignore",
  });
}

const end = async (child: ChildProcess): Promise<void> => {
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await exited;
};

const memoryOf = (child: ChildProcess): number => {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
};

/** From the process's start to the first poll: Telegram knows the bot and can be sent to. */
async function startToReady(): Promise<{ ms: number[]; mib: number[] }> {
  const telegram = await startTelegramSimulator();
  const folder = await mkdtemp(path.join(tmpdir(), "crier-bench-"));
  const port = 20_000 + (process.pid % 20_000);
  const env = {
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.apiRoot,
    FEEDS: "http://127.0.0.1:9/feed",
    DATA_DIR: folder,
    PORT: String(port),
    LOG_LEVEL: "silent",
  };
  const ms: number[] = [];
  const mib: number[] = [];
  // The first start is the cold one: it fills the cache and makes the tables.
  for (let number = 0; number <= starts; number += 1) {
    const begun = performance.now();
    const child = run(env);
    for (;;) {
      const isReady = await fetch(`http://127.0.0.1:${port}/healthz`).then(
        ({ status }) => status === 200,
        () => false,
      );
      if (isReady) break;
      if (performance.now() - begun > 30_000) throw new Error("Crier did not become ready.");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (number > 0) {
      ms.push(performance.now() - begun);
      mib.push(memoryOf(child));
    }
    await end(child);
  }
  await telegram.stop();
  await rm(folder, { recursive: true, force: true });
  return { ms, mib };
}

const { ms, mib } = await startToReady();
show(
  "start to ready (Telegram, warm)",
  `${median(ms).toFixed(0)} ms [${Math.min(...ms).toFixed(0)}-${Math.max(...ms).toFixed(0)}]`,
  "at most 1000 ms",
);
show("memory of node, Telegram alone", `${median(mib).toFixed(0)} MiB`, "");
if (findChromium(process.env)) {
  const child = run({ PORT: "0" });
  await new Promise((resolve) => setTimeout(resolve, sandboxMs));
  show("memory of node in the sandbox", `${memoryOf(child).toFixed(0)} MiB`, "under 150 MB");
  await end(child);
}
