import type { Clock } from "#core/ports";

/** What `work` comes to, or what `late` says where it has not ended by then: nobody waits for ever for a bot. */
export async function endsWithin<T>(clock: Clock, ms: number, work: Promise<T>, late: () => T): Promise<T> {
  const timer = new AbortController();
  const end = clock.sleep(ms, timer.signal).then(() => (timer.signal.aborted ? work : late()));
  try {
    return await Promise.race([work, end]);
  } finally {
    timer.abort();
  }
}
