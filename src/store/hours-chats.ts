import { sql } from "kysely";
import type { ChatId } from "#core/model";
import type { Database } from "#store/database";

/** Chats looked at in one step: an index entry each. */
const mostChats = 250;

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
  // `hours_id > 0` are the words of the partial index. Counted chat by chat, along its own queue and no further than
  // needed: of a join with all that is held PostgreSQL may make anything.
  const { rows: found } = await sql<{ id: ChatId; waiting: number }>`
    select c.id, (
      select count(*) from (
        select 1 from deliveries d where d.chat_id = c.id and d.state = ${sql.lit(state)} limit ${rows}) d) as waiting
    from chats c where c.hours_id = ${hours} and c.hours_id > 0 and c.id > ${after} order by c.id limit ${mostChats}`.execute(
    db,
  );
  let left = rows;
  const tooMany = found.findIndex(({ waiting }, index) => {
    left -= waiting;
    return left < 0 && index > 0;
  });
  const chats = found.slice(0, tooMany === -1 ? undefined : tooMany).map(({ id }) => id);
  return { chats, next: tooMany === -1 && found.length < mostChats ? null : (chats.at(-1) ?? null) };
}
