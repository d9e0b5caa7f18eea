import { changeWords } from "#core/by-hand";
import {
  asksForPreflight,
  type DeskSettings,
  embargoOf,
  forEditors,
  holdOf,
  type WatchList,
  watchListOf,
} from "#core/desk/hold";
import { announce, type WayOut } from "#core/desk/release";
import type { FeedRules, StoredArticle } from "#core/model";
import type { HeldArticle, Hold, Store } from "#core/ports";

/** What decides how a feed's articles go out. */
export interface Gate {
  rules: FeedRules;
  settings: DeskSettings;
  /** The watch-list, read when it is first asked for. */
  watchList(): Promise<WatchList>;
}

/** What stands between a feed's new articles and their readers, for one transaction. */
export function createGate(tx: Store, rules: FeedRules, settings: DeskSettings): Gate {
  let list: Promise<WatchList> | undefined;
  return { rules, settings, watchList: () => (list ??= tx.desk.watchWords().then(watchListOf)) };
}

/** Lets a new article go out, or holds it; answers why it is held. */
export async function letOut(
  tx: Store,
  article: StoredArticle,
  { rules, settings, watchList }: Gate,
  way: Pick<WayOut, "to" | "probeAt">,
  now: Date,
): Promise<Hold | null> {
  const hold = holdOf(article, rules, { watch: await watchList(), settings, now });
  if (!hold) {
    await announce(tx, article, { ...way, digestOnly: rules.release === "digest", by: null }, now);
    return null;
  }
  await tx.desk.hold(article.id, hold, now);
  // What waits for a look at its page alone mostly goes within seconds: nobody needs to hear of it.
  const isTold = hold.editors > 0 || hold.embargoUntil !== null;
  const key = `held:${article.id}`;
  await tx.audit.write({ article: article.id, step: "held", key, by: null, note: holdNote(hold), isTold }, now);
  return hold;
}

/**
 * A held article was changed by its feed. Where readers see a difference, approvals of its old words do not count; what
 * the feed says of its time counts, unless an editor set another one; and another page or picture is looked at anew.
 */
export async function heldChanged(
  tx: Store,
  held: HeldArticle,
  change: { before: StoredArticle; after: StoredArticle; isVisible: boolean },
  gate: Gate,
  now: Date,
): Promise<void> {
  await tx.desk.change(await rehold(held, change, gate, now));
  if (!change.isVisible) return;
  const { before, after } = change;
  const key = `article:${after.id}:revision:${after.revision}`;
  const note = changeWords(before, after);
  await tx.audit.write({ article: after.id, step: "revised", key, by: null, note, isTold: held.editors > 0 }, now);
}

/** Why an article waits after its words, its time or its page changed. */
export async function rehold(
  held: HeldArticle,
  { before, after, isVisible }: { before: StoredArticle; after: StoredArticle; isVisible: boolean },
  { rules, settings, watchList }: Gate,
  now: Date,
): Promise<HeldArticle> {
  const next: HeldArticle = { ...held, article: after };
  if (held.embargoUntil === null || held.embargoUntil.getTime() === before.publishedAt?.getTime()) {
    next.embargoUntil = embargoOf(after, rules, now);
  }
  const isElsewhere = before.url !== after.url || before.image !== after.image;
  if (isElsewhere && asksForPreflight(after, rules, settings)) {
    next.preflight = { looks: 0, problem: null, nextAt: now };
  }
  if (!isVisible) return next;
  next.approvals = 0;
  const watched = held.watched ?? (await watchList())(after);
  if (watched !== held.watched) return forEditors({ ...next, watched }, settings, now);
  // Editors had decided, and must do so again: their time begins anew.
  return held.editors > 0 && held.expiresAt === null ? forEditors(next, settings, now) : next;
}

/** Why it is held, as the trail keeps it: "its feed is under review, the word “bomb” stands in it". */
export function holdNote({ reviewed, watched, embargoUntil, preflight }: Hold): string {
  return [
    ...(reviewed ? ["its feed is under review"] : []),
    ...(watched === null ? [] : [`the word “${watched}” stands in it`]),
    ...(embargoUntil ? [`it is dated ${embargoUntil.toISOString()}`] : []),
    ...(preflight ? ["its page is looked at first"] : []),
  ].join(", ");
}
