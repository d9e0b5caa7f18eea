import { statfs } from "node:fs/promises";
import { hostname } from "node:os";
import type { Hono } from "hono";
import { createAlarms } from "#core/alarms";
import type { Tally } from "#core/meter";
import type { ChatRef } from "#core/model";
import type { Bot, Clock, Log, Store } from "#core/ports";
import { createVitals } from "#core/vitals";
import type { Config } from "./config.ts";
import { healthRoutes } from "./console/health.ts";
import { metricsRoutes } from "./console/metrics.ts";
import type { Schedule } from "./schedule.ts";

/** Everything by which people see how Crier is: its health, its metrics, and alarms in the admins' chats. */
export interface Watch {
  routes: readonly ((app: Hono) => void)[];
  /** Looks each minute at what can be amiss, until the signal is aborted. */
  start(schedule: Schedule, signal: AbortSignal): void;
}

interface WatchDeps {
  config: Config;
  store: Store;
  tally: Tally;
  bots: readonly Bot[];
  admins: readonly ChatRef[];
  clock: Clock;
  log: Log;
  onQueued(): void;
}

export function createWatch(deps: WatchDeps): Watch {
  const { config, store, bots, clock, log } = deps;
  const { timeZone } = config;
  const vitals = createVitals({ store, clock });
  const machine = config.databaseUrl ? hostname() : null;
  const engine = config.databaseUrl ? "PostgreSQL" : "SQLite";
  const alarms = createAlarms({ ...deps, vitals, timeZone, disk: () => roomIn(config.dataDir), machine });
  return {
    routes: [
      healthRoutes({ bots, vitals, clock, timeZone }),
      metricsRoutes({
        token: config.metricsToken,
        log,
        // Most people never ask for them, and nobody while Crier starts.
        open: async () => (await import("./console/metrics-page.ts")).openMetricsPage({ ...deps, vitals, engine }),
      }),
    ],
    start: (schedule, signal) => schedule.ring("alarms", "30 * * * * *", () => alarms.look(signal)),
  };
}

/** What a program without special rights may still write there; null where the folder is not. */
async function roomIn(folder: string): Promise<{ free: number; total: number } | null> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return null;
  }
}
