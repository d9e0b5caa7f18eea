import type { HoursStore, OutboxStore, Store, UnknownStore } from "#core/ports";

/** A store as one process sees it, which may die at any of its steps. */
export interface MortalStore extends Store {
  isDead(): boolean;
  /** Steps so far. */
  steps(): number;
}

type Calls = (...given: never[]) => Promise<unknown>;

/**
 * Lets the first steps through. At the next one the process dies: before it is done, or when it is done and before its
 * answer is heard. From then on nothing gets through.
 */
export function createMortalStore(store: Store, { diesAt, isDone }: { diesAt: number; isDone: boolean }): MortalStore {
  let steps = 0;
  let dead = false;
  const step =
    <Call extends Calls>(call: Call) =>
    async (...given: Parameters<Call>): Promise<unknown> => {
      if (dead) throw new Error("The process is dead.");
      steps += 1;
      if (steps <= diesAt) return call(...given);
      dead = true;
      if (isDone) await call(...given);
      throw new Error("The process dies.");
    };
  const mortal = <Part extends object>(part: Part): Part =>
    Object.fromEntries(
      Object.entries(part).map(([name, value]) => [name, typeof value === "function" ? step(value as Calls) : value]),
    ) as Part;
  const unknown: UnknownStore = mortal(store.outbox.unknown);
  const outbox: OutboxStore = { ...mortal(store.outbox), unknown };
  const transaction = step(store.transaction as Calls) as Store["transaction"];
  const hours: HoursStore = mortal(store.hours);
  return { ...store, outbox, hours, transaction, isDead: () => dead, steps: () => steps };
}
