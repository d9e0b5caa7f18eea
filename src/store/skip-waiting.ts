import type { ChatId } from "#core/model";
import type { Database } from "#store/database";
import { toInstant, toLaneNumber } from "#store/rows";

/** Skips what waits for a chat that wants it no more. Answers are owed to whoever asked, unless nobody is there to be answered. */
export async function skipWaiting(
  { db }: Database,
  chat: ChatId,
  { reason, now, answersToo = false }: { reason: string; now: Date; answersToo?: boolean },
): Promise<void> {
  await db
    .updateTable("deliveries")
    .set({ state: "skipped", reason, ended_at: toInstant(now) })
    .where("chat_id", "=", chat)
    .where("state", "in", ["pending", "held"])
    .$if(!answersToo, (waiting) => waiting.where("lane", "!=", toLaneNumber("reply")))
    .execute();
}
