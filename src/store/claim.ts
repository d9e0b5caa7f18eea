import { type RawBuilder, sql } from "kysely";
import type {
  ChatId,
  ClaimedDelivery,
  DeliveryId,
  MessageContent,
  Receipt,
  Span,
  StoredArticle,
  Style,
} from "#core/model";
import { awaitsProof } from "#store/awaits-proof";
import { breath } from "#store/breath";
import { obeyCourse } from "#store/course";
import { type Database, type Engine, inTransaction } from "#store/database";
import { articlesIn, digestsOf, type KeptDigest, toDigest } from "#store/digest-content";
import { digestVersion, versionInDigest } from "#store/digest-version";
import { mindsHours, obeyHours } from "#store/holding";
import { toChat, toInstant, toLane, toReceipt, toStoredArticle } from "#store/rows";

/**
 * Rounds in which a claim finds nothing but what a paused or stopped broadcast left: then it ends empty, and is rung for
 * again when the rows have been put aside in large steps.
 */
const mostAsides = 8;
/** Rows looked at together when a claim found nothing but what its chats' hours hold up: some 10 ms. */
const sweep = 1_000;
/** Sweeps in one transaction: then others have their turn, and the claim goes on in another one. */
const mostSweeps = 4;

/**
 * Takes deliveries that are due and marks them `sending`, in one transaction.
 *
 * Claims of one platform come one after the other: each sees what the one before took, so that no chat gets two at once.
 */
export async function claimDeliveries(
  database: Database,
  platform: string,
  limit: number,
  resting: ChatId[],
  now: Date,
): Promise<ClaimedDelivery[]> {
  while (true) {
    const claimed = await claimOnce(database, platform, limit, resting, now);
    if (claimed) return claimed;
    await breath();
  }
}

/** Null where all that was looked at so far is held up by the hours of its chats. */
function claimOnce(
  database: Database,
  platform: string,
  limit: number,
  resting: ChatId[],
  now: Date,
): Promise<ClaimedDelivery[] | null> {
  return inTransaction(database, async (tx) => {
    const { db, engine } = tx;
    await engine.lock(db, `claim:${platform}`);
    const minds = await mindsHours(tx);
    let left = mostAsides;
    let sweeps = 0;
    while (left > 0) {
      const { rows } = await dueDeliveries(engine, platform, sweeps > 0 ? sweep : limit, resting, now).execute(db);
      const due = rows.map(({ id }) => id);
      if (due.length === 0) return [];
      const aside = await obeyCourse(tx, due, now);
      const leftOver = due.filter((id) => !aside.has(id));
      const heldUp = minds ? await obeyHours(tx, leftOver, now) : none;
      const going = leftOver.filter((id) => !heldUp.has(id)).slice(0, limit);
      if (going.length === 0) {
        if (heldUp.size === 0) left -= 1;
        else if (sweeps === mostSweeps) return null;
        else sweeps += 1;
        continue;
      }
      // Before it is asked what was taken back: what is taken back meanwhile would find nobody who holds it yet.
      await lockArticles(tx, going);
      const unwanted = await skipUnwanted(tx, going, now);
      const wanted = going.filter((id) => !unwanted.has(id));
      if (wanted.length === 0) continue;
      await markSending(tx, wanted, now);
      return readDeliveries(tx, wanted);
    }
    return [];
  });
}

const none: ReadonlySet<DeliveryId> = new Set();

/**
 * The claimable ids, most urgent first: it walks the index of what waits, and asks of each row that it passes three
 * questions of its chat's own queue. They are written as single values because PostgreSQL would turn an `exists` into
 * a join over all that waits; `state = 'pending'` stands as text because SQLite uses a partial index only then.
 */
