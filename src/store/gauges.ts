import { type RawBuilder, sql } from "kysely";
import type { FeedId } from "#core/model";
import { lanes } from "#core/model";
import type { FeedGauge, GaugeStore, WaitingGauge } from "#core/ports";
import { breath } from "#store/breath";
import type { Database } from "#store/database";
import { toDate, toInstant, toLane, toLaneNumber } from "#store/rows";
import { writePulse } from "#store/set-back";

/** Deliveries counted in one statement: SQLite stalls the process for some 3 ms meanwhile. */
const chunk = 20_000;
/** Articles that are published within one such span count as one: tools publish in bursts. */
const burstMs = 10 * 60_000;

export function createGaugeStore(database: Database): GaugeStore {
  const { db } = database;
  /** Along the index of what waits, in pieces: a broadcast to a million chats must not hold up the process. */
  const pendingIn = async (platform: string, lane: number, now: number) => {
    let count = 0;
    let oldest: number | null = null;
    for (let cursor = 0; ; ) {
      const { rows } = await sql<{ count: number; last: number | null; due: number | null }>`
        select count(*) as count, max(id) as last, min(case when not_before <= ${now} then id end) as due
        from (${pendingAfter(platform, lane, cursor, chunk)}) w`.execute(db);
      const { count: counted, last, due } = rows[0] ?? { count: 0, last: null, due: null };
      count += counted;
      oldest ??= due;
      if (last === null || counted < chunk) return { count, oldest };
      cursor = last;
      await breath();
    }
  };

  const dueSince = async (id: number | null): Promise<Date | null> => {
    if (id === null) return null;
    const { rows } = await sql<{ queued_at: number; not_before: number }>`
      select queued_at, not_before from deliveries where id = ${id}`.execute(db);
    const [row] = rows;
    return row ? new Date(Math.max(row.queued_at, row.not_before)) : null;
  };

  const pending = async (now: number): Promise<WaitingGauge[]> => {
    const found: WaitingGauge[] = [];
    for (let platform = await nextPlatform(""); platform !== null; platform = await nextPlatform(platform)) {
      for (const lane of lanes) {
        const { count, oldest } = await pendingIn(platform, toLaneNumber(lane), now);
        if (count > 0) found.push({ platform, lane, state: "pending", count, since: await dueSince(oldest) });
      }
    }
    return found;
  };

  /** The first platform after this one on which something waits. */
  const nextPlatform = async (after: string): Promise<string | null> => {
    const { rows } = await sql<{ platform: string | null }>`
      select min(platform) as platform from deliveries where state = 'pending' and platform > ${after}`.execute(db);
    return rows[0]?.platform ?? null;
  };

  return {
    async waiting(now) {
      const at = toInstant(now);
      const { rows } = await sql<Omit<WaitingGauge, "lane" | "since"> & { lane: number; since: number | null }>`
        select platform, lane, 'sending' as state, count(*) as count, min(claimed_at) as since
        from deliveries where state = 'sending' group by platform, lane
        union all
        select d.platform, d.lane, case when d.look_at is null then 'undecided' else 'unknown' end, count(*), min(d.ended_at)
        from deliveries d join messages m on m.id = d.message_id
        where d.state = 'unknown' and m.key not like 'word:%' group by 1, 2, 3
        order by platform, state, lane`.execute(db);
      const others = rows.map((row) => ({ ...row, lane: toLane(row.lane), since: toDate(row.since) }));
      return [...(await pending(at)), ...others];
    },

    async lastSent(platform) {
      const { rows } = await sql<{ at: number | null }>`
        select max(ended_at) as at from deliveries
        where platform = ${platform} and state = 'sent' and ended_at is not null`.execute(db);
      return toDate(rows[0]?.at ?? null);
    },

    async feeds() {
      const { rows } = await sql<{ active: number; failing: number; oldest: number | null }>`
        select count(*) as active, count(case when failures > 0 then 1 end) as failing, min(read_at) as oldest
        from feeds where active = 1 and ended_why is null`.execute(db);
      const { active, failing, oldest } = rows[0] ?? { active: 0, failing: 0, oldest: null };
      return { active, failing, oldestRead: toDate(oldest) };
    },

    async failing(failures, limit) {
      const { rows } = await sql<FeedRow>`
        select ${feedColumns} from feeds f where active = 1 and ended_why is null and failures >= ${failures}
        order by failures desc, id limit ${limit}`.execute(db);
      return rows.map(toFeedGauge);
    },

    async eachFeed(after, limit) {
      const { rows } = await sql<FeedRow>`
        select ${feedColumns} from feeds f where active = 1 and ended_why is null and id > ${after}
        order by id limit ${limit}`.execute(db);
      return rows.map(toFeedGauge);
    },

    async publications(feed, since) {
      // A date in the future, or none, says less than when the article was seen.
      const at = sql`case when published_at is null or published_at > seen_at then seen_at else published_at end`;
      const { rows } = await sql<{ burst: number }>`
        select distinct (${at}) / ${sql.lit(burstMs)} as burst from articles
        where feed_id = ${feed} and seen_at >= ${toInstant(since)} and ${at} >= ${toInstant(since)}
        order by burst`.execute(db);
      return rows.map(({ burst }) => new Date(burst * burstMs));
    },

    async delays(platform, since, limit) {
      const news = sql.join([toLaneNumber("breaking"), toLaneNumber("article")]);
      // What editors held is told from when they let it go.
      // The newest first and alone: a join in another order would walk over all that was ever sent.
      const { rows } = await sql<{ published_at: number; seen_at: number; ended_at: number }>`
        select
          case when a.announced_at > a.seen_at then a.announced_at else a.published_at end as published_at,
          case when a.announced_at > a.seen_at then a.announced_at else a.seen_at end as seen_at, s.ended_at
        from (
          select message_id, ended_at from deliveries
          where platform = ${platform} and state = 'sent' and ended_at is not null and ended_at >= ${toInstant(since)}
            and lane in (${news})
          order by ended_at desc limit ${limit}) s
        join messages m on m.id = s.message_id join articles a on a.id = m.article_id
        where m.action = 'send' and a.published_at is not null
        order by s.ended_at desc`.execute(db);
      return rows.map((row) => ({
        publishedAt: new Date(row.published_at),
        seenAt: new Date(row.seen_at),
        sentAt: new Date(row.ended_at),
      }));
    },

    pulse: (now) => writePulse(database, now),
  };
}

/** `state = 'pending'` stands as text: SQLite uses a partial index only then. */
const pendingAfter = (platform: string, lane: number, after: number, limit: number): RawBuilder<unknown> =>
  sql`select id, not_before from deliveries
    where state = 'pending' and platform = ${platform} and lane = ${lane} and id > ${after} order by id limit ${limit}`;

interface FeedRow {
  id: FeedId;
  address: string;
  title: string | null;
  read_at: number | null;
  failures: number;
  newest_at: number | null;
}

const feedColumns = sql`
  f.id, f.address, f.title, f.read_at, f.failures,
  (select max(a.seen_at) from articles a where a.feed_id = f.id) as newest_at`;

const toFeedGauge = (row: FeedRow): FeedGauge => ({
  id: row.id,
  address: row.address,
  title: row.title,
  readAt: toDate(row.read_at),
  failures: row.failures,
  newestAt: toDate(row.newest_at),
});
