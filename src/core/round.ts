import type { Log } from "#core/ports";

/**
 * Work that is rung again and again: a ring while it is being done, or after the end, does nothing. What it throws is
 * logged as `complaint`. Never rejects.
 */
export function createRound(
  log: Log,
  complaint: string,
  work: (signal: AbortSignal) => Promise<void>,
): (signal: AbortSignal) => Promise<void> {
  let isUnderWay = false;
  return async (signal) => {
    if (isUnderWay || signal.aborted) return;
    isUnderWay = true;
    try {
      await work(signal);
    } catch (err) {
      if (!signal.aborted) log.error({ err }, complaint);
    } finally {
      isUnderWay = false;
    }
  };
}
