import { type SelectQueryBuilder, sql } from "kysely";
import type { FeedStore } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { toFeed, toInstant, toJson } from "#store/rows";
import type { Schema } from "#store/schema";

export function createFeedStore(database: Database): FeedStore {
  const { db, engine } = database;
  /** What is to be read and has not ended. */
  const active = () => db.selectFrom("feeds").selectAll().where("active", "=", 1).where("ended_why", "is", null);

  return {
    configure: (addresses, now) =>
      inTransaction(database, async (tx) => {
        await tx.db.updateTable("feeds").set({ active: 0 }).where("active", "=", 1).where("added", "=", 0).execute();
        for (const { kind, address } of addresses) {
          await tx.db
            .insertInto("feeds")
            .values({ kind, address, url: address, next_at: toInstant(now) })
            .onConflict((conflict) => conflict.columns(["kind", "address"]).doUpdateSet({ active: 1 }))
            .execute();
        }
      }),

    add: ({ kind, address, rules }, now) =>
      inTransaction(database, async ({ db: tx }) => {
        const known = await tx
          .selectFrom("feeds")
          .selectAll()
          .where("kind", "=", kind)
          .where("address", "=", address)
          .executeTakeFirst();
        // One that ended is tried anew: who adds it says that it is there again.
        const again = { active: 1, added: 1, ended_why: null, next_at: toInstant(now) };
        const written = rules ? { rules: toJson(rules) } : {};
        const isActive = known?.active === 1 && known.ended_why === null;
        const row = known
          ? await tx
              .updateTable("feeds")
              .set({ ...again, ...written, ...(isActive ? { next_at: known.next_at } : {}) })
              .where("id", "=", known.id)
              .returningAll()
              .executeTakeFirstOrThrow()
          : await tx
              .insertInto("feeds")
              .values({ kind, address, url: address, ...again, ...written })
              .returningAll()
              .executeTakeFirstOrThrow();
        return { feed: toFeed(row), isNew: !isActive };
      }),

    async remove(id) {
      await db.updateTable("feeds").set({ active: 0, added: 0 }).where("id", "=", id).execute();
    },

    async setRules(id, rules) {
      await db
        .updateTable("feeds")
        .set({ rules: toJson(rules) })
        .where("id", "=", id)
        .execute();
    },

    async wake(id, now) {
      await db
        .updateTable("feeds")
        .set({ next_at: toInstant(now) })
        .where("id", "=", id)
        .where("active", "=", 1)
        .where("next_at", ">", toInstant(now))
        .execute();
    },

    async due(now, limit) {
      const rows = await free(active(), now).orderBy("next_at").orderBy("id").limit(limit).execute();
      return rows.map(toFeed);
    },

    async claim(ids, now, until) {
      const rows = await db
        .updateTable("feeds")
        .set({ claimed_until: toInstant(until) })
        .where("id", "in", (eb) => {
          const those = eb
            .selectFrom("feeds")
            .select("id")
            .where(sql<boolean>`id ${engine.anyOf([...ids])}`)
            .where("active", "=", 1)
            .where("ended_why", "is", null);
          return free(those, now).orderBy("id").modifyEnd(engine.locking("update skip locked"));
        })
        .returningAll()
        .execute();
      return rows.map(toFeed);
    },

    async keep(ids, until) {
      await db
        .updateTable("feeds")
        .set({ claimed_until: toInstant(until) })
        .where(sql<boolean>`id ${engine.anyOf([...ids])}`)
        .where("claimed_until", "is not", null)
        .execute();
    },

    async list(kind) {
      const rows = await active()
        .$if(kind !== undefined, (feeds) => feeds.where("kind", "=", kind ?? ""))
        .orderBy("id")
        .execute();
      return rows.map(toFeed);
    },

    async get(id) {
      const row = await active().where("id", "=", id).executeTakeFirst();
      return row ? toFeed(row) : null;
    },

    async read(id, { at, nextAt, title, validators, movedTo }) {
      await db
        .updateTable("feeds")
        .set((eb) => ({
          read_at: toInstant(at),
          first_read_at: eb.fn.coalesce("first_read_at", eb.val(toInstant(at))),
          next_at: toInstant(nextAt),
          claimed_until: null,
          failures: 0,
          problem: null,
          ...(title ? { title } : {}),
          ...(validators ? { etag: validators.etag ?? null, last_modified: validators.lastModified ?? null } : {}),
          ...(movedTo === undefined ? {} : { url: movedTo }),
        }))
        .where("id", "=", id)
        .execute();
    },

    unchanged: (reads) =>
      inTransaction(database, async (tx) => {
        const feeds = createFeedStore(tx);
        for (const { id, ...change } of reads) await feeds.read(id, change);
      }),

    async failed(id, { nextAt, problem }) {
      const { failures } = await db
        .updateTable("feeds")
        .set((eb) => ({ failures: eb("failures", "+", 1), next_at: toInstant(nextAt), claimed_until: null, problem }))
        .where("id", "=", id)
        .returning("failures")
        .executeTakeFirstOrThrow(() => new Error(`There is no feed ${id}.`));
      return failures;
    },

    async end(id, reason) {
      await db.updateTable("feeds").set({ ended_why: reason, claimed_until: null }).where("id", "=", id).execute();
    },
  };
}

/** Due, and no process has it for itself. */
const free = <Output>(feeds: SelectQueryBuilder<Schema, "feeds", Output>, now: Date) =>
  feeds
    .where("next_at", "<=", toInstant(now))
    .where((eb) => eb.or([eb("claimed_until", "is", null), eb("claimed_until", "<=", toInstant(now))]));
