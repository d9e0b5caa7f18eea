import { sql } from "kysely";
import type { ArticleId, StoredArticle } from "#core/model";
import type { ArticlePast, ArticleStore } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { indexKey, toArticleContent, toDate, toInstant, toJson, toStoredArticle } from "#store/rows";

/** A page that many stories link to identifies none of them: no more of them are looked at. */
const mostOfOneLink = 20;

/** All but the body, which is most of an article and says nothing of whether two are one story. */
const withoutText = [
  "id",
  "feed_id",
  "source_id",
  "source_key",
  "url",
  "url_key",
  "title",
  "kicker",
  "summary",
  "image",
  "authors",
  "source",
  "topics",
  "language",
  "published_at",
  "updated_at",
  "breaking",
  "revision",
  "seen_at",
  "revised_at",
  "retracted_at",
  "announced_at",
  "probe_at",
  "there_at",
  "gone_since",
  "left_out_why",
  "desk",
  "by_hand",
] as const;

export function createArticleStore(database: Database): ArticleStore {
  const { db, engine } = database;
  const all = () => db.selectFrom("articles").selectAll("articles");
  const byKeys = async (feed: number, keys: readonly string[]): Promise<Map<string, StoredArticle>> => {
    if (keys.length === 0) return new Map();
    const others = await all()
      .innerJoin("article_aliases", "article_aliases.article_id", "articles.id")
      .select("article_aliases.source_key as alias")
      .where("article_aliases.feed_id", "=", feed)
      .where(sql<boolean>`article_aliases.source_key ${engine.anyOf(keys)}`)
      .execute();
    const own = await all()
      .where("feed_id", "=", feed)
      .where(sql<boolean>`source_key ${engine.anyOf(keys)}`)
      .execute();
    return new Map([
      ...others.map((row) => [row.alias, toStoredArticle(row)] as const),
      ...own.map((row) => [row.source_key, toStoredArticle(row)] as const),
    ]);
  };
  const writeTerms = createTermWriter(database);

  return {
    turn: () => engine.lock(db, "intake"),

    async bySourceId(feed, sourceId) {
      const key = indexKey(sourceId);
      return (await byKeys(feed, [key])).get(key) ?? null;
    },

    async bySourceIds(feed, sourceIds) {
      const found = await byKeys(feed, sourceIds.map(indexKey));
      return new Map(
        sourceIds.flatMap((sourceId) => {
          const article = found.get(indexKey(sourceId));
          return article ? [[sourceId, article] as const] : [];
        }),
      );
    },

    async byLink(key) {
      const rows = await all().where("url_key", "=", indexKey(key)).orderBy("id").limit(mostOfOneLink).execute();
      return rows.map(toStoredArticle);
    },

    async sharing(terms, since, limit) {
      if (terms.length === 0) return [];
      const rows = await db
        .selectFrom("articles")
        .select(withoutText)
        .where("id", "in", (from) =>
          from
            .selectFrom("article_terms")
            .select("article_id")
            .distinct()
            .where(sql<boolean>`term ${engine.anyOf(terms.map(indexKey))}`)
            .where("seen_at", ">=", toInstant(since))
            .orderBy("article_id", "desc")
            .limit(limit),
        )
        .orderBy("id", "desc")
        .execute();
      return rows.map((row) => toStoredArticle({ ...row, text: null }));
    },

    async get(id) {
      const row = await all().where("id", "=", id).executeTakeFirst();
      return row ? toStoredArticle(row) : null;
    },

    async lock(id) {
      const one = all().where("id", "=", id).modifyEnd(engine.locking("no key update"));
      const row = await one.executeTakeFirst();
      return row ? toStoredArticle(row) : null;
    },

    async add(feed, article, keys, now) {
      const seenAt = toInstant(now);
      const row = await db
        .insertInto("articles")
        .values({
          feed_id: feed,
          source_id: article.sourceId,
          source_key: indexKey(article.sourceId),
          ...toArticleContent(article, keys),
          seen_at: seenAt,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await writeTerms(row.id, keys.terms, seenAt);
      return toStoredArticle(row);
    },

    async alias(feed, sourceId, article) {
      await db
        .insertInto("article_aliases")
        .values({ feed_id: feed, source_key: indexKey(sourceId), article_id: article })
        .onConflict((conflict) => conflict.columns(["feed_id", "source_key"]).doUpdateSet({ article_id: article }))
        .execute();
    },

    revise: (id, article, keys, now, byHand = null) =>
      inTransaction(database, async (tx) => {
        const row = await tx.db
          .updateTable("articles")
          .set((eb) => ({
            ...toArticleContent(article, keys),
            by_hand: byHand && toJson(byHand),
            revision: eb("revision", "+", 1),
            revised_at: toInstant(now),
          }))
          .where("id", "=", id)
          .returningAll()
          .executeTakeFirstOrThrow(() => new Error(`There is no article ${id}.`));
        await tx.db.deleteFrom("article_terms").where("article_id", "=", id).execute();
        await createTermWriter(tx)(id, keys.terms, row.seen_at);
        return toStoredArticle(row);
      }),

    async keepByHand(id, byHand) {
      await db
        .updateTable("articles")
        .set({ by_hand: byHand && toJson(byHand) })
        .where("id", "=", id)
        .execute();
    },

    async announce(id, now, probeAt) {
      await db
        .updateTable("articles")
        .set({ announced_at: toInstant(now), left_out_why: null, probe_at: probeAt && toInstant(probeAt) })
        .where("id", "=", id)
        .execute();
    },

    async retract(id, now) {
      const row = await db
        .updateTable("articles")
        .set({ retracted_at: toInstant(now), probe_at: null })
        .where("id", "=", id)
        .where("retracted_at", "is", null)
        .returning("id")
        .executeTakeFirst();
      return row !== undefined;
    },

    async toProbe(now, limit) {
      const rows = await db
        .selectFrom("articles")
        .select(["id", "url", "title", "seen_at", "there_at", "gone_since"])
        .where("probe_at", "<=", toInstant(now))
        .orderBy("probe_at")
        .limit(limit)
        .execute();
      return rows.flatMap(({ id, url, title, ...at }) => {
        const times = { seenAt: new Date(at.seen_at), thereAt: toDate(at.there_at), goneSince: toDate(at.gone_since) };
        return url === null ? [] : [{ id, url, title, ...times }];
      });
    },

    async probed(id, { nextAt, thereAt, goneSince }) {
      await db
        .updateTable("articles")
        .set({
          probe_at: nextAt && toInstant(nextAt),
          there_at: thereAt && toInstant(thereAt),
          gone_since: goneSince && toInstant(goneSince),
        })
        .where("id", "=", id)
        .where("retracted_at", "is", null)
        .execute();
    },

    async leaveOut(id, why) {
      await db.updateTable("articles").set({ left_out_why: why }).where("id", "=", id).execute();
    },

    async former(feed, sourceIds) {
      if (sourceIds.length === 0) return new Map();
      const rows = await db
        .selectFrom("former_articles")
        .select(["source_key", "article_id"])
        .where("feed_id", "=", feed)
        .where(sql<boolean>`source_key ${engine.anyOf(sourceIds.map(indexKey))}`)
        .execute();
      const found = new Map(rows.map((row) => [row.source_key, row.article_id]));
      return new Map(
        sourceIds.flatMap((sourceId) => {
          const article = found.get(indexKey(sourceId));
          return article === undefined ? [] : [[sourceId, article] as const];
        }),
      );
    },

    async past(id) {
      const row = await db.selectFrom("article_pasts").selectAll().where("article_id", "=", id).executeTakeFirst();
      if (!row) return null;
      const versions = JSON.parse(row.versions) as ArticlePast["versions"];
      return { versions, backSince: toDate(row.back_since), waitMs: row.wait_ms };
    },

    async keepPast(id, { versions, backSince, waitMs }) {
      const past = {
        versions: toJson(versions),
        back_since: backSince && toInstant(backSince),
        wait_ms: Math.round(waitMs),
      };
      await db
        .insertInto("article_pasts")
        .values({ article_id: id, ...past })
        .onConflict((conflict) => conflict.column("article_id").doUpdateSet(past))
        .execute();
    },

    async stand(ids) {
      if (ids.length === 0) return;
      await db
        .updateTable("article_pasts")
        .set({ back_since: null })
        .where(sql<boolean>`article_id ${engine.anyOf([...ids])}`)
        .where("back_since", "is not", null)
        .execute();
    },

    async forgetTerms(before) {
      await db.deleteFrom("article_terms").where("seen_at", "<", toInstant(before)).execute();
      await sql`
        delete from article_pasts where exists (select 1 from articles a
          where a.id = article_pasts.article_id and coalesce(a.revised_at, a.seen_at) < ${toInstant(before)})`.execute(
        db,
      );
    },

    async latest(limit) {
      // In the words of the index, so that it is used.
      const rows = await all()
        .where("retracted_at", "is", null)
        .where("desk", "is", null)
        .orderBy(sql`coalesce(published_at, seen_at)`, "desc")
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.map(toStoredArticle);
    },

    async topics(since, limit) {
      const each =
        engine.name === "SQLite" ? sql`json_each(a.topics)` : sql`jsonb_array_elements_text(a.topics::jsonb)`;
      // In the words of the index, so that it is used. A topic that an article names twice counts once.
      const { rows } = await sql<{ topic: string; articles: number }>`
        select t.value as topic, count(distinct a.id) as articles from articles a cross join ${each} as t
        where coalesce(a.published_at, a.seen_at) >= ${toInstant(since)} and a.retracted_at is null and a.desk is null
        group by t.value order by articles desc, topic limit ${limit}`.execute(db);
      return rows.map((row) => ({ ...row }));
    },
  };
}

/** Writes down by which words an article is found. */
const createTermWriter =
  ({ db }: Database) =>
  async (id: ArticleId, terms: readonly string[], seenAt: number): Promise<void> => {
    if (terms.length === 0) return;
    await db
      .insertInto("article_terms")
      .values([...new Set(terms.map(indexKey))].map((term) => ({ term, seen_at: seenAt, article_id: id })))
      .execute();
  };
