import type { ChatId, ChatRef } from "#core/model";
import type { ChatStore } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { mergeChats } from "#store/merge-chats";
import { toChat, toInstant } from "#store/rows";

export function createChatStore(database: Database): ChatStore {
  const at = (tx: Database, platform: string, address: string) =>
    tx.db.selectFrom("chats").selectAll().where("platform", "=", platform).where("address", "=", address);

  return {
    open: (ref, title) =>
      inTransaction(database, async (tx) => {
        const standing = () =>
          at(tx, ref.platform, ref.address).modifyEnd(tx.engine.locking("update")).executeTakeFirst();
        const before = await standing();
        const added = before ? null : await add(tx, ref, title);
        if (added) return { chat: toChat(added), isNew: true };
        const known = before ?? (await standing());
        if (!known) throw new Error(`The chat was removed while it was opened on ${ref.platform}.`);
        const wanted = { kind: ref.kind, title: title ?? known.title, closed_at: null, closed_why: null };
        const isNew = known.closed_at !== null;
        if (isNew || wanted.kind !== known.kind || wanted.title !== known.title) {
          await tx.db.updateTable("chats").set(wanted).where("id", "=", known.id).execute();
        }
        return { chat: toChat({ ...known, ...wanted }), isNew };
      }),

    async find(platform, address) {
      const row = await at(database, platform, address).executeTakeFirst();
      return row ? toChat(row) : null;
    },

    close: (id, why, now) =>
      inTransaction(database, async ({ db }) => {
        await db
          .updateTable("chats")
          .set({ closed_at: toInstant(now), closed_why: why })
          .where("id", "=", id)
          .where("closed_at", "is", null)
          .execute();
        await db.deleteFrom("subscriptions").where("chat_id", "=", id).execute();
        await db
          .updateTable("deliveries")
          .set({ state: "skipped", reason: `The chat is closed: ${why}`, ended_at: toInstant(now) })
          .where("chat_id", "=", id)
          .where("state", "=", "pending")
          .execute();
      }),

    move: (id, address, now) =>
      inTransaction(database, async (tx) => {
        const chat = await locked(tx, id);
        if (!chat || chat.address === address) return;
        const standing = await at(tx, chat.platform, address).executeTakeFirst();
        if (standing) await mergeChats(tx, { from: chat.id, into: standing.id }, now);
        else await tx.db.updateTable("chats").set({ address }).where("id", "=", id).execute();
      }),

    async count() {
      return database.db
        .selectFrom("subscriptions")
        .innerJoin("chats", "chats.id", "subscriptions.chat_id")
        .select((eb) => ["platform", eb.fn.countAll<number>().as("subscribed")])
        .groupBy("platform")
        .orderBy("platform")
        .execute();
    },
  };
}

const add = ({ db }: Database, { platform, address, kind }: ChatRef, title: string | null) =>
  db
    .insertInto("chats")
    .values({ platform, address, kind, title })
    .onConflict((conflict) => conflict.columns(["platform", "address"]).doNothing())
    .returningAll()
    .executeTakeFirst();

/** The row, kept as it is until the transaction ends: no delivery can be written for it meanwhile. */
const locked = ({ db, engine }: Database, id: ChatId) =>
  db.selectFrom("chats").selectAll().where("id", "=", id).modifyEnd(engine.locking("update")).executeTakeFirst();
