import { type RawBuilder, sql } from "kysely";
import { NotUnderWay } from "#core/errors";
import type { DeliveryId } from "#core/model";
import type { Claim, OutboxStore } from "#core/ports";
import { breath } from "#store/breath";
import { type Database, inTransaction } from "#store/database";
import { givenRows } from "#store/given-rows";
import { toInstant, toJson } from "#store/rows";

/** How a claimed delivery ends, and when. */
interface Ending extends Claim {
  outcome: Parameters<OutboxStore["finish"]>[1];
  now: Date;
}

interface Asked extends Ending {
  done(): void;
  failed(error: unknown): void;
}

/**
 * Ends claimed deliveries. Those that end at the same time, or while others are being written, share one commit: each
 * waits for the disk, and a fast bot ends more in a second than a disk takes commits.
 */
export function createFinisher(database: Database): OutboxStore["finish"] {
  if (database.db.isTransaction) {
    return async ({ id, claimedAt }, outcome, now) => {
      if (!(await writeEnds(database, [{ id, claimedAt, outcome, now }])).has(id)) throw new NotUnderWay(id);
    };
  }
  let waiting: Asked[] = [];
  let isWriting = false;

  /** Of each delivery the first that is asked for: what is said of it again comes after it. */
  const takeGroup = (): Asked[] => {
    const group = new Map<DeliveryId, Asked>();
    const later: Asked[] = [];
    for (const asked of waiting) {
      if (group.has(asked.id)) later.push(asked);
      else group.set(asked.id, asked);
    }
    waiting = later;
    return [...group.values()];
  };

  const write = async (group: Asked[]): Promise<void> => {
    try {
      const ended = await inTransactionOf(group, database);
      for (const { id, done, failed } of group) {
        if (ended.has(id)) done();
        else failed(new NotUnderWay(id));
      }
    } catch (error) {
      const [first, ...others] = group;
      if (others.length === 0) return first?.failed(error);
      // One that cannot be written must not hold up the others.
      for (const one of group) await write([one]);
    }
  };

  const writeAll = async (): Promise<void> => {
    isWriting = true;
    while (waiting.length > 0) {
      // All answers that came in this turn of the event loop are heard first.
      await breath();
      await write(takeGroup());
    }
    isWriting = false;
  };

  return ({ id, claimedAt }, outcome, now) =>
    new Promise((done, failed) => {
      waiting.push({ id, claimedAt, outcome, now, done, failed });
      if (!isWriting) void writeAll();
    });
}

/** A single statement is a transaction by itself. */
const inTransactionOf = (group: readonly Ending[], database: Database): Promise<Set<DeliveryId>> =>
  group.some(({ outcome }) => outcome.state === "recalled")
    ? inTransaction(database, (tx) => writeEnds(tx, group))
    : writeEnds(database, group);

/**
 * Writes ends down; which of the deliveries are as their try left them. One that was given up as `unknown` still counts:
 * a process that drains while the next one starts may yet bring the proof, but never of what was claimed anew. That its
 * answer is lost proves nothing of what is unknown already.
 */
async function writeEnds(database: Database, group: readonly Ending[]): Promise<Set<DeliveryId>> {
  const { db, engine } = database;
  const { rows } = await sql<{ id: DeliveryId }>`
    update ${engine.kept} deliveries set state = e.state, reason = e.reason, receipt = coalesce(e.receipt, deliveries.receipt),
      ended_at = e.ended_at, look_at = e.look_at
    from (${endsOf(database, group)}) e
    where deliveries.id = e.id and deliveries.claimed_at = e.claimed_at
      and (deliveries.state = 'sending' or (deliveries.state = 'unknown' and e.state <> 'unknown'))
    returning deliveries.id`.execute(db);
  const ended = new Set(rows.map(({ id }) => id));
  const recalled = group.filter(({ id, outcome }) => outcome.state === "recalled" && ended.has(id));
  if (recalled.length > 0) await recallOriginals(database, recalled);
  return ended;
}

/** Ends as rows of a statement. */
function endsOf({ engine }: Database, group: readonly Ending[]): RawBuilder<unknown> {
  const rows = group.map(({ id, claimedAt, outcome, now }) => [
    id,
    toInstant(claimedAt),
    outcome.state,
    "reason" in outcome ? outcome.reason : null,
    "receipt" in outcome ? toJson(outcome.receipt) : null,
    toInstant(now),
    "lookAt" in outcome && outcome.lookAt ? toInstant(outcome.lookAt) : null,
  ]);
  const { from, number, text } = givenRows(engine, rows);
  return sql`
    select ${number(0)} as id, ${number(1)} as claimed_at, ${text(2)} as state, ${text(3)} as reason,
      ${text(4)} as receipt, ${number(5)} as ended_at, ${number(6)} as look_at
    from ${from}`;
}

/** What the chats had got of the articles is there no more. */
async function recallOriginals({ db, engine }: Database, recalls: readonly Ending[]): Promise<void> {
  await sql`
    update deliveries set state = 'recalled' where id in (
      select o.id from deliveries d cross join messages m cross join messages om cross join deliveries o
      where d.id ${engine.anyOf(recalls.map(({ id }) => id))} and m.id = d.message_id
        and (om.article_id = m.article_id or om.broadcast_id = m.broadcast_id) and om.action = 'send'
        and o.message_id = om.id and o.chat_id = d.chat_id and o.state in ('sent', 'unknown'))`.execute(db);
}
