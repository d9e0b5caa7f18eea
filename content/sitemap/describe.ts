import { publicationOf, toArticle } from "./article.ts";
import { parseSitemap } from "./parse.ts";

/** A sitemap for a person to look at. */
export interface SitemapDescription {
  /** The newspaper's name; null where no entry gives one. */
  title: string | null;
  items: {
    title: string;
    link: string;
    id: string;
    /** ISO 8601. Without a date of publishing, the one date that plain sitemaps have. */
    published: string | null;
    updated: string | null;
    summary: string | null;
    image: string | null;
  }[];
}

/** Every address of one sitemap in the document's order; an index has none of its own. @throws FeedError "not-a-feed" */
export function describeSitemap(
  bytes: Uint8Array,
  from: { url: string; contentType: string | null },
): SitemapDescription {
  const { urls } = parseSitemap(bytes, from);
  const items = urls.map((entry) => {
    const { title, summary, image, sourceId, publishedAt, updatedAt } = toArticle(entry);
    return {
      title,
      link: entry.link,
      id: sourceId,
      published: (publishedAt ?? updatedAt)?.toISOString() ?? null,
      updated: updatedAt?.toISOString() ?? null,
      summary,
      image,
    };
  });
  return { title: publicationOf(urls), items };
}
