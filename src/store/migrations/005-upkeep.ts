import type { Migration } from "#store/migrations/migration";

/** Why an article went to nobody, what is remembered of the past, and who asked to be forgotten. */
export const upkeep: Migration = {
  number: 5,
  name: "upkeep",
  statements: ({ types: { int, small, endOfTable } }) => [
    "alter table articles add column left_out_why text",
    `alter table chats add column unsubscribed_at ${int}`,
    `alter table chats add column forget_at ${int}`,
    "create index chats_forget on chats (forget_at) where forget_at is not null",

    // What a feed may still name although its article is kept no longer: it must not come back as new.
    `create table former_articles (
      feed_id ${int} not null references feeds (id),
      source_key text not null,
      article_id ${int} not null,
      primary key (feed_id, source_key)
    )${endOfTable}`,
    "create index former_articles_article on former_articles (article_id)",

    // Deliveries that are kept no longer, as numbers: a day begins at midnight UTC.
    `create table past_deliveries (
      day ${int} not null,
      platform text not null,
      lane ${small} not null,
      state text not null,
      count ${int} not null,
      primary key (day, platform, lane, state)
    )${endOfTable}`,
  ],
};
