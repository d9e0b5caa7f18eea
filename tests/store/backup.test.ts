import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { verifyBackup, writeBackup } from "#store/backup";
import { openDatabase, openStore } from "#store/open";
import { restoreBackup } from "#store/restore";
import { article, noKeys, now } from "#tests/contract/store/place";
import { createMemoryLog } from "#tests/fakes/log";
import { createDatabase, run } from "#tests/store/database";

const workerOf = (name: string): string => path.join(import.meta.dirname, name);
const log = createMemoryLog();

interface Place {
  dataDir: string;
  databaseUrl?: string;
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-backup-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function backUp(place: Place, file: string) {
  const database = await openDatabase({ ...place, log });
  try {
    return await writeBackup(database, file, now);
  } finally {
    await database.db.destroy();
  }
}

async function bringBack(place: Place, file: string, force = false) {
  const database = await openDatabase({ ...place, log });
  try {
    return await restoreBackup(database, file, { force, log });
  } finally {
    await database.db.destroy();
  }
}

/** What a backup says that can be compared: its lines, but for the moment at which it was made. */
async function linesOf(file: string): Promise<string[]> {
  return gunzipSync(await readFile(file))
    .toString()
    .trim()
    .split("\n")
    .slice(1, -1);
}

/** A store with all kinds of rows, texts in several scripts among them. */
async function furnish(place: Place): Promise<void> {
  const store = await openStore({ ...place, log });
  try {
    await store.feeds.configure([{ kind: "feed", address: "https://bell.example/feed" }], now);
    const feed = (await store.feeds.list())[0]?.id ?? 0;
    await store.feeds.setRules(feed, { exclude: [{ words: ["horoscope", "הורוסקופ"] }] });
    const { chat } = await store.chats.open({ platform: "telegram", address: "ada", kind: "private" }, "עדה", now);
    await store.subscriptions.begin(chat.id, now);
    await store.subscriptions.setPreferences(chat.id, { topics: ["Спорт"], silent: true }, now);
    for (const title of ["Ferry “runs”\u2028again, it's true", "מעבורת חוזרת", "العبّارة تعود", "Паром\tснова"]) {
      await store.transaction(async (tx) => {
        const given = article(title, { text: `${title}\n\n"quoted" \\ back`, topics: ["Sea", "ים"] });
        const { id } = await tx.articles.add(feed, given, noKeys, now);
        const message = {
          key: `article:${id}`,
          lane: "article",
          kind: "article",
          action: "send",
          article: id,
        } as const;
        await tx.outbox.add(message, "subscribed", now);
      });
    }
    for (const delivery of await store.outbox.claim("telegram", 1, [], now)) {
      await store.outbox.finish(delivery, { state: "sent", receipt: { messageId: "1" } }, now);
    }
    await store.outbox.claim("telegram", 1, [], now);
  } finally {
    await store.close();
  }
}

const refused = (work: Promise<unknown>, why: RegExp) =>
  assert.rejects(work, (error: Error) => why.test(error.message));

test(
  "what comes back is what was there, on the same engine and across to the other and back",
  { timeout: 60_000 },
  (t) =>
    inFolder(async (folder) => {
      const [first, second, third] = ["one.gz", "two.gz", "three.gz"].map((name) => path.join(folder, name)) as [
        string,
        string,
        string,
      ];
      const from = { dataDir: path.join(folder, "a") };
      await furnish(from);
      const { counts } = await backUp(from, first);
      assert.deepEqual([counts.articles, counts.chats, counts.deliveries], [4, 1, 4]);
      assert.equal((await stat(first)).mode & 0o777, 0o600);
      assert.deepEqual((await verifyBackup(first)).counts, counts);

      const again = { dataDir: path.join(folder, "b") };
      await bringBack(again, first);
      await backUp(again, second);
      assert.deepEqual(await linesOf(second), await linesOf(first));

      const postgres = await createDatabase();
      if ("missing" in postgres) return t.skip(postgres.missing);
      try {
        const there = { dataDir: "unused", databaseUrl: postgres.url };
        await run(postgres.url, "create table guests (id bigint primary key)");
        await bringBack(there, first);
        await backUp(there, third);
        assert.deepEqual((await linesOf(third)).toSorted(), (await linesOf(first)).toSorted());
        const last = { dataDir: path.join(folder, "c") };
        await bringBack(last, third);
        for (const place of [again, there, last]) {
          const store = await openStore({ ...place, log });
          const added = await store.chats.open({ platform: "telegram", address: "new", kind: "private" }, null, now);
          assert.equal(added.chat.id, 2, "ids go on where they left off");
          assert.equal(await store.outbox.abandon("telegram", "Crier ended.", now, new Date(8.64e15)), 1);
          await store.close();
        }
        assert.deepEqual(await run(postgres.url, "select id from guests"), [], "tables of others are left alone");
      } finally {
        await postgres.drop();
      }
    }),
);

test("a store that holds anything is replaced only when it is asked for, as a whole", { timeout: 60_000 }, () =>
  inFolder(async (folder) => {
    const [full, other] = [{ dataDir: path.join(folder, "full") }, { dataDir: path.join(folder, "other") }];
    await furnish(full);
    const file = path.join(folder, "backup.gz");
    await backUp(full, file);
    const store = await openStore({ ...other, log });
    await store.chats.open({ platform: "whatsapp", address: "ben", kind: "private" }, "Ben", now);
    await store.close();
    await refused(bringBack(other, file), /The store is not empty: it holds chats\. --force replaces/);
    await bringBack(other, file, true);
    const after = await openStore({ ...other, log });
    assert.equal(await after.chats.find("whatsapp", "ben"), null);
    assert.equal((await after.articles.latest(10)).length, 4);
    await after.close();
  }),
);

test("a file that is damaged, cut off, changed, too new or something else is refused, and nothing is touched", () =>
  inFolder(async (folder) => {
    const from = { dataDir: path.join(folder, "from") };
    await furnish(from);
    const file = path.join(folder, "backup.gz");
    await backUp(from, file);
    const good = await readFile(file);
    const text = gunzipSync(good).toString();
    const lines = text.trimEnd().split("\n");
    const sealed = (head: object): Buffer => {
      const body = `${[JSON.stringify({ ...JSON.parse(lines[0] ?? ""), ...head }), ...lines.slice(1, -1)].join("\n")}\n`;
      const end = JSON.parse(lines.at(-1) ?? "");
      return gzipSync(
        `${body}${JSON.stringify({ ...end, sha256: createHash("sha256").update(body).digest("hex") })}\n`,
      );
    };
    const cases: [bytes: Uint8Array | string, why: RegExp][] = [
      [good.subarray(0, good.length - 20), /is damaged: it is cut off/],
      [good.subarray(0, 200), /is damaged: it is cut off/],
      [gzipSync(lines.slice(0, -1).join("\n")), /is damaged: its end is missing/],
      [gzipSync(text.replace("Паром", "Шхуна")), /is damaged: its checksum does not match/],
      [gzipSync(text.slice(0, 600)), /is damaged/],
      ["this is no backup at all", /is no backup of Crier's/],
      [gzipSync('{"some":"thing"}\n'), /is no backup of Crier's/],
      [gzipSync(""), /is empty/],
      [Buffer.concat([good.subarray(0, 300), Buffer.alloc(40, 7), good.subarray(340)]), /is damaged/],
      [sealed({ step: 9_999 }), /was written by a newer Crier: it is at step 9999/],
    ];
    const into = { dataDir: path.join(folder, "into") };
    await furnish(into);
    await backUp(into, path.join(folder, "before.gz"));
    for (const [bytes, why] of cases) {
      const bad = path.join(folder, "bad.gz");
      await writeFile(bad, bytes);
      await refused(bringBack(into, bad, true), why);
    }
    await refused(bringBack(into, path.join(folder, "nowhere.gz"), true), /There is no file/);
    await backUp(into, path.join(folder, "after.gz"));
    assert.deepEqual(await linesOf(path.join(folder, "after.gz")), await linesOf(path.join(folder, "before.gz")));
    await writeFile(path.join(folder, "whole.gz"), sealed({}));
    await bringBack(into, path.join(folder, "whole.gz"), true);
  }));

test("a backup of an older step is brought up to date when it comes back", () =>
  inFolder(async (folder) => {
    const from = { dataDir: path.join(folder, "from") };
    const { migrate } = await import("#store/migrate");
    const database = await openDatabase({ ...from, log });
    await migrate(database, log, 2);
    await database.db.destroy();
    const raw = new DatabaseSync(path.join(from.dataDir, "crier.db"));
    raw.exec("insert into chats (platform, address, kind) values ('telegram', 'ada', 'private')");
    raw.close();
    const file = path.join(folder, "old.gz");
    assert.equal((await backUp(from, file)).step, 2);
    const into = { dataDir: path.join(folder, "into") };
    await bringBack(into, file);
    const store = await openStore({ ...into, log });
    const ada = await store.chats.find("telegram", "ada");
    assert.deepEqual(await store.subscriptions.preferences(ada?.id ?? 0), {});
    await store.close();
  }));

/** Starts a worker; hands over each line that it says. */
function startWorker(name: string, args: string[]) {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", workerOf(name), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  return { child, exited, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

test("a backup beside a process that writes is of one instant: nothing in it is half", { timeout: 60_000 }, () =>
  inFolder(async (folder) => {
    const from = path.join(folder, "from");
    const writer = startWorker("writer.ts", [from]);
    try {
      await writer.lines.next();
      let before = 0;
      for (let round = 0; round < 5; round += 1) {
        for (let lines = 0; lines < 20; lines += 1) await writer.lines.next();
        const file = path.join(folder, `${round}.gz`);
        const { counts } = await backUp({ dataDir: from }, file);
        assert.equal(counts.messages, counts.articles);
        assert.equal(counts.deliveries, counts.articles);
        assert.ok((counts.articles ?? 0) > before, "it wrote on meanwhile");
        before = counts.articles ?? 0;
        await bringBack({ dataDir: path.join(folder, String(round)) }, file);
        const raw = new DatabaseSync(path.join(folder, String(round), "crier.db"));
        assert.deepEqual({ ...raw.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
        assert.deepEqual(raw.prepare("pragma foreign_key_check").all(), []);
        raw.close();
      }
    } finally {
      writer.child.kill("SIGKILL");
      await writer.exited;
    }
  }),
);

/** Many deliveries, so that writing them takes a while. */
async function fill(place: Place, count: number): Promise<void> {
  await furnish(place);
  const statement = `insert into chats (platform, address, kind)
    with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count}) select 'telegram', 'c' || i, 'private' from n`;
  if (place.databaseUrl) await run(place.databaseUrl, statement);
  else {
    const raw = new DatabaseSync(path.join(place.dataDir, "crier.db"));
    raw.exec(statement);
    raw.close();
  }
}

/** Kills a worker at growing moments after it began, until one was done before; answers how many were killed. */
async function killAt(args: string[], moments: number[], after: () => Promise<void>): Promise<number> {
  let killed = 0;
  for (const ms of moments) {
    const worker = startWorker("backup-worker.ts", args);
    await worker.lines.next();
    await new Promise((resolve) => setTimeout(resolve, ms));
    worker.child.kill("SIGKILL");
    if ((await worker.exited) === null) killed += 1;
    await after();
  }
  return killed;
}

test("kill -9 in the middle of a backup leaves no file of that name, or the whole one", { timeout: 120_000 }, () =>
  inFolder(async (folder) => {
    const from = { dataDir: path.join(folder, "from") };
    await fill(from, 60_000);
    const file = path.join(folder, "backup.gz");
    const killed = await killAt(["backup", file, from.dataDir], [0, 20, 60, 120, 200, 300], async () => {
      if (existsSync(file)) assert.equal((await verifyBackup(file)).counts.chats, 60_001);
    });
    assert.ok(killed > 0);
    await backUp(from, file);
    assert.equal((await verifyBackup(file)).counts.chats, 60_001);
    assert.ok(!existsSync(`${file}.part`));
  }),
);

test("kill -9 in the middle of a restore leaves what was there, or all of the backup", { timeout: 120_000 }, (t) =>
  inFolder(async (folder) => {
    const from = { dataDir: path.join(folder, "from") };
    await fill(from, 60_000);
    const file = path.join(folder, "backup.gz");
    await backUp(from, file);
    const postgres = await createDatabase();
    const places: Place[] = [{ dataDir: path.join(folder, "into") }];
    if ("missing" in postgres) t.diagnostic(postgres.missing);
    else places.push({ dataDir: path.join(folder, "unused"), databaseUrl: postgres.url });
    try {
      for (const place of places) {
        const store = await openStore({ ...place, log });
        await store.chats.open({ platform: "whatsapp", address: "ben", kind: "private" }, "Ben", now);
        await store.close();
        const args = ["restore", file, place.dataDir, ...(place.databaseUrl ? [place.databaseUrl] : [])];
        const seen = new Set<number>();
        const killed = await killAt(args, [0, 100, 250, 400, 700], async () => {
          const reopened = await openStore({ ...place, log });
          const chats = await countChats(place);
          seen.add(chats);
          assert.ok(chats === 1 || chats === 60_001, `${chats} chats`);
          await reopened.close();
        });
        assert.ok(killed > 0);
        assert.ok(seen.has(1), "one was killed before its end");
        await bringBack(place, file, true);
        assert.equal(await countChats(place), 60_001);
      }
    } finally {
      if (!("missing" in postgres)) await postgres.drop();
    }
  }),
);

async function countChats({ dataDir, databaseUrl }: Place): Promise<number> {
  if (databaseUrl) return Number((await run(databaseUrl, "select count(*) as count from chats"))[0]?.count);
  const raw = new DatabaseSync(path.join(dataDir, "crier.db"));
  try {
    return Number(raw.prepare("select count(*) as count from chats").get()?.count);
  } finally {
    raw.close();
  }
}
