import { type RawBuilder, sql } from "kysely";
import type { ChatId } from "#core/model";
import { audienceOf, type FanOut, frozenAudience } from "#store/audience";
import { droppedWhy } from "#store/course";
import type { Database } from "#store/database";
import { isHeldUp, mindsHours } from "#store/holding";
import { toInstant } from "#store/rows";

/** Writes deliveries for the next `limit` chats of the audience, none beyond `bound`, and moves the cursor past them. */
export async function writeChunk(
  tx: Database,
  fanOut: FanOut,
  limit: number,
  now: Date,
  bound: ChatId | null = null,
): Promise<{ found: number; isDone: boolean }> {
  const range = { after: fanOut.cursor, last: bound ?? Number.MAX_SAFE_INTEGER };
  const frozen = await frozenAudience(tx, fanOut);
  const chunk: Chunk = { limit, range, isFresh: !(await isBegun(tx, fanOut, range)) };
  const audience = (last: ChatId) => audienceOf(tx, fanOut, last, frozen);
  const write = tx.engine.name === "SQLite" ? writeOnSqlite : writeOnPostgres;
  const { found, end } = await write(tx, fanOut, audience, chunk, now);
  const cursor = end ?? bound;
  await tx.db.updateTable("messages").set({ fan_out_cursor: cursor }).where("id", "=", fanOut.id).execute();
  return { found, isDone: cursor === null };
}

/** Ids of chats: those in (after, last]. */
interface Range {
  after: ChatId;
  last: ChatId;
}

interface Chunk {
  limit: number;
  range: Range;
  /** Nothing of the range is written yet. */
  isFresh: boolean;
}

/** Chats of the message's audience up to this one. */
type AudienceUpTo = (last: ChatId) => RawBuilder<unknown>;

/** The last chat of the chunk; null where it reaches the end of the range. */
type Written = Promise<{ found: number; end: ChatId | null }>;

/** True when chats of the range have the message already: those into which others were merged. */
async function isBegun({ db }: Database, { id }: FanOut, { after, last }: Range): Promise<boolean> {
  const row = await db
    .selectFrom("deliveries")
    .select("id")
    .where("message_id", "=", id)
    .where("chat_id", ">", after)
    .where("chat_id", "<=", last)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The chunk is a range of chat ids, found first: SQLite plans a join over a range well and over a limit badly. */
async function writeOnSqlite(tx: Database, fanOut: FanOut, audience: AudienceUpTo, chunk: Chunk, now: Date): Written {
  const { limit, range, isFresh } = chunk;
  const { rows } = await sql<{ chat_id: ChatId }>`
    select chat_id from (${audience(range.last)}) a order by chat_id limit 1 offset ${limit - 1}`.execute(tx.db);
  const end = rows[0]?.chat_id ?? null;
  const last = end ?? range.last;
  const insert = await insertOf(tx, fanOut, audience(last), now, { isFresh, within: { ...range, last } });
  const { numAffectedRows } = await insert.execute(tx.db);
  return { found: Number(numAffectedRows ?? 0), end };
}

/** In one statement: to ask for the audience a second time would cost PostgreSQL as much as the first. */
async function writeOnPostgres(tx: Database, fanOut: FanOut, audience: AudienceUpTo, chunk: Chunk, now: Date): Written {
  const { limit, range, isFresh } = chunk;
  const insert = await insertOf(tx, fanOut, sql`select chat_id from chunk`, now, { isFresh });
  const { rows } = await sql<{ found: number; last: ChatId | null }>`
    with chunk as materialized (select chat_id from (${audience(range.last)}) a order by chat_id limit ${limit}),
      written as (${insert})
    select count(*) as found, max(chat_id) as last from chunk`.execute(tx.db);
  const { found = 0, last = null } = rows[0] ?? {};
  return { found, end: found < limit ? null : last };
}

/**
 * The statement that writes deliveries for those of the chats that are open, all of them `within` a range: held where
 * their chats' hours say so. None of the chats is removed before the transaction ends. Where nothing is written for them
 * yet, a delivery that is there all the same is a clash: to ask for each costs PostgreSQL as much as to write it.
 */
export async function insertOf(
  tx: Database,
  {
    id,
    lane,
    kind,
    action,
    isDigestOnly,
    course,
  }: Pick<FanOut, "id" | "lane" | "kind" | "action" | "isDigestOnly" | "course">,
  chats: RawBuilder<unknown>,
  now: Date,
  { isFresh = false, within }: { isFresh?: boolean; within?: Range } = {},
): Promise<RawBuilder<unknown>> {
  const at = toInstant(now);
  const minds = await mindsHours(tx);
  const plain = course === "held" || isDigestOnly ? "held" : course === "dropped" ? "skipped" : "pending";
  const its = { lane: sql`${sql.lit(lane)}`, kind: sql`${sql.lit(kind)}`, action: sql`${sql.lit(action)}` };
  const state =
    minds && plain === "pending"
      ? sql`case when c.hours_id in (select h.id from hours h where ${isHeldUp(its, now)}) then 'held' else 'pending' end`
      : sql`cast(${plain} as text)`;
  const takesIt = isDigestOnly ? sql`and c.hours_id in (select h.id from hours h where h.digests = 1)` : sql``;
  const [reason, endedAt] = course === "dropped" ? [droppedWhy, at] : [null, null];
  return sql`
    insert into deliveries (message_id, chat_id, platform, lane, state, reason, queued_at, ended_at)
    select cast(${id} as bigint), c.id, c.platform, cast(${lane} as bigint), ${state},
      cast(${reason} as text), cast(${at} as bigint), cast(${endedAt} as bigint)
    from (${chats}) a join chats c on c.id = a.chat_id
    where c.closed_at is null ${within ? sql`and c.id > ${within.after} and c.id <= ${within.last}` : sql``} ${takesIt}
    order by c.id ${tx.engine.locking("key share", "c")}
    ${isFresh ? sql`` : sql`on conflict (message_id, chat_id) do nothing`}`;
}
