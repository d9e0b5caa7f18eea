import type { Selectable } from "kysely";
import type { Span } from "#core/model";
import type { Broadcast, BroadcastAudience, BroadcastChange, BroadcastStore, PlatformCount } from "#core/ports";
import { countMembers, isOver, tallyOf } from "#store/broadcast-counts";
import { type Database, inTransaction } from "#store/database";
import { toDate, toInstant, toJson } from "#store/rows";
import type { BroadcastTable } from "#store/schema";

export function createBroadcastStore(database: Database): BroadcastStore {
  const { db, engine } = database;
  const all = () => db.selectFrom("broadcasts").selectAll("broadcasts");

  return {
    draft: ({ key, by, spans, signature, audience, dueAt }, now) =>
      inTransaction(database, async (tx) => {
        const added = await tx.db
          .insertInto("broadcasts")
          .values({
            key,
            state: "draft",
            body: toJson({ spans, signature }),
            audience: toJson(audience),
            due_at: dueAt && toInstant(dueAt),
            created_at: toInstant(now),
          })
          .onConflict((conflict) => conflict.column("key").doNothing())
          .returningAll()
          .executeTakeFirst();
        if (added) {
          await writeStep(tx, added.id, { step: "drafted", key: `draft:${key}`, by }, now);
          return toBroadcast(added);
        }
        const known = await tx.db.selectFrom("broadcasts").selectAll().where("key", "=", key).executeTakeFirstOrThrow();
        return toBroadcast(known);
      }),

    async get(id) {
      const row = await all().where("id", "=", id).executeTakeFirst();
      return row ? toBroadcast(row) : null;
    },

    async list(limit) {
      return (await all().orderBy("id", "desc").limit(limit).execute()).map(toBroadcast);
    },

    async newestOf({ platform, person }) {
      const row = await all()
        .innerJoin("broadcast_steps as d", "d.broadcast_id", "broadcasts.id")
        .where("d.step", "=", "drafted")
        .where("d.platform", "=", platform)
        .where("d.person", "=", person)
        .orderBy("broadcasts.id", "desc")
        .limit(1)
        .executeTakeFirst();
      return row ? toBroadcast(row) : null;
    },

    async due(now) {
      const rows = await all()
        .where("state", "=", "scheduled")
        .where("due_at", "<=", toInstant(now))
        .orderBy("due_at")
        .orderBy("id")
        .execute();
      return rows.map(toBroadcast);
    },

    async running() {
      const rows = await all().where("state", "=", "running").orderBy("id").execute();
      return rows.map(toBroadcast);
    },

    change: (id, change, now) =>
      inTransaction(database, async (tx) => {
        // Of those who change it at the same time each waits for the one before, and sees what became of it.
        const row = await tx.db
          .selectFrom("broadcasts")
          .select(["state", "due_at"])
          .where("id", "=", id)
          .modifyEnd(tx.engine.locking("update"))
          .executeTakeFirst();
        if (!row || !change.from.includes(row.state)) return false;
        if (change.dueBy && (row.due_at === null || row.due_at > toInstant(change.dueBy))) return false;
        if (!(await writeStep(tx, id, change, now))) return false;
        await tx.db
          .updateTable("broadcasts")
          .set({
            state: change.to,
            ...(change.dueAt === undefined ? {} : { due_at: change.dueAt && toInstant(change.dueAt) }),
          })
          .where("id", "=", id)
          .execute();
        return true;
      }),

    async audit(id) {
      const rows = await db
        .selectFrom("broadcast_steps")
        .select(["step", "platform", "person", "note", "at"])
        .where("broadcast_id", "=", id)
        .orderBy("id")
        .execute();
      return rows.map(({ step, platform, person, note, at }) => ({
        step,
        by: platform === null || person === null ? null : { platform, person },
        note,
        at: new Date(at),
      }));
    },

    async count(filter) {
      return (await countMembers(database, filter)).map(({ platform, count }) => ({ platform, count }));
    },

    freeze: (id, filter, now) =>
      inTransaction(database, async (tx) => {
        const counted = await countMembers(tx, filter);
        // A clock that was set back meanwhile leaves nobody out.
        const membersUntil = Math.max(toInstant(now), ...counted.map(({ newest }) => newest));
        const chats = counted.map(({ platform, count }) => ({ platform, count }));
        await tx.db
          .updateTable("broadcasts")
          .set({
            filter: toJson(filter),
            members_until: membersUntil,
            chats: toJson(chats),
            begun_at: toInstant(now),
          })
          .where("id", "=", id)
          .execute();
        return chats;
      }),

    isOver: (id) => isOver(database, id),

    async isTurning() {
      const row = await db
        .selectFrom("messages")
        .select("id")
        .where("course_cursor", "is not", null)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    tally: (id) => tallyOf(database, id),
  };
}

/** The step's line; false where the call that asks for it has been heard before. */
async function writeStep(
  { db }: Database,
  id: number,
  { step, key, by, note = null }: Pick<BroadcastChange, "step" | "key" | "by"> & { note?: string | null },
  now: Date,
): Promise<boolean> {
  const added = await db
    .insertInto("broadcast_steps")
    .values({
      broadcast_id: id,
      key,
      step,
      platform: by?.platform ?? null,
      person: by?.person ?? null,
      note,
      at: toInstant(now),
    })
    .onConflict((conflict) => conflict.column("key").doNothing())
    .returning("id")
    .executeTakeFirst();
  return added !== undefined;
}

function toBroadcast(row: Selectable<BroadcastTable>): Broadcast {
  const { spans, signature } = JSON.parse(row.body) as { spans: Span[]; signature: string | null };
  return {
    id: row.id,
    state: row.state,
    spans,
    signature,
    audience: JSON.parse(row.audience) as BroadcastAudience,
    dueAt: toDate(row.due_at),
    chats: row.chats === null ? null : (JSON.parse(row.chats) as PlatformCount[]),
    createdAt: new Date(row.created_at),
    begunAt: toDate(row.begun_at),
  };
}
