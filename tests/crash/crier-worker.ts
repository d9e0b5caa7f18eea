import { createLog } from "#src/log";
import { platformName } from "#tests/crash/wire";
import { createWireBot } from "#tests/crash/wire-bot";

/**
 * The real Crier with a bot of the test's own, to be killed. It says on standard output where its pages are once it runs.
 * By messages its clock is set, and old things are removed up to a time of the test's choice.
 */
const [origin = ""] = process.argv.slice(2);
let offsetMs = 0;
const RealDate = Date;
/** The machine's clock as somebody set it: timers do not notice, as with the real one. */
class SetDate extends RealDate {
  constructor(...given: [] | [number | string | Date]) {
    super(...((given.length === 0 ? [RealDate.now() + offsetMs] : given) as [number]));
  }
  static override now(): number {
    return RealDate.now() + offsetMs;
  }
}
globalThis.Date = SetDate as DateConstructor;

const { readConfig } = await import("#src/config");
const { startCrier } = await import("#src/main");
const { config, problems } = readConfig(process.env, ["feed"]);
if (!config) throw new Error(JSON.stringify(problems));
const log = createLog(config.logLevel);
const wire = {
  platform: platformName,
  about: "wire",
  needsPerson: () => false,
  open: () => createWireBot(origin, Number(process.env.GIVE_UP_MS)),
};
try {
  const crier = await startCrier(config, { log, print: () => {}, chromePath: null, accounts: [wire] });
  process.on("message", ({ setClockMs, removeBefore }: { setClockMs?: number; removeBefore?: number }) => {
    if (setClockMs !== undefined) offsetMs = setClockMs;
    if (removeBefore !== undefined) void removeOld(new RealDate(removeBefore));
  });
  const removeOld = async (before: Date): Promise<void> => {
    const { upkeep } = crier.store;
    while ((await upkeep.retireDeliveries(before, 7)) === 7);
    while ((await upkeep.retireMessages(before, 7)) === 7);
    for (let after: number | null = 0; after !== null; ) {
      after = (await upkeep.retireArticles(before, { newest: 3, after, limit: 7 })).last;
    }
    process.stdout.write("removed\n");
  };
  process.on("SIGTERM", () => void crier.stop().then(() => process.exit(0)));
  process.stdout.write(`${crier.url}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
// A file that may not grow is an error like others, not the end.
process.on("SIGXFSZ", () => {});
// Without its test nobody would end it.
process.on("disconnect", () => process.exit(1));
