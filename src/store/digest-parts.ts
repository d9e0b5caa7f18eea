import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { ChatId, Hours, Wants } from "#core/model";
import type { DigestGroup, DigestPart } from "#core/ports";
import { articlesOf } from "#store/claim";
import type { Database } from "#store/database";
import { type ChatNews, newsOf } from "#store/digest-news";
import { isRowHeldUp } from "#store/holding";
import { nextChats } from "#store/hours-chats";
import { toInstant } from "#store/rows";

/** Held rows that one part ends, in one transaction: some 50 ms, in steps. */
const partRows = 5_000;
/** Chats whose hours changed that are looked at together. */
const mostSettled = 50;
/** Any delivery. */
const anyId = Number.MAX_SAFE_INTEGER;

/** The next chats of hours whose digests have begun. */
export async function nextOfMoment(tx: Database, now: Date): Promise<DigestPart | null> {
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
  const takesFrom = occasion === "release" ? [] : chats;
  // Who gets articles at once, too, is told of them again in the digest.
  const sentAfter = row.digests === 1 && row.at_once === 1 ? row.digest_after_id : null;
  const { news, ends } = await newsOf(tx, takesFrom, { upTo, sentAfter });
  return {
    moment: `digest:${id}:${row.digested_until}`,
    at: new Date(row.digested_until),
    occasion: occasion === null || occasion === "release" ? "hour" : occasion,
    ...(await toGroups(tx, news, () => row.hours)),
    range: { ends, releases: isWithin(now, row.quiet_from, row.quiet_to) ? [] : chats, of: { hours: id, next } },
  };
}

/**
 * The next chats that changed their hours. Those that are quiet now, or take digests, keep what is held until its time
 * comes; for others it has come.
 */
export async function nextChanged(tx: Database, now: Date): Promise<DigestPart | null> {
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
  const hours = new Map(rows.map((row) => [row.id, row.hours ?? "{}"]));
  const { news, ends } = await newsOf(tx, takesFrom, { upTo: anyId, sentAfter: null });
  return {
    moment: `digest:change:${toInstant(now)}`,
    at: now,
    occasion: "change",
    ...(await toGroups(tx, news, (chat) => hours.get(chat) ?? "{}")),
    range: { ends, releases: awake.map(({ id }) => id), of: { changed } },
  };
}

const isWithin = (now: Date, from: number | null, to: number | null): boolean =>
  from !== null && to !== null && from <= toInstant(now) && toInstant(now) < to;

/** Chats that are to be told the same, together. */
async function toGroups(
  tx: Database,
  news: readonly ChatNews[],
  /** JSON: Hours. */
  hoursOf: (chat: ChatId) => string,
): Promise<Pick<DigestPart, "groups" | "articles">> {
  const { db, engine } = tx;
  if (news.length === 0) return { groups: [], articles: new Map() };
  const wantsIds = [...new Set(news.map(({ wantsId }) => wantsId))];
  const { rows } = await sql<{ id: number; wants: string }>`
    select id, wants from wants where id ${engine.anyOf(wantsIds)}`.execute(db);
  const wants = new Map(rows.map((row) => [row.id, JSON.parse(row.wants) as Wants]));
  const groups = new Map<string, DigestGroup>();
  for (const { chat, wantsId, articles } of news) {
    const hours = hoursOf(chat);
    const same = `${wantsId}|${articles}|${hours}`;
    const group = groups.get(same);
    if (group) group.chats.push(chat);
    else {
      groups.set(same, {
        key: createHash("sha256").update(same).digest("base64url").slice(0, 16),
        wants: wants.get(wantsId) ?? {},
        hours: JSON.parse(hours) as Hours,
        chats: [chat],
        articles: articles.split(",").map(Number),
      });
    }
  }
  const ids = new Set([...groups.values()].flatMap(({ articles }) => articles));
  return { groups: [...groups.values()], articles: await articlesOf(tx, [...ids]) };
}
