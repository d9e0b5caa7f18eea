import { writeBackup } from "#store/backup";
import { openDatabase } from "#store/open";
import { restoreBackup } from "#store/restore";
import { createMemoryLog } from "#tests/fakes/log";

/** Backs a store up or brings a backup back, and says when it begins and when it is done: to be killed in between. */
const [what = "", file = "", dataDir = "", databaseUrl = ""] = process.argv.slice(2);
const log = createMemoryLog();
const database = await openDatabase({ dataDir, log, ...(databaseUrl ? { databaseUrl } : {}) });
process.stdout.write("begun\n");
if (what === "backup") await writeBackup(database, file, new Date("2026-03-01T12:00:00Z"));
else await restoreBackup(database, file, { force: true, log });
process.stdout.write("done\n");
await database.db.destroy();
