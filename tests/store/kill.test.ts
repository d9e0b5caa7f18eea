import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openStore } from "#store/open";
import { createMemoryLog } from "#tests/fakes/log";

const writer = new URL("./writer.ts", import.meta.url).pathname;

/** Runs the writer and kills it after so many lines; returns all lines that it got out. */
async function writeAndKill(folder: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", writer, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on("exit", (_code, signal) => resolve(signal)));
  const said: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    if (said.length === lines) child.kill("SIGKILL");
  }
  assert.equal(await ended, "SIGKILL");
  return said;
}

test("kill -9 in the middle of writing loses nothing that was said to be safe", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-kill-"));
  try {
    const said: string[] = [];
    for (const lines of [41, 82, 123]) {
      // Each start goes on where the killed one left off: its claimed delivery blocks the chat until it is given up.
      if (said.length > 0) {
        const store = await openStore({ dataDir: folder, log: createMemoryLog() });
        await store.outbox.abandon("telegram", "Crier ended.", new Date(0), new Date(8.64e15));
        await store.close();
      }
      const run = await writeAndKill(folder, lines);
      assert.ok(run.length >= lines);
      said.push(...run);
    }
    const raw = new DatabaseSync(path.join(folder, "crier.db"));
    try {
      assert.deepEqual({ ...raw.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
      const states = new Map(
        raw
          .prepare("select id, state from deliveries")
          .all()
          .map((row) => [row.id, row.state]),
      );
      const known = new Set(
        raw
          .prepare("select article_id from messages")
          .all()
          .map((row) => row.article_id),
      );
      for (const line of said) {
        const [change, id] = line.split(" ");
        if (change === "added") assert.ok(known.has(Number(id)), `article ${id} was lost`);
        if (change === "claimed") assert.notEqual(states.get(Number(id)), "pending", `the claim of ${id} was lost`);
        if (change === "sent") assert.equal(states.get(Number(id)), "sent", `the outcome of ${id} was lost`);
      }
      const whole = raw.prepare(
        "select count(*) as count from articles a left join messages m on m.article_id = a.id where m.id is null",
      );
      assert.equal(whole.get()?.count, 0, "no article without its message");
    } finally {
      raw.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
