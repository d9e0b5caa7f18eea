import { eraseAsked } from "#core/erase";
import { createHousekeeper } from "#core/housekeeping";
import type { Clock, Log, Store } from "#core/ports";
import { holdFolder } from "#store/folder-lock";
import type { Config } from "./config.ts";
import type { Schedule } from "./schedule.ts";

/**
 * Takes the data folder, and the database where it is a shared one, for this process: two Criers on one would send
 * everything twice.
 *
 * @throws Error in words, naming the process that runs there
 */
export async function holdPlace(
  { dataDir, databaseUrl }: Pick<Config, "dataDir" | "databaseUrl">,
  log: Log,
  now: Date,
): Promise<{ release(): Promise<void> }> {
  const folder = holdFolder(dataDir, now);
  try {
    const database = databaseUrl
      ? await (await import("#store/database-lock")).holdDatabase(databaseUrl, log)
      : { release: async () => {} };
    return {
      async release() {
        await database.release();
        folder.release();
      },
    };
  } catch (error) {
    folder.release();
    throw error;
  }
}

/** Keeps the store to what is of use, each night, and forgets who asked for it, each minute. */
export function startUpkeep(
  schedule: Schedule,
  deps: { store: Store; clock: Clock; log: Log; keepDays: number },
  signal: AbortSignal,
): void {
  const housekeeper = createHousekeeper(deps);
  // At an hour when newsrooms publish least, off the full hour.
  schedule.ring("housekeeping", "0 17 4 * * *", async () => void (await housekeeper.run(signal)));
  schedule.ring("forgetting", "30 * * * * *", async () => void (await eraseAsked(deps.store)));
}
