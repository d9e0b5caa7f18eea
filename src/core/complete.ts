import { FeedError } from "#core/errors";
import type { Article, Feed } from "#core/model";
import type { ContentAdapter, Log, Store } from "#core/ports";
import { type Intake, oldestFirst } from "#core/take-in";

/** What a read brought, with what the articles' own pages say. */
interface Completed {
  articles: Article[];
  /** A page could not be read and is to be tried again at the feed's next read. */
  isOpen: boolean;
}

/**
 * Reads the own pages of new articles where the newsroom asks for it, or where the feed has no more than links. An article
 * does not wait for its page: one that cannot be read goes out as its feed has it, and is corrected when the page is there.
 */
export type Complete = (
  feed: Feed,
  adapter: ContentAdapter,
  articles: Article[],
  sends: Intake["sends"],
  signal: AbortSignal,
) => Promise<Completed>;

/** New articles of one read whose own pages are read; the rest of a flood goes out as it is. */
const mostCompleted = 10;
/** Reads of a feed at which a page is tried: it may come some minutes after its mention. */
const mostTries = 5;
/** Articles whose pages are still to come. */
const mostOpen = 1_000;

export function createComplete({ store, log }: { store: Store; log: Log }): Complete {
  /** Tries that are left, by feed and id. */
  const open = new Map<string, number>();

  return async (feed, adapter, articles, sends, signal) => {
    if (!adapter.complete || feed.rules.pages === false) return { articles, isOpen: false };
    const wanting = oldestFirst(articles).filter(
      ({ summary, text }) => feed.rules.pages || (summary === null && text === null),
    );
    // Most feeds say all: nothing has to be looked up for them.
    if (wanting.length === 0) return { articles, isOpen: false };
    const known = await store.articles.bySourceIds(
      feed.id,
      wanting.map(({ sourceId }) => sourceId),
    );
    const keyOf = ({ sourceId }: Article): string => `${feed.id} ${sourceId}`;
    const bare = wanting.filter((article) => !known.has(article.sourceId) || open.has(keyOf(article)));
    const asked = new Set(sends === "newest" ? bare.slice(-1) : bare.slice(-mostCompleted));
    let isOpen = false;

    const completeOne = async (article: Article): Promise<Article> => {
      const key = keyOf(article);
      const left = (open.get(key) ?? mostTries) - 1;
      open.delete(key);
      try {
        return (await adapter.complete?.(article, signal)) ?? article;
      } catch (error) {
        if (!(error instanceof FeedError)) throw error;
        log.info({ feed: feed.id, reason: error.reason }, `an article goes out as its feed has it: ${error.message}`);
        if (left > 0 && open.size < mostOpen) {
          open.set(key, left);
          isOpen = true;
        }
        return article;
      }
    };

    const completed = await Promise.all(
      articles.map((article) => (asked.has(article) ? completeOne(article) : article)),
    );
    return { articles: completed, isOpen };
  };
}
