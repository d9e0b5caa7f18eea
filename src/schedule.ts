import { createTask, type ScheduledTask } from "node-cron";
import type { Clock, Log } from "#core/ports";

/** Rings jobs at their times; what a job does is its own. The only user of node-cron. */
export interface Schedule {
  /** `expression` has node-cron's six fields, seconds first. What it throws is logged. */
  ring(name: string, expression: string, job: () => Promise<void>): void;
  stop(): Promise<void>;
}

/** A process that was held up for no longer than this rings what it missed, each job once. */
const longestCatchUp = 60;

/**
 * node-cron says which jobs a second rings; the seconds are counted here. Its own timers wait for the time of day that
 * they last expected: a clock set back, or an hour that comes twice, would silence them for as long, and of a clock
 * that leaps they walk through each second in between.
 */
export function createSchedule({ timeZone, clock, log }: { timeZone: string; clock: Clock; log: Log }): Schedule {
  const over = new AbortController();
  const tasks: ScheduledTask[] = [];
  let last = secondOf(clock.now());

  const ringDue = (): void => {
    const now = secondOf(clock.now());
    const passed = now - last;
    last = now;
    if (passed === 0) return;
    // After a leap in either direction the second at which the clock stands now is all that counts.
    const seconds = passed > 0 && passed <= longestCatchUp ? passed : 1;
    for (const task of tasks) {
      const isDue = Array.from({ length: seconds }, (_, ago) => new Date((now - ago) * 1000)).some((at) =>
        task.match(at),
      );
      if (isDue) void task.execute();
    }
  };

  const run = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await clock.sleep(1000 - (clock.now().getTime() % 1000), over.signal);
      if (!over.signal.aborted) ringDue();
    }
  };
  void run();

  return {
    ring(name, expression, job) {
      const quiet = async (): Promise<void> => {
        try {
          await job();
        } catch (err) {
          log.error({ job: name, err }, "a scheduled job failed");
        }
      };
      tasks.push(createTask(expression, quiet, { name, timezone: timeZone }));
    },
    async stop() {
      over.abort();
      await Promise.all(tasks.map((task) => task.destroy()));
    },
  };
}

const secondOf = (at: Date): number => Math.floor(at.getTime() / 1000);
