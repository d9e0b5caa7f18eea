import type { Migration } from "#store/migrations/migration";

/** What chats want of the news, how they are spoken to, and which of them are one person's. */
export const preferences: Migration = {
  number: 3,
  name: "preferences",
  statements: ({ types: { id, int, endOfTable } }) => [
    // Most chats share a few wants: an article is matched with each of these once, not with each chat.
    `create table wants (
      id ${id},
      key text not null unique,
      wants text not null
    )${endOfTable}`,
    `alter table chats add column wants_id ${int} not null default 0`,
    "alter table chats add column style text not null default '{}'",
    `alter table chats add column person_id ${int}`,
    "create index chats_person on chats (person_id) where person_id is not null",

    `create table link_codes (
      code text primary key,
      chat_id ${int} not null references chats (id),
      expires_at ${int} not null
    )${endOfTable}`,
    "create index link_codes_chat on link_codes (chat_id)",

    // JSON: ids of wants; null for a message to every subscribed chat.
    "alter table messages add column wants text",
  ],
};
