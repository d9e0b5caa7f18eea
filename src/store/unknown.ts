import { type ExpressionBuilder, sql } from "kysely";
import type { Proof, UnknownDelivery, UnknownOutcome, UnknownStore } from "#core/ports";
import { readDeliveries } from "#store/claim";
import { type Database, inTransaction } from "#store/database";
import { selectViews, toView } from "#store/delivery-views";
import { toDate, toInstant, toJson } from "#store/rows";
import type { Schema } from "#store/schema";

/** The words of a delivery that was sent again, or let be, by a person. */
const sentByPerson = "An admin had it sent again: it may have arrived before.";
const droppedByPerson = "It may or may not have arrived; an admin let it be.";

export function createUnknownStore(database: Database): UnknownStore {
  const { db, engine } = database;
  return {
    due: (platform, limit, resting, now) =>
      inTransaction(database, async (tx) => {
        const { rows } = await sql<{ id: number; ended_at: number; proof: string | null }>`
          select u.id, u.ended_at, u.proof from deliveries u
          where u.state = 'unknown' and u.platform = ${platform} and u.look_at <= ${toInstant(now)}
            and not (u.chat_id ${engine.anyOf(resting)})
            and (select s.id from deliveries s
                 where s.platform = u.platform and s.chat_id = u.chat_id and s.state = 'sending' limit 1) is null
            and (select o.id from deliveries o where o.chat_id = u.chat_id and o.state = 'unknown'
                 and o.look_at <= ${toInstant(now)} order by o.lane, o.id limit 1) = u.id
          order by u.lane, u.id limit ${limit}`.execute(tx.db);
        const known = new Map(rows.map((row) => [row.id, row]));
        const deliveries = rows.length === 0 ? [] : await readDeliveries(tx, [...known.keys()]);
        return deliveries.map((delivery): UnknownDelivery => {
          const row = known.get(delivery.id);
          return {
            ...delivery,
            lostAt: new Date(row?.ended_at ?? 0),
            wasResent: row?.proof === "resent",
          };
        });
      }),

    async nextLook(platform) {
      const { rows } = await sql<{ at: number | null }>`
        select min(look_at) as at from deliveries where state = 'unknown' and platform = ${platform}`.execute(db);
      return toDate(rows[0]?.at ?? null);
    },

    async prove({ id, claimedAt }, proof, now) {
      const proven = await db
        .updateTable("deliveries")
        .set((eb) => changeOf(eb, proof, now))
        .where("id", "=", id)
        .where("state", "=", "unknown")
        .where("look_at", "is not", null)
        .where("claimed_at", "=", toInstant(claimedAt))
        .returning("id")
        .executeTakeFirst();
      return proven !== undefined;
    },

    async list(limit) {
      const rows = await selectViews(database)
        .select("d.look_at")
        .where("d.state", "=", "unknown")
        .orderBy("d.id", "desc")
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...toView(row), isUndecided: row.look_at === null }));
    },

    async decide(ids, what, now) {
      const undecided = db
        .updateTable("deliveries")
        .where(sql<boolean>`id ${engine.anyOf([...ids])}`)
        .where("state", "=", "unknown")
        .where("look_at", "is", null);
      const decided = await (what === "send"
        ? undecided.set({ state: "pending", reason: sentByPerson, not_before: 0, ended_at: null, proof: "resent" })
        : undecided.set({ state: "skipped", reason: droppedByPerson, ended_at: toInstant(now), proof: "dropped" })
      )
        .returning("id")
        .execute();
      return decided.map(({ id }) => id).sort((a, b) => a - b);
    },

    async undecided(platform) {
      // Word to the admins has this beginning to its key: its own loss is no news to them.
      const { rows } = await sql<{ count: number; newest: number | null }>`
        select count(*) as count, max(d.claimed_at) as newest from deliveries d join messages m on m.id = d.message_id
        where d.state = 'unknown' and d.platform = ${platform} and d.look_at is null and m.key not like 'word:%'`.execute(
        db,
      );
      const { count = 0, newest = null } = rows[0] ?? {};
      return { count, mark: `${newest ?? 0}:${count}` };
    },

    async counts() {
      const { rows } = await sql<{ platform: string; outcome: UnknownOutcome; count: number }>`
        select platform, 'looked-at' as outcome, count(*) as count from deliveries
          where state = 'unknown' and look_at is not null group by platform
        union all
        select platform, 'undecided', count(*) from deliveries
          where state = 'unknown' and look_at is null group by platform
        union all
        select platform, proof, count(*) from deliveries
          where proof is not null group by platform, proof
        order by platform, outcome`.execute(db);
      return rows.map((row) => ({ ...row }));
    },
  };
}

/** What a look changes in its delivery's row. */
function changeOf(eb: ExpressionBuilder<Schema, "deliveries">, proof: Proof, now: Date) {
  const again = { state: "pending", attempts: eb("attempts", "+", 1), ended_at: null, look_at: null } as const;
  switch (proof.kind) {
    case "found":
      return {
        state: "sent",
        reason: null,
        receipt: toJson(proof.receipt),
        ended_at: eb.ref("claimed_at"),
        look_at: null,
        proof: "found",
      } as const;
    case "absent":
      return { ...again, reason: proof.reason, not_before: toInstant(proof.notBefore), proof: "absent" } as const;
    case "resent":
      return { ...again, reason: proof.reason, not_before: 0, proof: "resent" } as const;
    case "undecided":
      return { reason: proof.reason, look_at: null };
    case "failed":
      return {
        state: "failed",
        reason: proof.reason,
        ended_at: toInstant(now),
        look_at: null,
        proof: "absent",
      } as const;
    case "later":
      return { look_at: toInstant(proof.lookAt) };
  }
}
