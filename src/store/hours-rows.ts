import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { Hours } from "#core/model";
import type { HoursPlan, HoursProfile } from "#core/ports";
import type { Database } from "#store/database";
import { indexKey, toDate, toInstant, toJson } from "#store/rows";
import type { HoursTable } from "#store/schema";

/** Chats that are told at once and at all hours; no row stands for them. */
const always = 0;

/** The row of these hours, written where it is new. One that no chat has any more begins anew. */
export async function hoursRow(tx: Database, hours: Hours, now: Date): Promise<number> {
  const { db } = tx;
  const json = canonical(hours);
  if (json === "{}") return always;
  const key = indexKey(json);
  const from = { digested_until: toInstant(now), digested_id: await newestDelivery(tx) };
  const added = await db
    .insertInto("hours")
    .values({
      key,
      hours: json,
      at_once: hours.delivery === "digest" ? 0 : 1,
      digests: hours.delivery === undefined ? 0 : 1,
      quiets: hours.quiet || hours.sabbath ? 1 : 0,
      breaking: hours.breaking ? 1 : 0,
      per_hour: hours.perHour ?? null,
      ...from,
    })
    .onConflict((conflict) => conflict.column("key").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (added) return added.id;
  const { id } = await db.selectFrom("hours").select("id").where("key", "=", key).executeTakeFirstOrThrow();
  const inUse = await db.selectFrom("chats").select("id").where("hours_id", "=", id).limit(1).executeTakeFirst();
  if (!inUse) {
    const anew = { plan_until: 0, quiet_from: null, quiet_to: null, digest_at: null, hold_cursor: null };
    const notDigesting = { occasion: null, digest_cursor: null, digest_after_id: null };
    await db
      .updateTable("hours")
      .set({ ...from, ...anew, ...notDigesting })
      .where("id", "=", id)
      .execute();
  }
  return id;
}

/** The highest id of a delivery; 0 where there is none. */
export async function newestDelivery({ db }: Database): Promise<number> {
  const { rows } = await sql<{ id: number | null }>`select max(id) as id from deliveries`.execute(db);
  return rows[0]?.id ?? 0;
}

export const toProfile = (row: Selectable<HoursTable>): HoursProfile => ({
  id: row.id,
  hours: JSON.parse(row.hours) as Hours,
  digestedUntil: new Date(row.digested_until),
  plan: toPlan(row),
  isDigesting: row.digest_cursor !== null,
});

/** Null before the first plan was made. */
export const toPlan = (
  row: Pick<Selectable<HoursTable>, "quiet_from" | "quiet_to" | "digest_at" | "plan_until">,
): HoursPlan | null =>
  row.plan_until === 0
    ? null
    : {
        quiet:
          row.quiet_from === null || row.quiet_to === null
            ? null
            : { from: new Date(row.quiet_from), to: new Date(row.quiet_to) },
        digestAt: toDate(row.digest_at),
        until: new Date(row.plan_until),
      };

/** Hours in one form: their names in alphabetical order. */
const canonical = (hours: Hours): string => {
  const { digest, quiet, ...rest } = hours;
  const parts = { ...rest, ...(digest ? { digest: sorted(digest) } : {}), ...(quiet ? { quiet: sorted(quiet) } : {}) };
  return toJson(sorted(parts));
};

const sorted = (parts: object): object =>
  Object.fromEntries(Object.entries(parts).sort(([one], [other]) => (one < other ? -1 : 1)));
