import { sql } from "kysely";
import type { DeliveryId, DeliveryState } from "#core/model";
import type { OutboxStore } from "#core/ports";
import { claimDeliveries } from "#store/claim";
import { type Database, inTransaction } from "#store/database";
import { addMessage, continueFanOut } from "#store/fan-out";
import { toChat, toDate, toInstant, toJson, toLane } from "#store/rows";

export function createOutboxStore(database: Database): OutboxStore {
  const { db } = database;
  /**
   * A claimed delivery. One that was given up as `unknown` still counts: a process that drains while the next one
   * starts may yet bring the proof.
   */
  const claimed = (id: number, { db } = database) =>
    db.updateTable("deliveries").where("id", "=", id).where("state", "in", ["sending", "unknown"]);
  const notClaimed = (id: number) => () => new Error(`Delivery ${id} is not under way.`);

  return {
    add: (message, to, now) => addMessage(database, message, to, now),
    fanOut: (limit, now) => continueFanOut(database, limit, now),
    claim: (platform, limit, resting, now) => claimDeliveries(database, platform, limit, resting, now),

    async finish(id, outcome, now) {
      const end = (tx: Database) =>
        claimed(id, tx)
          .set({
            state: outcome.state,
            reason: "reason" in outcome ? outcome.reason : null,
            ...("receipt" in outcome ? { receipt: toJson(outcome.receipt) } : {}),
            ended_at: toInstant(now),
          })
          .returning("id")
          .executeTakeFirstOrThrow(notClaimed(id));
      if (outcome.state !== "recalled") {
        await end(database);
        return;
      }
      await inTransaction(database, async (tx) => {
        await end(tx);
        await recallOriginal(tx, id);
      });
    },

    async retry(id, notBefore, reason, counts) {
      await claimed(id)
        .set((eb) => ({
          state: "pending",
          reason,
          attempts: eb("attempts", "+", counts ? 1 : 0),
          not_before: toInstant(notBefore),
          ended_at: null,
        }))
        .returning("id")
        .executeTakeFirstOrThrow(notClaimed(id));
    },

    async abandon(platform, reason, now, claimedBefore) {
      const { numAffectedRows } = await sql`
        update deliveries set state = 'unknown', reason = ${reason}, ended_at = cast(${toInstant(now)} as bigint)
        where state = 'sending' and platform = ${platform}
          and claimed_at < cast(${toInstant(claimedBefore)} as bigint)`.execute(db);
      return Number(numAffectedRows ?? 0);
    },

    async nextDue(platform, after) {
      // In the words of the partial index, so that SQLite uses it.
      const { rows } = await sql<{ at: number | null }>`
        select min(not_before) as at from deliveries
        where state = 'pending' and not_before > 0 and platform = ${platform} and not_before > ${toInstant(after)}`.execute(
        db,
      );
      return toDate(rows[0]?.at ?? null);
    },

    async sentSince(platform, since) {
      const rows = await db
        .selectFrom("deliveries as d")
        .innerJoin("chats as c", "c.id", "d.chat_id")
        .select(["d.ended_at", "c.id", "c.platform", "c.address", "c.kind", "c.title"])
        .where("d.platform", "=", platform)
        // What may have arrived counts too: the platform counted it if it did.
        .where("d.state", "in", ["sent", "unknown"])
        .where("d.ended_at", ">=", toInstant(since))
        .orderBy("d.ended_at")
        .orderBy("d.id")
        .execute();
      return rows.map((row) => ({ chat: toChat(row), at: new Date(row.ended_at ?? 0) }));
    },

    async counts() {
      // Each part in the words of its partial index.
      const { rows } = await sql<{ platform: string; state: DeliveryState; count: number }>`
        select platform, state, count(*) as count from deliveries where state = 'pending' group by platform, state
        union all
        select platform, state, count(*) from deliveries where state = 'sending' group by platform, state
        union all
        select platform, state, count(*) from deliveries where ended_at is not null group by platform, state
        order by platform, state`.execute(db);
      return rows.map((row) => ({ ...row }));
    },

    async recent(limit) {
      const rows = await db
        .selectFrom("deliveries as d")
        .innerJoin("messages as m", "m.id", "d.message_id")
        .innerJoin("chats as c", "c.id", "d.chat_id")
        .leftJoin("articles as a", "a.id", "m.article_id")
        .select(["d.id", "d.lane", "d.state", "d.reason", "d.queued_at", "d.ended_at", "m.key", "a.title as headline"])
        .select(["c.id as chat_id", "c.platform", "c.address", "c.kind", "c.title"])
        .orderBy("d.id", "desc")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        key: row.key,
        lane: toLane(row.lane),
        title: row.headline,
        chat: toChat({ ...row, id: row.chat_id }),
        state: row.state,
        reason: row.reason,
        queuedAt: new Date(row.queued_at),
        endedAt: toDate(row.ended_at),
      }));
    },
  };
}

/** What the chat had got of the article is there no more. */
async function recallOriginal({ db }: Database, id: DeliveryId): Promise<void> {
  await sql`
    update deliveries set state = 'recalled' where id in (
      select o.id from deliveries d
        join messages m on m.id = d.message_id
        join messages om on om.article_id = m.article_id and om.kind = 'article' and om.action = 'send'
        join deliveries o on o.message_id = om.id and o.chat_id = d.chat_id
      where d.id = ${id} and o.state in ('sent', 'unknown'))`.execute(db);
}
