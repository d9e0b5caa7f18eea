import { sql } from "kysely";
import { NotUnderWay } from "#core/errors";
import type { DeliveryId, DeliveryState } from "#core/model";
import type { Claim, OutboxStore } from "#core/ports";
import { claimDeliveries } from "#store/claim";
import { steer } from "#store/course";
import { type Database, inTransaction } from "#store/database";
import { selectViews, toView } from "#store/delivery-views";
import { addMessage, continueFanOut } from "#store/fan-out";
import { createFinisher } from "#store/finish";
import { toChat, toDate, toInstant } from "#store/rows";
import { createUnknownStore } from "#store/unknown";

export function createOutboxStore(database: Database): OutboxStore {
  const { db } = database;
  /**
   * A delivery as this try left it. One that was given up as `unknown` still counts: a process that drains while the
   * next one starts may yet bring the proof, but never of what was claimed anew.
   */
  const claimed = ({ id, claimedAt }: Claim, { db } = database) =>
    db
      .updateTable("deliveries")
      .where("id", "=", id)
      .where("state", "in", ["sending", "unknown"])
      .where("claimed_at", "=", toInstant(claimedAt));
  const notClaimed = (id: number) => () => new NotUnderWay(id);

  return {
    unknown: createUnknownStore(database),

    add: (message, to, now) => addMessage(database, message, to, now),
    fanOut: (limit, now) => continueFanOut(database, limit, now),
    claim: (platform, limit, resting, now) => claimDeliveries(database, platform, limit, resting, now),

    finish: createFinisher(database),

    async retry(claim, notBefore, reason, counts) {
      await claimed(claim)
        .set((eb) => ({
          state: "pending",
          reason,
          attempts: eb("attempts", "+", counts ? 1 : 0),
          not_before: toInstant(notBefore),
          ended_at: null,
          look_at: null,
        }))
        .returning("id")
        .executeTakeFirstOrThrow(notClaimed(claim.id));
    },

    abandon: (platform, reason, now, claimedBefore, { callMs = 0, except = [] } = {}) =>
      inTransaction(database, async (tx) => {
        const at = toInstant(now);
        const lost = sql`state = 'sending' and platform = ${platform} and not (id ${tx.engine.anyOf([...except])})
          and claimed_at < cast(${toInstant(claimedBefore)} as bigint)`;
        const action = sql`(select m.action from messages m where m.id = deliveries.message_id)`;
        await sql`
          update deliveries set state = 'pending', reason = ${reason}, attempts = attempts + 1
          where ${lost} and ${action} <> 'send'`.execute(tx.db);
        // Its call ended when its process did, and after `callMs` at the latest.
        const { numAffectedRows } = await sql`
          update deliveries set state = 'unknown', reason = ${reason}, ended_at = cast(${at} as bigint),
            look_at = case when claimed_at + cast(${callMs} as bigint) < cast(${at} as bigint)
              then claimed_at + cast(${callMs} as bigint) else cast(${at} as bigint) end + cast(${callMs} as bigint)
          where ${lost}`.execute(tx.db);
        return Number(numAffectedRows ?? 0);
      }),

    async unclaim(platform, claimedSince, except) {
      const { numAffectedRows } = await sql`
        update deliveries set state = 'pending'
        where state = 'sending' and platform = ${platform} and claimed_at >= ${toInstant(claimedSince)}
          and not (id ${database.engine.anyOf([...except])})`.execute(db);
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
      const of = (at: "d.ended_at" | "d.claimed_at", states: DeliveryState[]) =>
        db
          .selectFrom("deliveries as d")
          .innerJoin("chats as c", "c.id", "d.chat_id")
          .select(["d.id as delivery", `${at} as at`, "c.id", "c.platform", "c.address", "c.kind", "c.title"])
          .where("d.platform", "=", platform)
          .where("d.state", "in", states)
          .where(at, ">=", toInstant(since))
          .execute();
      // What may have arrived counts too: the platform counted it if it did.
      const [ended, underWay] = [await of("d.ended_at", ["sent", "unknown"]), await of("d.claimed_at", ["sending"])];
      return [...ended, ...underWay]
        .map((row) => ({ id: row.delivery, chat: toChat(row), at: new Date(row.at ?? 0) }))
        .sort((a, b) => a.at.getTime() - b.at.getTime() || a.id - b.id)
        .map(({ chat, at }) => ({ chat, at }));
    },

    steer: (broadcast, course) => steer(database, broadcast, course),

    async counts() {
      // Each part in the words of its partial index.
      const { rows } = await sql<{ platform: string; state: DeliveryState; count: number }>`
        select platform, state, count(*) as count from deliveries where state = 'pending' group by platform, state
        union all
        select platform, state, count(*) from deliveries where state = 'sending' group by platform, state
        union all
        select platform, state, count(*) from deliveries where state = 'held' group by platform, state
        union all
        select platform, state, cast(sum(count) as bigint) from (
          select platform, state, count(*) as count from deliveries where ended_at is not null group by platform, state
          union all
          select platform, state, count from past_deliveries) ended
        group by platform, state
        order by platform, state`.execute(db);
      return rows.map((row) => ({ ...row }));
    },

    async recent(limit) {
      const rows = await selectViews(database).orderBy("d.id", "desc").limit(limit).execute();
      return rows.map(toView);
    },
  };
}
