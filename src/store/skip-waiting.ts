import type { ChatId } from "#core/model";
import type { Database } from "#store/database";
import { toInstant, toLaneNumber } from "#store/rows";

/**
 * Skips what waits for a chat that wants it no more. Answers are owed to whoever asked, and what was taken back must not
 * stay where it is, unless nobody is there any more.
 */
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
    .$if(!answersToo, (waiting) =>
      waiting
        .where("lane", "!=", toLaneNumber("reply"))
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("messages")
                .select("messages.id")
                .whereRef("messages.id", "=", "deliveries.message_id")
                .where("messages.action", "=", "recall"),
            ),
          ),
        ),
    )
    .execute();
}
