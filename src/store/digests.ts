import { createHash } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import type { ArticleId, ChatId, DeliveryId, Hours, Wants } from "#core/model";
import type { DigestGroup, DigestPart, HoursStore } from "#core/ports";
import { articlesOf } from "#store/claim";
import { type Database, inTransaction } from "#store/database";
import type { DigestBody } from "#store/digest-content";
import { isArticle, isRowHeldUp } from "#store/holding";
import { nextChats } from "#store/hours-chats";
import { toPlan } from "#store/hours-rows";
import { toInstant, toJson, toLaneNumber } from "#store/rows";

/** Held rows that one part ends: SQLite stalls the process for some 20 ms meanwhile. */
const partRows = 2_000;
/** Chats whose hours changed that are looked at together. */
const mostSettled = 50;
/** Any delivery. */
const anyId = Number.MAX_SAFE_INTEGER;

export function createDigestStore(database: Database): Pick<HoursStore, "nextPart" | "deliver" | "endPart"> {
  return {
    nextPart: (now) =>
      inTransaction(database, async (tx) => (await nextOfMoment(tx, now)) ?? (await nextChanged(tx, now))),

    deliver: (part, { group, body }, now) =>
      inTransaction(database, async (tx) => {
        const { db, engine } = tx;
        const lane = toLaneNumber("digest");
        const key = `${part.moment}:${hashOf(group)}`;
        const kept: DigestBody = { ...body, at: toInstant(body.at) };
        const added = await db
          .insertInto("messages")
          .values({
            key,
            lane,
            kind: "digest",
            action: "send",
            body: toJson(kept),
            audience: "digest",
            created_at: toInstant(now),
          })
          .onConflict((conflict) => conflict.column("key").doNothing())
          .returning("id")
          .executeTakeFirst();
        const articles = body.sections.flatMap((section) => section.articles);
        if (added && articles.length > 0) {
          await db
            .insertInto("digest_articles")
            .values(articles.map((article, place) => ({ message_id: added.id, article_id: article, place })))
            .execute();
        }
        const id =
          added?.id ??
          (await db.selectFrom("messages").select("id").where("key", "=", key).executeTakeFirstOrThrow()).id;
        await sql`
          insert into deliveries (message_id, chat_id, platform, lane, state, queued_at)
          select cast(${id} as bigint), c.id, c.platform, cast(${lane} as bigint), 'pending', cast(${toInstant(now)} as bigint)
          from chats c where c.id ${engine.anyOf(group.chats)} and c.closed_at is null order by c.id
          on conflict (message_id, chat_id) do nothing`.execute(db);
      }),

    endPart: ({ range }, { reason, asides }, now) =>
      inTransaction(database, async (tx) => {
        const { takesFrom, releases, upTo, of } = range;
        for (const { chats, articles, reason: why } of asides) {
          await skip(tx, { chats, upTo, why, now }, saysOneOf(tx, articles));
          await breath();
        }
        await skip(tx, { chats: takesFrom, upTo, why: "Its publisher took the article back.", now }, isRetracted);
        await skip(tx, { chats: takesFrom, upTo, why: reason, now }, isArticle);
        await breath();
        await release(tx, releases);
        if ("changed" in of) {
          await tx.db.updateTable("chats").set({ settle_at: null }).where("id", "in", of.changed).execute();
        } else {
          await tx.db
            .updateTable("hours")
            .set({ digest_cursor: of.next, ...(of.next === null ? { occasion: null, digest_after_id: null } : {}) })
            .where("id", "=", of.hours)
            .execute();
        }
      }),
  };
}

