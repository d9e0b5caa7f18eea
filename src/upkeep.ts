import { eraseAsked } from "#core/erase";
import { createHousekeeper } from "#core/housekeeping";
import type { Clock, Log, Store } from "#core/ports";
import type { Schedule } from "./schedule.ts";

/** Keeps the store to what is of use, each night, and forgets who asked for it, each minute. */
export function startUpkeep(
  schedule: Schedule,
  deps: { store: Store; clock: Clock; log: Log; keepDays: number },
): void {
  const housekeeper = createHousekeeper(deps);
  // At an hour when newsrooms publish least, off the full hour.
  schedule.ring("housekeeping", "0 17 4 * * *", async (signal) => void (await housekeeper.run(signal)), "once");
  schedule.ring("forgetting", "30 * * * * *", async () => void (await eraseAsked(deps.store)), "once");
}
