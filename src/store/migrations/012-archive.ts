import type { Migration } from "#store/migrations/migration";

/** What one article costs beside a large archive. */
export const archive: Migration = {
  number: 12,
  name: "archive",
  statements: () => [
    // By what other names an article is known: asked when one is explained, and when one is removed.
    "create index article_aliases_article on article_aliases (article_id)",
  ],
};
