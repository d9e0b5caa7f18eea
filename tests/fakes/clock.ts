import type { Clock } from "#core/ports";

/** Time that runs only when everybody waits: the earliest sleeper is woken at once, and the clock stands where it slept to. */
export function createVirtualClock(
  start = new Date("2026-03-01T12:00:00Z"),
): Clock & { elapsedMs(): number; set(at: Date): void } {
  /** Time that passes, and what the clock on the wall shows beyond it. */
  let now = start.getTime();
  let wallMs = 0;
  const sleepers = new Set<{ until: number; wake(): void }>();
  let pumping = false;

  const pump = (): void => {
    if (pumping) return;
    pumping = true;
    // Two turns of the event loop let all work that needs no time come to rest first.
    setImmediate(() =>
      setImmediate(() => {
        pumping = false;
        const next = [...sleepers].sort((a, b) => a.until - b.until)[0];
        if (!next) return;
        now = Math.max(now, next.until);
        next.wake();
        if (sleepers.size > 0) pump();
      }),
    );
  };

  return {
    now: () => new Date(now + wallMs),
    /** Somebody sets the clock on the wall: nobody who sleeps notices. */
    set(at) {
      wallMs = at.getTime() - now;
    },
    elapsedMs: () => now - start.getTime(),
    sleep(ms, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = {
          until: now + Math.max(0, ms),
          wake() {
            sleepers.delete(sleeper);
            signal?.removeEventListener("abort", sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", sleeper.wake, { once: true });
        pump();
      });
    },
  };
}
