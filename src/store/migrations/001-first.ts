import type { Migration } from "#store/migrations/migration";

/** Feeds, articles, chats, subscriptions, messages and deliveries. */
export const first: Migration = {
  number: 1,
  name: "first",
  statements: ({ name, types: { id, int, small, endOfTable } }) => [
    `create table feeds (
      id ${id},
      kind text not null,
      address text not null,
      url text not null,
      etag text,
      last_modified text,
      first_read_at ${int},
      read_at ${int},
      failures ${int} not null default 0,
      problem text,
      next_at ${int} not null,
      active ${small} not null default 1,
      ended_why text,
      unique (kind, address)
    )${endOfTable}`,
    "create index feeds_due on feeds (next_at, id) where active = 1 and ended_why is null",

    `create table articles (
      id ${id},
      feed_id ${int} not null references feeds (id),
      source_id text not null,
      source_key text not null,
      url text,
      url_key text,
      title text not null,
      kicker text,
      summary text,
      image text,
      source text not null,
      topics text not null,
      language text,
      published_at ${int},
      breaking ${small} not null,
      revision ${int} not null default 1,
      seen_at ${int} not null,
      revised_at ${int},
      unique (feed_id, source_key)
    )${endOfTable}`,
    "create index articles_url on articles (url_key) where url_key is not null",
    "create index articles_latest on articles ((coalesce(published_at, seen_at)) desc, id desc)",

    `create table article_aliases (
      feed_id ${int} not null references feeds (id),
      source_key text not null,
      article_id ${int} not null references articles (id),
      primary key (feed_id, source_key)
    )${endOfTable}`,

    `create table chats (
      id ${id},
      platform text not null,
      address text not null,
      kind text not null,
      title text,
      closed_at ${int},
      closed_why text,
      unique (platform, address)
    )${endOfTable}`,

    // Where a chat was before: settings and late updates may still name it so.
    `create table former_addresses (
      platform text not null,
      address text not null,
      chat_id ${int} not null references chats (id),
      primary key (platform, address)
    )${endOfTable}`,
    "create index former_addresses_of_chat on former_addresses (chat_id)",

    // One row a subscribed chat, in the order of a fan-out.
    `create table subscriptions (
      chat_id ${int} primary key references chats (id),
      since ${int} not null
    )${endOfTable}`,

    `create table messages (
      id ${id},
      key text not null unique,
      lane ${small} not null,
      kind text not null,
      action text not null,
      article_id ${int} references articles (id),
      body text,
      audience text not null,
      fan_out_cursor ${int},
      created_at ${int} not null
    )${endOfTable}`,
    "create index messages_article on messages (article_id) where article_id is not null",
    "create index messages_fan_out on messages (lane, id) where fan_out_cursor is not null",

    `create table deliveries (
      id ${id},
      message_id ${int} not null references messages (id),
      chat_id ${int} not null references chats (id),
      platform text not null,
      lane ${small} not null,
      state text not null,
      reason text,
      attempts ${int} not null default 0,
      not_before ${int} not null default 0,
      revision ${int},
      claimed_at ${int},
      receipt text,
      queued_at ${int} not null,
      ended_at ${int},
      unique (message_id, chat_id)
    )${endOfTable}`,
    // What a claim walks along, with all that it asks of a row that it passes by.
    "create index deliveries_waiting on deliveries (platform, lane, id, chat_id, not_before) where state = 'pending'",
    // Those that were put back: when the next of them is due.
    "create index deliveries_later on deliveries (platform, not_before) where state = 'pending' and not_before > 0",
    "create index deliveries_under_way on deliveries (platform) where state = 'sending'",
    // A chat's own queue, and what is under way there.
    "create index deliveries_of_chat on deliveries (chat_id, state, lane, id)",
    // Counts, and what was sent of late.
    "create index deliveries_ended on deliveries (platform, state, ended_at) where ended_at is not null",

    // Each delivery is rewritten twice within seconds of its birth: dead rows must not pile up to a fifth of the table.
    ...(name === "PostgreSQL"
      ? ["alter table deliveries set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"]
      : []),
  ],
};
