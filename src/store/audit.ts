import { type Selectable, sql } from "kysely";
import type { ArticleAudit, AuditStore, PlatformCount, ReachedChat, ReachTally } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { toChat, toDate, toInstant } from "#store/rows";
import type { ArticleStepTable, ChatTable } from "#store/schema";

export function createAuditStore(database: Database): AuditStore {
  const { db, engine } = database;
  return {
    async write({ article, step, key, by, note = null, message = null, isTold = false }, now) {
      const { rows } = await sql`
        insert into article_steps (article_id, key, step, platform, person, note, revision, message_id, told, at)
        select a.id, cast(${key} as text), cast(${step} as text), cast(${by?.platform ?? null} as text),
          cast(${by?.person ?? null} as text), cast(${note} as text), a.revision, cast(${message} as bigint),
          ${sql.lit(isTold ? 0 : 1)}, cast(${toInstant(now)} as bigint)
        from articles a where a.id = ${article}
        on conflict (key) do nothing returning id`.execute(db);
      return rows.length > 0;
    },

    async steps(article) {
      const rows = await db
        .selectFrom("article_steps")
        .selectAll()
        .where("article_id", "=", article)
        .orderBy("id")
        .execute();
      return rows.map(toAudit);
    },

    takeUntold: (limit) =>
      inTransaction(database, async (tx) => {
        // In the words of the partial index.
        const { rows } = await sql<Selectable<ArticleStepTable>>`
          select * from article_steps where told = 0 order by id limit ${limit}
          ${tx.engine.locking("update skip locked")}`.execute(tx.db);
        if (rows.length > 0) {
          const those = sql<boolean>`id ${tx.engine.anyOf(rows.map(({ id }) => id))}`;
          await tx.db.updateTable("article_steps").set({ told: 1 }).where(those).execute();
        }
        return rows.map((row) => ({ ...toAudit(row), article: row.article_id }));
      }),

    async reach(messages) {
      if (messages.length === 0) return [];
      const { rows } = await sql<ReachTally>`
        select m.id as message, m.action, d.platform, d.state, d.reason, count(*) as count
        from messages m join deliveries d on d.message_id = m.id
        where m.id ${engine.anyOf(messages)}
        group by m.id, m.action, d.platform, d.state, d.reason
        order by count(*) desc, d.platform, d.state`.execute(db);
      return rows.map((row) => ({ ...row }));
    },

    async chats(messages, after, limit) {
      if (messages.length === 0) return [];
      const { rows } = await sql<
        Selectable<ChatTable> & {
          message_id: number;
          state: ReachedChat["state"];
          reason: string | null;
          ended_at: number | null;
        }
      >`
        select c.*, d.message_id, d.state, d.reason, d.ended_at
        from deliveries d join chats c on c.id = d.chat_id
        where d.message_id ${engine.anyOf(messages)}
          and (d.message_id > ${after.message} or (d.message_id = ${after.message} and d.chat_id > ${after.chat}))
        order by d.message_id, d.chat_id limit ${limit}`.execute(db);
      return rows.map((row) => ({
        message: row.message_id,
        chat: toChat(row),
        state: row.state,
        reason: row.reason,
        at: toDate(row.ended_at),
      }));
    },

    async holders(article) {
      const { rows } = await sql<PlatformCount>`
        select d.platform, count(distinct d.chat_id) as count
        from messages m join deliveries d on d.message_id = m.id
        where m.article_id = ${article} and m.action = 'send' and d.state in ('sent', 'sending', 'unknown')
        group by d.platform order by d.platform`.execute(db);
      return rows.map((row) => ({ ...row }));
    },
  };
}

const toAudit = (row: Selectable<ArticleStepTable>): ArticleAudit => ({
  step: row.step,
  by: row.platform === null || row.person === null ? null : { platform: row.platform, person: row.person },
  note: row.note,
  revision: row.revision,
  message: row.message_id,
  at: new Date(row.at),
});
