import { type RawBuilder, type Selectable, sql } from "kysely";
import type { DeskStore, HeldArticle, Hold, PreflightState } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { indexKey, toDate, toInstant, toJson, toStoredArticle } from "#store/rows";
import type { ArticleTable, HeldArticleTable } from "#store/schema";

type Row = Selectable<ArticleTable> & Selectable<HeldArticleTable>;

/** Nothing keeps it any more but what comes with time. */
const isFree = sql<boolean>`h.approvals >= h.editors and h.preflight is null`;

export function createDeskStore(database: Database): DeskStore {
  const { db, engine } = database;
  const select = async (
    where: RawBuilder<unknown>,
    { limit = 1, isLocking = false, order = sql`h.since, h.article_id` },
  ): Promise<HeldArticle[]> => {
    const { rows } = await sql<Row>`
      select a.*, h.since, h.reviewed, h.watched, h.embargo_until, h.preflight, h.check_at, h.editors, h.approvals,
        h.expires_at
      from articles a join held_articles h on h.article_id = a.id
      where ${where} order by ${order} limit ${limit}
      ${isLocking ? engine.locking("no key update") : sql``}`.execute(db);
    return rows.map(toHeld);
  };

  return {
    hold: (article, hold, now) =>
      inTransaction(database, async (tx) => {
        await tx.db
          .insertInto("held_articles")
          .values({ article_id: article, since: toInstant(now), ...toColumns(hold) })
          .onConflict((conflict) => conflict.column("article_id").doNothing())
          .execute();
        await tx.db
          .updateTable("articles")
          .set({ desk: "held", left_out_why: null })
          .where("id", "=", article)
          .execute();
      }),

    async held(article) {
      return (await select(sql`h.article_id = ${article}`, { isLocking: db.isTransaction }))[0] ?? null;
    },

    list: (limit) => select(sql`1 = 1`, { limit }),

    async count() {
      const { count } = await db
        .selectFrom("held_articles")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    async change({ article, ...hold }) {
      await db.updateTable("held_articles").set(toColumns(hold)).where("article_id", "=", article.id).execute();
    },

    end: (article, as) =>
      inTransaction(database, async (tx) => {
        const ended = await tx.db
          .deleteFrom("held_articles")
          .where("article_id", "=", article)
          .returning("article_id")
          .executeTakeFirst();
        if (!ended) return false;
        await tx.db.updateTable("articles").set({ desk: as }).where("id", "=", article).execute();
        return true;
      }),

    due: (now, limit) => {
      const at = toInstant(now);
      return select(
        sql`(${isFree} and (h.embargo_until is null or h.embargo_until <= ${at})) or (h.expires_at <= ${at} and not (${isFree}))`,
        { limit },
      );
    },

    toCheck: (now, limit) =>
      select(
        sql`h.check_at <= ${toInstant(now)} and (h.embargo_until is null or h.embargo_until <= ${toInstant(now)})`,
        {
          limit,
          order: sql`h.check_at, h.article_id`,
        },
      ),

    async watchWords() {
      return (await db.selectFrom("watch_words").select("word").orderBy("key").execute()).map(({ word }) => word);
    },

    async watch(words, now) {
      if (words.length === 0) return [];
      const rows = await db
        .insertInto("watch_words")
        .values(words.map(({ key, word }) => ({ key: indexKey(key), word, added_at: toInstant(now) })))
        .onConflict((conflict) => conflict.column("key").doNothing())
        .returning("word")
        .execute();
      return rows.map(({ word }) => word);
    },

    async unwatch(keys) {
      if (keys.length === 0) return [];
      const rows = await db
        .deleteFrom("watch_words")
        .where(sql<boolean>`key ${engine.anyOf(keys.map(indexKey))}`)
        .returning("word")
        .execute();
      return rows.map(({ word }) => word);
    },
  };
}

const instant = (at: Date | null): number | null => at && toInstant(at);

const toColumns = ({ reviewed, watched, embargoUntil, preflight, editors, approvals, expiresAt }: Hold) => ({
  reviewed: reviewed ? 1 : 0,
  watched,
  embargo_until: instant(embargoUntil),
  preflight: preflight && toJson(preflight),
  check_at: preflight && instant(preflight.nextAt),
  editors,
  approvals,
  expires_at: instant(expiresAt),
});

function toHeld(row: Row): HeldArticle {
  return {
    article: toStoredArticle(row),
    since: new Date(row.since),
    reviewed: row.reviewed === 1,
    watched: row.watched,
    embargoUntil: toDate(row.embargo_until),
    preflight:
      row.preflight === null
        ? null
        : { ...(JSON.parse(row.preflight) as PreflightState), nextAt: toDate(row.check_at) },
    editors: row.editors,
    approvals: row.approvals,
    expiresAt: toDate(row.expires_at),
  };
}
