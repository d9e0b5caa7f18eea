import { type RawBuilder, sql } from "kysely";

/** Grows with each change of the article `a` that a digest shows: a revision, or that it was taken back. */
export const versionInDigest = sql<number>`(a.revision + case when a.retracted_at is null then 0 else 1 end)`;

/** Grows with each change of an article of the digest; null for a message that is none. */
export const digestVersion = (message: RawBuilder<unknown>): RawBuilder<number> => sql<number>`(
  select cast(sum(${versionInDigest}) as bigint) from digest_articles v join articles a on a.id = v.article_id
  where v.message_id = ${message})`;
