import type { Migration } from "#store/migrations/migration";

/** Broadcasts with their lives, and what pausing and taking back need of the outbox. */
export const broadcasts: Migration = {
  number: 4,
  name: "broadcasts",
  statements: ({ types: { id, int, endOfTable } }) => [
    `create table broadcasts (
      id ${id},
      key text not null unique,
      state text not null,
      body text not null,
      audience text not null,
      due_at ${int},
      filter text,
      members_until ${int},
      chats text,
      created_at ${int} not null,
      begun_at ${int}
    )${endOfTable}`,
    "create index broadcasts_state on broadcasts (state, due_at)",

    `create table broadcast_steps (
      id ${id},
      broadcast_id ${int} not null references broadcasts (id),
      key text not null unique,
      step text not null,
      platform text,
      person text,
      note text,
      at ${int} not null
    )${endOfTable}`,
    "create index broadcast_steps_of on broadcast_steps (broadcast_id, id)",

    `alter table messages add column broadcast_id ${int} references broadcasts (id)`,
    // How what waits of it goes on; null: at its turn.
    "alter table messages add column course text",
    // How far a change of course has come; null when it is through.
    `alter table messages add column course_cursor ${int}`,
    "create index messages_broadcast on messages (broadcast_id) where broadcast_id is not null",
    "create index messages_course on messages (id) where course_cursor is not null",
    // Held deliveries are out of the way of every claim.
    "create index deliveries_held on deliveries (message_id, id, platform) where state = 'held'",
  ],
};
