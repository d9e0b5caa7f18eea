/** The measured process of `feeds.ts`: reads all feeds once at each "go". */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createHttp } from "#content/shared/http";
import { readSource } from "#content/shared/source";
import { FeedError } from "#core/errors";
import type { Validators } from "#core/model";
import type { Clock, ContentAdapter, Log } from "#core/ports";
import { deskSettings } from "#tests/fakes/desk";
import { createAdapters } from "../../content/index.ts";

export type Stage = "fetch" | "parse" | "collect";

export interface Round {
  seconds: number;
  /** Of this process, all threads. */
  cpuSeconds: number;
  /** Since the process began. */
  peakMib: number;
  failed: number;
}

const [stage = "collect", feedsText = "", port = ""] = process.argv.slice(2);
const feeds = Number(feedsText);
const intervalMs = 15 * 60_000;
/** Feeds read at once in the stages without the collector: as it does itself. */
const atOnce = 64;
/** A server's addresses: one alone has too few ports for so many connections in a minute. */
const addresses = 50;

const hosts = Array.from({ length: feeds }, (_, number) => `f${number}.test`);
const urls = hosts.map((host) => `http://${host}:${port}/feed`);

let skippedMs = 0;
const clock: Clock = {
  now: () => new Date(Date.now() + skippedMs),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
let failed = 0;
const log: Log = {
  debug: () => {},
  info: () => {},
  warn(fields, text) {
    if (++failed <= 3) process.stderr.write(`${text} ${JSON.stringify(fields)}\n`);
  },
  error: (fields, text) => log.warn(fields, text),
};

const http = createHttp({
  allowPrivateHosts: hosts,
  clock,
  resolve: async (host) => [{ address: `127.0.0.${1 + (Number(host.slice(1, -5)) % addresses)}`, family: 4 }],
});
const { signal } = new AbortController();

/** Reads all in their order, so many at once. */
async function readAll(read: (url: string, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < urls.length; index = next++) {
      await read(urls[index] ?? "", index).catch((error: FeedError) => log.warn({}, error.message));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function openWork(): Promise<{ round(): Promise<void>; close(): Promise<void> }> {
  const validators: Validators[] = [];
  const adapters = createAdapters({ http });
  if (stage === "fetch") {
    const round = () =>
      readAll(async (url, index) => {
        const read = await readSource(http, { url, validators: validators[index] ?? {} }, { accept: "*/*", signal });
        if (read.kind === "answer") validators[index] = read.validators;
      });
    return { round, close: async () => {} };
  }
  if (stage === "parse") {
    const adapter = adapters.find(({ kind }) => kind === "feed") as ContentAdapter;
    const round = () =>
      readAll(async (url, index) => {
        const read = await adapter.fetch({ url, validators: validators[index] ?? {} }, signal);
        if (read.kind === "fetched") validators[index] = read.validators;
      });
    return { round, close: async () => {} };
  }
  // Loaded by who measures it only, so that each stage has its own memory.
  const [{ createCollector }, { openStore }, { compilePattern }] = await Promise.all([
    import("#core/collect"),
    import("#store/open"),
    import("#content/shared/pattern"),
  ]);
  const folder = await mkdtemp(path.join(tmpdir(), "crier-bench-"));
  const store = await openStore({ dataDir: folder, log });
  await store.feeds.configure(
    urls.map((address) => ({ kind: "feed", address })),
    clock.now(),
  );
  const collector = createCollector({
    store,
    adapters,
    clock,
    log,
    intervalMs,
    random: Math.random,
    firstRun: "none",
    compilePattern,
    desk: deskSettings,
    push: null,
    onQueued: () => {},
    tellAdmins: async () => {},
  });
  return {
    round: () => collector.collectDue(signal),
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// Whoever asked is gone.
process.once("disconnect", () => process.exit());
const work = await openWork();
process.on("message", async (message) => {
  if (message === "go") {
    failed = 0;
    const [begun, used] = [performance.now(), process.cpuUsage()];
    await work.round();
    const { user, system } = process.cpuUsage(used);
    const round: Round = {
      seconds: (performance.now() - begun) / 1000,
      cpuSeconds: (user + system) / 1e6,
      // maxRSS is in KiB.
      peakMib: process.resourceUsage().maxRSS / 1024,
      failed,
    };
    // All are due again.
    skippedMs += 2 * intervalMs;
    process.send?.(round);
  } else {
    await http.close();
    await work.close();
    process.disconnect();
  }
});