/** A store that answers at once lets nobody else have a turn. */
const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The next chats of hours whose digests have begun. */
async function nextOfMoment(tx: Database, now: Date): Promise<DigestPart | null> {
  const { db, engine } = tx;
  const row = await db
    .selectFrom("hours")
    .selectAll()
    .where("digest_cursor", "is not", null)
    .orderBy("id")
    .limit(1)
    .modifyEnd(engine.locking("update"))
    .executeTakeFirst();
  if (!row) return null;
  const { id, digest_cursor: after, digested_id: upTo, occasion } = row;
  const { chats, next } = await nextChats(tx, id, after ?? 0, { state: "held", rows: partRows });
  const quiet = toPlan(row)?.quiet ?? null;
  const isQuiet = quiet !== null && quiet.from <= now && now < quiet.to;
  const takesFrom = occasion === "release" ? [] : chats;
  // Who gets articles at once, too, is told of them again in the digest.
  const sentAfter = row.digests === 1 && row.at_once === 1 ? row.digest_after_id : null;
  const found = await articlesFor(tx, takesFrom, { upTo, sentAfter });
  return {
    moment: `digest:${id}:${row.digested_until}`,
    at: new Date(row.digested_until),
    occasion: occasion === null || occasion === "release" ? "hour" : occasion,
    ...(await toGroups(tx, found, () => JSON.parse(row.hours) as Hours)),
    range: { takesFrom, upTo, releases: isQuiet ? [] : chats, of: { hours: id, next } },
  };
}

/**
 * The next chats that changed their hours. Those that are quiet now, or take digests, keep what is held until its time
 * comes; for others it has come.
 */
async function nextChanged(tx: Database, now: Date): Promise<DigestPart | null> {
  const { db, engine } = tx;
  const any = await db.selectFrom("chats").select("id").where("settle_at", "is not", null).limit(1).executeTakeFirst();
  if (!any) return null;
  // What is being held by the hours before is seen here.
  await engine.lock(db, "hours");
  const rows = await db
    .selectFrom("chats")
    .leftJoin("hours", "hours.id", "chats.hours_id")
    .select(["chats.id", "hours.hours", "hours.digests"])
    .select(["hours.quiet_from", "hours.quiet_to", "hours.digest_at", "hours.plan_until"])
    .where("settle_at", "is not", null)
    .where((eb) => eb.or([eb("chats.hours_id", "=", 0), eb("hours.plan_until", ">", 0)]))
    .orderBy("chats.id")
    .limit(mostSettled)
    .execute();
  if (rows.length === 0) return null;
  const changed = rows.map(({ id }) => id);
  await sql`
    update deliveries set state = 'held'
    where chat_id ${engine.anyOf(changed)} and state = 'pending' and ${isRowHeldUp(now)}`.execute(db);
  const awake = rows.filter(({ quiet_from, quiet_to }) => !isWithin(now, quiet_from, quiet_to));
  const takesFrom = awake.filter(({ digests }) => digests !== 1).map(({ id }) => id);
  const hours = new Map(rows.map((row) => [row.id, JSON.parse(row.hours ?? "{}") as Hours]));
  const found = await articlesFor(tx, takesFrom, { upTo: anyId, sentAfter: null });
  return {
    moment: `digest:change:${toInstant(now)}`,
    at: now,
    occasion: "change",
    ...(await toGroups(tx, found, (chat) => hours.get(chat) ?? {})),
    range: { takesFrom, upTo: anyId, releases: awake.map(({ id }) => id), of: { changed } },
  };
}

const isWithin = (now: Date, from: number | null, to: number | null): boolean =>
  from !== null && to !== null && from <= toInstant(now) && toInstant(now) < to;

interface Found {
  chat: ChatId;
  wants_id: number;
  /** Ids with commas between, in their order. */
  articles: string;
}

