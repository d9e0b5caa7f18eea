/** Chance that can be had again: the same seed gives the same choices. */
export interface Chance {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number from 0 up to `count`, which is never reached. */
  upTo(count: number): number;
  /** True that part of the times. */
  in(part: number): boolean;
  one<T>(of: readonly T[]): T;
}

/** Numbers by mulberry32. */
export function createChance(seed: number): Chance {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const upTo = (count: number): number => Math.floor(next() * count);
  return {
    next,
    upTo,
    in: (part) => next() < part,
    one(of) {
      const found = of[upTo(of.length)];
      if (found === undefined) throw new Error("There is nothing to choose from.");
      return found;
    },
  };
}
