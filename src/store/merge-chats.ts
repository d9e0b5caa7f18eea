import { sql } from "kysely";
import type { ChatId } from "#core/model";
import type { Database } from "#store/database";
import { catchUp } from "#store/fan-out";
import { toInstant } from "#store/rows";

/**
 * Moves all that a chat has to the chat that it has become, and removes the first. Of two copies of one message the one
 * that got further stays: what was sent under the old address is not sent again under the new one.
 */
export async function mergeChats(
  tx: Database,
  { from, into }: { from: ChatId; into: ChatId },
  now: Date,
): Promise<void> {
  const { db } = tx;
  await sql`
    delete from deliveries where id in (
      select case when ${progress("old")} > ${progress("new")} then new.id else old.id end
      from deliveries old join deliveries new on new.message_id = old.message_id and new.chat_id = ${into}
      where old.chat_id = ${from})`.execute(db);
  await db.updateTable("deliveries").set({ chat_id: into }).where("chat_id", "=", from).execute();

  const subscription = await db
    .deleteFrom("subscriptions")
    .where("chat_id", "=", from)
    .returning("since")
    .executeTakeFirst();
  if (subscription) {
    await db
      .insertInto("subscriptions")
      .values({ chat_id: into, since: subscription.since })
      .onConflict((conflict) => conflict.column("chat_id").doNothing())
      .execute();
  }

  await db.deleteFrom("link_codes").where("chat_id", "=", from).execute();
  await db.updateTable("former_addresses").set({ chat_id: into }).where("chat_id", "=", from).execute();
  const gone = await db.deleteFrom("chats").where("id", "=", from).returningAll().executeTakeFirst();
  const there = await db
    .selectFrom("chats")
    .select(["wants_id", "hours_id", "style", "person_id"])
    .where("id", "=", into)
    .executeTakeFirst();
  const isUndecided = there?.wants_id === 0 && there.hours_id === 0 && there.style === "{}" && there.person_id === null;
  await db
    .updateTable("chats")
    .set((eb) => ({
      title: eb.fn.coalesce("title", eb.val(gone?.title ?? null)),
      forget_at: eb.fn.coalesce("forget_at", eb.val(gone?.forget_at ?? null)),
      ...(gone?.closed_at === null ? { closed_at: null, closed_why: null } : {}),
      // What was decided under the old address still is, unless something was decided under the new one.
      ...(gone && isUndecided
        ? { wants_id: gone.wants_id, hours_id: gone.hours_id, style: gone.style, person_id: gone.person_id }
        : {}),
      // What was held under the old address may not be held here, or the digest of this place has been made.
      settle_at: toInstant(now),
    }))
    .where("id", "=", into)
    .execute();
  if (subscription) await catchUp(tx, { from, into }, now);
}

/** How far a delivery got: the higher, the more it would cost to forget it. */
const progress = (delivery: "old" | "new") =>
  sql.raw(`case ${delivery}.state when 'sent' then 6 when 'sending' then 5 when 'unknown' then 4
    when 'recalled' then 3 when 'pending' then 2 when 'held' then 2 else 1 end`);