/** What chats are to be told of: one row a chat, so that many articles travel as one value. */
async function articlesFor(
  { db, engine }: Database,
  chats: ChatId[],
  { upTo, sentAfter }: { upTo: DeliveryId; sentAfter: DeliveryId | null },
): Promise<Found[]> {
  if (chats.length === 0) return [];
  const news = sql.join([toLaneNumber("breaking"), toLaneNumber("article")]);
  const wasSent = sql`
    or (d.state in ('pending', 'sending', 'sent', 'unknown') and d.lane in (${news}) and d.id > ${sentAfter ?? anyId})`;
  const list =
    engine.name === "SQLite"
      ? sql`group_concat(r.article, ',' order by r.article)`
      : sql`string_agg(r.article::text, ',' order by r.article)`;
  const { rows } = await sql<Found>`
    select r.chat, c.wants_id, ${list} as articles
    from (
      select distinct d.chat_id as chat, m.article_id as article
      from deliveries d join messages m on m.id = d.message_id join articles a on a.id = m.article_id
      where d.chat_id ${engine.anyOf(chats)} and d.id <= ${upTo} and (d.state = 'held' ${sentAfter === null ? sql`` : wasSent})
        and m.kind = 'article' and m.action = 'send' and a.retracted_at is null) r
    join chats c on c.id = r.chat join subscriptions s on s.chat_id = r.chat
    where c.closed_at is null
    group by r.chat, c.wants_id order by r.chat`.execute(db);
  return rows;
}

/** Chats that are to be told the same, together. */
async function toGroups(
  tx: Database,
  found: Found[],
  hoursOf: (chat: ChatId) => Hours,
): Promise<Pick<DigestPart, "groups" | "articles">> {
  const { db, engine } = tx;
  if (found.length === 0) return { groups: [], articles: new Map() };
  const wantsIds = [...new Set(found.map(({ wants_id }) => wants_id))];
  const { rows } = await sql<{ id: number; wants: string }>`
    select id, wants from wants where id ${engine.anyOf(wantsIds)}`.execute(db);
  const wants = new Map(rows.map((row) => [row.id, JSON.parse(row.wants) as Wants]));
  const groups = new Map<string, DigestGroup>();
  for (const { chat, wants_id, articles } of found) {
    const hours = hoursOf(chat);
    const key = `${wants_id}|${articles}|${toJson(hours)}`;
    const group = groups.get(key);
    if (group) group.chats.push(chat);
    else {
      const ids = articles.split(",").map(Number);
      groups.set(key, { wants: wants.get(wants_id) ?? {}, hours, chats: [chat], articles: ids });
    }
  }
  const ids = new Set([...groups.values()].flatMap(({ articles }) => articles));
  return { groups: [...groups.values()], articles: await articlesOf(tx, [...ids]) };
}

/** The same for the same wants, hours and articles. */
const hashOf = ({ wants, hours, articles }: DigestGroup): string =>
  createHash("sha256")
    .update(toJson([wants, hours, articles]))
    .digest("base64url")
    .slice(0, 16);

async function skip(
  { db, engine }: Database,
  { chats, upTo, why, now }: { chats: ChatId[]; upTo: DeliveryId; why: string; now: Date },
  which: RawBuilder<boolean>,
): Promise<void> {
  if (chats.length === 0) return;
  await sql`
    update deliveries set state = 'skipped', reason = ${why}, ended_at = cast(${toInstant(now)} as bigint)
    where chat_id ${engine.anyOf(chats)} and state = 'held' and id <= ${upTo} and ${which}`.execute(db);
}

/** What is held for no article's sake goes on in its place, but for what belongs to a paused broadcast. */
async function release({ db, engine }: Database, chats: ChatId[]): Promise<void> {
  if (chats.length === 0) return;
  await sql`
    update deliveries set state = 'pending'
    where chat_id ${engine.anyOf(chats)} and state = 'held' and not ${isArticle}
      and (select m.course from messages m where m.id = deliveries.message_id) is null`.execute(db);
}

const isRetracted = sql<boolean>`exists (
  select 1 from messages m join articles a on a.id = m.article_id
  where m.id = deliveries.message_id and m.kind = 'article' and m.action = 'send' and a.retracted_at is not null)`;

const saysOneOf = ({ engine }: Database, articles: ArticleId[]): RawBuilder<boolean> => sql<boolean>`exists (
  select 1 from messages m
  where m.id = deliveries.message_id and m.kind = 'article' and m.action = 'send' and m.article_id ${engine.anyOf(articles)})`;
