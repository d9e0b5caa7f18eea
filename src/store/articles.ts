import { sql } from "kysely";
import type { ArticleStore } from "#core/ports";
import type { Database } from "#store/database";
import { indexKey, toArticleContent, toInstant, toStoredArticle } from "#store/rows";

export function createArticleStore({ db }: Database): ArticleStore {
  const all = () => db.selectFrom("articles").selectAll("articles");

  return {
    async bySourceId(feed, sourceId) {
      const key = indexKey(sourceId);
      const own = await all().where("feed_id", "=", feed).where("source_key", "=", key).executeTakeFirst();
      if (own) return toStoredArticle(own);
      const other = await all()
        .innerJoin("article_aliases", "article_aliases.article_id", "articles.id")
        .where("article_aliases.feed_id", "=", feed)
        .where("article_aliases.source_key", "=", key)
        .executeTakeFirst();
      return other ? toStoredArticle(other) : null;
    },

    async byUrl(url) {
      const rows = await all().where("url_key", "=", indexKey(url)).where("url", "=", url).orderBy("id").execute();
      return rows.map(toStoredArticle);
    },

    async get(id) {
      const row = await all().where("id", "=", id).executeTakeFirst();
      return row ? toStoredArticle(row) : null;
    },

    async add(feed, article, now) {
      const row = await db
        .insertInto("articles")
        .values({
          feed_id: feed,
          source_id: article.sourceId,
          source_key: indexKey(article.sourceId),
          ...toArticleContent(article),
          seen_at: toInstant(now),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return toStoredArticle(row);
    },

    async alias(feed, sourceId, article) {
      await db
        .insertInto("article_aliases")
        .values({ feed_id: feed, source_key: indexKey(sourceId), article_id: article })
        .onConflict((conflict) => conflict.columns(["feed_id", "source_key"]).doUpdateSet({ article_id: article }))
        .execute();
    },

    async revise(id, article, now) {
      const row = await db
        .updateTable("articles")
        .set((eb) => ({ ...toArticleContent(article), revision: eb("revision", "+", 1), revised_at: toInstant(now) }))
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirstOrThrow(() => new Error(`There is no article ${id}.`));
      return toStoredArticle(row);
    },

    async latest(limit) {
      // In the words of the index, so that it is used.
      const rows = await all()
        .orderBy(sql`coalesce(published_at, seen_at)`, "desc")
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.map(toStoredArticle);
    },
  };
}
