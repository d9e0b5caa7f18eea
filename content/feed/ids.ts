import type { Article } from "#core/model";
import { linkId, ownId, textId } from "../shared/source-id.ts";

/** The feed's own id; null when it gives none. */
export function givenId(raw: string | undefined): string | null {
  const id = raw?.trim().replace(/[\0-\x1f\x7f]/g, "");
  return id ? ownId(id).toWellFormed() : null;
}

/** An id for what comes without one: the same at each reading. */
export function derivedId(url: string | null, title: string, publishedAt: Date | null): string {
  return url ? linkId(url) : textId(`${title}\n${publishedAt?.toISOString() ?? ""}`);
}

/**
 * Each article once, each under an id of its own. Some feeds give all their items one id: where several share it and are
 * not the same story, each gets an id from its link, or from its link and headline where they share the link too.
 */
export function withoutDoubles(articles: Article[]): Article[] {
  const byId = Map.groupBy(articles, ({ sourceId }) => sourceId);
  if (byId.size === articles.length) return articles;
  const ids = new Map<Article, string>();
  for (const [id, group] of byId) {
    const stories = [...Map.groupBy(group, ({ url, title }) => `${url}\n${title}`).values()].flatMap(([first]) =>
      first ? [first] : [],
    );
    const links = new Map<string | null, number>();
    for (const { url } of stories) links.set(url, (links.get(url) ?? 0) + 1);
    for (const story of stories) {
      const { url, title, publishedAt } = story;
      const isLinkOwn = url !== null && links.get(url) === 1;
      const derived = isLinkOwn ? derivedId(url, title, publishedAt) : derivedId(null, `${url}\n${title}`, null);
      ids.set(story, stories.length === 1 ? id : derived);
    }
  }
  // In the feed's order.
  const taken = new Set<string>();
  return articles.flatMap((article) => {
    const sourceId = ids.get(article);
    if (sourceId === undefined || taken.has(sourceId)) return [];
    taken.add(sourceId);
    return [sourceId === article.sourceId ? article : { ...article, sourceId }];
  });
}
