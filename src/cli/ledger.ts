import type { DeliveryView } from "#core/ports";

/** What was sent, for messages that have no headline: by the first word of their key. */
const names: Readonly<Record<string, string>> = {
  broadcast: "Broadcast",
  digest: "Digest",
  reply: "Answer to a command",
  joined: "Greeting",
  word: "Word to the admins",
};

/** A delivery as a line that people read. */
export function toLedgerLine({ id, key, title, chat, state, reason, queuedAt, endedAt }: DeliveryView) {
  const named = names[key.split(":", 1)[0] ?? ""] ?? "Message";
  return {
    id,
    title: title === null ? named : key.includes(":revision:") ? `Correction: ${title}` : title,
    chat: chat.title ?? (chat.kind === "private" ? "Private chat" : "Group"),
    platform: chat.platform,
    state,
    reason,
    delayMs: endedAt === null ? null : endedAt.getTime() - queuedAt.getTime(),
  };
}
