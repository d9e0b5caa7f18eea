import { type Selectable, sql } from "kysely";
import type { ArticleAudit, AuditStore } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { createReachStore } from "#store/reach";
import { toInstant } from "#store/rows";
import type { ArticleStepTable } from "#store/schema";

export function createAuditStore(database: Database): AuditStore {
  const { db } = database;
  return {
    ...createReachStore(database),

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
