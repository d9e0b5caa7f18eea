import { sql } from "kysely";
import type { ChatId, MessageId } from "#core/model";
import type { Audience, NewMessage } from "#core/ports";
import { audienceOf, type FanOut, frozenAudience } from "#store/audience";
import { followCourse } from "#store/course";
import { type Database, inTransaction } from "#store/database";
import { toInstant, toJson, toLaneNumber } from "#store/rows";
import { insertOf, writeChunk } from "#store/write-deliveries";

/** Deliveries written in the transaction that adds a message. SQLite stalls the process for some 20 ms meanwhile. */
const firstChunk = 5_000;

/** Writes a message and the first of its deliveries; null where its key is known. */
export function addMessage(
  database: Database,
  message: NewMessage,
  to: Audience,
  now: Date,
): Promise<MessageId | null> {
  return inTransaction(database, async (tx) => {
    const lane = await laneOf(tx, message);
    const { action, articleId, broadcastId } = subjectOf(message);
    const wants = typeof to === "object" && "wants" in to ? to.wants : null;
    const audience = typeof to === "string" ? to : "chat" in to ? "chat" : "subscribed";
    const added = await tx.db
      .insertInto("messages")
      .values({
        key: message.key,
        lane,
        kind: message.kind,
        action,
        article_id: articleId,
        broadcast_id: broadcastId,
        body: message.kind === "article" ? null : bodyOf(message),
        audience,
        wants: wants && JSON.stringify(wants),
        fan_out_cursor: audience === "chat" ? null : 0,
        created_at: toInstant(now),
      })
      .onConflict((conflict) => conflict.column("key").doNothing())
      .returning("id")
      .executeTakeFirst();
    if (!added) return null;
    if (audience !== "chat") {
      const subject = { action, articleId, broadcastId, course: null };
      const fanOut: FanOut = { id: added.id, lane, audience, wants, ...subject, cursor: 0 };
      await writeChunk(tx, fanOut, firstChunk, now, await unfinishedBefore(tx, fanOut));
    } else if (typeof to === "object" && "chat" in to) {
      const chat = sql`select cast(${to.chat} as bigint) as chat_id`;
      await insertOf(tx, { id: added.id, lane, course: null }, chat, now).execute(tx.db);
    }
    return added.id;
  });
}

/**
 * Writes the next `limit` deliveries of unfinished messages, the most urgent first; true when none is left. Rows that a
 * broadcast's course is to change come before: an editor who stops it waits for that.
 */
export function continueFanOut(database: Database, limit: number, now: Date): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    await tx.engine.lock(tx.db, "fan-out");
    if (await followCourse(tx, limit, now)) return false;
    for (let left = limit; ; ) {
      const row = await unfinished(tx).orderBy("lane").orderBy("id").limit(1).executeTakeFirst();
      if (!row) return true;
      if (left <= 0) return false;
      const { found, isDone } = await writeChunk(tx, toFanOut(row), left, now);
      if (!isDone) return false;
      left -= found;
    }
  });
}

/**
 * Writes what fan-outs under way would have brought to a chat that is merged into another one: they have passed the
 * place of the one that stays, and not yet come to that of the one that goes.
 */
export async function catchUp(tx: Database, { from, into }: { from: ChatId; into: ChatId }, now: Date): Promise<void> {
  const missed = await unfinished(tx)
    .where("audience", "in", ["subscribed", "broadcast"])
    .where("fan_out_cursor", ">=", into)
    .where("fan_out_cursor", "<", from)
    .orderBy("id")
    .execute();
  for (const row of missed) {
    const fanOut = { ...toFanOut(row), cursor: into - 1 };
    const frozen = await frozenAudience(tx, fanOut);
    await insertOf(tx, fanOut, audienceOf(tx, fanOut, into, frozen), now).execute(tx.db);
  }
}

/** None of them is removed before the transaction ends. */
const unfinished = ({ db, engine }: Database) =>
  db
    .selectFrom("messages")
    .select(["id", "lane", "audience", "wants", "action", "article_id", "broadcast_id", "course", "fan_out_cursor"])
    .where("fan_out_cursor", "is not", null)
    .modifyEnd(engine.locking("key share"));

type UnfinishedRow = Awaited<ReturnType<ReturnType<typeof unfinished>["executeTakeFirstOrThrow"]>>;

function toFanOut(row: UnfinishedRow): FanOut {
  const { id, lane, audience, action, course } = row;
  // A message to one chat is written whole when it is added.
  if (audience === "chat") throw new Error(`The message ${id} to one chat is unfinished.`);
  return {
    id,
    lane,
    audience,
    wants: row.wants === null ? null : (JSON.parse(row.wants) as number[]),
    action,
    articleId: row.article_id,
    broadcastId: row.broadcast_id,
    course,
    cursor: row.fan_out_cursor ?? 0,
  };
}

/** What a message does, and what it is about. */
function subjectOf(message: NewMessage): Pick<FanOut, "action" | "articleId" | "broadcastId"> {
  if (message.kind === "article") return { action: message.action, articleId: message.article, broadcastId: null };
  const { id: broadcastId = null, action = "send" } = (message.kind === "broadcast" && message.broadcast) || {};
  return { action, articleId: null, broadcastId };
}

/** A correction or recall keeps to the lane of what it is about, where it cannot overtake it. */
async function laneOf({ db }: Database, message: NewMessage): Promise<number> {
  const asked = toLaneNumber(message.lane);
  if (message.kind !== "article" || message.action === "send") return asked;
  const original = await db
    .selectFrom("messages")
    .select("lane")
    .where("article_id", "=", message.article)
    .where("action", "=", "send")
    .orderBy("id", "desc")
    .executeTakeFirst();
  return original?.lane ?? asked;
}

const bodyOf = (message: Exclude<NewMessage, { kind: "article" }>): string =>
  toJson(
    message.kind === "broadcast" ? { spans: message.spans, signature: message.signature } : { spans: message.spans },
  );

/** The chat up to which earlier messages of the lane have been written: a later one must not come before them in any chat. */
async function unfinishedBefore({ db }: Database, { id, lane }: FanOut): Promise<ChatId | null> {
  const { reached } = await db
    .selectFrom("messages")
    .select((eb) => eb.fn.min("fan_out_cursor").as("reached"))
    .where("fan_out_cursor", "is not", null)
    .where("lane", "=", lane)
    .where("id", "<", id)
    .executeTakeFirstOrThrow();
  return reached;
}
