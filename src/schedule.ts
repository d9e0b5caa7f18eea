import { createTask, type ScheduledTask } from "node-cron";
import { aborted } from "#core/aborted";
import type { Lease, Term } from "#core/lease";
import type { Clock, Log } from "#core/ports";

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
  clock: Clock;
  log: Log;
  /** Says whether this process does what one does for all. */
  lease: Lease;
}

/** A process that was held up for no longer than this rings what it missed, each job once. */
const longestCatchUp = 60;

/**
 * node-cron says which jobs a second rings; the seconds are counted here. Its own timers wait for the time of day that
 * they last expected: a clock set back, or an hour that comes twice, would silence them for as long, and of a clock
 * that leaps they walk through each second in between. Its coordinator is asked by those timers alone, so the lease
 * is asked here, too.
 */
export function createSchedule({ timeZone, clock, log, lease }: ScheduleDeps): Schedule {
  const tasks: { task: ScheduledTask; isOnce: boolean }[] = [];
  const stopping = new AbortController();
  const { signal } = stopping;
  /** Aborted when this process does for all no longer what one does; null before it did. */
  let present: AbortSignal | null = null;
  let last = secondOf(clock.now());

  /** Keeps the lease whenever nobody else does. */
  const compete = async (): Promise<void> => {
    for (let term: Term | null; (term = await lease.next(signal)); await term.end()) {
      present = AbortSignal.any([signal, term.lost]);
      await aborted(present);
    }
  };
  const isForAll = (): boolean => lease.term() !== null && present?.aborted === false;

  const ringDue = (): void => {
    const now = secondOf(clock.now());
    const passed = now - last;
    last = now;
    if (passed === 0) return;
    // After a leap in either direction the second at which the clock stands now is all that counts.
    const seconds = passed > 0 && passed <= longestCatchUp ? passed : 1;
    for (const { task, isOnce } of tasks) {
      if (isOnce && !isForAll()) continue;
      const isDue = Array.from({ length: seconds }, (_, ago) => new Date((now - ago) * 1000)).some((at) =>
        task.match(at),
      );
      if (isDue) void task.execute();
    }
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(1000 - (clock.now().getTime() % 1000), signal);
      if (!signal.aborted) ringDue();
    }
  };
  const competing = compete();
  void run();

  return {
    ring(name, expression, job, how) {
      const isOnce = how === "once";
      const quiet = async (): Promise<void> => {
        try {
          await job(isOnce && present ? present : signal);
        } catch (err) {
          log.error({ job: name, err }, "a scheduled job failed");
        }
      };
      tasks.push({ task: createTask(expression, quiet, { name, timezone: timeZone }), isOnce });
    },
    async stop() {
      stopping.abort();
      await Promise.all(tasks.map(({ task }) => task.destroy()));
      await competing;
    },
  };
}

const secondOf = (at: Date): number => Math.floor(at.getTime() / 1000);