export function dueDeliveries(
  engine: Engine,
  platform: string,
  limit: number,
  resting: ChatId[],
  now: Date,
): RawBuilder<{ id: DeliveryId }> {
  const at = toInstant(now);
  return sql<{ id: DeliveryId }>`
    select ${engine.kept} d.id from deliveries d
    where d.state = 'pending' and d.platform = ${platform} and d.not_before <= ${at}
      and not (d.chat_id ${engine.anyOf(resting)})
      and (select s.id from deliveries s
           where s.platform = d.platform and s.chat_id = d.chat_id and s.state = 'sending' limit 1) is null
      and (select e.id from deliveries e where e.chat_id = d.chat_id and e.state = 'pending' and e.lane = d.lane
           order by e.id limit 1) = d.id
      and not ${awaitsProof("d", platform, now)}
      and (select h.id from deliveries h where h.chat_id = d.chat_id and h.state = 'pending' and h.lane < d.lane
           and h.not_before <= ${at} and not ${awaitsProof("h", platform, now)}
           and (select g.id from deliveries g where g.chat_id = h.chat_id and g.state = 'pending' and g.lane = h.lane
                order by g.id limit 1) = h.id limit 1) is null
    order by d.lane, d.id limit ${limit} ${engine.locking("update skip locked")}`;
}

/** Why a delivery whose turn has come is not sent. */
const unwantedWhy = {
  left: "The chat was closed or ended its subscription before its turn came.",
  retracted: "The article was taken back.",
  emptied: "All articles in it were taken back.",
  said: "The chat got the newest words already.",
} as const;

/**
 * Skips what its chat no longer wants. Closing a chat and ending a subscription skip what waits already; left are those
 * that came back from `sending` after it, or were being written at that moment.
 */
async function skipUnwanted({ db, engine }: Database, ids: DeliveryId[], now: Date): Promise<Set<DeliveryId>> {
  const { rows } = await sql<{ id: DeliveryId; why: keyof typeof unwantedWhy }>`
    select ${engine.kept} id, why from (
      select d.id, case
        when c.closed_at is not null
          or (m.audience <> 'chat' and s.chat_id is null and not (${isMended})) then 'left'
        when m.kind = 'article' and m.action <> 'recall' and a.retracted_at is not null then 'retracted'
        when m.kind = 'digest' and m.action = 'send' and ${isEmptied} then 'emptied'
        when m.kind = 'article' and m.action = 'correct' and ${isSaidAlready} then 'said' end as why
      from deliveries d
        join messages m on m.id = d.message_id
        join chats c on c.id = d.chat_id
        left join subscriptions s on s.chat_id = d.chat_id
        left join articles a on a.id = m.article_id
      where d.id ${engine.anyOf(ids)}) u
    where why is not null`.execute(db);
  for (const [why, reason] of Object.entries(unwantedWhy)) {
    const those = rows.filter((row) => row.why === why).map(({ id }) => id);
    if (those.length === 0) continue;
    await sql`
      update deliveries set state = 'skipped', ended_at = ${toInstant(now)}, reason = ${reason}
      where id ${engine.anyOf(those)}`.execute(db);
  }
  return new Set(rows.map(({ id }) => id));
}

/** It takes something back, or mends a digest: owed also to a chat that wants nothing more. */
const isMended = sql<boolean>`m.action = 'recall' or (m.kind = 'digest' and m.action = 'correct')`;

/** A digest of which nothing is left to tell. */
const isEmptied = sql<boolean>`not exists (
  select 1 from digest_articles x join articles t on t.id = x.article_id
  where x.message_id = m.id and t.retracted_at is null)`;

/** A correction of what was sent only after the correction was queued, in the newest words. */
const isSaidAlready = sql<boolean>`exists (
  select 1 from messages om cross join deliveries o
  where o.message_id = om.id and o.chat_id = d.chat_id and om.article_id = a.id and om.kind = 'article' and om.action = 'send'
    and o.state = 'sent' and o.revision >= a.revision)`;

/**
 * Waits for a revision or a retraction that is being written, and holds up one that would be: else a chat could be told
 * the old text, or what was taken back, while its correction or recall finds that nobody holds it yet.
 */
async function lockArticles({ db, engine }: Database, ids: DeliveryId[]): Promise<void> {
  if (engine.name === "SQLite") return;
  await sql`
    select ${engine.kept} a.id from articles a
    where a.id in (
      select m.article_id from messages m join deliveries d on d.message_id = m.id where d.id ${engine.anyOf(ids)}
      union
      select x.article_id from digest_articles x join deliveries d on d.message_id = x.message_id
      where d.id ${engine.anyOf(ids)})
    order by a.id ${engine.locking("share")}`.execute(db);
}

/** Each claim of a delivery is later than the one before, whatever the clocks of two machines say: it names the try. */
const claimedAfter = (now: Date) => sql`
  case when claimed_at >= ${toInstant(now)} then claimed_at + 1 else cast(${toInstant(now)} as bigint) end`;

