import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, suite, test } from "node:test";
import { createBroadcaster } from "#core/broadcast";
import type { Store } from "#core/ports";
import { createLog } from "#src/log";
import { openStore } from "#store/open";
import { createMemoryLog } from "#tests/fakes/log";
import { createPlace, type Place, processEnv } from "#tests/journeys/crier";

const runner = `import { broadcast } from ${JSON.stringify(path.resolve(import.meta.dirname, "../src/cli/broadcast.ts"))};
process.exitCode = await broadcast(process.argv.slice(1));`;

/** `crier broadcast` as a process of its own, beside the store of a Crier that the test stands in for. */
suite("crier broadcast", { timeout: 180_000 }, () => {
  let place: Place;
  let store: Store;

  const run = (args: string[], input = ""): Promise<{ code: number; said: string }> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", runner, "--", ...args],
        {
          cwd: place.folder,
          timeout: 60_000,
          env: {
            ...processEnv,
            DATA_DIR: place.dataDir,
            TIMEZONE: "Asia/Jerusalem",
            TELEGRAM_BOT_TOKEN: "123456:ABC-DEF",
            TELEGRAM_RATE: "25",
            WHATSAPP: "on",
          },
        },
        (error, out, wrong) => resolve({ code: error ? Number(error.code ?? 99) : 0, said: `${out}${wrong}` }),
      );
      child.stdin?.end(input);
    });
  const good = async (args: string[], input?: string): Promise<string> => {
    const { code, said } = await run(args, input);
    assert.equal(code, 0, said);
    return said;
  };
  /** What Crier does each second, and its couriers. */
  const crierTurns = async (): Promise<void> => {
    const broadcaster = createBroadcaster({
      store,
      clock: { now: () => new Date(), sleep: async () => {} },
      log: createMemoryLog(),
      timeZone: "UTC",
      onQueued: () => {},
      tellAdmins: async () => {},
    });
    await broadcaster.runDue(new AbortController().signal);
    while (!(await store.outbox.fanOut(100, new Date())));
  };
  const deliver = async (limit: number): Promise<string[]> => {
    const claimed = await store.outbox.claim("telegram", limit, [], new Date());
    for (const delivery of claimed) {
      await store.outbox.finish(delivery, { state: "sent", receipt: { messageId: `${delivery.id}` } }, new Date());
    }
    return claimed.map(({ chat, action }) => `${action} ${chat.address}`);
  };

  before(async () => {
    place = await createPlace();
    store = await openStore({ dataDir: place.dataDir, log: createLog("silent") });
    for (const [platform, address, kind] of [
      ["telegram", "1", "private"],
      ["telegram", "2", "private"],
      ["telegram", "-100", "group"],
      ["whatsapp", "972501111111@c.us", "private"],
    ] as const) {
      const { chat } = await store.chats.open({ platform, address, kind }, `Chat ${address}`, new Date());
      await store.subscriptions.begin(chat.id, new Date());
    }
  });
  after(async () => {
    await store.close();
    await place.remove();
  });

  test("asked wrongly it ends with 2 and says what is wrong", async () => {
    const wrong: [args: string[], said: RegExp][] = [
      [["toString"], /no command "broadcast toString"/],
      [["send"], /Name one broadcast by its number/],
      [["send", "x"], /Name one broadcast by its number/],
      [["at", "1"], /Say when/],
      [["draft", "no-such-file"], /no-such-file cannot be read/],
      [["draft", "--to", "friends"], /“friends” is none/],
      [["draft", "--to", "groups", "--chat", "1"], /--to or --chat/],
      [["draft", "--at", "2020-01-01 07:00"], /has passed: it is \d\d:\d\d on .* \(Asia\/Jerusalem\)/],
      [["draft", "--at", "noon"], /“noon” is no time/],
      [["draft"], /The text is empty/],
      [["list", "--frob"], /--frob/],
      [["list", "more"], /“more” is too much/],
    ];
    for (const [args, said] of wrong) {
      const result = await run(args, " \n");
      assert.equal(result.code, 2, `${args.join(" ")}: ${result.said}`);
      assert.match(result.said, said);
    }
    assert.match(await good(["--help"]), /recall ID/);
    assert.match(await good([]), /No broadcast yet/);
  });

  test("a draft is shown as each platform will get it, with its chats and how long it takes", async () => {
    const said = await good(
      ["draft", "--signature", "The Harbour Bell"],
      "*הגשר* נפתח\n\nhttps://bell.example/bridge\n",
    );
    assert.match(said, /– telegram –\n<b>הגשר<\/b> נפתח\n\n.*https:\/\/bell\.example\/bridge/);
    assert.match(said, /– whatsapp –\n\*הגשר\* נפתח/);
    assert.match(said, /— The Harbour Bell/);
    assert.match(said, /Broadcast 1 is a draft/);
    assert.match(said, /To every subscribed chat, now 4 chats: 3 on telegram, 1 on whatsapp; .* takes a moment\./);
    assert.match(said, /crier broadcast send 1 sends it, crier broadcast cancel 1 drops it\./);
    assert.match(await good(["preview", "1"]), /<b>הגשר<\/b>[\s\S]*Broadcast 1 is a draft/);
    assert.deepEqual(await store.outbox.counts(), [], "nothing is queued");
    const nobody = await run(["draft", "--to", "channels"], "Hello");
    assert.deepEqual([nobody.code, /there are no channels/.test(nobody.said)], [1, true], nobody.said);
    const tooLong = await run(["draft"], "x".repeat(4_001));
    assert.deepEqual([tooLong.code, /4,000 at most/.test(tooLong.said)], [1, true], tooLong.said);
  });

  test("sent, it goes out where Crier runs; paused, resumed and taken back, once each", async () => {
    assert.match(await good(["send", "1"]), /goes out to 4 chats: .* within a second where Crier runs/);
    const second = await run(["send", "1"]);
    assert.match(second.said, /^crier: Broadcast 1 goes out .* already/);
    assert.equal(second.code, 1);
    await crierTurns();
    await crierTurns();
    assert.deepEqual(await deliver(1), ["send 1"]);
    assert.match(await good(["pause", "1"]), /is paused: 1 chat has it, 3 chats wait/);
    assert.equal((await run(["pause", "1"])).code, 1);
    assert.deepEqual(await deliver(9), []);
    await crierTurns();
    const shown = JSON.parse(await good(["show", "1", "--json"]));
    assert.deepEqual([shown.state, shown.report.sent, shown.report.held, shown.report.waiting], ["paused", 1, 3, 3]);
    assert.deepEqual(
      shown.steps.map(({ step, by }: { step: string; by: string }) => [step, by]),
      [
        ["drafted", "cli"],
        ["scheduled", "cli"],
        ["begun", null],
        ["paused", "cli"],
      ],
    );
    assert.match(await good(["resume", "1"]), /goes on to 3 chats/);
    await crierTurns();
    assert.deepEqual(await deliver(1), ["send 2"]);
    assert.match(await good(["recall", "1"]), /being taken back from 2 chats/);
    await crierTurns();
    assert.deepEqual(await deliver(9), ["recall 1", "recall 2"]);
    assert.match(
      await good(["show", "1"]),
      /^Broadcast 1 is taken back: “הגשר נפתח[\s\S]*2 skipped[\s\S]*from the command line/,
    );
    assert.equal((await run(["cancel", "1"])).code, 1);
    assert.match(await good(["list"]), /^ID +CHATS +STATE +TEXT\n1 +4 +taken back +“הגשר נפתח /);
  });

  test("at a time, at another one, and to one chat alone", async () => {
    writeFileSync(path.join(place.folder, "note.txt"), "Снова открыт");
    assert.match(
      await good(["draft", "note.txt", "--chat", "Chat 2", "--at", "tomorrow 07:00"]),
      /goes out tomorrow at 07:00 \(Asia\/Jerusalem\)\.\nTo one chat alone, now 1 chat on telegram/,
    );
    assert.match(await good(["send", "2"]), /goes out tomorrow at 07:00/);
    assert.match(await good(["at", "2", "tomorrow", "08:15"]), /goes out tomorrow at 08:15/);
    assert.equal((await run(["at", "2", "tomorrow 08:15"])).code, 1, "it does already");
    assert.equal((await run(["send", "2"])).code, 1, "a second click does not send it at once");
    assert.equal((await run(["at", "2", "03"])).code, 2);
    await crierTurns();
    assert.deepEqual(await deliver(9), []);
    assert.match(await good(["send", "2", "now"]), /within a second where Crier runs/, "now, after all");
    await crierTurns();
    assert.deepEqual(await deliver(9), ["send 2"]);
    const missing = await run(["show", "99"]);
    assert.deepEqual([missing.code, /There is no broadcast 99/.test(missing.said)], [1, true]);
    assert.deepEqual(
      JSON.parse(await good(["list", "--json"])).map(({ id, state }: { id: number; state: string }) => [id, state]),
      [
        [2, "running"],
        [1, "recalled"],
      ],
    );
  });
});
