/** `npm run bench` runs each benchmark in a process of its own; `npm run bench -- start` one of them. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";

const notBenchmarks = ["run.ts", "figures.ts", "feeds-reader.ts"];
const asked = process.argv.slice(2);
const all = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".ts") && !notBenchmarks.includes(file));
const chosen = asked.length === 0 ? all : all.filter((file) => asked.includes(file.replace(/\.ts$/, "")));
if (chosen.length === 0) {
  process.stderr.write(
    `There is no such benchmark. These are there: ${all.map((file) => file.replace(/\.ts$/, "")).join(", ")}\n`,
  );
  process.exit(2);
}
for (const file of chosen) {
  process.stdout.write(`\n${file.replace(/\.ts$/, "")}\n`);
  const { status } = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", path.join(import.meta.dirname, file)],
    { stdio: "inherit" },
  );
  if (status !== 0) process.exitCode = 1;
}
