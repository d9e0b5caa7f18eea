import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Phone } from "#src/sandbox/phone";

const root = path.resolve(import.meta.dirname, "../..");

/** What every process is given: compiled code is kept over the starts of all tests, and each start is quicker by a third. */
export const processEnv = {
  PATH: process.env.PATH ?? "",
  NODE_COMPILE_CACHE: path.join(tmpdir(), "crier-tests-compiled"),
} as const;

/** Waits until the condition holds. @throws Error after `ms` */
export async function until(what: string, holds: () => boolean | Promise<boolean>, ms: number): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${ms / 1000} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Crier as its operator runs it: a process of its own, with nothing of this one's settings. */
export interface RunningCrier {
  readonly child: ChildProcess;
  /** What it said on standard output and standard error. */
  said(): string;
  /** Ends it and waits for its end; answers the exit code, null where a signal ended it. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

export interface Place {
  readonly folder: string;
  readonly dataDir: string;
  /** Runs `crier ARGS` here. */
  run(args: string[], env: Record<string, string>): RunningCrier;
  /** Processes that this place's folder is named by: browsers of a Crier that ended badly. */
  leftovers(): string[];
  remove(): Promise<void>;
}

/** An empty folder to run Crier in, with a home and temporary files of its own. */
export async function createPlace(): Promise<Place> {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-journey-"));
  const [home, temporary, dataDir] = ["home", "tmp", "data"].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(home);
  await mkdir(temporary);
  const leftovers = (): string[] =>
    execFileSync("ps", ["-eo", "pid,stat,command"], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line.includes(folder) && !/^\s*\d+\s+Z/.test(line) && !line.includes("ps -eo"));
  return {
    folder,
    dataDir,
    leftovers,
    run(args, env) {
      const child = spawn(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", path.join(root, "src/cli.ts"), ...args],
        {
          cwd: folder,
          env: { ...processEnv, HOME: home, TMPDIR: temporary, DATA_DIR: dataDir, ...env },
          stdio: ["ignore", "pipe", "pipe"],
        },
      );
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => void (said += chunk));
      const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
      return {
        child,
        said: () => said,
        exited,
        end(signal) {
          child.kill(signal);
          return exited;
        },
      };
    },
    async remove() {
      for (const line of leftovers()) {
        try {
          process.kill(Number(line.trim().split(/\s+/)[0]), "SIGKILL");
        } catch {
          // It ended by itself.
        }
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

/** Crier's messages that stand in a chat, as its people see them. */
export const shownIn = (phone: Phone, chat: number | string): string[] =>
  phone
    .messages(String(chat))
    .filter(({ author, deleted }) => author === null && !deleted)
    .map(({ runs }) => runs.map(({ text }) => text).join(""));

/** A web server whose feeds the test writes. */
export async function openFeedServer() {
  const feeds = new Map<string, { type: string; body: Uint8Array | string }>();
  const reads = new Map<string, number>();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const name = request.url ?? "/";
    const feed = feeds.get(name);
    reads.set(name, (reads.get(name) ?? 0) + 1);
    if (feed) response.writeHead(200, { "content-type": feed.type }).end(feed.body);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    /** Publishes a feed under a path and answers its address. */
    put(name: string, type: string, body: Uint8Array | string): string {
      feeds.set(name, { type, body });
      return `${origin}${name}`;
    },
    /** From now on a path is not there. */
    remove: (name: string): void => void feeds.delete(name),
    /** How often a path was asked for. */
    readsOf: (name: string): number => reads.get(name) ?? 0,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An RSS feed of invented articles, newest first. */
export function rss(items: { title: string; summary: string; link: string }[]): string {
  const escape = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  const body = items.map(
    ({ title, summary, link }) =>
      `<item><guid>${link}</guid><title>${escape(title)}</title><link>${link}</link><description>${escape(summary)}</description></item>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>The Harbour Bell</title><link>https://bell.example/</link>${body.join("")}</channel></rss>`;
}
