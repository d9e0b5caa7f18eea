import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Place } from "#tests/crash/place";

const root = path.resolve(import.meta.dirname, "../..");

/** A Crier that may be killed. */
export interface Crier {
  child: ChildProcess;
  /** Where its pages are; rejects where it ended before it ran. */
  ready: Promise<string>;
  exited: Promise<void>;
  /** The last of what it said, for whoever looks for a fault. */
  said(): string[];
  /** Calls back with each line of its log. */
  onLine(listener: (line: string) => void): void;
  /** Resolves when it says so on standard output. */
  says(word: string): Promise<void>;
  kill(): Promise<void>;
  /** Ends it as an operator does. */
  stop(): Promise<number | null>;
}

/** Starts Crier in a process of its own, by a worker of `tests/crash`, where its platform is at `origin`. */
export function startCrier(place: Place, origin: string, settings: Record<string, string>): Crier {
  const [program = "", ...args] = [
    ...place.within,
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    "--import",
    path.join(root, "src/boot.mjs"),
    path.join(import.meta.dirname, "crier-worker.ts"),
    origin,
  ];
  const env = { PATH: process.env.PATH ?? "", ...place.env, ...settings };
  const child = spawn(program, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const hear = (line: string): void => {
    lines.push(line);
    if (lines.length > 200) lines.shift();
    for (const listener of listeners) listener(line);
  };
  // A message to a process that was just killed is lost with it.
  child.on("error", () => {});
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error("It has no output.");
  const ready = Promise.withResolvers<string>();
  ready.promise.catch(() => {});
  createInterface(stdout).on("line", (line) => {
    if (line.startsWith("http")) ready.resolve(line);
    hear(line);
  });
  createInterface(stderr).on("line", hear);
  const exited = new Promise<void>((resolve) =>
    child.once("close", () => {
      ready.reject(new Error(`It ended before it ran: ${lines.slice(-3).join(" | ")}`));
      resolve();
    }),
  );
  return {
    child,
    ready: ready.promise,
    exited,
    said: () => lines,
    onLine: (listener) => void listeners.add(listener),
    says: (word) =>
      new Promise((resolve) => {
        const listen = (line: string): void => {
          if (line === word) resolve();
        };
        listeners.add(listen);
        void exited.then(resolve);
      }),
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      child.kill("SIGTERM");
      await exited;
      return child.exitCode;
    },
  };
}
