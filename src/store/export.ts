import { sql } from "kysely";
import type { Database } from "#store/database";
import { toLane } from "#store/rows";

/** What can be handed out for other programs. */
export const exported = ["articles", "chats", "deliveries"] as const;
export type Exported = (typeof exported)[number];

export type ExportedRow = Record<string, string | number | null>;

/** Rows read at once: some hundred kilobytes, however many there are. */
const page = 500;

/** All of one kind in the order of their ids, a few at a time; what is added meanwhile may be among them. */
export async function* exportRows(database: Database, what: Exported): AsyncGenerator<ExportedRow[]> {
  for (let after = 0; ; ) {
    const { rows } = await sql<ExportedRow & { id: number }>`
      ${selects[what]} where t.id > ${after} order by t.id limit ${page}`.execute(database.db);
    if (rows.length > 0) yield rows.map(readable);
    if (rows.length < page) return;
    after = rows.at(-1)?.id ?? after;
  }
}

const selects = {
  articles: sql`
    select t.id, f.address as feed, t.source_id, t.url, t.kicker, t.title, t.summary, t.text, t.authors, t.topics,
      t.language, t.breaking, t.revision, t.published_at, t.seen_at, t.revised_at, t.announced_at, t.retracted_at,
      t.left_out_why
    from articles t join feeds f on f.id = t.feed_id`,
  chats: sql`
    select t.id, t.platform, t.address, t.kind, t.title, s.since as subscribed_at, t.unsubscribed_at, w.wants,
      h.hours, t.closed_at, t.closed_why
    from chats t left join subscriptions s on s.chat_id = t.id left join wants w on w.id = t.wants_id
      left join hours h on h.id = t.hours_id`,
  deliveries: sql`
    select t.id, t.chat_id, c.title as chat, t.platform, m.article_id, a.title as article, m.key as message, t.lane,
      m.action, t.state, t.reason, t.attempts, t.revision, t.queued_at, t.claimed_at, t.ended_at
    from deliveries t
      join messages m on m.id = t.message_id
      join chats c on c.id = t.chat_id
      left join articles a on a.id = m.article_id`,
};

/** Instants as ISO 8601 and lanes by their names; lists stay JSON. */
const readable = (row: ExportedRow): ExportedRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (typeof value !== "number") return [name, value];
      if (name.endsWith("_at")) return [name, new Date(value).toISOString()];
      return [name, name === "lane" ? toLane(value) : value];
    }),
  );
