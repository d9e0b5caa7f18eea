import type { Article, FeedId, StoredArticle } from "#core/model";
import type { ArticleStore } from "#core/ports";
import { isRevision } from "#core/revise";

/** What an item of a feed is, seen beside what is known. */
export type Verdict =
  | { kind: "new" }
  /** Known as it stands. */
  | { kind: "known"; article: StoredArticle }
  /** Known in an older version. */
  | { kind: "changed"; article: StoredArticle }
  /** A known story under another id or from another feed. */
  | { kind: "twin"; article: StoredArticle };

/**
 * Decides by the feed's own id first. Another id is the same story only where link and headline both agree:
 * a feed whose items all link to its front page must not melt into one.
 */
export async function dedupe(articles: ArticleStore, feed: FeedId, article: Article): Promise<Verdict> {
  const known = await articles.bySourceId(feed, article.sourceId);
  if (known) {
    // A twin's own feed tells its changes: what another feed says of the story must not be taken for a revision.
    const own = known.feedId === feed && known.sourceId === article.sourceId;
    return own && isRevision(known, article) ? { kind: "changed", article: known } : { kind: "known", article: known };
  }
  if (article.url === null) return { kind: "new" };
  const title = comparable(article.title);
  const twin = (await articles.byUrl(article.url)).find((other) => comparable(other.title) === title);
  return twin ? { kind: "twin", article: twin } : { kind: "new" };
}

/** A headline without what changes nothing for a reader: case, spaces, punctuation, marks of direction and vowels. */
const comparable = (title: string): string =>
  title
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");
