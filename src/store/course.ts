import { sql } from "kysely";
import type { BroadcastId, ChatId, DeliveryId } from "#core/model";
import type { Course } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { toInstant } from "#store/rows";

/** Said of what a broadcast's end left unsent. */
export const droppedWhy = "The broadcast was stopped before this chat's turn came.";

/**
 * Sets the course of a broadcast's message. What is being claimed at this moment comes before it: it is under way. A
 * claim that follows obeys, whether or not its rows have been brought to the course.
 */
export function steer(database: Database, broadcast: BroadcastId, course: Course): Promise<void> {
  return inTransaction(database, async ({ db, engine }) => {
    // A fan-out under way writes its rows for the course before.
    await engine.lock(db, "fan-out");
    await db
      .updateTable("messages")
      .set({ course: course === "goes" ? null : course, course_cursor: 0 })
      .where("broadcast_id", "=", broadcast)
      .where("action", "=", "send")
      .execute();
  });
}

/** Brings up to `limit` rows of a steered message to its course; false where there is nothing to do. */
export async function followCourse({ db }: Database, limit: number, now: Date): Promise<boolean> {
  const message = await db
    .selectFrom("messages")
    .select(["id", "course", "course_cursor"])
    .where("course_cursor", "is not", null)
    .orderBy("id")
    .executeTakeFirst();
  if (!message) return false;
  const { id, course, course_cursor: cursor } = message;
  const next = course === null ? await release(db, id, limit) : await putAside(db, id, course, cursor ?? 0, limit, now);
  await db.updateTable("messages").set({ course_cursor: next }).where("id", "=", id).execute();
  return true;
}

/** Held rows wait again, in the places that they had; null when no more are held. */
async function release(db: Database["db"], message: number, limit: number): Promise<number | null> {
  const { numAffectedRows } = await sql`
    update deliveries set state = 'pending' where id in (
      select id from deliveries where message_id = ${message} and state = 'held' order by id limit ${limit})`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0) < limit ? null : 0;
}

/** What waits is held, or skipped for good: a range of chats at a time. Answers the last chat of the range; null at the end. */
async function putAside(
  db: Database["db"],
  message: number,
  course: "held" | "dropped",
  after: ChatId,
  limit: number,
  now: Date,
): Promise<ChatId | null> {
  const { rows } = await sql<{ chat_id: ChatId }>`
    select chat_id from deliveries where message_id = ${message} and chat_id > ${after}
    order by chat_id limit 1 offset ${limit - 1}`.execute(db);
  const end = rows[0]?.chat_id ?? null;
  const range = sql`message_id = ${message} and chat_id > ${after} and chat_id <= ${end ?? Number.MAX_SAFE_INTEGER}`;
  if (course === "held") {
    await sql`update deliveries set state = 'held' where ${range} and state = 'pending'`.execute(db);
    return end;
  }
  await sql`update deliveries set ${skipped(now)} where ${range} and state in ('pending', 'held')`.execute(db);
  // A held chat that was merged into an earlier one meanwhile.
  if (end === null) {
    await sql`update deliveries set ${skipped(now)} where message_id = ${message} and state = 'held'`.execute(db);
  }
  return end;
}

const skipped = (now: Date) =>
  sql`state = 'skipped', reason = ${droppedWhy}, ended_at = cast(${toInstant(now)} as bigint)`;

/**
 * Puts aside what a claim found of broadcasts that are held or dropped: rows that have not been brought to the course
 * yet, or came back from `sending`. Until the claim is through, no course changes.
 */
export async function obeyCourse({ db, engine }: Database, ids: DeliveryId[], now: Date): Promise<Set<DeliveryId>> {
  const { rows } = await sql<{ id: DeliveryId; course: "held" | "dropped" | null }>`
    select ${engine.kept} d.id, m.course from deliveries d join messages m on m.id = d.message_id
    where d.id ${engine.anyOf(ids)} and m.broadcast_id is not null and m.action = 'send'
    order by m.id ${engine.locking("share")}`.execute(db);
  const ofCourse = (course: "held" | "dropped") => rows.filter((row) => row.course === course).map(({ id }) => id);
  const [held, dropped] = [ofCourse("held"), ofCourse("dropped")];
  if (held.length > 0) {
    await sql`update deliveries set state = 'held' where id ${engine.anyOf(held)}`.execute(db);
  }
  if (dropped.length > 0) {
    await sql`update deliveries set ${skipped(now)} where id ${engine.anyOf(dropped)}`.execute(db);
  }
  return new Set([...held, ...dropped]);
}
