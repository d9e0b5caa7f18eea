import { sql } from "kysely";
import type { ArticleId, DeliveryId, MessageContent, Receipt, StoredArticle } from "#core/model";
import type { NewDigest } from "#core/ports";
import type { Database } from "#store/database";
import { toReceipt } from "#store/rows";

type DigestContent = Extract<MessageContent, { kind: "digest" }>;

/** A digest's body as its message keeps it: instants as milliseconds, articles by their ids. */
export interface DigestBody extends Omit<NewDigest["body"], "at"> {
  at: number;
}

/** A digest, and what its chat holds of it. */
export interface KeptDigest {
  body: DigestBody;
  receipt: Receipt | null;
}

/** What the digests among these deliveries say: a correction has the words of the digest that its chat holds. */
export async function digestsOf(
  { db, engine }: Database,
  rows: readonly { id: DeliveryId; kind: string; action: string; body: string | null }[],
): Promise<Map<DeliveryId, KeptDigest>> {
  const digests = rows.filter(({ kind }) => kind === "digest");
  const found = new Map<DeliveryId, KeptDigest>();
  for (const { id, body } of digests) if (body !== null) found.set(id, { body: parse(body), receipt: null });
  const corrections = digests.filter(({ action }) => action === "correct").map(({ id }) => id);
  if (corrections.length === 0) return found;
  const { rows: held } = await sql<{ id: DeliveryId; body: string; receipt: string | null }>`
    select d.id, om.body, o.receipt
    from deliveries d cross join messages m cross join digest_articles x cross join messages om cross join deliveries o
    where d.id ${engine.anyOf(corrections)} and m.id = d.message_id and x.article_id = m.article_id
      and om.id = x.message_id and o.message_id = om.id and o.chat_id = d.chat_id
      and o.state in ('sent', 'sending', 'unknown')
    order by o.id`.execute(db);
  for (const { id, body, receipt } of held) found.set(id, { body: parse(body), receipt: toReceipt(receipt) });
  return found;
}

/** The ids of all articles of a digest. */
export const articlesIn = (digest: KeptDigest | undefined): ArticleId[] =>
  digest?.body.sections.flatMap(({ articles }) => articles) ?? [];

/** The digest in its newest words, without what was taken back; `corrected` is the article that a correction is about. */
export function toDigest(
  digest: KeptDigest | undefined,
  articles: Map<ArticleId, StoredArticle>,
  corrected: ArticleId | null,
): DigestContent {
  // A chat that holds it no more is told nothing: its correction has no receipt.
  const { occasion, at, zone, sections, more } = digest?.body ?? nothing;
  const about = corrected === null ? undefined : articles.get(corrected);
  return {
    kind: "digest",
    occasion,
    at: new Date(at),
    zone,
    sections: sections
      .map(({ topic, articles: ids }) => ({
        topic,
        articles: ids.flatMap((id) => articles.get(id) ?? []).filter(({ retractedAt }) => retractedAt === null),
      }))
      .filter((section) => section.articles.length > 0),
    more,
    ...(about ? { corrected: about } : {}),
  };
}

const nothing: DigestBody = { occasion: "hour", at: 0, zone: "UTC", sections: [], more: 0 };

const parse = (body: string): DigestBody => JSON.parse(body) as DigestBody;
