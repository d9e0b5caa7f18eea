import { sql } from "kysely";
import type { AlarmStore } from "#core/ports";
import type { Database } from "#store/database";
import { toInstant } from "#store/rows";

export const createAlarmStore = ({ db }: Database): AlarmStore => ({
  async standing() {
    const { rows } = await sql<{ key: string; since: number }>`select key, since from alarms order by key`.execute(db);
    return rows.map(({ key, since }) => ({ key, since: new Date(since) }));
  },

  async raise(key, since) {
    const { rows } = await sql`
      insert into alarms (key, since) values (${key}, ${toInstant(since)})
      on conflict (key) do nothing returning key`.execute(db);
    return rows.length > 0;
  },

  async settle(key) {
    const { rows } = await sql`delete from alarms where key = ${key} returning key`.execute(db);
    return rows.length > 0;
  },
});
