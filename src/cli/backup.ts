import { existsSync, statSync } from "node:fs";
import { writeBackup } from "#store/backup";
import { complain, print } from "./environment.ts";
import { counted } from "./say.ts";
import { readAsked, withDatabase } from "./store.ts";

const usage = `crier backup FILE [--force]   writes all that Crier knows into FILE, also while it runs
--force replaces a FILE that is there. “crier restore FILE” brings it back, into SQLite or PostgreSQL.
The file holds people's addresses and secrets of hubs: keep it where nobody else can read it. WhatsApp's session is not in it.`;

/** `crier backup FILE`. */
export async function backup(args: string[]): Promise<number> {
  const asked = readAsked(args, { usage, count: 1, flags: ["force"] });
  if (asked === "help") return 0;
  if (!asked) return 2;
  const [file = ""] = asked.words;
  if (existsSync(file) && !asked.flags.force) {
    complain(`crier: ${file} is there already. Give another name, or replace it with --force.`);
    return 2;
  }
  return withDatabase(async (database) => {
    const { counts } = await writeBackup(database, file, new Date());
    const words = (["articles", "chats", "deliveries"] as const).map((name) => counted(counts[name] ?? 0, name, name));
    print(`${file}: ${words.join(", ")}; ${sizeOf(file)}.`);
    return 0;
  });
}

function sizeOf(file: string): string {
  const megabytes = statSync(file).size / 1_000_000;
  return megabytes < 0.1 ? "less than 0.1 MB" : `${megabytes.toFixed(1)} MB`;
}
