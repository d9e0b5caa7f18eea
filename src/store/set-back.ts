import { sql } from "kysely";
import { type Database, inTransaction } from "#store/database";
import { toInstant } from "#store/rows";

/** What is less passes by itself; and machines that share a database may differ by some seconds. */
const leastMs = 60_000;
/** No try and no look is put off for longer by Crier; a clock that leapt between its call and its end makes it look so. */
const longestMs = 10 * 60_000;

/**
 * Writes down that the store can be written, and when. Where the clock was set back, nothing waits for a time that it
 * showed before: what was done at a time still to come counts as done now, and what follows it, follows as much later.
 * So nothing is due sooner than it would have been. Times that people set stay what they are.
 */
export function writePulse(database: Database, now: Date): Promise<void> {
  return inTransaction(database, async (tx) => {
    const { rows } = await sql<{ at: number }>`select at from pulse`.execute(tx.db);
    const at = toInstant(now);
    await sql`update pulse set at = ${at}`.execute(tx.db);
    await bringBack(tx, at);
    const backMs = (rows[0]?.at ?? 0) - at;
    if (backMs >= leastMs) await shift(tx, at, backMs);
  });
}

/** What says by itself that it was done at a time still to come. */
async function bringBack({ db }: Database, at: number): Promise<void> {
  const now = sql`cast(${at} as bigint)`;
  const ahead = at + leastMs;
  const after = (column: "not_before" | "look_at") => {
    const time = sql.ref(column);
    return sql`case when ${time} <= claimed_at then 0
      when ${time} - claimed_at > cast(${longestMs} as bigint) then cast(${longestMs} as bigint)
      else ${time} - claimed_at end + ${now}`;
  };
  await sql`
    update feeds set next_at = next_at - read_at + ${now}, read_at = ${now}
    where next_at > ${at} and read_at > ${ahead}`.execute(db);
  // Each in the words of its partial index.
  await sql`
    update deliveries set claimed_at = ${now}, not_before = ${after("not_before")}
    where state = 'pending' and not_before > 0 and not_before > ${at} and claimed_at > ${ahead}`.execute(db);
  await sql`
    update deliveries set claimed_at = ${now}, ended_at = ${now}, look_at = ${after("look_at")}
    where state = 'unknown' and look_at is not null and claimed_at > ${ahead}`.execute(db);
  await sql`update deliveries set claimed_at = ${now} where state = 'sending' and claimed_at > ${ahead}`.execute(db);
}

/** What tells nothing of when it was done: feeds that failed, looks at links, hubs. */
async function shift({ db }: Database, at: number, backMs: number): Promise<void> {
  for (const [table, column] of [
    ["feeds", "next_at"],
    ["articles", "probe_at"],
    ["pushes", "renew_at"],
  ] as const) {
    const time = sql.ref(column);
    const failed = table === "feeds" ? sql`and failures > 0` : sql``;
    await sql`
      update ${sql.table(table)} set ${time} = ${time} - cast(${backMs} as bigint) where ${time} > ${at} ${failed}`.execute(
      db,
    );
  }
}
