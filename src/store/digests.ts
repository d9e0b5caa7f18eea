import { type RawBuilder, sql } from "kysely";
import type { ArticleId, ChatId, DeliveryId, MessageId } from "#core/model";
import type { DigestGroup, HoursStore, NewDigest } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import type { DigestBody } from "#store/digest-content";
import { nextChanged, nextOfMoment } from "#store/digest-parts";
import { isArticle } from "#store/holding";
import { toInstant, toJson, toLaneNumber } from "#store/rows";

export function createDigestStore(database: Database): Pick<HoursStore, "nextPart" | "deliver" | "endPart"> {
  return {
    nextPart: (now) =>
      inTransaction(database, async (tx) => (await nextOfMoment(tx, now)) ?? (await nextChanged(tx, now))),

    deliver: (part, digests, now) =>
      inTransaction(database, async (tx) => {
        if (digests.length === 0) return;
        const ids = await writeMessages(tx, part.moment, digests, now);
        await breath();
        const pairs = digests.flatMap(({ group }) =>
          group.chats.map((chat) => [ids.get(keyOf(part.moment, group)), chat]),
        );
        const [each, message, chat] =
          tx.engine.name === "SQLite"
            ? [sql`json_each(${toJson(pairs)})`, sql`json_extract(p.value, '$[0]')`, sql`json_extract(p.value, '$[1]')`]
            : [
                sql`json_array_elements(cast(${toJson(pairs)} as json))`,
                sql`(p.value ->> 0)::bigint`,
                sql`(p.value ->> 1)::bigint`,
              ];
        await sql`
          insert into deliveries (message_id, chat_id, platform, lane, state, queued_at)
          select ${message}, c.id, c.platform, cast(${toLaneNumber("digest")} as bigint), 'pending',
            cast(${toInstant(now)} as bigint)
          from ${each} p join chats c on c.id = ${chat}
          where c.closed_at is null order by c.id
          on conflict (message_id, chat_id) do nothing`.execute(tx.db);
      }),

    endPart: ({ range }, { reason, asides }, now) =>
      inTransaction(database, async (tx) => {
        const { takesFrom, releases, upTo, of } = range;
        for (const aside of asides) {
          const { chats, articles } = aside;
          await skip(tx, { chats, upTo, why: sql`${aside.reason}`, now }, saysOneOf(tx, articles));
          await breath();
        }
        const why = sql`case when ${isRetracted} then 'Its publisher took the article back.' else ${reason} end`;
        await skip(tx, { chats: takesFrom, upTo, why, now }, isArticle);
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

const keyOf = (moment: string, { key }: DigestGroup): string => `${moment}:${key}`;

/** Writes those of the digests' messages that are not there yet; all of them by their keys. */
async function writeMessages(
  { db, engine }: Database,
  moment: string,
  digests: readonly NewDigest[],
  now: Date,
): Promise<Map<string, MessageId>> {
  const byKey = new Map(digests.map((digest) => [keyOf(moment, digest.group), digest]));
  const select = () =>
    sql<{ id: MessageId; key: string }>`select id, key from messages where key ${engine.anyOf([...byKey.keys()])}`;
  const known = new Map((await select().execute(db)).rows.map(({ id, key }) => [key, id]));
  const missing = [...byKey].filter(([key]) => !known.has(key));
  if (missing.length === 0) return known;
  const added = await db
    .insertInto("messages")
    .values(
      missing.map(([key, { body }]) => {
        const kept: DigestBody = { ...body, at: toInstant(body.at) };
        const lane = toLaneNumber("digest");
        const digest = { kind: "digest", action: "send", audience: "digest" } as const;
        return { key, lane, ...digest, body: toJson(kept), created_at: toInstant(now) };
      }),
    )
    .returning(["id", "key"])
    .execute();
  for (const { id, key } of added) {
    known.set(key, id);
    const articles = byKey.get(key)?.body.sections.flatMap((section) => section.articles) ?? [];
    await db
      .insertInto("digest_articles")
      .values(articles.map((article, place) => ({ message_id: id, article_id: article, place })))
      .execute();
  }
  return known;
}

async function skip(
  { db, engine }: Database,
  { chats, upTo, why, now }: { chats: ChatId[]; upTo: DeliveryId; why: RawBuilder<unknown>; now: Date },
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
