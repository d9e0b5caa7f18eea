import { type RawBuilder, sql } from "kysely";
import type { Action, ArticleId, BroadcastId, ChatId, MessageId } from "#core/model";
import type { AudienceFilter } from "#core/ports";
import type { Database, Engine } from "#store/database";
import { digestVersion, versionInDigest } from "#store/digest-version";

/** A broadcast's audience, and the instant after which nobody joins it. */
export interface FrozenAudience {
  filter: AudienceFilter;
  /** Null while it is still open. */
  membersUntil: number | null;
}

/** A message on its way to many chats. */
export interface FanOut {
  id: MessageId;
  lane: number;
  audience: "subscribed" | "broadcast" | "holders";
  /** Wants that it is for; null for all. */
  wants: readonly number[] | null;
  kind: "article" | "broadcast" | "notice" | "digest";
  action: Action;
  articleId: ArticleId | null;
  broadcastId: BroadcastId | null;
  /** For chats that take digests, and there alone. */
  isDigestOnly: boolean;
  /** What becomes of its deliveries; null: they go. */
  course: "held" | "dropped" | null;
  /** Chats up to this one are done. */
  cursor: ChatId;
}

/** Who gets a broadcast, as it was when it began; null for what is none. */
export async function frozenAudience(
  { db }: Database,
  { audience, broadcastId }: Pick<FanOut, "audience" | "broadcastId">,
): Promise<FrozenAudience | null> {
  if (audience !== "broadcast") return null;
  const row = await db
    .selectFrom("broadcasts")
    .select(["filter", "members_until"])
    .where("id", "=", broadcastId)
    .executeTakeFirstOrThrow(() => new Error(`There is no broadcast ${broadcastId}.`));
  return { filter: JSON.parse(row.filter ?? "{}") as AudienceFilter, membersUntil: row.members_until };
}

/**
 * Chats after the cursor, up to and with `last`, that the message is for. Cross joins, here and elsewhere, keep SQLite to
 * their order: messages come before deliveries, as an article has a few of them, and a chat may have got a million.
 */
export function audienceOf(
  { engine }: Database,
  { id, kind, audience, wants, action, articleId, broadcastId, cursor }: FanOut,
  last: ChatId,
  frozen: FrozenAudience | null,
): RawBuilder<unknown> {
  if (frozen) return membersOf(engine, frozen, { after: cursor, last });
  if (audience === "subscribed") {
    const all = sql`select s.chat_id from subscriptions s where s.chat_id > ${cursor} and s.chat_id <= ${last}`;
    if (wants === null) return all;
    return sql`${all} and (select w.wants_id from chats w where w.id = s.chat_id) ${engine.anyOf(wants)}`;
  }
  if (kind === "digest") return digestHolders({ id, articleId, cursor }, last);
  if (action === "recall") {
    // A chat that left still holds what it got, and a chat whose answer was lost may hold it.
    const original = broadcastId === null ? sql`om.article_id = ${articleId}` : sql`om.broadcast_id = ${broadcastId}`;
    return sql`
      select distinct o.chat_id
      from messages om cross join deliveries o
      where o.message_id = om.id and ${original} and om.action = 'send'
        and o.chat_id > ${cursor} and o.chat_id <= ${last} and o.state in ('sent', 'sending', 'unknown')`;
  }
  // Who waits for the article, or for an earlier correction of it, will be told its newest revision anyway.
  return sql`
    select distinct o.chat_id
    from articles a cross join messages om cross join deliveries o cross join subscriptions s
    where a.id = ${articleId} and om.article_id = a.id and om.kind = 'article' and om.action = 'send'
      and o.message_id = om.id and s.chat_id = o.chat_id and o.chat_id > ${cursor} and o.chat_id <= ${last}
      and o.state in ('sent', 'sending', 'unknown') and o.revision < a.revision
      and not exists (
        select 1 from messages em cross join deliveries e
        where e.message_id = em.id and e.chat_id = o.chat_id and em.article_id = a.id
          and em.kind = 'article' and em.action = 'correct' and em.id <> ${id}
          and (e.state in ('pending', 'held') or (e.state in ('sending', 'sent') and e.revision >= a.revision)))`;
}

/**
 * Chats that hold a digest with older words of the article. One that left still holds what was taken back. Who waits for
 * an earlier correction of it will be told its newest words anyway.
 */
const digestHolders = ({ id, articleId, cursor }: Pick<FanOut, "id" | "articleId" | "cursor">, last: ChatId) => sql`
  select distinct o.chat_id
  from articles a
    join digest_articles x on x.article_id = a.id
    join messages om on om.id = x.message_id
    join deliveries o on o.message_id = om.id
  where a.id = ${articleId} and o.chat_id > ${cursor} and o.chat_id <= ${last}
    and o.state in ('sent', 'sending', 'unknown') and o.revision < ${digestVersion(sql.ref("om.id"))}
    and (a.retracted_at is not null or exists (select 1 from subscriptions s where s.chat_id = o.chat_id))
    and not exists (
      select 1 from messages em join deliveries e on e.message_id = em.id and e.chat_id = o.chat_id
      where em.article_id = a.id and em.kind = 'digest' and em.id <> ${id}
        and (e.state in ('pending', 'held') or (e.state in ('sending', 'sent') and e.revision >= ${versionInDigest})))`;

/** An empty list has no type that PostgreSQL could compare a column with. */
const among = (engine: Engine, column: string, values: readonly number[] | readonly string[]): RawBuilder<unknown> =>
  values.length === 0 ? sql`1 = 0` : sql`${sql.ref(column)} ${engine.anyOf(values)}`;

/** The subscribed chats of an audience with ids in (after, last], and since when they are: what is counted beforehand is what is sent to. */
export function membersOf(
  engine: Engine,
  { filter, membersUntil }: FrozenAudience,
  { after, last }: { after: ChatId; last: ChatId },
): RawBuilder<unknown> {
  const { platforms, kinds, wants } = filter;
  const parts = [
    sql`s.chat_id > ${after} and s.chat_id <= ${last}`,
    ...(membersUntil === null ? [] : [sql`s.since <= ${membersUntil}`]),
  ];
  const ofChat = [
    ...(platforms ? [among(engine, "w.platform", platforms)] : []),
    ...(kinds ? [among(engine, "w.kind", kinds)] : []),
    ...(wants ? [among(engine, "w.wants_id", wants)] : []),
  ];
  if (ofChat.length > 0) {
    // A single value, not a join: the ids stay in the order of the subscriptions' own index.
    parts.push(sql`(select w.id from chats w where w.id = s.chat_id and ${sql.join(ofChat, sql` and `)}) is not null`);
  }
  return sql`select s.chat_id, s.since from subscriptions s where ${sql.join(parts, sql` and `)}`;
}
