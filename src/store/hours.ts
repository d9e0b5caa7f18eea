import { sql } from "kysely";
import type { HoursStore } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { createDigestStore } from "#store/digests";
import { isRowHeldUp } from "#store/holding";
import { nextChats } from "#store/hours-chats";
import { newestDelivery, toProfile } from "#store/hours-rows";
import { toInstant } from "#store/rows";

export function createHoursStore(database: Database): HoursStore {
  return {
    ...createDigestStore(database),

    async toPlan(now, limit) {
      const at = toInstant(now);
      const rows = await database.db
        .selectFrom("hours")
        .selectAll()
        .where((eb) =>
          eb.or([eb("plan_until", "<=", at), eb.and([eb("digest_at", "<=", at), eb("digest_cursor", "is", null)])]),
        )
        .where(({ exists, selectFrom }) =>
          exists(selectFrom("chats").select("chats.id").whereRef("chats.hours_id", "=", "hours.id")),
        )
        .orderBy("plan_until")
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(toProfile);
    },

    plan: (id, { quiet, digestAt, until }, now, begins) =>
      inTransaction(database, async (tx) => {
        const { db, engine } = tx;
        // What others are holding by the plan before is seen by the digests that begin.
        if (begins) await engine.lock(db, "hours");
        const row = await db
          .selectFrom("hours")
          .selectAll()
          .where("id", "=", id)
          .modifyEnd(engine.locking("update"))
          .executeTakeFirst();
        if (!row) return;
        const quietFrom = quiet && toInstant(quiet.from);
        const isSameQuiet = quietFrom !== null && quietFrom === row.quiet_from;
        await db
          .updateTable("hours")
          .set({
            quiet_from: quietFrom,
            quiet_to: quiet && toInstant(quiet.to),
            digest_at: digestAt && toInstant(digestAt),
            plan_until: toInstant(until),
            hold_cursor: quietFrom === null ? null : isSameQuiet ? row.hold_cursor : 0,
            ...(begins ? { occasion: begins, digest_cursor: 0, digest_after_id: row.digested_id } : {}),
            ...(begins && begins !== "release"
              ? { digested_until: toInstant(now), digested_id: await newestDelivery(tx) }
              : {}),
          })
          .where("id", "=", id)
          .execute();
      }),

    hold: (limit, now) =>
      inTransaction(database, async (tx) => {
        const { db, engine } = tx;
        const at = toInstant(now);
        const row = await db
          .selectFrom("hours")
          .select(["id", "hold_cursor"])
          .where("quiet_from", "<=", at)
          .where("quiet_to", ">", at)
          .where("hold_cursor", "is not", null)
          .orderBy("id")
          .executeTakeFirst();
        if (!row) return true;
        await engine.lock(db, "hours", "shared");
        const { chats, next } = await nextChats(tx, row.id, row.hold_cursor ?? 0, { state: "pending", rows: limit });
        if (chats.length > 0) {
          await sql`
            update deliveries set state = 'held'
            where chat_id ${engine.anyOf(chats)} and state = 'pending' and ${isRowHeldUp(now)}`.execute(db);
        }
        await db.updateTable("hours").set({ hold_cursor: next }).where("id", "=", row.id).execute();
        return false;
      }),
  };
}
