import type { DeskSettings } from "#core/desk/hold";
import { isEmbargoed, isFree } from "#core/desk/hold";
import { type Article, type ArticleId, digestsKey, type MessageId, type StoredArticle } from "#core/model";
import type { Audience, Author, HeldArticle, Store } from "#core/ports";
import { createRoutes } from "#core/route";

/** How an article goes out. */
export interface WayOut {
  /** For whom it is. */
  to: Audience;
  /** Into digests, and there alone. */
  digestOnly: boolean;
  /** When its own link is first looked at; null for never. */
  probeAt: Date | null;
  /** Who let it go; null for Crier itself. */
  by: Author | null;
}

/** Queues an article for the chats that want it, and writes it into its trail. */
export async function announce(
  tx: Store,
  { id, url, breaking }: Pick<StoredArticle, "id" | "url" | "breaking">,
  { to, digestOnly, probeAt, by }: WayOut,
  now: Date,
): Promise<MessageId | null> {
  const key = `article:${id}`;
  const lane = breaking ? "breaking" : "article";
  const message = await tx.outbox.add(
    { key, lane, kind: "article", action: "send", article: id, ...(digestOnly ? { digestOnly } : {}) },
    to,
    now,
  );
  await tx.articles.announce(id, now, url === null ? null : probeAt);
  await tx.audit.write({ article: id, step: "released", key, by, message }, now);
  return message;
}

/** What became of a held article: it waits on, or it went out to these chats. */
export type Settled = { waits: true } | { waits: false; to: Audience; digestOnly: boolean };

/**
 * Writes down why an article waits now and, where nothing keeps it any more, queues it in the same transaction for the
 * chats that want it at this moment. Null where it was decided about meanwhile.
 */
export async function settleHeld(
  tx: Store,
  held: HeldArticle,
  { settings, by, routes = createRoutes() }: { settings: DeskSettings; by: Author | null; routes?: Routes },
  now: Date,
): Promise<Settled | null> {
  const { article } = held;
  if (!isFree(held) || isEmbargoed(held, now)) {
    await tx.desk.change(held);
    return { waits: true };
  }
  if (!(await tx.desk.end(article.id, null))) return null;
  const feed = await tx.feeds.get(article.feedId);
  const digestOnly = feed?.rules.release === "digest";
  const to = (await routes(tx))(article, article.feedId);
  await announce(tx, article, { to, digestOnly, probeAt: probeAtOf(settings, now), by }, now);
  return { waits: false, to, digestOnly };
}

export type Routes = ReturnType<typeof createRoutes>;

/** When the own link of what goes out now is first looked at. */
export const probeAtOf = ({ probeAfterMs }: Pick<DeskSettings, "probeAfterMs">, now: Date): Date | null =>
  probeAfterMs === null ? null : new Date(now.getTime() + probeAfterMs);

/** Brings the chats that hold an article up to its newest words, and writes down who changed it; true where digests show it. */
export async function correctHolders(
  tx: Store,
  { before, after }: { before: Article; after: StoredArticle },
  { step, by, note }: { step: "revised" | "corrected"; by: Author | null; note: string },
  now: Date,
): Promise<boolean> {
  const { id, revision, breaking } = after;
  const key = `article:${id}:revision:${revision}`;
  const lane = breaking ? "breaking" : "article";
  const message = await tx.outbox.add({ key, lane, kind: "article", action: "correct", article: id }, "holders", now);
  // A digest shows no summaries and no pictures.
  const isInDigests = (["title", "kicker", "url"] as const).some((part) => before[part] !== after[part]);
  if (isInDigests) await correctDigests(tx, id, key, now);
  await tx.audit.write({ article: id, step, key, by, note, message, isTold: by !== null }, now);
  return isInDigests;
}

/** Brings the digests that hold an article up to its newest words. */
const correctDigests = (tx: Store, article: ArticleId, key: string, now: Date): Promise<MessageId | null> =>
  tx.outbox.add({ key: digestsKey(key), lane: "digest", kind: "digest", article }, "holders", now);

/** Who takes an article back, and why in words. */
export interface Retraction {
  by: Author | null;
  note: string | null;
}

/** Writes down that an article was taken back and, in the same transaction, queues its recall; false when that was done before. */
export async function takeBack(
  tx: Store,
  { id, breaking }: { id: ArticleId; breaking: boolean },
  { by, note }: Retraction,
  now: Date,
): Promise<boolean> {
  // What waits goes to nobody. It comes first, as with those who decide about it: who waits for the other waits once.
  await tx.desk.end(id, "dropped");
  if (!(await tx.articles.retract(id, now))) return false;
  const key = `article:${id}:recall`;
  const lane = breaking ? "breaking" : "article";
  const message = await tx.outbox.add({ key, lane, kind: "article", action: "recall", article: id }, "holders", now);
  await correctDigests(tx, id, key, now);
  await tx.audit.write({ article: id, step: "retracted", key, by, note, message, isTold: by !== null }, now);
  return true;
}
