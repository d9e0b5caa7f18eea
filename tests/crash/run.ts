/**
 * `npm run crash` kills Crier 500 times on each engine and sets its clock; `npm run crash -- 50 sqlite` 50 times on one.
 * The seed of a life that went wrong is told: CRASH_SEED=… begins with it again. Fit for each night: it ends with 1 where
 * anything was wrong.
 */
import { leap } from "#tests/crash/leap";
import { live } from "#tests/crash/life";
import { createPostgresPlace, createSqlitePlace, type Place } from "#tests/crash/place";

/** Kills in one life, on one database; each fourth life has many chats more. */
const inOneLife = 25;
const crowdEvery = 4;
const crowd = 12_000;

const [asked = "500", only = ""] = process.argv.slice(2);
const kills = Number(asked);
const first = Number(process.env.CRASH_SEED ?? 0) || Math.floor(Math.random() * 1e9);
const engines = { sqlite: createSqlitePlace, postgres: createPostgresPlace };
if (!(kills > 0) || (only !== "" && !Object.keys(engines).includes(only))) {
  process.stderr.write("npm run crash -- [KILLS] [sqlite | postgres]\n");
  process.exit(2);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Works in a place of its own; null where it went wrong, which is told. */
async function inPlace<T>(
  create: () => Promise<Place | { missing: string }>,
  work: (place: Place) => Promise<T>,
): Promise<T | null> {
  const place = await create();
  if ("missing" in place) throw new Error(place.missing);
  try {
    return await work(place);
  } catch (error) {
    say(`  WRONG: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
    return null;
  } finally {
    await place.remove();
  }
}

const add = (sums: Record<string, number>, parts: Record<string, number>): void => {
  for (const [name, count] of Object.entries(parts)) sums[name] = (sums[name] ?? 0) + count;
};

for (const [name, create] of Object.entries(engines)) {
  if (only !== "" && only !== name) continue;
  say(`${name}: ${kills} kills, from CRASH_SEED=${first}`);
  const byAim: Record<string, number> = {};
  const faults: Record<string, number> = {};
  const sums: Record<string, number> = {};
  let [right, wrong] = [0, 0];
  for (let done = 0; done < kills; done += inOneLife) {
    const life = done / inOneLife;
    const seed = first + 10 * life;
    const many = life % crowdEvery === crowdEvery - 1 ? { crowd } : {};
    const options = { seed, kills: Math.min(inOneLife, kills - done), backups: true, ...many };
    const figures = await inPlace(create, (place) => live(place, options));
    if (!figures) {
      wrong += 1;
      continue;
    }
    right += 1;
    const { kills: killed, faults: came, ...numbers } = figures;
    add(byAim, killed);
    add(faults, came);
    add(sums, numbers);
    say(`  life ${life + 1}, seed ${seed}: ${figures.arrived} messages arrived, ${figures.seconds} s`);
  }
  say(`  lives: ${right} right, ${wrong} wrong`);
  say(`  kills: ${JSON.stringify(byAim)}`);
  say(`  platform: ${JSON.stringify(faults)}`);
  say(`  sums: ${JSON.stringify(sums)}`);
  const leapt = await inPlace(create, async (place) => {
    await leap(place, first);
    return true;
  });
  say(`  a clock that is set again and again: ${leapt ? "right" : "wrong"}`);
}
