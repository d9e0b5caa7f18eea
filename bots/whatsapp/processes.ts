import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process that is told to end gets this long. */
const endMs = 5_000;
/** One that is killed is gone within this. */
const killMs = 2_000;

export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** How a process was started; empty where there is none. */
export function commandOf(pid: number): string {
  if (!isAlive(pid)) return "";
  const linux = readText(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
  if (linux) return linux;
  try {
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

export const isAlive = (pid: number): boolean => Number.isSafeInteger(pid) && pid > 0 && canSignal(pid);

/** Asks a process to end, and makes it. */
export async function endProcess(pid: number): Promise<void> {
  signalTo(pid, "SIGTERM");
  await waitFor(() => !isRunning(pid), endMs, sleep);
  await endFamily(pid, sleep);
}

/** Ends a browser with all the processes that it started: puppeteer gives each browser a group of its own. */
export async function endFamily(pid: number, wait: (ms: number) => Promise<void>): Promise<void> {
  // A negative number names a group, and -1 everybody.
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  signalTo(-pid, "SIGKILL");
  signalTo(pid, "SIGKILL");
  await waitFor(() => !isRunning(pid) && !isGroupRunning(pid), killMs, wait);
}

/** A zombie has ended: it only waits for its parent to ask. */
const isRunning = (pid: number): boolean => isAlive(pid) && !/^State:\s*Z/m.test(readText(`/proc/${pid}/status`));

/** Zombies count for the group's signals, and may stay for long where nobody asks for them. */
function isGroupRunning(group: number): boolean {
  if (!canSignal(-group)) return false;
  let pids: string[];
  try {
    pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return true;
  }
  return pids.some((pid) => {
    // "PID (NAME) STATE PARENT GROUP …", where the name may hold anything.
    const [state, , of] = readText(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, "")
      .split(" ");
    return Number(of) === group && state !== "Z";
  });
}

function signalTo(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone.
  }
}

function canSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process lives too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function waitFor(holds: () => boolean, ms: number, wait: (ms: number) => Promise<void>): Promise<void> {
  for (let waited = 0; waited < ms && !holds(); waited += 50) await wait(50);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
