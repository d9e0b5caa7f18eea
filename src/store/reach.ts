import { type Selectable, sql } from "kysely";
import { type Action, type ArticleId, digestsKey, type MessageId } from "#core/model";
import type { AuditStore, PlatformCount, ReachedChat, ReachTally } from "#core/ports";
import type { Database } from "#store/database";
import { toChat, toDate } from "#store/rows";
import type { ChatTable } from "#store/schema";

export function createReachStore(database: Database): Pick<AuditStore, "reach" | "chats" | "holders"> {
  const { db, engine } = database;
  return {
    async reach(article) {
      const { sent, others, digests } = await messagesOf(database, article);
      const isPlain = digests.length === 0;
      const tallies = await tallyOf(database, sent && isPlain ? [sent, ...others] : others);
      if (sent && !isPlain) tallies.push(...(await tallyWithDigests(database, sent.id, article)));
      return tallies.sort((one, other) => other.count - one.count);
    },

    async chats(article, after, limit) {
      const { sent, others, digests } = await messagesOf(database, article);
      const told = new Map([...(sent ? [sent] : []), ...others, ...digests].map((one) => [one.id, one]));
      if (told.size === 0) return [];
      const { rows } = await sql<
        Selectable<ChatTable> & Pick<ReachedChat, "state" | "reason"> & { message_id: number; ended_at: number | null }
      >`
        select c.*, d.message_id, d.state, d.reason, d.ended_at
        from deliveries d join chats c on c.id = d.chat_id
        where d.message_id ${engine.anyOf([...told.keys()])}
          and (d.message_id > ${after.message} or (d.message_id = ${after.message} and d.chat_id > ${after.chat}))
        order by d.message_id, d.chat_id limit ${limit}`.execute(db);
      return rows.map((row) => ({
        message: row.message_id,
        action: told.get(row.message_id)?.action ?? "send",
        isInDigest: told.get(row.message_id)?.isInDigest ?? false,
        chat: toChat(row),
        state: row.state,
        reason: row.reason,
        at: toDate(row.ended_at),
      }));
    },

    async holders(article, { withDigests }) {
      const inDigests = sql`
        union all
        select d.platform, d.chat_id from digest_articles x join deliveries d on d.message_id = x.message_id
        where x.article_id = ${article} and d.state in ('sent', 'sending', 'unknown')`;
      const { rows } = await sql<PlatformCount>`
        select h.platform, count(distinct h.chat_id) as count from (
          select d.platform, d.chat_id from messages m join deliveries d on d.message_id = m.id
          where m.article_id = ${article} and m.action = 'send' and d.state in ('sent', 'sending', 'unknown')
          ${withDigests ? inDigests : sql``}) h
        group by h.platform order by h.platform`.execute(db);
      return rows.map((row) => ({ ...row }));
    },
  };
}

/** A message that brings something of an article to chats. */
interface Told {
  id: MessageId;
  /** The message of the step that it belongs to. */
  step: MessageId;
  action: Action;
  isInDigest: boolean;
}

/** What an article's steps sent: the article itself, corrections and recalls (also those of digests), and the digests that tell it. */
async function messagesOf(
  { db, engine }: Database,
  article: ArticleId,
): Promise<{ sent: Told | null; others: Told[]; digests: Told[] }> {
  const { rows: own } = await sql<{ id: MessageId; key: string; action: Action }>`
    select m.id, m.key, m.action from article_steps s join messages m on m.id = s.message_id
    where s.article_id = ${article} order by m.id`.execute(db);
  const steps = new Map(own.map((row) => [digestsKey(row.key), row]));
  const corrections = steps.size === 0 ? [] : await keyed({ db, engine }, [...steps.keys()]);
  const told = own.map(({ id, action }): Told => ({ id, step: id, action, isInDigest: false }));
  const sent = told.find(({ action }) => action === "send") ?? null;
  const { rows: digests } = await sql<{ id: MessageId }>`
    select message_id as id from digest_articles where article_id = ${article} order by message_id`.execute(db);
  return {
    sent,
    others: [
      ...told.filter((one) => one !== sent),
      ...corrections.flatMap(({ id, key }) => {
        const step = steps.get(key);
        return step ? [{ id, step: step.id, action: step.action, isInDigest: true }] : [];
      }),
    ],
    digests: sent ? digests.map(({ id }) => ({ id, step: sent.id, action: "send", isInDigest: true })) : [],
  };
}

async function keyed({ db, engine }: Pick<Database, "db" | "engine">, keys: string[]) {
  const { rows } = await sql<{ id: MessageId; key: string }>`
    select id, key from messages where key ${engine.anyOf(keys)}`.execute(db);
  return rows;
}

type Count = Pick<ReachTally, "platform" | "state" | "reason" | "count">;

async function tallyOf({ db, engine }: Database, told: readonly Told[]): Promise<ReachTally[]> {
  if (told.length === 0) return [];
  const { rows } = await sql<Count & { message: MessageId }>`
    select d.message_id as message, d.platform, d.state, d.reason, count(*) as count
    from deliveries d where d.message_id ${engine.anyOf(told.map(({ id }) => id))}
    group by d.message_id, d.platform, d.state, d.reason
    order by count(*) desc, d.platform, d.state`.execute(db);
  const known = new Map(told.map((one) => [one.id, one]));
  return rows.flatMap(({ message, ...count }) => {
    const one = known.get(message);
    return one ? [{ ...count, message: one.step, action: one.action, isInDigest: one.isInDigest }] : [];
  });
}

/** Each chat once: by its own copy, or by a digest's where its own was skipped, since a digest tells it. */
async function tallyWithDigests({ db }: Database, sent: MessageId, article: ArticleId): Promise<ReachTally[]> {
  const { rows } = await sql<Count & { digest: number }>`
    select p.platform, p.state, p.reason, p.digest, count(*) as count
    from (
      select c.platform, c.state, c.reason, c.digest,
        row_number() over (partition by c.chat_id order by c.later, c.id desc) as place
      from (
        select d.id, d.chat_id, d.platform, d.state, d.reason, 0 as digest,
          case when d.state = 'skipped' then 2 else 0 end as later
        from deliveries d where d.message_id = ${sent}
        union all
        select d.id, d.chat_id, d.platform, d.state, d.reason, 1, 1
        from digest_articles x join deliveries d on d.message_id = x.message_id where x.article_id = ${article}) c) p
    where p.place = 1
    group by p.platform, p.state, p.reason, p.digest
    order by count(*) desc, p.platform, p.state`.execute(db);
  return rows.map(({ digest, ...count }) => ({ ...count, message: sent, action: "send", isInDigest: digest === 1 }));
}
