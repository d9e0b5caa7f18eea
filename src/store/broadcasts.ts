import { type Selectable, sql } from "kysely";
import type { DeliveryState, Span } from "#core/model";
import type {
  AudienceFilter,
  Broadcast,
  BroadcastAudience,
  BroadcastChange,
  BroadcastStore,
  PlatformCount,
} from "#core/ports";
import { membersOf } from "#store/audience";
import { type Database, inTransaction } from "#store/database";
import { toDate, toInstant, toJson, toLaneNumber } from "#store/rows";
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
        .where("state", "=", sql.lit("scheduled"))
        .where("due_at", "<=", toInstant(now))
        .orderBy("due_at")
        .orderBy("id")
        .execute();
      return rows.map(toBroadcast);
    },

    async running() {
      const rows = await all().where("state", "=", sql.lit("running")).orderBy("id").execute();
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

    async isOver(id) {
      const messages = await db
        .selectFrom("messages")
        .select(["id", "fan_out_cursor", "course_cursor"])
        .where("broadcast_id", "=", id)
        .execute();
      if (messages.length === 0) return true;
      if (messages.some(({ fan_out_cursor, course_cursor }) => fan_out_cursor !== null || course_cursor !== null)) {
        return false;
      }
      const row = await all().where("id", "=", id).executeTakeFirst();
      const platforms = (row ? (toBroadcast(row).chats ?? []) : []).map(({ platform }) => platform);
      const mine = sql`message_id ${engine.anyOf(messages.map((message) => message.id))}`;
      const lane = toLaneNumber("broadcast");
      // Each in the words of its partial index, the smallest first: the last one walks what waits, its own in front.
      for (const left of [
        sql`state = 'sending' and platform ${engine.anyOf(platforms)}`,
        sql`state = 'held'`,
        sql`state = 'unknown' and platform ${engine.anyOf(platforms)} and look_at > 0`,
        ...platforms.map((platform) => sql`state = 'pending' and platform = ${platform} and lane = ${lane}`),
      ]) {
        const { rows } = await sql`select 1 from deliveries where ${left} and ${mine} limit 1`.execute(db);
        if (rows.length > 0) return false;
      }
      return true;
    },

    async isTurning() {
      const row = await db
        .selectFrom("messages")
        .select("id")
        .where("course_cursor", "is not", null)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    async tally(id) {
      const { rows } = await sql<{
        action: "send" | "recall";
        platform: string;
        state: DeliveryState;
        reason: string | null;
        count: number;
        first_at: number | null;
        last_at: number | null;
      }>`
        select m.action, d.platform, d.state, d.reason, count(*) as count,
          min(d.ended_at) as first_at, max(d.ended_at) as last_at
        from messages m join deliveries d on d.message_id = m.id
        where m.broadcast_id = ${id}
        group by m.action, d.platform, d.state, d.reason
        order by count(*) desc`.execute(db);
      return rows.map(({ first_at, last_at, ...row }) => ({
        ...row,
        firstAt: toDate(first_at),
        lastAt: toDate(last_at),
      }));
    },
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

/** Open chats of an audience by platform, and when the newest of them subscribed. */
async function countMembers(
  { db, engine }: Database,
  filter: AudienceFilter,
): Promise<(PlatformCount & { newest: number })[]> {
  const everybody = { after: 0, last: Number.MAX_SAFE_INTEGER };
  const members =
    filter.chat === undefined
      ? membersOf(engine, { filter, membersUntil: null }, everybody)
      : sql`select cast(${filter.chat} as bigint) as chat_id`;
  const { rows } = await sql<PlatformCount & { newest: number | null }>`
    select c.platform, count(*) as count, max(s.since) as newest
    from (${members}) a join chats c on c.id = a.chat_id left join subscriptions s on s.chat_id = a.chat_id
    where c.closed_at is null group by c.platform order by c.platform`.execute(db);
  return rows.map(({ newest, ...row }) => ({ ...row, newest: newest ?? 0 }));
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
