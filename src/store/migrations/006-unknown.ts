import type { Migration } from "#store/migrations/migration";

/** When an unknown delivery is looked at, and what came of it. */
export const unknown: Migration = {
  number: 6,
  name: "unknown",
  statements: ({ types: { int } }) => [
    // Null for what was unknown before this step: a person decides.
    `alter table deliveries add column look_at ${int}`,
    "alter table deliveries add column proof text",
    "create index deliveries_to_look_at on deliveries (platform, look_at, id) where state = 'unknown'",
    "create index deliveries_proof on deliveries (platform, proof) where proof is not null",
  ],
};
