/** An article that its feed told a day late was not late in Crier's hands: its page was touched, or its feed is new. */
const foundLateMs = 24 * 3_600_000;

/** Milliseconds from an article's publication to its delivery; null where they say nothing of Crier. */
export function deliveryDelayMs(publishedAt: Date | null, seenAt: Date, sentAt: Date): number | null {
  if (publishedAt === null || seenAt.getTime() - publishedAt.getTime() > foundLateMs) return null;
  return Math.max(0, sentAt.getTime() - publishedAt.getTime());
}
