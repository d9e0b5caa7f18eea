import { sql } from "kysely";
import type { ArticleId, ChatId, MessageId } from "#core/model";
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
    const subject = subjectOf(message);
    const { action, articleId, broadcastId, isDigestOnly } = subject;
    // Most articles are in no digest.
    if (message.kind === "digest" && !(await isInDigest(tx, message.article))) return null;
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
        body: bodyOf(message),
        audience,
        digest_only: isDigestOnly ? 1 : 0,
        wants: wants && JSON.stringify(wants),
        fan_out_cursor: audience === "chat" ? null : 0,
        created_at: toInstant(now),
      })
      .onConflict((conflict) => conflict.column("key").doNothing())
      .returning("id")
      .executeTakeFirst();
    if (!added) return null;
    if (audience !== "chat") {
      const fanOut: FanOut = { id: added.id, lane, audience, wants, ...subject, course: null, cursor: 0 };
      await writeChunk(tx, fanOut, firstChunk, now, await unfinishedBefore(tx, fanOut));
    } else if (typeof to === "object" && "chat" in to) {
      const chat = sql`select cast(${to.chat} as bigint) as chat_id`;
      await (await insertOf(tx, { id: added.id, lane, ...subject, course: null }, chat, now)).execute(tx.db);
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
    await (await insertOf(tx, fanOut, audienceOf(tx, fanOut, into, frozen), now)).execute(tx.db);
  }
}

/**
 * Writes what fan-outs under way would bring to a chat, before it comes to want something else: who changes its mind
 * gets what was published before by what it wanted then. A fan-out knows only the wants that there were when it began.
 */
export async function hasten(tx: Database, chats: readonly ChatId[]): Promise<void> {
  for (const chat of chats) {
    const rows = await unfinished(tx)
      .select("created_at")
      .where("wants", "is not", null)
      .where("fan_out_cursor", "<", chat)
      .orderBy("id")
      .execute();
    for (const row of rows) {
      const fanOut = { ...toFanOut(row), cursor: chat - 1 };
      const its = audienceOf(tx, fanOut, chat, null);
      await (await insertOf(tx, fanOut, its, new Date(row.created_at))).execute(tx.db);
    }
  }
}

/** None of them is removed before the transaction ends. */
const unfinished = ({ db, engine }: Database) =>
  db
    .selectFrom("messages")
    .select([
      "id",
      "lane",
      "kind",
      "audience",
      "wants",
      "action",
      "article_id",
      "broadcast_id",
      "digest_only",
      "course",
    ])
    .select("fan_out_cursor")
    .where("fan_out_cursor", "is not", null)
    .modifyEnd(engine.locking("key share"));

type UnfinishedRow = Awaited<ReturnType<ReturnType<typeof unfinished>["executeTakeFirstOrThrow"]>>;

function toFanOut(row: UnfinishedRow): FanOut {
  const { id, lane, kind, audience, action, course } = row;
  // A message to one chat, and a digest, is written whole when it is added.
  if (audience === "chat" || audience === "digest") throw new Error(`The message ${id} to known chats is unfinished.`);
  return {
    id,
    lane,
    kind,
    audience,
    wants: row.wants === null ? null : (JSON.parse(row.wants) as number[]),
    action,
    articleId: row.article_id,
    broadcastId: row.broadcast_id,
    isDigestOnly: row.digest_only === 1,
    course,
    cursor: row.fan_out_cursor ?? 0,
  };
}

/** What a message does, and what it is about. */
function subjectOf(
  message: NewMessage,
): Pick<FanOut, "kind" | "action" | "articleId" | "broadcastId" | "isDigestOnly"> {
  const { kind } = message;
  const none = { kind, articleId: null, broadcastId: null, isDigestOnly: false };
  if (kind === "article") {
    const { action, article: articleId, digestOnly = false } = message;
    return { ...none, action, articleId, isDigestOnly: digestOnly && action === "send" };
  }
  if (kind === "digest") return { ...none, action: "correct", articleId: message.article };
  const { id: broadcastId = null, action = "send" } = (kind === "broadcast" && message.broadcast) || {};
  return { ...none, action, broadcastId };
}

async function isInDigest({ db }: Database, article: ArticleId): Promise<boolean> {
  const row = await db
    .selectFrom("digest_articles")
    .select("place")
    .where("article_id", "=", article)
    .executeTakeFirst();
  return row !== undefined;
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

/** What it says beside articles. */
function bodyOf(message: NewMessage): string | null {
  if (message.kind === "article" || message.kind === "digest") return null;
  const { spans } = message;
  return toJson(message.kind === "broadcast" ? { spans, signature: message.signature } : { spans });
}

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
