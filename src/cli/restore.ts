import { BackupError } from "#store/backup";
import { holdFolder } from "#store/folder-lock";
import { openDatabase } from "#store/open";
import { restoreBackup } from "#store/restore";
import { createLog } from "../log.ts";
import { complain, print, readEnvironment } from "./environment.ts";
import { counted } from "./say.ts";
import { loadSettings } from "./settings.ts";
import { placeOf, readAsked } from "./store.ts";

const usage = `crier restore FILE [--force]   brings back what “crier backup” wrote, into the store of the settings
The store must be empty; --force replaces all that it holds. Crier must not be running there.`;

/** `crier restore FILE`. */
export async function restore(args: string[]): Promise<number> {
  const asked = readAsked(args, { usage, count: 1, flags: ["force"] });
  if (asked === "help") return 0;
  if (!asked) return 2;
  const [file = ""] = asked.words;
  const settings = await loadSettings(readEnvironment(), []);
  if (!settings) return 2;
  const { config } = settings;
  const hold = config.databaseUrl
    ? await (await import("#store/database-lock")).holdDatabase(config.databaseUrl)
    : holdFolder(config.dataDir, new Date());
  try {
    const database = await openDatabase(placeOf(config));
    try {
      const { at, counts } = await restoreBackup(database, file, {
        force: asked.flags.force,
        log: createLog("silent"),
      });
      const words = (["articles", "chats", "deliveries"] as const).map((name) =>
        counted(counts[name] ?? 0, name, name),
      );
      print(
        `Brought back what was there on ${at.toISOString().slice(0, 16).replace("T", " ")} UTC: ${words.join(", ")}.`,
      );
      return 0;
    } finally {
      await database.db.destroy();
    }
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    complain(`crier: ${error.message}`);
    return 1;
  } finally {
    await hold.release();
  }
}
