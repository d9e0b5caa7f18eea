import type { Article, FeedId } from "#core/model";
import type { Audience, Store } from "#core/ports";
import { createRouter } from "#core/wants";

/** For whom an article is. */
export type Route = (article: Article, feed: FeedId) => Audience;

/**
 * Routes articles by what chats want. What is known of wants is kept, since they only grow: each call reads those that
 * came since the last one.
 */
export function createRoutes(): (tx: Store) => Promise<Route> {
  const router = createRouter([]);
  let count = 0;
  let newest: number | undefined;
  return async (tx) => {
    const added = await tx.subscriptions.wants(newest);
    router.add(added);
    count += added.length;
    newest = added.at(-1)?.id ?? newest;
    return (article, feed) => {
      const wants = router(article, feed);
      // Where nobody is left out there is nothing to look up for each chat.
      return wants.length === count ? "subscribed" : { wants };
    };
  };
}
