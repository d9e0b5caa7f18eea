import type { Migration } from "#store/migrations/migration";

/** What one process alone does at a time, who reads which feed, and what articles were before. */
export const leases: Migration = {
  number: 10,
  name: "leases",
  statements: ({ types: { int, endOfTable } }) => [
    `create table leases (
      name text primary key,
      owner text not null,
      about text not null,
      until ${int} not null
    )${endOfTable}`,
    // While one process reads a feed, the others leave it alone.
    `alter table feeds add column claimed_until ${int}`,
    // Older versions that a server may show again.
    `create table article_pasts (
      article_id ${int} primary key references articles (id),
      versions text not null,
      back_since ${int},
      wait_ms ${int} not null
    )${endOfTable}`,
  ],
};
