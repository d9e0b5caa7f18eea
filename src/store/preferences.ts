import { randomInt } from "node:crypto";
import type { ChatId, Wants } from "#core/model";
import type { SubscriptionStore } from "#core/ports";
import { type Database, inTransaction } from "#store/database";
import { hasten } from "#store/fan-out";
import { hoursRow } from "#store/hours-rows";
import { indexKey, toChat, toInstant, toJson, toPreferences } from "#store/rows";

/** Chats that decided nothing want everything; no row stands for them. */
const everything = 0;
/** Letters and digits that nobody takes for one another, eight of them: 32^8 codes, each good for minutes. */
const alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const codeLength = 8;

type PreferenceStore = Pick<
  SubscriptionStore,
  "preferences" | "setPreferences" | "wants" | "codeFor" | "link" | "linked" | "unlink"
>;

export function createPreferenceStore(database: Database): PreferenceStore {
  return {
    async preferences(chat) {
      const row = await database.db
        .selectFrom("chats")
        .leftJoin("wants", "wants.id", "chats.wants_id")
        .leftJoin("hours", "hours.id", "chats.hours_id")
        .select(["wants.wants", "hours.hours", "chats.style"])
        .where("chats.id", "=", chat)
        .executeTakeFirst();
      return toPreferences(row ?? { wants: null, hours: null, style: "{}" });
    },

    setPreferences: (chat, preferences, now) =>
      inTransaction(database, async (tx) => {
        const { feeds, topics, follows, mutes, languages, hours = {}, ...style } = preferences;
        const person = await personOf(tx, chat);
        await giveHours(tx, person, await hoursRow(tx, hours, now), now);
        const wantsId = await profileOf(tx, { feeds, topics, follows, mutes, languages });
        await hasten(tx, person);
        await tx.db
          .updateTable("chats")
          .set({ wants_id: wantsId, style: toJson(style) })
          .where("id", "in", person)
          .execute();
      }),

    async wants(after) {
      // A chat that came to want something else before the transaction ends would be among nobody whom it chooses.
      if (database.db.isTransaction) await database.engine.lock(database.db, "wants");
      const rows = await database.db
        .selectFrom("wants")
        .select(["id", "wants"])
        .where("id", ">", after ?? everything)
        .orderBy("id")
        .execute();
      const profiles = rows.map(({ id, wants }) => ({ id, wants: JSON.parse(wants) as Wants }));
      return after === undefined ? [{ id: everything, wants: {} }, ...profiles] : profiles;
    },

    codeFor: (chat, expiresAt) =>
      inTransaction(database, async ({ db }) => {
        await db.deleteFrom("link_codes").where("chat_id", "=", chat).execute();
        const code = Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]).join("");
        await db
          .insertInto("link_codes")
          .values({ code, chat_id: chat, expires_at: toInstant(expiresAt) })
          .execute();
        return code;
      }),

    link: (chat, code, now) =>
      inTransaction(database, async (tx) => {
        const { db } = tx;
        await db.deleteFrom("link_codes").where("expires_at", "<=", toInstant(now)).execute();
        const owner = await db
          .selectFrom("link_codes")
          .innerJoin("chats", "chats.id", "link_codes.chat_id")
          .selectAll("chats")
          .where("code", "=", code.trim().toUpperCase())
          .executeTakeFirst();
        if (!owner || owner.id === chat) return null;
        const person = owner.person_id ?? owner.id;
        await hasten(tx, [chat]);
        await db.updateTable("chats").set({ person_id: person }).where("id", "=", owner.id).execute();
        await db
          .updateTable("chats")
          .set({ person_id: person, wants_id: owner.wants_id, style: owner.style })
          .where("id", "=", chat)
          .execute();
        await giveHours(tx, [chat], owner.hours_id, now);
        await db.deleteFrom("link_codes").where("chat_id", "in", [owner.id, chat]).execute();
        return toChat(owner);
      }),

    async linked(chat) {
      const others = (await personOf(database, chat)).filter((id) => id !== chat);
      if (others.length === 0) return [];
      return (await database.db.selectFrom("chats").selectAll().where("id", "in", others).orderBy("id").execute()).map(
        toChat,
      );
    },

    unlink: (chat) =>
      inTransaction(database, async (tx) => {
        const others = (await personOf(tx, chat)).filter((id) => id !== chat);
        if (others.length === 0) return false;
        // Who is left alone is nobody's other chat.
        const leaving = others.length === 1 ? [chat, ...others] : [chat];
        await tx.db.updateTable("chats").set({ person_id: null }).where("id", "in", leaving).execute();
        return true;
      }),
  };
}

/** Gives chats their hours; what is held for those that had others is looked at anew. */
async function giveHours({ db }: Database, chats: ChatId[], hours: number, now: Date): Promise<void> {
  await db
    .updateTable("chats")
    .set({ hours_id: hours, settle_at: toInstant(now) })
    .where("id", "in", chats)
    .where("hours_id", "!=", hours)
    .execute();
}

/** The row of these wants, written where it is new. */
async function profileOf(
  { db, engine }: Database,
  wants: { [Part in keyof Wants]: Wants[Part] | undefined },
): Promise<number> {
  const given = Object.entries(wants).filter(([, part]) => part !== undefined && part.length > 0);
  if (given.length === 0) return everything;
  const json = toJson(Object.fromEntries(given));
  const key = indexKey(json);
  const known = await db.selectFrom("wants").select("id").where("key", "=", key).executeTakeFirst();
  if (known) return known.id;
  // Ids come into sight in their order: who reads those after the last one that it knows misses none.
  await engine.lock(db, "wants");
  await db
    .insertInto("wants")
    .values({ key, wants: json })
    .onConflict((conflict) => conflict.column("key").doNothing())
    .execute();
  const { id } = await db.selectFrom("wants").select("id").where("key", "=", key).executeTakeFirstOrThrow();
  return id;
}

/** The chat and those linked with it. */
async function personOf({ db }: Database, chat: ChatId): Promise<ChatId[]> {
  const rows = await db
    .selectFrom("chats as own")
    .innerJoin("chats as other", "other.person_id", "own.person_id")
    .select("other.id")
    .where("own.id", "=", chat)
    .execute();
  return rows.length > 0 ? rows.map(({ id }) => id) : [chat];
}
