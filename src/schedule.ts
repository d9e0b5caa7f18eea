import cron, { type ScheduledTask } from "node-cron";
import type { Log } from "#core/ports";

/** Rings jobs at their times; what a job does is its own. The only user of node-cron. */
export interface Schedule {
  /** `expression` has node-cron's six fields, seconds first. What it throws is logged. */
  ring(name: string, expression: string, job: () => Promise<void>): void;
  stop(): Promise<void>;
}

export function createSchedule({ timeZone, log }: { timeZone: string; log: Log }): Schedule {
  const tasks: ScheduledTask[] = [];
  return {
    ring(name, expression, job) {
      tasks.push(
        cron.schedule(
          expression,
          async () => {
            try {
              await job();
            } catch (err) {
              log.error({ job: name, err }, "a scheduled job failed");
            }
          },
          { name, timezone: timeZone, suppressMissedWarning: true },
        ),
      );
    },
    async stop() {
      await Promise.all(tasks.map((task) => task.destroy()));
    },
  };
}
