import { sql } from "kysely";
import type { LeaseStore } from "#core/ports";
import type { Database } from "#store/database";

export function createLeaseStore({ db, engine }: Database): LeaseStore {
  const { clock } = engine;
  return {
    async take({ name, owner, about }, ms, freeMs = 0) {
      const { rows: taken } = await sql<{ name: string }>`
        insert into leases (name, owner, about, until) values (${name}, ${owner}, ${about}, ${clock} + ${ms})
        on conflict (name) do update set owner = excluded.owner, about = excluded.about, until = excluded.until
          where leases.owner = excluded.owner or leases.until + ${freeMs} <= ${clock}
        returning name`.execute(db);
      if (taken.length > 0) return { isOurs: true, about };
      const holder = await db.selectFrom("leases").select("about").where("name", "=", name).executeTakeFirst();
      return { isOurs: false, about: holder?.about ?? about };
    },

    async holds({ name, owner }) {
      const { rows } = await sql`
        select 1 from leases where name = ${name} and owner = ${owner} and until > ${clock} ${engine.locking("share")}`.execute(
        db,
      );
      return rows.length > 0;
    },

    async release({ name, owner }) {
      await sql`update leases set until = ${clock} where name = ${name} and owner = ${owner}`.execute(db);
    },

    async clear() {
      await sql`update leases set until = 0 where until > 0`.execute(db);
      await sql`update feeds set claimed_until = null where claimed_until is not null`.execute(db);
    },
  };
}
