/** When a feed's quiet gets out of the ordinary, by its own habit. */
export interface Rhythm {
  /** Its last publication. */
  lastAt: Date;
  /** From when on its quiet since then is an alarm; null: not within three weeks. */
  alarmAt: Date | null;
  /** Nineteen of twenty pauses that begin where this one does end within so many milliseconds. */
  usualMs: number;
}

const hourMs = 3_600_000;
const weekHours = 168;
/** A week is known once all of it was watched twice. */
const leastWatchedMs = 2 * weekHours * hourMs;
const leastPublications = 30;
/** A quiet is out of the ordinary when it is three times as long as nineteen of twenty pauses … */
const usual = 0.95;
const patience = 3;
/** … and at least two hours long … */
const leastQuietMs = 2 * hourMs;
/** … at an hour at which the feed is awake: it publishes at least a quarter as much as on average. */
const awake = 0.25;
const horizonMs = 3 * weekHours * hourMs;

/**
 * Learns from a feed's publications, the oldest first; null when they are too few to know its week.
 *
 * Time is measured as the feed lives it: each hour of its week counts as many publications as that hour usually brings,
 * so a night or a sabbath without any takes no time at all. In that time the pauses of the past are measured, and the
 * present one is an alarm when it exceeds three times their 95th percentile and the second longest of them: what
 * happened twice in these weeks is a habit.
 */
export function rhythmOf(publications: readonly Date[]): Rhythm | null {
  const times = publications.map((at) => at.getTime());
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  if (times.length < leastPublications || last - first < leastWatchedMs) return null;
  const rates = weekOf(times, first, last);
  const lived = livedTime(rates, first, last);
  const pauses = times
    .slice(1)
    .map((at, index) => lived(at) - lived(times[index] ?? at))
    .sort((a, b) => a - b);
  const usually = pauses[Math.floor(usual * (pauses.length - 1))] ?? 0;
  const longest = Math.max(patience * usually, pauses.at(-2) ?? 0);
  const alarmAt = after(rates, last, longest, { leastMs: leastQuietMs, leastRate: awake * mean(rates) });
  const usualEnd = after(rates, last, usually, { leastMs: 0, leastRate: 0 });
  return {
    lastAt: new Date(last),
    alarmAt: alarmAt === null ? null : new Date(alarmAt),
    usualMs: (usualEnd ?? last + horizonMs) - last,
  };
}

/** Of which hour of its week an instant is; the week begins anywhere, always at the same hour. */
const slotOf = (at: number): number => Math.floor(at / hourMs) % weekHours;

/** Publications an hour, for each hour of the week; smoothed over three hours, since sunset and summer time move. */
function weekOf(times: readonly number[], first: number, last: number): number[] {
  const published = new Array<number>(weekHours).fill(0);
  const watched = new Array<number>(weekHours).fill(0);
  for (let at = first; at < last; at += hourMs) watched[slotOf(at)] = (watched[slotOf(at)] ?? 0) + 1;
  for (const at of times) published[slotOf(at)] = (published[slotOf(at)] ?? 0) + 1;
  const around = (values: readonly number[], slot: number): number =>
    2 * (values[slot] ?? 0) + (values[(slot + 1) % weekHours] ?? 0) + (values[(slot + weekHours - 1) % weekHours] ?? 0);
  return published.map((_, slot) => around(published, slot) / Math.max(1, around(watched, slot)));
}

/** How much of its own time a feed has lived up to an instant between the first and the last. */
function livedTime(rates: readonly number[], first: number, last: number): (at: number) => number {
  const start = Math.floor(first / hourMs) * hourMs;
  const upTo = [0];
  for (let at = start; at < last; at += hourMs) upTo.push((upTo.at(-1) ?? 0) + (rates[slotOf(at)] ?? 0));
  return (at) => {
    const hour = Math.floor((at - start) / hourMs);
    return (upTo[hour] ?? 0) + ((at - start) / hourMs - hour) * (rates[slotOf(at)] ?? 0);
  };
}

/** The first instant after `from` by which so much of its own time has passed, at an hour with at least that rate. */
function after(
  rates: readonly number[],
  from: number,
  lived: number,
  { leastMs, leastRate }: { leastMs: number; leastRate: number },
): number | null {
  let left = lived;
  for (let at = from; at < from + horizonMs; ) {
    const rate = rates[slotOf(at)] ?? 0;
    const end = (Math.floor(at / hourMs) + 1) * hourMs;
    const reached = Math.max(
      rate > 0 ? at + (left / rate) * hourMs : left <= 0 ? at : Number.POSITIVE_INFINITY,
      from + leastMs,
    );
    if (reached < end && rate >= leastRate) return Math.max(reached, at);
    left = Math.max(0, left - (rate * (end - at)) / hourMs);
    at = end;
  }
  return null;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
