import { type RawBuilder, sql } from "kysely";
import type { ArticleId, ChatId, DeliveryId, MessageId } from "#core/model";
import type { DigestedDelivery } from "#core/ports";
import type { Database } from "#store/database";
import { isHeld } from "#store/holding";
import { toLaneNumber } from "#store/rows";

/** What a chat is to be told of. */
export interface ChatNews {
  chat: ChatId;
  wantsId: number;
  /** Ids with commas between, each once, in their order: the same text for all that are to be told the same. */
  articles: string;
}

interface Queue {
  chat: ChatId;
  wants_id: number;
  /** 1 for a chat that is subscribed and open. */
  listens: number;
  /** Ids with commas between. */
  messages: string;
  /** The deliveries of these messages, in the same order: 0 for one that is not held. */
  held: string;
}

/** What the messages of a queue say. */
interface Told {
  /** What each message says; null for what is no article. */
  each: (Said | null)[];
  articles: string;
}

interface Said {
  article: ArticleId;
  isRetracted: boolean;
}

/**
 * What chats are to be told of, and the held deliveries that end with it: of all these chats, also of those that have
 * left meanwhile. With `sentAfter` chats are told again of what was queued after this delivery and came at once.
 *
 * One row a chat travels, and many chats share what is in it: the fewest steps for each of millions of deliveries.
 */
export async function newsOf(
  tx: Database,
  chats: readonly ChatId[],
  until: { upTo: DeliveryId; sentAfter: DeliveryId | null },
): Promise<{ news: ChatNews[]; ends: DigestedDelivery[] }> {
  if (chats.length === 0) return { news: [], ends: [] };
  const queues = await queuesOf(tx, chats, until);
  const lists = new Set(queues.map(({ messages }) => messages));
  const said = await saidBy(tx, new Set([...lists].flatMap(toIds)));
  const toldBy = new Map([...lists].map((list) => [list, toTold(toIds(list), said)]));
  const news: ChatNews[] = [];
  const ends: DigestedDelivery[] = [];
  for (const { chat, wants_id, listens, messages, held } of queues) {
    const told = toldBy.get(messages);
    if (!told) continue;
    if (listens === 1 && told.articles !== "") news.push({ chat, wantsId: wants_id, articles: told.articles });
    for (const [at, id] of toIds(held).entries()) {
      const its = told.each[at];
      if (its && id !== 0) ends.push({ id, chat, ...its });
    }
  }
  return { news, ends };
}

/** Grouped before anything is joined, along the index of a chat's own queue. */
async function queuesOf(
  { db, engine }: Database,
  chats: readonly ChatId[],
  { upTo, sentAfter }: { upTo: DeliveryId; sentAfter: DeliveryId | null },
): Promise<Queue[]> {
  const list = (column: string): RawBuilder<string> =>
    engine.name === "SQLite"
      ? sql`group_concat(${sql.ref(column)}, ',')`
      : sql`string_agg(cast(${sql.ref(column)} as text), ',')`;
  const news = sql.join([toLaneNumber("breaking"), toLaneNumber("article")].map((lane) => sql.lit(lane)));
  const wasSent = sql`
    union all
    select chat_id, message_id, 0 as held from deliveries
    where chat_id ${engine.anyOf(chats)} and state in ('pending', 'sending', 'sent', 'unknown') and lane in (${news})
      and id > ${sentAfter} and id <= ${upTo}`;
  const { rows } = await sql<Queue>`
    select q.chat_id as chat, c.wants_id, q.messages, q.held,
      case when c.closed_at is null and s.chat_id is not null then 1 else 0 end as listens
    from (
      select chat_id, ${list("message_id")} as messages, ${list("held")} as held
      from (
        select chat_id, message_id, id as held from deliveries
        where chat_id ${engine.anyOf(chats)} and ${isHeld} and id <= ${upTo}
        ${sentAfter === null ? sql`` : wasSent}) d
      group by chat_id) q
    join chats c on c.id = q.chat_id left join subscriptions s on s.chat_id = q.chat_id
    order by q.chat_id`.execute(db);
  return rows;
}

/** The articles that these messages bring. */
async function saidBy({ db, engine }: Database, messages: ReadonlySet<MessageId>): Promise<Map<MessageId, Said>> {
  const { rows } = await sql<{ id: MessageId; article: ArticleId; retracted_at: number | null }>`
    select m.id, m.article_id as article, a.retracted_at from messages m join articles a on a.id = m.article_id
    where m.id ${engine.anyOf([...messages])} and m.kind = 'article' and m.action = 'send'`.execute(db);
  return new Map(rows.map(({ id, article, retracted_at }) => [id, { article, isRetracted: retracted_at !== null }]));
}

function toTold(messages: MessageId[], said: Map<MessageId, Said>): Told {
  const each = messages.map((id) => said.get(id) ?? null);
  const told = new Set(each.flatMap((its) => (its && !its.isRetracted ? [its.article] : [])));
  return { each, articles: [...told].sort((a, b) => a - b).join(",") };
}

const toIds = (list: string): number[] => list.split(",").map(Number);
