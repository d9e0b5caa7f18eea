import { type RawBuilder, sql } from "kysely";
import { type DeliveryId, type Lane, stalePlanMs } from "#core/model";
import type { Database } from "#store/database";
import { toInstant, toLaneNumber } from "#store/rows";

/** What of a delivery and its message decides whether hours hold it up: values, or columns. */
interface Held {
  lane: RawBuilder<unknown>;
  kind: RawBuilder<unknown>;
  action: RawBuilder<unknown>;
}

const lane = (name: Lane): RawBuilder<number> => sql.lit(toLaneNumber(name));
const hourMs = 60 * 60_000;

/** The columns of `deliveries as d` and `messages as m`. */
const ofRow: Held = { lane: sql.ref("d.lane"), kind: sql.ref("m.kind"), action: sql.ref("m.action") };

/**
 * True where the hours `h` hold it up at this moment: all but answers while they are quiet, or may be because their plan
 * has run out (every Crier slept), and articles where they come in digests alone. Breaking news passes where the hours
 * allow it.
 */
export const isHeldUp = ({ lane: its, kind, action }: Held, now: Date): RawBuilder<boolean> => sql<boolean>`(
  (${its} <> ${lane("reply")} and ((h.quiet_from <= ${toInstant(now)} and h.quiet_to > ${toInstant(now)})
      or (h.quiets = 1 and h.plan_until < ${toInstant(now) - stalePlanMs}))
    or (h.at_once = 0 and ${kind} = 'article' and ${action} = 'send'))
  and not (${its} = ${lane("breaking")} and h.breaking = 1))`;

/** True for a row of `deliveries` that its chat's hours hold up. */
export const isRowHeldUp = (now: Date): RawBuilder<boolean> => sql<boolean>`exists (
  select 1 from deliveries d join messages m on m.id = d.message_id join chats c on c.id = d.chat_id
    join hours h on h.id = c.hours_id
  where d.id = deliveries.id and ${isHeldUp(ofRow, now)})`;

/**
 * Whether any hours may hold something up. Until the transaction ends none begin their digests, and no chat's change of
 * hours is settled: what it holds by the hours that it found is seen by both. To be asked before any row is locked.
 */
export async function mindsHours({ db, engine }: Database): Promise<boolean> {
  const { rows } = await sql`select id from hours limit 1`.execute(db);
  if (rows.length === 0) return false;
  await engine.lock(db, "hours", "shared");
  return true;
}

/**
 * Puts aside, of these due deliveries, what their chats' hours hold up, with all else that waits there for the same reason:
 * in quiet hours, where articles come in digests alone, and where an hour's articles have come already.
 */
export async function obeyHours(tx: Database, ids: DeliveryId[], now: Date): Promise<Set<DeliveryId>> {
  const { db, engine } = tx;
  const { rows } = await sql<{ id: DeliveryId; chat: number; heldUp: number; perHour: number | null }>`
    select d.id, d.chat_id as chat, case when ${isHeldUp(ofRow, now)} then 1 else 0 end as "heldUp",
      case when d.lane = ${lane("article")} and m.kind = 'article' and m.action = 'send' then h.per_hour end as "perHour"
    from deliveries d join messages m on m.id = d.message_id join chats c on c.id = d.chat_id
      join hours h on h.id = c.hours_id
    where d.id ${engine.anyOf(ids)}`.execute(db);
  const heldUp = rows.filter((row) => row.heldUp === 1);
  if (heldUp.length > 0) {
    await sql`
      update deliveries set state = 'held'
      where chat_id ${engine.anyOf(heldUp.map(({ chat }) => chat))} and state = 'pending' and ${isRowHeldUp(now)}`.execute(
      db,
    );
  }
  const full = await whereFull(
    tx,
    rows.flatMap(({ chat, heldUp: isAside, perHour }) =>
      isAside === 1 || perHour === null ? [] : [{ chat, perHour }],
    ),
    now,
  );
  if (full.size > 0) {
    await sql`
      update deliveries set state = 'held'
      where chat_id ${engine.anyOf([...full])} and state = 'pending' and lane = ${lane("article")} and ${isArticle}`.execute(
      db,
    );
  }
  return new Set(
    rows.flatMap(({ id, chat, heldUp: isAside, perHour }) =>
      isAside === 1 || (perHour !== null && full.has(chat)) ? [id] : [],
    ),
  );
}

/** True for a row of `deliveries` that says an article. */
export const isArticle = sql<boolean>`exists (
  select 1 from messages m where m.id = deliveries.message_id and m.kind = 'article' and m.action = 'send')`;

/**
 * True for a held row of `deliveries`, for questions about few chats or rows: not in the words of the partial index of all
 * that is held, along which PostgreSQL would walk each time. No state is empty.
 */
export const isHeld = sql<boolean>`state in ('held', '')`;

/** Chats that got as many articles within the last hour as they take in one. Breaking news is not counted. */
async function whereFull(
  { db, engine }: Database,
  asked: { chat: number; perHour: number }[],
  now: Date,
): Promise<Set<number>> {
  if (asked.length === 0) return new Set();
  const most = new Map(asked.map(({ chat, perHour }) => [chat, perHour]));
  // The newest are enough, and an index away: what a chat got before is a long list.
  const { rows } = await sql<{ chat: number; count: number }>`
    select c.id as chat, (
      select count(*) from (
        select s.ended_at from deliveries s join messages m on m.id = s.message_id
        where s.chat_id = c.id and s.state = 'sent' and s.lane = ${lane("article")} and m.kind = 'article' and m.action = 'send'
        order by s.id desc limit ${Math.max(...most.values())}) l
      where l.ended_at > ${toInstant(now) - hourMs}) as count
    from chats c where c.id ${engine.anyOf([...most.keys()])}`.execute(db);
  return new Set(
    rows.flatMap(({ chat, count }) => (count >= (most.get(chat) ?? Number.POSITIVE_INFINITY) ? [chat] : [])),
  );
}
