import { sql } from "kysely";
import { type Database, inTransaction } from "#store/database";
import { toInstant } from "#store/rows";

/** What is less passes by itself; and machines that share a database may differ by some seconds. */
const leastMs = 60_000;

/**
 * Writes down that the store can be written, and when. Where the clock was set back since the last time, what is to wait
 * for a time that it showed before waits for as long as it would have: by so much less as the clock went back, and never
 * for less than that. Times that people set stay what they are, and so does what has not been tried yet.
 */
export function writePulse(database: Database, now: Date): Promise<void> {
  return inTransaction(database, async ({ db }) => {
    const at = toInstant(now);
    const { rows } = await sql<{ at: number }>`select at from pulse`.execute(db);
    const backMs = (rows[0]?.at ?? 0) - at;
    await sql`update pulse set at = ${at}`.execute(db);
    if (backMs < leastMs) return;
    const later = (column: string) => sql`
      update ${sql.table(tableOf[column] ?? "")} set ${sql.ref(column)} = ${sql.ref(column)} - cast(${backMs} as bigint)
      where ${sql.ref(column)} > ${at}`;
    for (const column of ["next_at", "probe_at", "renew_at"]) await later(column).execute(db);
    // In the words of the indexes of what waits and of what is looked at.
    await sql`
      update deliveries set not_before = not_before - cast(${backMs} as bigint)
      where state = 'pending' and not_before > 0 and not_before > ${at} and claimed_at > ${at}`.execute(db);
    await sql`
      update deliveries set look_at = look_at - cast(${backMs} as bigint), ended_at = ended_at - cast(${backMs} as bigint)
      where state = 'unknown' and look_at is not null and look_at > ${at} and claimed_at > ${at}`.execute(db);
  });
}

const tableOf: Readonly<Record<string, string>> = { next_at: "feeds", probe_at: "articles", renew_at: "pushes" };