async function markSending({ db, engine }: Database, ids: DeliveryId[], now: Date): Promise<void> {
  await sql`
    update ${engine.kept} deliveries set state = 'sending', reason = null, claimed_at = ${claimedAfter(now)}, revision = coalesce((
      select case m.kind when 'digest' then ${versionInDigest} else a.revision end
      from messages m join articles a on a.id = m.article_id where m.id = deliveries.message_id),
      ${digestVersion(sql.ref("deliveries.message_id"))})
    where id ${engine.anyOf(ids)}`.execute(db);
}

/** Deliveries with all that their sender needs, by lane, then age. */
export async function readDeliveries(tx: Database, ids: DeliveryId[]): Promise<ClaimedDelivery[]> {
  const { db, engine } = tx;
  const rows = await db
    .selectFrom("deliveries as d")
    .innerJoin("messages as m", "m.id", "d.message_id")
    .innerJoin("chats as c", "c.id", "d.chat_id")
    .modifyFront(engine.kept)
    .select(["d.id", "d.claimed_at", "d.message_id", "d.lane", "d.attempts"])
    .select(["m.key", "m.kind", "m.action", "m.article_id", "m.body"])
    .select(["c.id as chat_id", "c.platform", "c.address", "c.kind as chat_kind", "c.title", "c.style"])
    .where(sql<boolean>`d.id ${engine.anyOf(ids)}`)
    .orderBy("d.lane")
    .orderBy("d.id")
    .execute();
  const digests = await digestsOf(tx, rows);
  const named = rows.flatMap(({ id, article_id }) => [
    ...(article_id ? [article_id] : []),
    ...articlesIn(digests.get(id)),
  ]);
  const articles = await articlesOf(tx, [...new Set(named)]);
  const receipts = await receiptsOf(
    tx,
    rows.filter(({ kind, action }) => kind !== "digest" && action !== "send").map(({ id }) => id),
  );
  return rows.map((row) => ({
    id: row.id,
    claimedAt: new Date(row.claimed_at ?? 0),
    messageId: row.message_id,
    key: row.key,
    lane: toLane(row.lane),
    action: row.action,
    chat: toChat({ ...row, id: row.chat_id, kind: row.chat_kind }),
    attempts: row.attempts,
    content: toContent(row, digests.get(row.id), articles),
    style: JSON.parse(row.style) as Style,
    receipt: receipts.get(row.id) ?? digests.get(row.id)?.receipt ?? null,
  }));
}

export async function articlesOf({ db, engine }: Database, ids: number[]): Promise<Map<number, StoredArticle>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("articles")
    .selectAll()
    .where(sql<boolean>`id ${engine.anyOf(ids)}`)
    .execute();
  return new Map(rows.map((row) => [row.id, toStoredArticle(row)]));
}

/** What the chat of each correction or recall already holds of its article. */
async function receiptsOf({ db, engine }: Database, ids: DeliveryId[]): Promise<Map<DeliveryId, Receipt | null>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: DeliveryId; receipt: string | null }>`
    select d.id, o.receipt
    from deliveries d cross join messages m cross join messages om cross join deliveries o
    where d.id ${engine.anyOf(ids)} and m.id = d.message_id
      and (om.article_id = m.article_id or om.broadcast_id = m.broadcast_id) and om.action = 'send'
      and o.message_id = om.id and o.chat_id = d.chat_id and o.receipt is not null
    order by o.id`.execute(db);
  return new Map(rows.map(({ id, receipt }) => [id, toReceipt(receipt)]));
}

function toContent(
  row: { key: string; kind: string; article_id: number | null; body: string | null },
  digest: KeptDigest | undefined,
  articles: Map<number, StoredArticle>,
): MessageContent {
  if (row.kind === "digest") return toDigest(digest, articles, row.article_id);
  if (row.kind === "article") {
    const article = articles.get(row.article_id ?? 0);
    if (!article) throw new Error(`The message ${row.key} has lost its article.`);
    return { kind: "article", article };
  }
  const body = JSON.parse(row.body ?? "{}") as { spans: Span[]; signature?: string | null };
  return row.kind === "broadcast"
    ? { kind: "broadcast", spans: body.spans, signature: body.signature ?? null }
    : { kind: "notice", spans: body.spans };
}
