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
  const { rows: found } = await sql<{ id: ChatId; count: number }>`
    select c.id, (select count(*) from deliveries d where d.chat_id = c.id and d.state = ${sql.lit(state)}) as count
    from (select id from chats where hours_id = ${hours} and hours_id > 0 and id > ${after} order by id limit ${mostChats}) c
    order by c.id`.execute(db);
  const chats: ChatId[] = [];
  let counted = 0;
  for (const { id, count } of found) {
    if (chats.length > 0 && counted + count > rows) return { chats, next: chats.at(-1) ?? null };
    chats.push(id);
    counted += count;
  }
  return { chats, next: found.length < mostChats ? null : (chats.at(-1) ?? null) };
}
