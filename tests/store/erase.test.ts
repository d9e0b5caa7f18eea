import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { eraseChat } from "#core/erase";
import type { Store } from "#core/ports";
import { openDatabase, openStore } from "#store/open";
import { columnsOf, listTables } from "#store/tables";
import { article, noKeys, notice, now } from "#tests/contract/store/place";
import { createMemoryLog } from "#tests/fakes/log";
import { createDatabase, run } from "#tests/store/database";

const log = createMemoryLog();
const number = "972501234567";
const name = "Ада Лавлейс";
/** What tells of her: her number, her name, what she said she wants to hear of. */
const traces = [number, name, "улица Герцля"];

/** A newsroom's life of which hers is a small part: rows are written, moved, rewritten and removed around hers. */
async function live(store: Store): Promise<number> {
  await store.feeds.configure([{ kind: "feed", address: "https://bell.example/feed" }], now);
  const feed = (await store.feeds.list())[0]?.id ?? 0;
  const chats: number[] = [];
  for (let at = 0; at < 60; at += 1) {
    const address = at === 30 ? `+${number}` : `9725000000${at}@c.us`;
    const { chat } = await store.chats.open({ platform: "whatsapp", address, kind: "private" }, `Reader ${at}`, now);
    await store.subscriptions.begin(chat.id, now);
    chats.push(chat.id);
  }
  const ada = chats[30] ?? 0;
  await store.chats.move(ada, `${number}@c.us`, now);
  await store.chats.open({ platform: "whatsapp", address: `${number}@c.us`, kind: "private" }, name, now);
  await store.subscriptions.setPreferences(ada, { follows: ["улица Герцля"] }, now);
  await store.subscriptions.codeFor(ada, new Date(now.getTime() + 60_000));
  for (let round = 0; round < 4; round += 1) {
    await store.transaction(async (tx) => {
      const { id } = await tx.articles.add(
        feed,
        article(`Article ${round}`, { text: "words ".repeat(400) }),
        noKeys,
        now,
      );
      const message = { key: `article:${id}`, lane: "article", kind: "article", action: "send", article: id } as const;
      await tx.outbox.add(message, "subscribed", now);
      await tx.outbox.add(notice(`reply:whatsapp:false_${number}@c.us_${round}`), { chat: ada }, now);
      const word = { ...notice("A stranger."), key: `stranger:whatsapp:false_${number}@c.us_${round}` };
      await tx.outbox.add(word, { chat: chats[0] ?? 0 }, now);
    });
    for (;;) {
      const claimed = await store.outbox.claim("whatsapp", 200, [], now);
      if (claimed.length === 0) break;
      await store.transaction(async (tx) => {
        for (const delivery of claimed) {
          const { id, chat } = delivery;
          const receipt = { messageId: `true_${chat.address}_${id}`, ack: "x".repeat(round * 20) };
          await tx.outbox.finish(delivery, { state: "sent", receipt }, now);
        }
      });
    }
    // Rows that come and go leave holes, into which others move.
    const { chat } = await store.chats.open(
      { platform: "whatsapp", address: `guest-${round}`, kind: "group" },
      null,
      now,
    );
    await store.outbox.add(notice(`guest-${round}`), { chat: chat.id }, now);
    await store.upkeep.erase(chat.id);
  }
  return ada;
}

/** In which files of a folder one of the texts stands, byte for byte. */
async function filesWith(folder: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const file of await readdir(folder)) {
    const bytes = await readFile(path.join(folder, file));
    for (const text of texts) if (bytes.includes(text)) found.push(`${text} in ${file}`);
  }
  return found;
}

test("after an erasure no byte of the database, its log or its index names the person", {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-erase-"));
  try {
    const store = await openStore({ dataDir: folder, log });
    const ada = await live(store);
    assert.ok((await filesWith(folder, traces)).length >= traces.length, "all of it is there before");
    const counts = await store.outbox.counts();
    const erased = await eraseChat(store, ada);
    assert.equal(erased.isScrubbed, true);
    assert.ok(erased.deliveries >= 8);
    assert.deepEqual(await filesWith(folder, traces), [], "while it is open");
    assert.deepEqual(await store.outbox.counts(), counts);
    await store.close();
    assert.deepEqual(await filesWith(folder, traces), [], "when it is closed");
    const raw = new DatabaseSync(path.join(folder, "crier.db"));
    assert.deepEqual({ ...raw.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
    assert.deepEqual(raw.prepare("pragma foreign_key_check").all(), []);
    raw.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("another process that reads all the while is said; once it is gone the log is cut", {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-erase-"));
  try {
    const store = await openStore({ dataDir: folder, log });
    const ada = await live(store);
    const reader = new DatabaseSync(path.join(folder, "crier.db"), { timeout: 0 });
    reader.exec("begin");
    reader.prepare("select count(*) from chats").get();
    assert.equal((await eraseChat(store, ada)).isScrubbed, false);
    reader.close();
    assert.equal(await store.upkeep.scrub(), true);
    assert.deepEqual(await filesWith(folder, traces), []);
    await store.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

const database = await createDatabase();
if ("missing" in database) {
  test("erasure on PostgreSQL", { skip: database.missing }, () => {});
} else {
  test("after an erasure no table of PostgreSQL names the person", { timeout: 60_000 }, async () => {
    const { url, drop } = database;
    const quick = new URL(url);
    quick.searchParams.set("options", "-c synchronous_commit=off");
    const place = { databaseUrl: quick.href, dataDir: "unused", log };
    try {
      const store = await openStore(place);
      const tables = await openDatabase(place);
      const found = async (): Promise<string[]> => {
        const where: string[] = [];
        for (const table of await listTables(tables)) {
          for (const { name: column } of await columnsOf(tables, table)) {
            const tests = traces.map((text) => `"${column}"::text like '%${text}%'`).join(" or ");
            if ((await run(url, `select 1 from ${table} where ${tests} limit 1`)).length > 0)
              where.push(`${table}.${column}`);
          }
        }
        return where;
      };
      const ada = await live(store);
      const before = await found();
      for (const one of [
        "chats.address",
        "chats.title",
        "former_addresses.address",
        "messages.key",
        "deliveries.receipt",
      ])
        assert.ok(before.includes(one), one);
      assert.equal((await eraseChat(store, ada)).isScrubbed, true);
      assert.deepEqual(await found(), []);
      await tables.db.destroy();
      await store.close();
    } finally {
      await drop();
    }
  });
}
