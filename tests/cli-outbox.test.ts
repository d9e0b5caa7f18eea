import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, suite, test } from "node:test";
import { toCell } from "#src/cli/export";
import { createLog } from "#src/log";
import { holdFolder } from "#store/folder-lock";
import { openStore } from "#store/open";
import { article, noKeys, now } from "#tests/contract/store/place";
import { createPlace, type Place } from "#tests/journeys/crier";

/** The commands about what was sent, as processes of their own beside a Crier that runs. */
suite("the outbox on the command line", { timeout: 180_000 }, () => {
  let place: Place;

  const run = async (
    args: string[],
    env: Record<string, string> = {},
  ): Promise<{ code: number | null; said: string }> => {
    const crier = place.run(args, { TIMEZONE: "Asia/Jerusalem", ...env });
    return { code: await crier.exited, said: crier.said() };
  };
  const good = async (args: string[], env: Record<string, string> = {}): Promise<string> => {
    const { code, said } = await run(args, env);
    assert.equal(code, 0, said);
    return said;
  };
  const inPlace = (name: string): string => path.join(place.folder, name);

  before(async () => {
    place = await createPlace();
  });
  after(() => place.remove());

  test("without a store, and asked wrongly, each says what to do", async () => {
    for (const args of [
      ["why", "1", "ada"],
      ["backup", "b.gz"],
      ["export", "chats"],
      ["erase", "ada", "--yes"],
    ]) {
      const { code, said } = await run(args);
      assert.equal(code, 1, said);
      assert.match(said, /There is no store in .*data yet\. Start Crier once, or set DATA_DIR/);
    }
    assert.equal(existsSync(place.dataDir), false, "asking makes none");
    for (const args of [
      ["why", "1"],
      ["backup"],
      ["restore", "a", "b"],
      ["export", "readers"],
      ["export", "chats", "--xml"],
      ["erase"],
    ]) {
      const { code, said } = await run(args);
      assert.equal(code, 2, said);
      assert.match(said, new RegExp(`crier ${args[0]} `));
    }
    for (const name of ["why", "backup", "restore", "export", "erase"]) {
      assert.match(await good([name, "--help"]), new RegExp(`^crier ${name} `));
    }
  });

  test("beside a running Crier they explain, back up, hand out and erase; it is restored elsewhere", async () => {
    const store = await openStore({ dataDir: place.dataDir, log: createLog("silent") });
    const hold = holdFolder(place.dataDir, now);
    try {
      await store.feeds.configure([{ kind: "feed", address: "https://bell.example/feed" }], now);
      const feed = (await store.feeds.list())[0]?.id ?? 0;
      const open = (address: string, title: string) =>
        store.chats.open({ platform: "whatsapp", address, kind: "private" }, title, now);
      const { chat } = await open("972501234567@c.us", "Ada, “the \u001b[2J countess”");
      await open("111111111@c.us", "Twins");
      await open("222222222@c.us", "Twins");
      await store.subscriptions.begin(chat.id, now);
      await store.transaction(async (tx) => {
        const { id } = await tx.articles.add(feed, article('=SUM(A1) מעבורת, "חוזרת"'), noKeys, now);
        const message = {
          key: `article:${id}`,
          lane: "article",
          kind: "article",
          action: "send",
          article: id,
        } as const;
        await tx.outbox.add(message, "subscribed", now);
        await tx.articles.announce(id, now, null);
      });
      for (const delivery of await store.outbox.claim("whatsapp", 1, [], now)) {
        await store.outbox.finish(
          delivery,
          { state: "sent", receipt: { messageId: "1" } },
          new Date(now.getTime() + 1_400),
        );
      }

      const told = await good(["why", "מעבורת", "+972 50-123-4567"], { WHATSAPP: "on" });
      assert.match(
        told,
        /^Article 1, “=SUM\(A1\) מעבורת, "חוזרת"”, came from https:\/\/bell\.example\/feed at 1 Mar 2026, 14:00:00\.\n/,
      );
      assert.match(
        told,
        /\nIt was queued to be sent at .*\nIt was claimed at .*1\.4 seconds after it was queued, in revision 1\.\n$/,
      );
      assert.ok(!told.includes("\u001b"));
      const { chat: asked, deliveries } = JSON.parse(await good(["why", "1", String(chat.id), "--json"]));
      assert.deepEqual([asked.id, deliveries[0].state, deliveries[0].queuedAt], [chat.id, "sent", now.toISOString()]);
      assert.match(await good(["why", "no such words", String(chat.id)]), /^No article is known by “no such words”/);
      const twins = await run(["why", "1", "Twins"]);
      assert.equal(twins.code, 1);
      assert.match(twins.said, /the name of 2 chats\. Give the id of one:\n {2}2 +whatsapp +private +Twins\n {2}3 /);
      assert.equal((await run(["why", "1", "nobody"])).code, 1);

      const articles = await good(["export", "articles"]);
      assert.match(articles, /^id,feed,source_id,url,.*\r\n1,https:\/\/bell\.example\/feed,/);
      assert.match(articles, /,"'=SUM\(A1\) מעבורת, ""חוזרת""",/);
      const handed = JSON.parse(await good(["export", "deliveries", "--json"]));
      assert.deepEqual(
        [handed[0].state, handed[0].lane, handed[0].ended_at],
        ["sent", "article", "2026-03-01T12:00:01.400Z"],
      );
      assert.deepEqual(JSON.parse(await good(["export", "chats", "--json"])).length, 3);

      const file = inPlace("backup.gz");
      assert.match(
        await good(["backup", file]),
        /backup\.gz: 1 articles, 3 chats, 1 deliveries; less than 0\.1 MB\.\n/,
      );
      const twice = await run(["backup", file]);
      assert.equal(twice.code, 2);
      assert.match(twice.said, /is there already\. Give another name, or replace it with --force/);
      await good(["backup", file, "--force"]);

      const beside = await run(["restore", file, "--force"]);
      assert.equal(beside.code, 1);
      assert.match(
        beside.said,
        new RegExp(`A Crier runs on the folder .* \\(process ${process.pid}, since 2026-03-01 12:00:00 UTC\\)`),
      );
      const elsewhere = { DATA_DIR: inPlace("elsewhere") };
      assert.match(
        await good(["restore", file], elsewhere),
        /Brought back what was there on .* UTC: 1 articles, 3 chats, 1 deliveries\./,
      );
      const full = await run(["restore", file], elsewhere);
      assert.equal(full.code, 1);
      assert.match(full.said, /The store is not empty: it holds feeds\. --force replaces/);
      await good(["restore", file, "--force"], elsewhere);
      assert.equal(await good(["export", "chats"], elsewhere), await good(["export", "chats"]));
      writeFileSync(inPlace("broken.gz"), readFileSync(file).subarray(0, 100));
      const broken = await run(["restore", inPlace("broken.gz"), "--force"], elsewhere);
      assert.equal(broken.code, 1);
      assert.match(broken.said, /broken\.gz is damaged: it is cut off.*nothing was changed/);

      const unsure = await run(["erase", "+972501234567"]);
      assert.equal(unsure.code, 2);
      assert.match(unsure.said, /removes chat 1, “Ada.*countess””, on whatsapp for good.*Add --yes/);
      assert.match(
        await good(["erase", "+972501234567", "--yes"]),
        /^Erased chat 1.* with 1 delivery, which stay as numbers only\.\n/,
      );
      assert.equal(await store.chats.find("whatsapp", "972501234567@c.us"), null);
      assert.deepEqual(await store.outbox.counts(), [{ platform: "whatsapp", state: "sent", count: 1 }]);
    } finally {
      hold.release();
      await store.close();
    }
    for (const name of ["crier.db", "crier.db-wal"]) {
      const bytes = existsSync(path.join(place.dataDir, name)) ? readFileSync(path.join(place.dataDir, name)) : "";
      assert.ok(!bytes.includes("972501234567"), name);
    }
    assert.equal(await good(["export", "deliveries"]), "");
    assert.equal(await good(["export", "deliveries", "--json"]), "[]\n");
  });

  test("a cell of a table runs nothing and keeps to its column", () => {
    const cells: [value: string | number | null, cell: string][] = [
      [null, ""],
      [12, "12"],
      ["-1001234567890", "-1001234567890"],
      ["=1+1", "'=1+1"],
      ["@here", "'@here"],
      ['say "yes", now', '"say ""yes"", now"'],
      ["two\nlines", '"two\nlines"'],
      ["חדשות", "חדשות"],
    ];
    for (const [value, cell] of cells) assert.equal(toCell(value), cell);
  });
});
