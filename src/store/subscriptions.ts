import type { SubscriptionStore } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { createPreferenceStore } from "#store/preferences";
import { toInstant } from "#store/rows";
import { skipWaiting } from "#store/skip-waiting";

export function createSubscriptionStore(database: Database): SubscriptionStore {
  return {
    ...createPreferenceStore(database),

    async begin(chat, now) {
      const added = await database.db
        .insertInto("subscriptions")
        .values({ chat_id: chat, since: toInstant(now) })
        .onConflict((conflict) => conflict.column("chat_id").doNothing())
        .returning("chat_id")
        .executeTakeFirst();
      return added !== undefined;
    },

    end: (chat, now) =>
      inTransaction(database, async (tx) => {
        const { db } = tx;
        const ended = await db.deleteFrom("subscriptions").where("chat_id", "=", chat).returning("chat_id").execute();
        if (ended.length === 0) return false;
        await db
          .updateTable("chats")
          .set({ unsubscribed_at: toInstant(now) })
          .where("id", "=", chat)
          .execute();
        await skipWaiting(tx, chat, { reason: "The chat ended its subscription.", now });
        return true;
      }),

    async has(chat) {
      const row = await database.db
        .selectFrom("subscriptions")
        .select("chat_id")
        .where("chat_id", "=", chat)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}
