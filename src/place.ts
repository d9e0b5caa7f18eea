import { randomUUID } from "node:crypto";
import { createLease, createSoleLease, type Lease } from "#core/lease";
import type { Clock, Log, Store } from "#core/ports";
import { holdFolder } from "#store/folder-lock";
import type { Word } from "#store/membership";
import type { Config } from "./config.ts";

/** Where this process works: a data folder of its own, and a database that others may share. */
export interface Place {
  /** Others may share the database. */
  readonly isShared: boolean;
  /** Nobody else works there, and nobody can begin before `open`. */
  readonly isAlone: boolean;
  open(): Promise<void>;
  /** Tells the others that share it. */
  tell(word: Word): void;
  release(): Promise<void>;
}

/**
 * Takes the data folder for this process: two Criers on one would send everything twice. Where the store is a PostgreSQL
 * database it joins those that share it; `heard` is called with what they tell, with null when words may have been missed.
 *
 * @throws Error in words, naming the process that runs there
 */
export async function takePlace(
  { dataDir, databaseUrl }: Pick<Config, "dataDir" | "databaseUrl">,
  { log, now, heard }: { log: Log; now: Date; heard(word: Word | null): void },
): Promise<Place> {
  const folder = holdFolder(dataDir, now, ...(databaseUrl ? [sharedAdvice] : []));
  if (!databaseUrl) {
    const release = async (): Promise<void> => folder.release();
    return { isShared: false, isAlone: true, open: async () => {}, tell: () => {}, release };
  }
  try {
    const members = await (await import("#store/membership")).joinDatabase(databaseUrl, { log, heard });
    return {
      isShared: true,
      isAlone: members.isAlone,
      open: members.open,
      tell: members.tell,
      async release() {
        await members.leave();
        folder.release();
      },
    };
  } catch (error) {
    folder.release();
    throw error;
  }
}

const sharedAdvice =
  "Criers that share a database on one machine need a DATA_DIR and a PORT each: set DATA_DIR to a folder of this one's own.";

interface LeasesDeps {
  store: Store;
  place: Pick<Place, "isShared" | "tell">;
  /** Hears "left" when another process has left a lease. */
  ears: EventTarget;
  clock: Clock;
  log: Log;
}

/** Leases of this process, by name: of one that has the store for itself, all of them are its own. */
export function createLeases({
  store,
  place,
  ears,
  clock,
  log,
}: LeasesDeps): (name: string, about: string, hesitates?: () => boolean) => Lease {
  if (!place.isShared) return () => createSoleLease(store);
  const owner = randomUUID();
  const left = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      ears.addEventListener("left", () => resolve(), { once: true, signal });
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  return (name, about, hesitates) =>
    createLease({
      store,
      claim: { name, owner, about },
      clock,
      ticks: () => performance.now(),
      log,
      left,
      ...(hesitates ? { hesitates } : {}),
      onLeft: () => place.tell("left"),
    });
}
