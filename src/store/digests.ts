import { sql } from "kysely";
import type { ArticleId, ChatId, DeliveryId, MessageId } from "#core/model";
import type { DigestAside, DigestedDelivery, DigestGroup, HoursStore, NewDigest } from "#core/ports";
import { breath } from "#store/breath";
import { type Database, inTransaction } from "#store/database";
import type { DigestBody } from "#store/digest-content";
import { nextChanged, nextOfMoment } from "#store/digest-parts";
import { givenRows } from "#store/given-rows";
import { isArticle, isHeld } from "#store/holding";
import { toInstant, toJson, toLaneNumber } from "#store/rows";

/** Rows written in one step: SQLite stalls the process for some 10 ms meanwhile. */
const step = 1_000;
/** Digests written in one step: their texts are long. */
const messageStep = 100;

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
        for (const some of slices(pairs)) {
          const { from, number } = givenRows(tx.engine, some);
          await sql`
            insert into deliveries (message_id, chat_id, platform, lane, state, queued_at)
            select ${number(0)}, c.id, c.platform, cast(${toLaneNumber("digest")} as bigint), 'pending',
              cast(${toInstant(now)} as bigint)
            from ${from} join chats c on c.id = ${number(1)}
            where c.closed_at is null order by c.id
            on conflict (message_id, chat_id) do nothing`.execute(tx.db);
          await breath();
        }
      }),

    endPart: ({ range }, { reason, asides }, now) =>
      inTransaction(database, async (tx) => {
        const { ends, releases, of } = range;
        for (const [why, ids] of byReason(ends, asides, reason)) await skip(tx, ids, why, now);
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

const keyOf = (moment: string, { key }: DigestGroup): string => `${moment}:${key}`;

/** Writes those of the digests' messages that are not there yet; all of them by their keys. */
async function writeMessages(
  tx: Database,
  moment: string,
  digests: readonly NewDigest[],
  now: Date,
): Promise<Map<string, MessageId>> {
  const { db, engine } = tx;
  const byKey = new Map(digests.map((digest) => [keyOf(moment, digest.group), digest]));
  const select = () =>
    sql<{ id: MessageId; key: string }>`select id, key from messages where key ${engine.anyOf([...byKey.keys()])}`;
  const known = new Map((await select().execute(db)).rows.map(({ id, key }) => [key, id]));
  const missing = [...byKey].filter(([key]) => !known.has(key));
  for (const some of slices(missing, messageStep)) {
    const { from, number, text } = givenRows(
      tx.engine,
      some.map(([key, { body }], at) => [at, key, toJson({ ...body, at: toInstant(body.at) } satisfies DigestBody)]),
    );
    const { rows } = await sql<{ id: MessageId; key: string }>`
      insert into messages (key, lane, kind, action, audience, body, created_at)
      select ${text(1)}, cast(${toLaneNumber("digest")} as bigint), 'digest', 'send', 'digest', ${text(2)},
        cast(${toInstant(now)} as bigint)
      from ${from} where true order by ${number(0)}
      returning id, key`.execute(db);
    for (const { id, key } of rows) known.set(key, id);
    await breath();
  }
  const shown = missing.flatMap(([key, { body }]) =>
    body.sections
      .flatMap(({ articles }) => articles)
      .map((article, place) => [known.get(key), article, place] as const),
  );
  for (const some of slices(shown)) {
    const { from, number } = givenRows(tx.engine, some);
    await sql`
      insert into digest_articles (message_id, article_id, place)
      select ${number(0)}, ${number(1)}, ${number(2)} from ${from}`.execute(db);
    await breath();
  }
  return known;
}

function* slices<T>(all: readonly T[], size = step): Generator<T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}

/** Deliveries by why they end. */
function byReason(
  ends: readonly DigestedDelivery[],
  asides: readonly DigestAside[],
  told: string,
): Map<string, DeliveryId[]> {
  const whyOf = new Map<ChatId, Map<ArticleId, string>>();
  for (const { chats, articles, reason } of asides) {
    for (const chat of chats) {
      const why = whyOf.get(chat) ?? new Map<ArticleId, string>();
      for (const article of articles) why.set(article, reason);
      whyOf.set(chat, why);
    }
  }
  const ids = new Map<string, DeliveryId[]>();
  for (const { id, chat, article, isRetracted } of ends) {
    const why = isRetracted ? retractedWhy : (whyOf.get(chat)?.get(article) ?? told);
    const same = ids.get(why);
    if (same) same.push(id);
    else ids.set(why, [id]);
  }
  return ids;
}

const retractedWhy = "Its publisher took the article back.";

async function skip({ db, engine }: Database, all: readonly DeliveryId[], why: string, now: Date): Promise<void> {
  // In the order in which they lie there.
  for (const ids of slices([...all].sort((a, b) => a - b))) {
    await sql`
      update deliveries set state = 'skipped', reason = ${why}, ended_at = cast(${toInstant(now)} as bigint)
      where id ${engine.anyOf(ids)} and ${isHeld}`.execute(db);
    await breath();
  }
}

/** What is held for no article's sake goes on in its place, but for what belongs to a paused broadcast. */
async function release({ db, engine }: Database, chats: ChatId[]): Promise<void> {
  if (chats.length === 0) return;
  await sql`
    update deliveries set state = 'pending'
    where chat_id ${engine.anyOf(chats)} and ${isHeld} and not ${isArticle}
      and (select m.course from messages m where m.id = deliveries.message_id) is null`.execute(db);
}
