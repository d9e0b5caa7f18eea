import type { Selectable } from "kysely";
import type { PushStore, PushSubscription } from "#core/ports";
import type { Database } from "#store/database";
import { toDate, toInstant } from "#store/rows";
import type { PushTable } from "#store/schema";

export function createPushStore({ db }: Database): PushStore {
  const all = () => db.selectFrom("pushes").selectAll("pushes");

  return {
    async byFeed(feed) {
      const row = await all().where("feed_id", "=", feed).executeTakeFirst();
      return row ? toPush(row) : null;
    },

    async byToken(token) {
      const row = await all().where("token", "=", token).executeTakeFirst();
      return row ? toPush(row) : null;
    },

    async due(now, limit) {
      const rows = await all()
        .innerJoin("feeds", "feeds.id", "pushes.feed_id")
        .where("feeds.active", "=", 1)
        .where("feeds.ended_why", "is", null)
        .where("renew_at", "<=", toInstant(now))
        .orderBy("renew_at")
        .orderBy("feed_id")
        .limit(limit)
        .execute();
      return rows.map(toPush);
    },

    async save({ feedId, renewAt, expiresAt, ...rest }) {
      const values = { ...rest, renew_at: toInstant(renewAt), expires_at: expiresAt && toInstant(expiresAt) };
      await db
        .insertInto("pushes")
        .values({ feed_id: feedId, ...values })
        .onConflict((conflict) => conflict.column("feed_id").doUpdateSet(values))
        .execute();
    },

    async remove(feed) {
      await db.deleteFrom("pushes").where("feed_id", "=", feed).execute();
    },
  };
}

const toPush = (row: Selectable<PushTable>): PushSubscription => ({
  feedId: row.feed_id,
  hub: row.hub,
  topic: row.topic,
  token: row.token,
  secret: row.secret,
  state: row.state,
  renewAt: new Date(row.renew_at),
  expiresAt: toDate(row.expires_at),
});
