import { type Selectable, sql } from "kysely";
import type { ChatId } from "#core/model";
import type { ArticleRecord, ChatRecord, WhyStore } from "#core/ports";
import type { Database } from "#store/database";
import { toPlan } from "#store/hours-rows";
import { indexKey, toChat, toDate, toLane, toStoredArticle } from "#store/rows";
import type { HoursTable } from "#store/schema";

/** A person names one chat: more of one title than these are too many to choose from. */
const mostChats = 20;

export function createWhyStore(database: Database): WhyStore {
  const { db } = database;
  return {
    async headlines(before, limit) {
      const rows = await db
        .selectFrom("articles")
        .select(["id", "title"])
        .$if(before !== null, (articles) => articles.where("id", "<", before))
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...row }));
    },

    async byName(link, sourceId) {
      const key = indexKey(sourceId);
      // Each part in the words of its index; feeds are few.
      const { rows } = await sql<{ id: number | null }>`
        select max(id) as id from (
          select id from articles where url_key is not null and url_key = ${link === null ? "" : indexKey(link)}
          union all
          select a.id from feeds f join articles a on a.feed_id = f.id and a.source_key = ${key}
          union all
          select s.article_id from feeds f join article_aliases s on s.feed_id = f.id and s.source_key = ${key}) found`.execute(
        db,
      );
      return rows[0]?.id ?? null;
    },

    async article(id) {
      const row = await db.selectFrom("articles").selectAll().where("id", "=", id).executeTakeFirst();
      if (!row) return null;
      const feed = await db
        .selectFrom("feeds")
        .select(["id", "title", "address", "rules"])
        .where("id", "=", row.feed_id)
        .executeTakeFirstOrThrow();
      return {
        article: toStoredArticle(row),
        feed: { ...feed, rules: JSON.parse(feed.rules) as ArticleRecord["feed"]["rules"] },
        leftOutWhy: row.left_out_why,
        toldBy: await othersWith(database, id, row.feed_id),
        queued: await queuedOf(database, id),
      };
    },

    async isFormer(named) {
      // Each in the words of its index; feeds are few.
      const { rows } = await (typeof named === "number"
        ? sql`select 1 from former_articles where article_id = ${named} limit 1`
        : sql`select 1 from feeds f join former_articles o on o.feed_id = f.id and o.source_key = ${indexKey(named)} limit 1`
      ).execute(db);
      return rows.length > 0;
    },

    async chats(named) {
      const id = /^\d{1,15}$/.test(named) ? Number(named) : -1;
      const rows = await db
        .selectFrom("chats as c")
        .leftJoin("subscriptions as s", "s.chat_id", "c.id")
        .leftJoin("hours as h", "h.id", "c.hours_id")
        .selectAll("c")
        .select(["s.since", "h.digests", "h.quiet_from", "h.quiet_to", "h.digest_at", "h.plan_until"])
        .where((eb) =>
          eb.or([
            eb("c.id", "=", id),
            eb("c.address", "=", named),
            // A phone number stands before the platform's own mark.
            eb("c.address", "=", `${named.replace(/[\s+().-]/g, "")}@c.us`),
            eb("c.title", "=", named),
            eb("c.id", "in", formerlyAt(database, named)),
          ]),
        )
        .orderBy("c.id")
        .limit(mostChats)
        .execute();
      return rows.map(
        (row): ChatRecord => ({
          ...toChat(row),
          closed: row.closed_at === null ? null : { at: new Date(row.closed_at), why: row.closed_why ?? "" },
          subscribedAt: toDate(row.since),
          unsubscribedAt: toDate(row.unsubscribed_at),
          wantsId: row.wants_id,
          hours: hoursOf(row),
        }),
      );
    },

    async history(article, chat) {
      // In this order: an article has few messages, and a chat may have got a million.
      const rows = await db
        .selectFrom("messages as m")
        .crossJoin("deliveries as d")
        .selectAll("d")
        .select(["m.key", "m.kind", "m.action"])
        .whereRef("d.message_id", "=", "m.id")
        .where((eb) =>
          eb.or([
            eb("m.article_id", "=", article),
            eb("m.id", "in", (from) =>
              from.selectFrom("digest_articles").select("message_id").where("article_id", "=", article),
            ),
          ]),
        )
        .where("d.chat_id", "=", chat)
        .orderBy("d.id")
        .execute();
      return rows.map((row) => ({
        id: row.id,
        key: row.key,
        kind: row.kind === "digest" ? "digest" : "article",
        lane: toLane(row.lane),
        action: row.action,
        state: row.state,
        reason: row.reason,
        attempts: row.attempts,
        revision: row.revision,
        queuedAt: new Date(row.queued_at),
        notBefore: row.not_before === 0 ? null : new Date(row.not_before),
        claimedAt: toDate(row.claimed_at),
        endedAt: toDate(row.ended_at),
      }));
    },
  };
}

/** Feeds that told the same story as well. */
async function othersWith({ db }: Database, article: number, feed: number): Promise<ArticleRecord["toldBy"]> {
  const rows = await db
    .selectFrom("article_aliases as s")
    .innerJoin("feeds", "feeds.id", "s.feed_id")
    .select(["feeds.id", "feeds.title", "feeds.address"])
    .distinct()
    .where("s.article_id", "=", article)
    .where("s.feed_id", "!=", feed)
    .orderBy("feeds.id")
    .execute();
  return rows.map((row) => ({ ...row }));
}

async function queuedOf({ db }: Database, article: number): Promise<ArticleRecord["queued"]> {
  const row = await db
    .selectFrom("messages")
    .select(["created_at", "wants", "digest_only", "fan_out_cursor"])
    .where("article_id", "=", article)
    .where("action", "=", "send")
    .orderBy("id")
    .executeTakeFirst();
  if (!row) return null;
  return {
    at: new Date(row.created_at),
    wants: row.wants === null ? null : (JSON.parse(row.wants) as number[]),
    isFanningOut: row.fan_out_cursor !== null,
    digestOnly: row.digest_only === 1,
  };
}

function hoursOf(row: { [Column in keyof PlanRow]: PlanRow[Column] | null }): ChatRecord["hours"] {
  const { digests, plan_until, quiet_from, quiet_to, digest_at } = row;
  const plan = toPlan({ plan_until: plan_until ?? 0, quiet_from, quiet_to, digest_at });
  return plan && { ...plan, takesDigests: digests === 1 };
}

type PlanRow = Pick<Selectable<HoursTable>, "digests" | "quiet_from" | "quiet_to" | "digest_at" | "plan_until">;

const formerlyAt = ({ db }: Database, address: string) =>
  db.selectFrom("former_addresses").select("chat_id").where("address", "=", address).$castTo<{ chat_id: ChatId }>();
