import type { Migration } from "#store/migrations/migration";

/** When chats are told, what waits for their hours, and digests. */
export const hours: Migration = {
  number: 8,
  name: "hours",
  statements: ({ types: { id, int, small, endOfTable } }) => [
    // Chats share hours as they share wants, and with them their plan.
    `create table hours (
      id ${id},
      key text not null unique,
      hours text not null,
      at_once ${small} not null,
      digests ${small} not null,
      quiets ${small} not null,
      breaking ${small} not null,
      per_hour ${int},
      quiet_from ${int},
      quiet_to ${int},
      digest_at ${int},
      plan_until ${int} not null default 0,
      hold_cursor ${int},
      digested_until ${int} not null,
      digested_id ${int} not null,
      occasion text,
      digest_cursor ${int},
      digest_after_id ${int}
    )${endOfTable}`,
    "create index hours_digesting on hours (id) where digest_cursor is not null",

    `alter table chats add column hours_id ${int} not null default 0`,
    "create index chats_hours on chats (hours_id, id) where hours_id > 0",
    // Since when what is held there is to be looked at anew.
    `alter table chats add column settle_at ${int}`,
    "create index chats_settle on chats (id) where settle_at is not null",

    `alter table messages add column digest_only ${small} not null default 0`,
    `create table digest_articles (
      message_id ${int} not null references messages (id),
      article_id ${int} not null references articles (id),
      place ${int} not null,
      primary key (message_id, article_id)
    )${endOfTable}`,
    "create index digest_articles_article on digest_articles (article_id)",
  ],
};
