import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { suite, type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { Crier } from "#tests/crash/crier";
import { createPostgresPlace, createSmallDisk, createSqlitePlace, type Place } from "#tests/crash/place";
import { expectRight, openStage } from "#tests/crash/stage";
import { run as ask, serverUrl } from "#tests/store/database";

const run = promisify(execFile);
const seed = Number(process.env.CRASH_SEED ?? 0) || Math.floor(Math.random() * 1e9);

interface Fault {
  begin(crier: Crier): Promise<void>;
  end(crier: Crier): Promise<void>;
  /** What Crier says of it in its log. */
  says: RegExp;
}

/** A newsroom at work whose store takes nothing for a while: Crier says why, and makes up for all of it by itself. */
async function endure<P extends Place>(
  context: TestContext,
  create: () => Promise<P | { missing: string }>,
  faultOf: (place: P) => Fault,
): Promise<void> {
  const place = await create();
  if ("missing" in place) return context.skip(place.missing);
  const fault = faultOf(place);
  const stage = await openStage(place, { seed });
  const work = async (acts: number): Promise<void> => {
    for (let left = acts; left > 0; left -= 1) {
      stage.act();
      await pause(30);
    }
  };
  try {
    const crier = stage.start();
    await crier.ready;
    await work(15);
    const told = new Promise<void>((resolve) =>
      crier.onLine((line) => {
        if (fault.says.test(line)) resolve();
      }),
    );
    await fault.begin(crier);
    await work(15);
    await Promise.race([told, crier.exited]);
    assert.equal(crier.child.exitCode, null, "it goes on");
    await work(10);
    await fault.end(crier);
    await work(10);
    await stage.drain();
    await expectRight(place, stage);
  } catch (error) {
    const last = stage.running()?.said().slice(-15).join("\n") ?? "";
    throw new Error(`CRASH_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}\n${last}`, {
      cause: error,
    });
  } finally {
    await stage.close();
    await place.remove();
  }
}

/** Takes all room that is left, to the last byte. */
function fill(filler: string): void {
  const file = openSync(filler, "a");
  for (let size = 65_536; size >= 1; ) {
    try {
      writeSync(file, Buffer.alloc(size));
    } catch {
      size = Math.floor(size / 2);
    }
  }
  closeSync(file);
}

suite("the store takes nothing for a while", { concurrency: true, timeout: 300_000 }, () => {
  test("the disk is full, and has room again", (context) =>
    endure(context, createSmallDisk, ({ seenFromHere, dataDir }) => {
      const filler = path.join(seenFromHere, "filler");
      return {
        begin: async () => fill(filler),
        end: async () => rmSync(filler),
        says: new RegExp(`The disk that holds ${dataDir} is full\\. Make room`),
      };
    }));

  test("the disk refuses to be written, and may be written again", (context) =>
    endure(context, createSqlitePlace, ({ dataDir }) => {
      const limit = async ({ child }: Crier, bytes: string): Promise<void> =>
        void (await run("prlimit", ["--pid", String(child.pid), `--fsize=${bytes}:`]));
      return {
        begin: (crier) => limit(crier, "0"),
        end: (crier) => limit(crier, "unlimited"),
        says: new RegExp(`The disk that holds ${dataDir} does not do as it is asked.*tries again by itself`),
      };
    }));

  test("PostgreSQL turns read-only, as a standby is, and may be written again", (context) =>
    endure(context, createPostgresPlace, ({ env }) => {
      const name = new URL(env.DATABASE_URL ?? "").pathname.slice(1);
      // What is set holds for new connections: those that Crier writes by are ended.
      const turn = async (state: string): Promise<void> => {
        await ask(serverUrl, `alter database ${name} set default_transaction_read_only = ${state}`);
        await ask(
          serverUrl,
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and application_name = 'crier'`,
        );
      };
      return {
        begin: () => turn("on"),
        end: () => turn("off"),
        says: new RegExp(`The database .*${name}.* can be read but not written`),
      };
    }));
});
