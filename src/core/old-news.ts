import type { Article, Feed, StoredArticle } from "#core/model";

type Reads = Pick<Feed, "firstReadAt" | "readAt">;

/** Clocks and zones differ: so much older a date must be before it alone says that an article is old. */
const graceMs = 24 * 60 * 60_000;
/** So many old articles at once, and none that is known: an archive, or a feed that gave all its articles other ids. */
const leastArchive = 4;

/**
 * The ids of articles that are not known and yet no news, by how the source shows them: its window was moved or widened over
 * what it had before. One was taken out above them, the feed was made longer, or it was empty when it was first read. Where
 * a date alone is wrong, the place among the known articles says otherwise, and it goes out.
 *
 * @param articles as the source gives them, newest first
 */
export function cameIntoSight(
  articles: readonly Article[],
  known: ReadonlyMap<string, StoredArticle>,
  { firstReadAt, readAt }: Reads,
): ReadonlySet<string> {
  const fresh = articles.filter(({ sourceId }) => !known.has(sourceId));
  if (!firstReadAt || fresh.length === 0) return new Set();
  const lastKnown = articles.findLastIndex(({ sourceId }) => known.has(sourceId));
  const settled = (readAt ?? firstReadAt).getTime() - graceMs;
  const limit =
    lastKnown < 0
      ? settled
      : Math.min(Math.max(firstReadAt.getTime(), settled), oldestOf(articles, known) ?? Number.NEGATIVE_INFINITY);
  const old = articles.filter(
    ({ sourceId, publishedAt }, index) =>
      !known.has(sourceId) && publishedAt !== null && publishedAt.getTime() < limit && index > lastKnown,
  );
  return new Set(lastKnown < 0 && old.length < leastArchive ? [] : old.map(({ sourceId }) => sourceId));
}

/** The earliest time that any known article of a read has or had; null where none is dated. */
function oldestOf(articles: readonly Article[], known: ReadonlyMap<string, StoredArticle>): number | null {
  let oldest: number | null = null;
  for (const { sourceId, publishedAt } of articles) {
    const before = known.get(sourceId);
    if (!before) continue;
    for (const date of [publishedAt, before.publishedAt]) {
      if (date !== null && (oldest === null || date.getTime() < oldest)) oldest = date.getTime();
    }
  }
  return oldest;
}

/**
 * The ids of articles that a feed gives without a date and whose own pages say that they are old: a page was touched, which
 * is no news.
 *
 * @param completed the same articles with what their pages say
 */
export function oldByTheirPages(
  articles: readonly Article[],
  completed: readonly Article[],
  { firstReadAt }: Reads,
): ReadonlySet<string> {
  if (!firstReadAt) return new Set();
  const oldest = new Date(firstReadAt.getTime() - graceMs);
  const undated = new Set(articles.filter(({ publishedAt }) => publishedAt === null).map(({ sourceId }) => sourceId));
  const old = completed.filter(
    ({ sourceId, publishedAt }) => publishedAt !== null && publishedAt < oldest && undated.has(sourceId),
  );
  return new Set(old.map(({ sourceId }) => sourceId));
}
