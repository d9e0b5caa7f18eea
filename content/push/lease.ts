const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** What a hub is asked for, in seconds: ten days, which the hubs in use grant. */
export const wishedSeconds = 10 * 24 * 60 * 60;
/** A longer lease is believed for this long only: a subscription that the hub lost unheard is found within it. */
const longestMs = 30 * dayMs;
/** What a lease without a length, as old hubs grant it, counts as. */
const unsaidMs = dayMs;

/**
 * From when a hub is asked anew and when its lease ends. Renewed at two thirds of the lease, and an hour before its
 * end at the latest; a lease too short for that is renewed at its half, never more than once a minute.
 */
export function leaseFrom(now: Date, seconds: string | undefined): { renewAt: Date; expiresAt: Date } {
  const asked = /^\d{1,12}$/.test(seconds ?? "") ? Number(seconds) * secondMs : 0;
  const lengthMs = Math.min(asked || unsaidMs, longestMs);
  const renewMs = Math.max(minuteMs, lengthMs / 2, Math.min((lengthMs * 2) / 3, lengthMs - hourMs));
  return { renewAt: after(now, renewMs), expiresAt: after(now, lengthMs) };
}

/** A refusal counts for a day: hubs change their minds when their owners do. */
export const refusalMs = dayMs;

const pausesMs = [5 * minuteMs, 15 * minuteMs, hourMs, 6 * hourMs];

/** How long to wait for a hub that failed, or answered well and never verified; `tries` are those before. */
export const pauseMs = (tries: number): number => pausesMs[Math.min(tries, pausesMs.length - 1)] ?? hourMs;

/** The time so many milliseconds later. */
export const after = (now: Date, ms: number): Date => new Date(now.getTime() + ms);
