import type { FeedStore } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { toFeed, toInstant } from "#store/rows";

export function createFeedStore(database: Database): FeedStore {
  const { db } = database;
  /** What the settings name and has not ended. */
  const active = () => db.selectFrom("feeds").selectAll().where("active", "=", 1).where("ended_why", "is", null);

  return {
    configure: (addresses, now) =>
      inTransaction(database, async (tx) => {
        await tx.db.updateTable("feeds").set({ active: 0 }).where("active", "=", 1).execute();
        for (const { kind, address } of addresses) {
          await tx.db
            .insertInto("feeds")
            .values({ kind, address, url: address, next_at: toInstant(now) })
            .onConflict((conflict) => conflict.columns(["kind", "address"]).doUpdateSet({ active: 1 }))
            .execute();
        }
      }),

    async due(now, limit) {
      const rows = await active()
        .where("next_at", "<=", toInstant(now))
        .orderBy("next_at")
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(toFeed);
    },

    async list() {
      return (await active().orderBy("id").execute()).map(toFeed);
    },

    async read(id, { at, nextAt, validators, movedTo }) {
      await db
        .updateTable("feeds")
        .set((eb) => ({
          read_at: toInstant(at),
          first_read_at: eb.fn.coalesce("first_read_at", eb.val(toInstant(at))),
          next_at: toInstant(nextAt),
          failures: 0,
          problem: null,
          ...(validators ? { etag: validators.etag ?? null, last_modified: validators.lastModified ?? null } : {}),
          ...(movedTo === undefined ? {} : { url: movedTo }),
        }))
        .where("id", "=", id)
        .execute();
    },

    async failed(id, { nextAt, problem }) {
      const { failures } = await db
        .updateTable("feeds")
        .set((eb) => ({ failures: eb("failures", "+", 1), next_at: toInstant(nextAt), problem }))
        .where("id", "=", id)
        .returning("failures")
        .executeTakeFirstOrThrow(() => new Error(`There is no feed ${id}.`));
      return failures;
    },

    async end(id, reason) {
      await db.updateTable("feeds").set({ ended_why: reason }).where("id", "=", id).execute();
    },
  };
}
