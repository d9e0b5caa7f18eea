import { execFile } from "node:child_process";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import pg from "pg";

const run = promisify(execFile);

/** The database as a stranger sees it: plain SQL, while no Crier runs. */
export interface Ledger {
  engine: "SQLite" | "PostgreSQL";
  all<Row>(text: string): Promise<Row[]>;
  /** What is damaged or contradicts itself, in words. */
  flaws(): Promise<string[]>;
}

/** Statements that must find nothing, on either engine. */
const neverTrue: Readonly<Record<string, string>> = {
  "a chat has two deliveries of one message":
    "select message_id from deliveries group by message_id, chat_id having count(*) > 1",
  "two messages have one key": "select key from messages group by key having count(*) > 1",
  "an article went out without a message":
    "select a.id from articles a where a.announced_at is not null and not exists (select 1 from messages m where m.article_id = a.id and m.action = 'send') and not exists (select 1 from past_deliveries)",
  "a message is about an article that is not there":
    "select m.id from messages m where m.article_id is not null and not exists (select 1 from articles a where a.id = m.article_id)",
  "a delivery has no message":
    "select d.id from deliveries d where not exists (select 1 from messages m where m.id = d.message_id)",
  "a delivery has no chat":
    "select d.id from deliveries d where not exists (select 1 from chats c where c.id = d.chat_id)",
  "a subscription has no chat":
    "select s.chat_id from subscriptions s where not exists (select 1 from chats c where c.id = s.chat_id)",
  "a broadcast begins without its first step":
    "select b.id from broadcasts b where b.begun_at is not null and not exists (select 1 from broadcast_steps s where s.broadcast_id = b.id and s.step = 'begun')",
  "a retracted article has no recall":
    "select a.id from articles a where a.retracted_at is not null and not exists (select 1 from messages m where m.article_id = a.id and m.action = 'recall')",
  "what was sent has no receipt or no end":
    "select id from deliveries d where state = 'sent' and (ended_at is null or receipt is null)",
  "what waits has ended":
    "select id from deliveries where state in ('pending', 'sending', 'held') and ended_at is not null",
};

const none = async (ledger: Pick<Ledger, "all">): Promise<string[]> => {
  const found: string[] = [];
  for (const [what, text] of Object.entries(neverTrue)) {
    const rows = await ledger.all<object>(text);
    if (rows.length > 0) found.push(`${what}: ${JSON.stringify(rows.slice(0, 3))}`);
  }
  return found;
};

/** Asks the file itself. */
export const askFile =
  (dataDir: string): Ledger["all"] =>
  async <Row>(text: string): Promise<Row[]> => {
    const raw = new DatabaseSync(path.join(dataDir, "crier.db"), { timeout: 10_000 });
    try {
      return raw.prepare(text).all() as Row[];
    } finally {
      raw.close();
    }
  };

const asker = `
  const [file, text] = process.argv.slice(1);
  const raw = new (require("node:sqlite").DatabaseSync)(file, { timeout: 10_000 });
  process.stdout.write(JSON.stringify(raw.prepare(text).all()));`;

/** Has another program ask it, where this one does not see the file. */
export const askBy =
  (dataDir: string, within: readonly string[]): Ledger["all"] =>
  async <Row>(text: string): Promise<Row[]> => {
    const [program = "", ...args] = [...within, process.execPath, "--no-warnings", "--eval", asker];
    const { stdout } = await run(program, [...args, path.join(dataDir, "crier.db"), text]);
    return JSON.parse(stdout) as Row[];
  };

export function sqliteLedger(all: Ledger["all"]): Ledger {
  return {
    engine: "SQLite",
    all,
    async flaws() {
      const checks = await all<Record<string, string>>("pragma integrity_check");
      const bad = checks.map((row) => Object.values(row)[0] ?? "").filter((said) => said !== "ok");
      const lost = await all<object>("pragma foreign_key_check");
      return [...bad, ...lost.map((row) => `foreign key: ${JSON.stringify(row)}`), ...(await none({ all }))];
    },
  };
}

export function postgresLedger(url: string): Ledger {
  const all = async <Row>(text: string): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(text)).rows as Row[];
    } finally {
      await client.end();
    }
  };
  return {
    engine: "PostgreSQL",
    all,
    async flaws() {
      const unproven = await all<object>("select conname from pg_constraint where contype = 'f' and not convalidated");
      return [...unproven.map((row) => `not valid: ${JSON.stringify(row)}`), ...(await none({ all }))];
    },
  };
}
