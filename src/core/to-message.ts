import type { ClaimedDelivery, Message, MessageContent, Style } from "#core/model";
import { timeOfDay } from "#core/text";

/** What a delivery says: its message in the words of its newest revision, as its chat wants to be spoken to. */
export function toMessage({ action, content, style }: ClaimedDelivery, timeZone: string): Message {
  if (content.kind === "digest") return toDigestMessage(content, action, style);
  if (content.kind !== "article") return { ...content, style };
  const { article } = content;
  return action === "correct" && article.revisedAt
    ? { kind: "article", article, style, correctedAt: timeOfDay(article.revisedAt, timeZone) }
    : { kind: "article", article, style };
}

/** Its times are those of its readers. */
function toDigestMessage(
  { corrected, ...digest }: Extract<MessageContent, { kind: "digest" }>,
  action: ClaimedDelivery["action"],
  style: Style,
): Message {
  if (action !== "correct" || !corrected) return { ...digest, style };
  const { retractedAt, revisedAt } = corrected;
  const at = timeOfDay(retractedAt ?? revisedAt ?? digest.at, digest.zone);
  return { ...digest, style, corrected: { at, article: corrected, isWithdrawn: retractedAt !== null } };
}

/** A delivery as a log names it. */
export function fieldsOf({ id, key, chat }: Pick<ClaimedDelivery, "id" | "key" | "chat">) {
  return { delivery: id, key, chat: chat.id, platform: chat.platform };
}
