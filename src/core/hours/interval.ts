/** From `from` on, and before `to`. */
export interface Interval {
  from: Date;
  to: Date;
}

/** The same time as intervals that neither overlap nor touch, the first one first. */
export function union(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const { from, to } of [...intervals].sort((one, other) => one.from.getTime() - other.from.getTime())) {
    const last = merged.at(-1);
    if (last && from <= last.to) merged[merged.length - 1] = { from: last.from, to: to > last.to ? to : last.to };
    else if (from < to) merged.push({ from, to });
  }
  return merged;
}
