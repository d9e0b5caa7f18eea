import type { ChatId } from "#core/model";
import type { Erased, Store } from "#core/ports";

/**
 * Removes a chat with all that names it or its person, at once, and overwrites what held it. Its deliveries stay as
 * numbers by day, platform, lane and state, which name nobody. Backups made before still hold it.
 *
 * `isScrubbed` is false where another process read in the database for so long that a copy may remain in its log: the
 * next `scrub` removes it.
 */
export async function eraseChat(store: Store, chat: ChatId): Promise<Erased & { isScrubbed: boolean }> {
  const erased = await store.upkeep.erase(chat);
  return { ...erased, isScrubbed: await store.upkeep.scrub() };
}

/**
 * For a command that still owes an answer: ends the chat's subscription, skips what waits for it, and lets `eraseAsked`
 * remove it once the answer has left.
 */
export const askErasure = (store: Store, chat: ChatId, now: Date): Promise<void> => store.upkeep.forget(chat, now);

/** Erased in one go: more of them follow at the next call. */
const mostAtOnce = 100;

/** Removes the chats that asked to be forgotten and are owed nothing any more; how many. To be called each minute or so. */
export async function eraseAsked(store: Store): Promise<number> {
  const chats = await store.upkeep.toErase(mostAtOnce);
  for (const chat of chats) await store.upkeep.erase(chat);
  if (chats.length > 0) await store.upkeep.scrub();
  return chats.length;
}
