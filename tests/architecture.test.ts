import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(import.meta.dirname, "..");
const aliases: Readonly<Record<string, string>> = {
  "#core/": "src/core/",
  "#store/": "src/store/",
  "#content/": "content/",
  "#bots/": "bots/",
  "#src/": "src/",
  "#tests/": "tests/",
};

interface Import {
  from: string;
  /** A file of the project, from its root; or a package's name. */
  to: string;
  isLocal: boolean;
  typeOnly: boolean;
}

const files = globSync(["src/**/*.{ts,mjs}", "bots/**/*.ts", "content/**/*.ts"], { cwd: root }).filter(
  (file) => !file.startsWith("src/sandbox/whatsapp/page/") && !file.endsWith(".d.mts"),
);
const imports = files.flatMap(importsOf);

function importsOf(from: string): Import[] {
  const text = readFileSync(path.join(root, from), "utf8");
  const pattern =
    /\b(import|export)\s+(type\s+)?[^;"']*?\bfrom\s*"([^"]+)"|\bimport\s*\(\s*"([^"]+)"|\bimport\s+"([^"]+)"/g;
  return [...text.matchAll(pattern)].map((match) => {
    const target = match[3] ?? match[4] ?? match[5] ?? "";
    const typeOnly = Boolean(match[2]);
    const alias = Object.keys(aliases).find((prefix) => target.startsWith(prefix));
    if (alias) return { from, to: `${aliases[alias]}${target.slice(alias.length)}.ts`, isLocal: true, typeOnly };
    if (target.startsWith(".")) {
      return { from, to: path.join(path.dirname(from), target), isLocal: true, typeOnly };
    }
    return { from, to: target, isLocal: false, typeOnly };
  });
}

const show = (found: Import[]): string[] => found.map(({ from, to }) => `${from} imports ${to}`);
const within = (folder: string) => (one: Import) => one.from.startsWith(folder);
const seams = ["src/core/model.ts", "src/core/ports.ts", "src/core/errors.ts"];
/** Pure functions over text that say how an article is worded and linked: bots and adapters need them. */
const sharedText = ["text", "words", "digest-layout", "spans", "tracking", "link-key"].map(
  (name) => `src/core/${name}.ts`,
);
const part = (file: string): string => file.split("/").slice(0, 2).join("/");

test("the walk finds imports", () => {
  assert.ok(files.length > 20, `${files.length} files`);
  assert.ok(imports.some(({ from, to }) => from === "src/load-content.ts" && to === "src/core/collect.ts"));
  assert.ok(imports.some(({ from, to, isLocal }) => from === "src/schedule.ts" && to === "node-cron" && !isLocal));
});

test("every import of the project's own leads to a file", () => {
  const known = new Set(files);
  const lost = imports.filter(({ to, isLocal }) => isLocal && !known.has(to) && !to.endsWith(".mjs"));
  assert.deepEqual(show(lost), []);
});

test("core imports itself only, and types", () => {
  const breaches = imports
    .filter(within("src/core/"))
    .filter(({ to, isLocal, typeOnly }) => (isLocal ? !to.startsWith("src/core/") : !typeOnly));
  assert.deepEqual(show(breaches), []);
});

test("core reads neither the environment nor the machine's clock", () => {
  const breaches = files
    .filter((file) => file.startsWith("src/core/"))
    .filter((file) =>
      /process\.env|Date\.now\(\)|new Date\(\)|Math\.random\(/.test(readFileSync(path.join(root, file), "utf8")),
    );
  assert.deepEqual(breaches, []);
});

test("an adapter imports core's seams, content/shared and itself", () => {
  const breaches = imports
    .filter(within("content/"))
    .filter(({ from }) => !["content/index.ts", "content/describe.ts"].includes(from))
    .filter(
      ({ from, to, isLocal }) =>
        isLocal && ![...seams, ...sharedText].includes(to) && part(to) !== "content/shared" && part(to) !== part(from),
    );
  assert.deepEqual(show(breaches), []);
});

test("a bot imports core's seams and itself", () => {
  const breaches = imports
    .filter(within("bots/"))
    .filter(({ from }) => part(from) !== "bots/index.ts" && part(from) !== "bots/render.ts")
    .filter(({ from, to, isLocal }) => isLocal && ![...seams, ...sharedText].includes(to) && part(to) !== part(from));
  assert.deepEqual(show(breaches), []);
});

test("the store imports core's seams, its engines and itself", () => {
  const engines = ["kysely", "pg", "node:sqlite"];
  const breaches = imports
    .filter(within("src/store/"))
    .filter(({ to, isLocal }) =>
      isLocal
        ? ![...seams, ...sharedText].includes(to) && !to.startsWith("src/store/")
        : !engines.includes(to) && !isBuiltin(to),
    );
  assert.deepEqual(show(breaches), []);
});

test("the console imports core and web packages", () => {
  const breaches = imports
    .filter(within("src/console/"))
    .filter(({ to, isLocal }) => isLocal && !to.startsWith("src/core/") && !to.startsWith("src/console/"));
  assert.deepEqual(show(breaches), []);
});

test("the sandbox stands at the other end of the wire: it imports nothing of Crier's", () => {
  const breaches = imports
    .filter(within("src/sandbox/"))
    .filter(({ to, isLocal }) => isLocal && !to.startsWith("src/sandbox/"));
  const sdks = imports.filter(within("src/sandbox/")).filter(({ to }) => to === "telegraf" || to === "whatsapp-web.js");
  assert.deepEqual(show([...breaches, ...sdks]), []);
});

test("nobody but the command line imports main and cli", () => {
  const breaches = imports.filter(
    ({ from, to }) => (to === "src/main.ts" || to.startsWith("src/cli")) && !from.startsWith("src/cli"),
  );
  assert.deepEqual(show(breaches), []);
});

test("node-cron, dotenv and the SDKs have one user each", () => {
  const users = (name: string): string[] => [
    ...new Set(imports.filter(({ to }) => to === name).map(({ from }) => part(from))),
  ];
  assert.deepEqual(users("node-cron"), ["src/schedule.ts"]);
  assert.deepEqual(users("dotenv"), ["src/cli"]);
  assert.deepEqual(users("telegraf"), ["bots/telegram"]);
  assert.deepEqual(users("whatsapp-web.js"), ["bots/whatsapp"]);
});

test("process.env is read by the command line and the setup alone", () => {
  const readers = files.filter((file) => readFileSync(path.join(root, file), "utf8").includes("process.env"));
  assert.deepEqual(readers.sort(), ["src/cli/environment.ts", "src/setup.mjs"]);
});

test("there is no cycle", () => {
  const graph = new Map(
    files.map((file) => [
      file,
      imports.filter(({ from, isLocal, typeOnly }) => from === file && isLocal && !typeOnly).map(({ to }) => to),
    ]),
  );
  const done = new Set<string>();
  const walk = (file: string, trail: string[]): void => {
    assert.ok(!trail.includes(file), `cycle: ${[...trail.slice(trail.indexOf(file)), file].join(" -> ")}`);
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...trail, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
});

const isBuiltin = (name: string): boolean => name.startsWith("node:") || builtinModules.includes(name);
