import type { Clock, FeedGauge, Store, WaitingGauge } from "#core/ports";

/** What the store says of how Crier is. */
export interface Readings {
  /** When they were taken. */
  at: Date;
  waiting: WaitingGauge[];
  feeds: { active: number; failing: number; oldestRead: Date | null };
  /** Feeds that failed so often that somebody must look, the worst first, five at most. */
  failing: FeedGauge[];
}

/** Crier's vital signs: read by its health, its metrics and its alarms alike. */
export interface Vitals {
  /** Taken anew at most each five seconds, whoever asks how often. @throws Error what the store throws */
  read(): Promise<Readings>;
  /** Finds out whether the store can be written to. Never rejects. */
  pulse(): Promise<void>;
  /** Since when the store refuses to be written to; null while it does not. */
  refusesSince(): Date | null;
}

const keptMs = 5_000;
/** Readings that took long are kept for so many times as long: to watch must not become the work. */
const keptTimes = 20;
/** Failed reads in a row after which a feed counts as failing: as many as the admins hear of. */
const failures = 4;
const mostFailing = 5;

export function createVitals({ store, clock }: { store: Store; clock: Pick<Clock, "now"> }): Vitals {
  let readings: Promise<Readings> | null = null;
  let isTaken = false;
  let takenAt = 0;
  let freshUntil = 0;
  let refuses: Date | null = null;

  const take = async (): Promise<Readings> => {
    const at = clock.now();
    const [waiting, feeds, failing] = await Promise.all([
      store.gauges.waiting(at),
      store.gauges.feeds(),
      store.gauges.failing(failures, mostFailing),
    ]);
    const end = clock.now().getTime();
    takenAt = end;
    freshUntil = end + Math.max(keptMs, keptTimes * (end - at.getTime()));
    return { at, waiting, feeds, failing };
  };

  return {
    read() {
      // While one is under way nobody starts another: a store that hangs must not be asked ever more.
      const now = clock.now().getTime();
      // Before it was taken: the clock was set back.
      if (!readings || (isTaken && (now >= freshUntil || now < takenAt))) {
        isTaken = false;
        const taking = take();
        readings = taking;
        taking.then(
          () => {
            isTaken = true;
          },
          () => {
            readings = null;
          },
        );
      }
      return readings;
    },

    async pulse() {
      try {
        await store.gauges.pulse(clock.now());
        refuses = null;
      } catch {
        refuses ??= clock.now();
      }
    },

    refusesSince: () => refuses,
  };
}
