import { sql } from "kysely";
import type { ChatId } from "#core/model";
import type { Database } from "#store/database";

/** Chats looked at in one step: an index entry each. */
const mostChats = 1_000;

/**
 * The chats of these hours after a known one, so many that they have about `rows` deliveries in that state. `next` is the
 * last of them; null when they are the last ones.
 */
export async function nextChats(
  { db }: Database,
  hours: number,
  after: ChatId,
  { state, rows }: { state: "pending" | "held"; rows: number },
): Promise<{ chats: ChatId[]; next: ChatId | null }> {
  const found = await db
    .selectFrom("chats")
    .select("id")
    .where("hours_id", "=", hours)
    // In the words of the partial index.
    .where("hours_id", ">", sql.lit(0))
    .where("id", ">", after)
    .orderBy("id")
    .limit(mostChats)
    .execute();
  const ids = found.map(({ id }) => id);
  const last = ids.at(-1);
  if (last === undefined) return { chats: [], next: null };
  // Where a chat of this range has the first delivery that is too many; walked along its index, and no further.
  const { rows: beyond } = await sql<{ id: ChatId }>`
    select c.id from chats c join deliveries d on d.chat_id = c.id and d.state = ${sql.lit(state)}
    where c.hours_id = ${hours} and c.hours_id > 0 and c.id > ${after} and c.id <= ${last}
    order by c.id limit 1 offset ${rows}`.execute(db);
  const cut = beyond[0]?.id ?? null;
  if (cut === null) return { chats: ids, next: ids.length < mostChats ? null : last };
  const chats = ids.filter((id) => id < cut || id === ids[0]);
  return { chats, next: chats.at(-1) ?? null };
}
