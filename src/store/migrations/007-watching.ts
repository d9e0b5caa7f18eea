import type { Migration } from "#store/migrations/migration";

/** What those who watch over Crier read, and of what the admins were alarmed. */
export const watching: Migration = {
  number: 7,
  name: "watching",
  statements: ({ types: { int, small, endOfTable } }) => [
    // How often a feed publishes, and when it last did.
    "create index articles_of_feed on articles (feed_id, seen_at)",
    `create table alarms (
      key text primary key,
      since ${int} not null
    )${endOfTable}`,
    // One row that is written to find out whether anything can be.
    `create table pulse (
      id ${small} primary key,
      at ${int} not null
    )${endOfTable}`,
    "insert into pulse (id, at) values (1, 0)",
  ],
};
