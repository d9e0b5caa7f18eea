import type { Migration } from "#store/migrations/migration";

/** What a delivery costs, from its fan-out to its end. */
export const speed: Migration = {
  number: 11,
  name: "speed",
  statements: ({ name }) => [
    // Asked of each delivery that a claim looks at: what is under way there. PostgreSQL walked over all that was, and had been.
    "drop index deliveries_under_way",
    "create index deliveries_under_way on deliveries (platform, chat_id) where state = 'sending'",

    ...(name === "SQLite"
      ? []
      : [
          // PostgreSQL asks for each row by a statement of its own: more than all the rest of a fan-out. What writes
          // deliveries locks their chats and message in its own statement; what removes these is asked here.
          "alter table deliveries drop constraint deliveries_message_id_fkey, drop constraint deliveries_chat_id_fkey",
          ...(["chat", "message"] as const).flatMap((parent) => [
            `create or replace function refuse_removed_${parent}() returns trigger language plpgsql as $$
             begin
               if exists (select 1 from deliveries where ${parent}_id = old.id) then
                 raise foreign_key_violation using message = 'deliveries name the ${parent} ' || old.id;
               end if;
               return null;
             end $$`,
            `create trigger refuse_removed_${parent} after delete on ${parent}s
             for each row execute function refuse_removed_${parent}()`,
          ]),
        ]),
  ],
};
