import { holdFolder } from "#store/folder-lock";

/** Holds a folder until it is killed, or says why it may not. */
const [dataDir = ""] = process.argv.slice(2);
try {
  holdFolder(dataDir, new Date("2026-03-01T12:00:00Z"));
  process.stdout.write("held\n");
  // What nobody points to is collected: the lock must outlive that.
  setInterval(() => Array.from({ length: 100_000 }, () => ({})), 20);
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
