import type { Selectable } from "kysely";
import type { ChatId, ChatRef } from "#core/model";
import type { ChatStore, ChatView } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { mergeChats } from "#store/merge-chats";
import { toChat, toDate, toInstant, toPreferences } from "#store/rows";
import type { ChatTable } from "#store/schema";
import { skipWaiting } from "#store/skip-waiting";

type ChatRow = Selectable<ChatTable>;

export function createChatStore(database: Database): ChatStore {
  return {
    open: (ref, title) =>
      inTransaction(database, async (tx) => {
        const before = await atAddress(tx, ref.platform, ref.address);
        if (before) return reopen(tx, before, ref, title);
        const added = await add(tx, ref, title);
        if (added) return { chat: toChat(added), isNew: true };
        // Another process added it in this very moment.
        const other = await atAddress(tx, ref.platform, ref.address);
        if (!other) throw new Error(`A chat on ${ref.platform} was removed while it was being opened.`);
        return reopen(tx, other, ref, title);
      }),

    async find(platform, address) {
      const row = await atAddress(database, platform, address);
      return row ? toChat(row) : null;
    },

    close: (id, why, now) =>
      inTransaction(database, async (tx) => {
        const { db } = tx;
        await db
          .updateTable("chats")
          .set({ closed_at: toInstant(now), closed_why: why })
          .where("id", "=", id)
          .where("closed_at", "is", null)
          .execute();
        await db.deleteFrom("subscriptions").where("chat_id", "=", id).execute();
        await skipWaiting(tx, id, { reason: `The chat is closed: ${why}`, now, answersToo: true });
      }),

    move: (id, address, now) =>
      inTransaction(database, async (tx) => {
        const chat = await locked(tx, id);
        // A chat that was merged meanwhile has arrived already.
        if (!chat || chat.address === address) return;
        const { platform } = chat;
        const there = await atCurrentAddress(tx, platform, address);
        const standing = there && (await locked(tx, there.id));
        if (standing) await mergeChats(tx, { from: chat.id, into: standing.id }, now);
        else await tx.db.updateTable("chats").set({ address }).where("id", "=", id).execute();
        await forward(tx, { platform, address: chat.address, to: standing?.id ?? id });
        await tx.db
          .deleteFrom("former_addresses")
          .where("platform", "=", platform)
          .where("address", "=", address)
          .execute();
      }),

    async count() {
      const rows = await database.db
        .selectFrom("subscriptions")
        .innerJoin("chats", "chats.id", "subscriptions.chat_id")
        .select((eb) => ["platform", eb.fn.countAll<number>().as("subscribed")])
        .groupBy("platform")
        .orderBy("platform")
        .execute();
      return rows.map((row) => ({ ...row }));
    },

    async get(id) {
      const row = await views(database).where("chats.id", "=", id).executeTakeFirst();
      return row ? toView(row) : null;
    },

    async list(after, limit) {
      const rows = await views(database).where("chats.id", ">", after).orderBy("chats.id").limit(limit).execute();
      return rows.map(toView);
    },
  };
}

const views = ({ db }: Database) =>
  db
    .selectFrom("chats")
    .leftJoin("subscriptions", "subscriptions.chat_id", "chats.id")
    .leftJoin("wants", "wants.id", "chats.wants_id")
    .leftJoin("hours", "hours.id", "chats.hours_id")
    .selectAll("chats")
    .select(["subscriptions.since", "wants.wants", "hours.hours"]);

const toView = (row: ChatRow & { since: number | null; wants: string | null; hours: string | null }): ChatView => ({
  ...toChat(row),
  subscribedSince: toDate(row.since),
  closedWhy: row.closed_why,
  preferences: toPreferences(row),
});

/** The chat at an address, or the one that stood there before it moved. */
async function atAddress(database: Database, platform: string, address: string): Promise<ChatRow | undefined> {
  return (
    (await atCurrentAddress(database, platform, address)) ??
    database.db
      .selectFrom("former_addresses as f")
      .innerJoin("chats", "chats.id", "f.chat_id")
      .selectAll("chats")
      .where("f.platform", "=", platform)
      .where("f.address", "=", address)
      .executeTakeFirst()
  );
}

const atCurrentAddress = ({ db }: Database, platform: string, address: string): Promise<ChatRow | undefined> =>
  db.selectFrom("chats").selectAll().where("platform", "=", platform).where("address", "=", address).executeTakeFirst();

const add = ({ db }: Database, { platform, address, kind }: ChatRef, title: string | null) =>
  db
    .insertInto("chats")
    .values({ platform, address, kind, title })
    .onConflict((conflict) => conflict.columns(["platform", "address"]).doNothing())
    .returningAll()
    .executeTakeFirst();

/** Brings a known chat up to what is said of it now, writing only where something differs. */
async function reopen(tx: Database, known: ChatRow, { kind }: ChatRef, title: string | null) {
  const wanted = { kind, title: title ?? known.title, closed_at: null, closed_why: null };
  const isNew = known.closed_at !== null;
  if (isNew || wanted.kind !== known.kind || wanted.title !== known.title) {
    await tx.db.updateTable("chats").set(wanted).where("id", "=", known.id).execute();
  }
  return { chat: toChat({ ...known, ...wanted }), isNew };
}

/** The row, kept as it is until the transaction ends: no delivery can be written for it meanwhile. */
const locked = ({ db, engine }: Database, id: ChatId): Promise<ChatRow | undefined> =>
  db.selectFrom("chats").selectAll().where("id", "=", id).modifyEnd(engine.locking("update")).executeTakeFirst();

/** Remembers where a chat was before. */
async function forward(
  { db }: Database,
  { platform, address, to }: { platform: string; address: string; to: ChatId },
): Promise<void> {
  await db
    .insertInto("former_addresses")
    .values({ platform, address, chat_id: to })
    .onConflict((conflict) => conflict.columns(["platform", "address"]).doUpdateSet({ chat_id: to }))
    .execute();
}
