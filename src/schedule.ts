import cron, { type ScheduledTask } from "node-cron";
import { aborted } from "#core/aborted";
import type { Lease, Term } from "#core/lease";
import type { Log } from "#core/ports";

/** Rings jobs at their times; what a job does is its own. The only user of node-cron. */
export interface Schedule {
  /**
   * `expression` has node-cron's six fields, seconds first. What it throws is logged. Of several processes on one
   * database each rings for itself; `once` says that one of them does it for all, until `signal` is aborted.
   */
  ring(name: string, expression: string, job: (signal: AbortSignal) => Promise<void>, how?: "once"): void;
  stop(): Promise<void>;
}

interface ScheduleDeps {
  timeZone: string;
  log: Log;
  /** Says whether this process does what one does for all. */
  lease: Lease;
}

export function createSchedule({ timeZone, log, lease }: ScheduleDeps): Schedule {
  const tasks: ScheduledTask[] = [];
  const stopping = new AbortController();
  const { signal } = stopping;
  let present: AbortSignal | null = null;

  /** Keeps the lease whenever nobody else does. */
  const compete = async (): Promise<void> => {
    for (let term: Term | null; (term = await lease.next(signal)); await term.end()) {
      present = AbortSignal.any([signal, term.lost]);
      await aborted(present);
    }
  };
  const competing = compete();
  const runCoordinator = { shouldRun: () => lease.term() !== null && present?.aborted === false };

  return {
    ring(name, expression, job, how) {
      const once = how === "once" ? { distributed: true, runCoordinator } : {};
      tasks.push(
        cron.schedule(
          expression,
          async () => {
            try {
              await job(once.distributed && present ? present : signal);
            } catch (err) {
              log.error({ job: name, err }, "a scheduled job failed");
            }
          },
          { name, timezone: timeZone, suppressMissedWarning: true, ...once },
        ),
      );
    },
    async stop() {
      stopping.abort();
      await Promise.all(tasks.map((task) => task.destroy()));
      await competing;
    },
  };
}
