import type { Migration } from "#store/migrations/migration";

/** What newsrooms publish in full, rules for feeds, what finds twins and retractions, and subscriptions at hubs. */
export const content: Migration = {
  number: 2,
  name: "content",
  statements: ({ types: { int, small, endOfTable } }) => [
    "alter table feeds add column title text",
    "alter table feeds add column rules text not null default '{}'",
    `alter table feeds add column added ${small} not null default 0`,

    "alter table articles add column text text",
    "alter table articles add column authors text not null default '[]'",
    `alter table articles add column updated_at ${int}`,
    `alter table articles add column retracted_at ${int}`,
    `alter table articles add column announced_at ${int}`,
    // What went out before this step was known.
    `update articles set announced_at = seen_at where exists (
      select 1 from messages m where m.article_id = articles.id and m.action = 'send')`,
    `alter table articles add column probe_at ${int}`,
    `alter table articles add column there_at ${int}`,
    `alter table articles add column gone_since ${int}`,
    "create index articles_probe on articles (probe_at) where probe_at is not null",

    `create table article_terms (
      term text not null,
      seen_at ${int} not null,
      article_id ${int} not null references articles (id),
      primary key (term, seen_at, article_id)
    )${endOfTable}`,
    "create index article_terms_seen on article_terms (seen_at)",
    "create index article_terms_article on article_terms (article_id)",

    `create table pushes (
      feed_id ${int} primary key references feeds (id),
      hub text not null,
      topic text not null,
      token text not null unique,
      secret text not null,
      state text not null,
      renew_at ${int} not null,
      expires_at ${int}
    )${endOfTable}`,
  ],
};
