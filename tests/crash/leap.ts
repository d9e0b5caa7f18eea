import { setTimeout as pause } from "node:timers/promises";
import type { Place } from "#tests/crash/place";
import { expectRight, openStage } from "#tests/crash/stage";

const hourMs = 3_600_000;
/** How far the clock is from the right time, one after the other. */
const offsets = [-hourMs, 0, 24 * hourMs, 0, -365 * 24 * hourMs];
/** Crier notices within two minutes that its clock was set back. */
const silentMs = 240_000;

/** A newsroom whose machine's clock is set again and again while Crier runs. @throws Error that says what is wrong */
export async function leap(place: Place, seed: number): Promise<void> {
  const stage = await openStage(place, { seed, silentMs });
  try {
    const crier = stage.start();
    await crier.ready;
    for (const setClockMs of offsets) {
      for (let left = 12; left > 0; left -= 1) {
        stage.act();
        await pause(50);
      }
      crier.child.send({ setClockMs });
    }
    await stage.drain();
    await expectRight(place, stage);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new Error(`${place.engine}, CRASH_SEED=${seed}, a clock that leaps: ${what}`, { cause: error });
  } finally {
    await stage.close();
  }
}
