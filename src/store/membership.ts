import type { Client } from "pg";
import type { Log } from "#core/ports";
import { connect, key } from "#store/database-lock";

/** What Criers of one database tell one another. */
export type Word = "queued" | "left";

/** This process among those that share a database. */
export interface Membership {
  /** No other Crier runs there, and none can begin before `open`. */
  readonly isAlone: boolean;
  /** Lets others begin. */
  open(): Promise<void>;
  /** Tells all the others. What is lost on the way they find out by looking. */
  tell(word: Word): void;
  leave(): Promise<void>;
}

/** A lost connection is made anew after pauses doubled from the first to the last. */
const firstPauseMs = 500;
const lastPauseMs = 10_000;
/** A restore that runs at this moment is waited for so long. */
const patienceMs = 10_000;

/**
 * Joins the Criers that share a PostgreSQL database, on one connection: it holds their common lock, which keeps a restore
 * off, and hears what the others tell. `heard` is called with null when words may have been missed.
 *
 * @throws Error in words
 */
export async function joinDatabase(
  databaseUrl: string,
  { log, heard }: { log: Log; heard(word: Word | null): void },
): Promise<Membership> {
  const { client, database } = await connect(databaseUrl, (err) => onLost(err));
  let current: Client | null = client;
  let isOver = false;
  const waiting = new Set<Word>();
  let telling = Promise.resolve();

  const { rows } = await client.query<{ channel: string; taken: boolean }>(
    `select 'crier_' || md5(current_schema()) as channel, pg_try_advisory_lock(${key}) as taken`,
  );
  const { channel = "crier", taken: isAlone = false } = rows[0] ?? {};

  const listen = async (to: Client): Promise<void> => {
    to.on("notification", ({ payload, processId }) => {
      if (processId === ownIdOf(to)) return;
      if (payload === "queued" || payload === "left") heard(payload);
    });
    await to.query(`listen ${channel}`);
  };

  /** Joins those that run; a restore lets nobody in. */
  const share = async (to: Client): Promise<void> => {
    await to.query(`set lock_timeout = ${patienceMs}`);
    await to.query(`select pg_advisory_lock_shared(${key})`);
  };

  const onLost = (err: Error): void => {
    if (isOver || !current) return;
    log.warn({ err }, "the connection over which Criers tell one another was lost; it is made anew");
    current = null;
    void rejoin();
  };

  const rejoin = async (): Promise<void> => {
    for (let pause = firstPauseMs; !isOver && !current; pause = Math.min(lastPauseMs, pause * 2)) {
      await new Promise((resolve) => setTimeout(resolve, pause).unref());
      let next: Client | null = null;
      try {
        next = (await connect(databaseUrl, (err) => (current === next ? onLost(err) : undefined))).client;
        await share(next);
        await listen(next);
        if (isOver) return void (await next.end());
        current = next;
        heard(null);
      } catch (err) {
        await next?.end().catch(() => {});
        log.warn({ err }, "the connection over which Criers tell one another could not be made");
      }
    }
  };

  try {
    if (!isAlone) await share(client);
    await listen(client);
  } catch (error) {
    isOver = true;
    await client.end();
    throw new Error(
      `The database ${database} is being restored, or a Crier starts there this moment. Start this one again when that is over.`,
      { cause: error },
    );
  }

  return {
    isAlone,
    async open() {
      if (!isAlone) return;
      await share(client);
      await client.query(`select pg_advisory_unlock(${key})`);
    },
    tell(word) {
      // What is told while it is on its way is told once more, together.
      if (waiting.has(word)) return;
      waiting.add(word);
      telling = telling.then(async () => {
        waiting.delete(word);
        await current?.query("select pg_notify($1, $2)", [channel, word]).catch(() => {});
      });
    },
    async leave() {
      await telling;
      isOver = true;
      await current?.end().catch(() => {});
      current = null;
    },
  };
}

/** By which the server names a connection; `pg` does not type it. */
const ownIdOf = (client: Client): number | null =>
  "processID" in client && typeof client.processID === "number" ? client.processID : null;
