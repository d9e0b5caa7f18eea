import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { after, before, suite, test } from "node:test";
import type { Store } from "#core/ports";
import { createLog } from "#src/log";
import { openStore } from "#store/open";
import { createPlace, type Place, processEnv } from "#tests/journeys/crier";

const runner = `import { unknown } from ${JSON.stringify(path.resolve(import.meta.dirname, "../src/cli/unknown.ts"))};
process.exitCode = await unknown(process.argv.slice(1));`;

/** `crier unknown` as a process of its own, beside others that use the same store. */
suite("crier unknown", { timeout: 180_000 }, () => {
  let place: Place;

  const run = (...args: string[]): Promise<{ code: number; said: string }> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", runner, "--", ...args],
        { cwd: place.folder, timeout: 60_000, env: { ...processEnv, DATA_DIR: place.dataDir } },
        (error, out, wrong) => resolve({ code: error ? Number(error.code) : 0, said: `${out}${wrong}` }),
      );
    });
  const withStore = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
    const store = await openStore({ dataDir: place.dataDir, log: createLog("silent") });
    return work(store).finally(() => store.close());
  };
  const states = (): Promise<string[]> =>
    withStore(async (store) => (await store.outbox.recent(9)).map(({ id, state }) => `${id} ${state}`).sort());

  before(async () => {
    place = await createPlace();
    await withStore(async (store) => {
      const now = new Date(Date.now() - 2 * 3_600_000);
      for (const title of ["Readers", "קוראים", "Harbour", "Quay"]) {
        const kind = title === "קוראים" ? "digest" : "broadcast";
        const ref = { platform: "telegram", address: title, kind: "group" } as const;
        const { chat } = await store.chats.open(ref, title, now);
        const spans = [{ text: "We are open again." }];
        await store.outbox.add(
          { key: `${kind}:${title}`, lane: "broadcast", kind: "notice", spans },
          { chat: chat.id },
          now,
        );
      }
      for (const delivery of await store.outbox.claim("telegram", 3, [], now)) {
        const lookAt = delivery.id === 3 ? { lookAt: now } : {};
        await store.outbox.finish(delivery, { state: "unknown", reason: "The connection broke.", ...lookAt }, now);
      }
    });
  });
  after(() => place.remove());

  test("lists what nobody knows, where and since when", async () => {
    const { code, said } = await run("list");
    assert.equal(code, 0);
    assert.match(said, /^ID\s+LOST\s+PLATFORM\s+CHAT\s+MESSAGE\n3\s+2 hours ago\s+telegram\s+Harbour\s+Broadcast\n/);
    assert.match(said, /Crier is finding out[^\n]*\n2 .*קוראים.*Digest\n\s+The connection broke\.\n1 .*Readers/);
    assert.match(said, /crier unknown send ID/);
    const { said: json } = await run("--json");
    assert.deepEqual(
      (JSON.parse(json) as { id: number; isUndecided: boolean }[]).map(({ id, isUndecided }) => [id, isUndecided]),
      [
        [3, false],
        [2, true],
        [1, true],
      ],
    );
  });

  test("asked wrongly, it says how it is asked", async () => {
    for (const args of [["send"], ["drop", "x"], ["send", "-1"], ["list", "1"], ["read"], ["drop", "1", "--json"]]) {
      const { code, said } = await run(...args);
      assert.equal(code, 2, args.join(" "));
      assert.match(said, /crier unknown COMMAND/);
    }
    assert.equal((await run("--help")).code, 0);
  });

  test("sends again and lets be what is undecided, and nothing else", async () => {
    assert.deepEqual(await run("send", "1"), {
      code: 0,
      said: "1 message waits to be sent again, at the old place in the queue; a running Crier begins within half a minute.\n",
    });
    const { code, said } = await run("drop", "2", "3", "1");
    assert.equal(code, 1);
    assert.match(said, /1 message is let be\./);
    assert.match(said, /3, 1 are not for you to decide/);
    assert.deepEqual(await states(), ["1 pending", "2 skipped", "3 unknown", "4 pending"]);
  });
});
