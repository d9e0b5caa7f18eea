import { keysOf } from "#core/article-keys";
import { changeWords, keepByHand } from "#core/by-hand";
import { embargoOf } from "#core/desk/hold";
import { type Gate, heldChanged } from "#core/desk/intake";
import { correctHolders } from "#core/desk/release";
import { Overtaken } from "#core/errors";
import type { Article, ArticleId, ByHand, Feed, StoredArticle } from "#core/model";
import type { Store } from "#core/ports";
import { revised } from "#core/revise";

/** What stands between one read of a feed and its readers. */
export interface FeedDesk {
  gate: Gate;
  /** Revisions that the read wrote itself: an article may stand in it twice. */
  written: Map<ArticleId, number>;
}

/** What the feed says of an article that is known, and what stays by an editor's hand. */
interface FeedChange {
  said: Article;
  byHand: ByHand | null;
  /** Its readers would see a difference. */
  isVisible: boolean;
}

/**
 * Keeps the new version, and corrects the chats that hold the old one where their readers would see a difference.
 * @throws Overtaken where an editor changed it since it was judged
 */
export async function changeByFeed(
  tx: Store,
  before: StoredArticle,
  { said, byHand, isVisible }: FeedChange,
  desk: FeedDesk,
  now: Date,
): Promise<void> {
  await keepOthersOut(tx, before, desk);
  const held = await tx.desk.held(before.id);
  const words = revised(before, said);
  const after = await tx.articles.revise(before.id, words, keysOf(words), now, byHand);
  desk.written.set(after.id, after.revision);
  if (held) await heldChanged(tx, held, { before, after, isVisible }, desk.gate, now);
  else if (isVisible) {
    await correctHolders(tx, { before, after }, { step: "revised", by: null, note: changeWords(before, after) }, now);
  }
}

/**
 * What readers see is as it was. Yet its publisher may have set another time for what waits for one, or say by itself now
 * what an editor had written.
 * @throws Overtaken where an editor changed it since it was judged
 */
export async function stillSaid(
  tx: Store,
  feed: Pick<Feed, "id">,
  own: StoredArticle,
  article: Article,
  desk: FeedDesk,
  now: Date,
): Promise<void> {
  if (own.feedId !== feed.id) return;
  if (own.byHand) {
    const { byHand } = keepByHand(own, article);
    if (Object.keys(byHand ?? {}).length < Object.keys(own.byHand).length) {
      await keepOthersOut(tx, own, desk);
      await tx.articles.keepByHand(own.id, byHand);
    }
  }
  if (own.desk !== "held" || article.publishedAt === null) return;
  const { rules } = desk.gate;
  const isDated = embargoOf(own, rules, now) !== null || embargoOf(article, rules, now) !== null;
  if (!isDated || article.publishedAt.getTime() === own.publishedAt?.getTime()) return;
  const { article: said } = keepByHand(own, article);
  await changeByFeed(tx, own, { said, byHand: own.byHand, isVisible: false }, desk, now);
}

/** Nobody changes it from here to the transaction's end, and nobody has since it was judged. */
async function keepOthersOut(tx: Store, judged: StoredArticle, { written }: FeedDesk): Promise<void> {
  const current = await tx.articles.lock(judged.id);
  const isAsJudged = current?.revision === (written.get(judged.id) ?? judged.revision);
  const isTakenBack = current?.retractedAt !== null && judged.retractedAt === null;
  if (!isAsJudged || isTakenBack) throw new Overtaken(judged.id);
}
