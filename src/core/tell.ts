import type { ChatRef } from "#core/model";
import type { Clock, Store } from "#core/ports";
import { plain } from "#core/spans";

/** Queues word to every admin's private chat. A key that was used before says nothing again. */
export async function tellAdmins(
  { store, clock, admins }: { store: Store; clock: Pick<Clock, "now">; admins: readonly ChatRef[] },
  key: string,
  text: string,
): Promise<void> {
  const now = clock.now();
  await store.transaction(async (tx) => {
    for (const ref of admins) {
      const { chat } = await tx.chats.open(ref, null, now);
      await tx.outbox.add(
        { key: `word:${chat.id}:${key}`, lane: "reply", kind: "notice", spans: [plain(text)] },
        { chat: chat.id },
        now,
      );
    }
  });
}
