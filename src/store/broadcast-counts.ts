import { sql } from "kysely";
import type { BroadcastId, DeliveryState } from "#core/model";
import type { AudienceFilter, BroadcastTally, PlatformCount } from "#core/ports";
import { membersOf } from "#store/audience";
import type { Database } from "#store/database";
import { toDate, toLaneNumber } from "#store/rows";

/** Open chats of an audience by platform, and when the newest of them subscribed. */
export async function countMembers(
  { db, engine }: Database,
  filter: AudienceFilter,
): Promise<(PlatformCount & { newest: number })[]> {
  const everybody = { after: 0, last: Number.MAX_SAFE_INTEGER };
  const members =
    filter.chat === undefined
      ? membersOf(engine, { filter, membersUntil: null }, everybody)
      : sql`select cast(${filter.chat} as bigint) as chat_id, 0 as since`;
  const { rows } = await sql<PlatformCount & { newest: number }>`
    select c.platform, count(*) as count, max(a.since) as newest
    from (${members}) a join chats c on c.id = a.chat_id
    where c.closed_at is null group by c.platform order by c.platform`.execute(db);
  return rows.map((row) => ({ ...row }));
}

/** True when nothing of a broadcast waits, is held, is under way or is still to be proven. */
export async function isOver({ db, engine }: Database, id: BroadcastId): Promise<boolean> {
  const messages = await db
    .selectFrom("messages")
    .select(["id", "fan_out_cursor", "course_cursor"])
    .where("broadcast_id", "=", id)
    .execute();
  if (messages.length === 0) return true;
  if (messages.some(({ fan_out_cursor, course_cursor }) => fan_out_cursor !== null || course_cursor !== null)) {
    return false;
  }
  const row = await db.selectFrom("broadcasts").select("chats").where("id", "=", id).executeTakeFirst();
  const platforms = (JSON.parse(row?.chats ?? "[]") as PlatformCount[]).map(({ platform }) => platform);
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
}

/** Its deliveries, those that are alike counted together, the most first. */
export async function tallyOf({ db }: Database, id: BroadcastId): Promise<BroadcastTally[]> {
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
}
