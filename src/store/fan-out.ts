import { type RawBuilder, sql } from "kysely";
import type { Action, ArticleId, ChatId, MessageId } from "#core/model";
import type { Audience, NewMessage } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { toInstant, toJson, toLaneNumber } from "#store/rows";

/** Deliveries written in the transaction that adds a message. SQLite stalls the process for some 20 ms meanwhile. */
const firstChunk = 5_000;

/** A message on its way to many chats. */
interface FanOut {
  id: MessageId;
  lane: number;
  audience: "subscribed" | "holders";
  /** Wants that it is for; null for all. */
  wants: readonly number[] | null;
  action: Action;
  articleId: ArticleId | null;
  /** Chats up to this one are done. */
  cursor: ChatId;
}

/** Writes a message and the first of its deliveries; null where its key is known. */
export function addMessage(
  database: Database,
  message: NewMessage,
  to: Audience,
  now: Date,
): Promise<MessageId | null> {
  return inTransaction(database, async (tx) => {
    const lane = await laneOf(tx, message);
    const isArticle = message.kind === "article";
    const wants = typeof to === "object" && "wants" in to ? to.wants : null;
    const audience = typeof to === "string" ? to : "chat" in to ? "chat" : "subscribed";
    const added = await tx.db
      .insertInto("messages")
      .values({
        key: message.key,
        lane,
        kind: message.kind,
        action: isArticle ? message.action : "send",
        article_id: isArticle ? message.article : null,
        body: isArticle ? null : bodyOf(message),
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
      const articleId = isArticle ? message.article : null;
      const action = isArticle ? message.action : "send";
      const fanOut: FanOut = { id: added.id, lane, audience, wants, action, articleId, cursor: 0 };
      await writeChunk(tx, fanOut, firstChunk, now, await unfinishedBefore(tx, fanOut));
    } else if (typeof to === "object" && "chat" in to) {
      const one = { after: to.chat - 1, last: to.chat };
      await write(tx, { id: added.id, lane }, sql`select cast(${to.chat} as bigint) as chat_id`, one, now);
    }
    return added.id;
  });
}

/** Writes the next `limit` deliveries of unfinished messages, the most urgent first; true when none is left. */
export function continueFanOut(database: Database, limit: number, now: Date): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    await tx.engine.lock(tx.db, "fan-out");
    for (let left = limit; ; ) {
      const row = await tx.db
        .selectFrom("messages")
        .select(["id", "lane", "audience", "wants", "action", "article_id", "fan_out_cursor"])
        .where("fan_out_cursor", "is not", null)
        .orderBy("lane")
        .orderBy("id")
        .executeTakeFirst();
      if (!row || row.audience === "chat") return true;
      if (left <= 0) return false;
      const { id, lane, audience, action, article_id: articleId, fan_out_cursor: cursor } = row;
      const wants = row.wants === null ? null : (JSON.parse(row.wants) as number[]);
      const { written, isDone } = await writeChunk(
        tx,
        { id, lane, audience, wants, action, articleId, cursor: cursor ?? 0 },
        left,
        now,
      );
      if (!isDone) return false;
      left -= written;
    }
  });
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

/** Writes deliveries for the next `limit` chats of the audience, none beyond `bound`, and moves the cursor past them. */
async function writeChunk(
  tx: Database,
  fanOut: FanOut,
  limit: number,
  now: Date,
  bound: ChatId | null = null,
): Promise<{ written: number; isDone: boolean }> {
  const within = bound ?? Number.MAX_SAFE_INTEGER;
  // The chunk is a range of chat ids, found first: engines plan a join over a range well and over a limit badly.
  const { rows } = await sql<{ chat_id: ChatId }>`
    select chat_id from (${audienceOf(tx, fanOut, within)}) a order by chat_id limit 1 offset ${limit - 1}`.execute(
    tx.db,
  );
  const end = rows[0]?.chat_id ?? null;
  const last = end ?? within;
  const written = await write(tx, fanOut, audienceOf(tx, fanOut, last), { after: fanOut.cursor, last }, now);
  const cursor = end ?? bound;
  await tx.db.updateTable("messages").set({ fan_out_cursor: cursor }).where("id", "=", fanOut.id).execute();
  return { written, isDone: cursor === null };
}

/** Chats after the cursor, up to and with `last`, that the message is for. */
function audienceOf(
  { engine }: Database,
  { id, audience, wants, action, articleId, cursor }: FanOut,
  last: ChatId,
): RawBuilder<unknown> {
  if (audience === "subscribed") {
    const all = sql`select s.chat_id from subscriptions s where s.chat_id > ${cursor} and s.chat_id <= ${last}`;
    if (wants === null) return all;
    return sql`${all} and (select w.wants_id from chats w where w.id = s.chat_id) ${engine.anyOf(wants)}`;
  }
  if (action === "recall") {
    // A chat that left still holds what it got, and a chat whose answer was lost may hold it.
    return sql`
      select distinct o.chat_id
      from messages om join deliveries o on o.message_id = om.id
      where om.article_id = ${articleId} and om.kind = 'article' and om.action = 'send'
        and o.chat_id > ${cursor} and o.chat_id <= ${last} and o.state in ('sent', 'sending', 'unknown')`;
  }
  // Who waits for the article, or for an earlier correction of it, will be told its newest revision anyway.
  return sql`
    select distinct o.chat_id
    from articles a
      join messages om on om.article_id = a.id and om.kind = 'article' and om.action = 'send'
      join deliveries o on o.message_id = om.id
      join subscriptions s on s.chat_id = o.chat_id
    where a.id = ${articleId} and o.chat_id > ${cursor} and o.chat_id <= ${last}
      and o.state in ('sent', 'sending', 'unknown') and o.revision < a.revision
      and not exists (
        select 1 from messages em join deliveries e on e.message_id = em.id and e.chat_id = o.chat_id
        where em.article_id = a.id and em.action = 'correct' and em.id <> ${id}
          and (e.state = 'pending' or (e.state in ('sending', 'sent') and e.revision >= a.revision)))`;
}

/** Writes deliveries for those of the chats that are open, all of them within the range; returns how many. */
async function write(
  { db }: Database,
  { id, lane }: { id: MessageId; lane: number },
  chats: RawBuilder<unknown>,
  range: { after: ChatId; last: ChatId },
  now: Date,
): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into deliveries (message_id, chat_id, platform, lane, state, queued_at)
    select cast(${id} as bigint), c.id, c.platform, cast(${lane} as bigint), 'pending', cast(${toInstant(now)} as bigint)
    from (${chats}) a join chats c on c.id = a.chat_id
    where c.closed_at is null and c.id > ${range.after} and c.id <= ${range.last}
    order by c.id
    on conflict (message_id, chat_id) do nothing`.execute(db);
  return Number(numAffectedRows ?? 0);
}
