import { keysOf } from "#core/article-keys";
import { chatsWords, totalOf } from "#core/broadcast/audience";
import { type Answer, refused } from "#core/broadcast/desk";
import { changeWords, handFields } from "#core/by-hand";
import type { Editor } from "#core/desk/decide";
import { createGate, rehold } from "#core/desk/intake";
import { correctHolders, takeBack } from "#core/desk/release";
import { decidedWords, headline } from "#core/desk/say";
import type { Article, ArticleId, ByHand, HandField, StoredArticle } from "#core/model";
import type { PlatformCount, Store } from "#core/ports";

/** What an editor writes anew. */
export type Correction = Partial<Record<HandField, string>>;

/** Longer ones are no headlines and no standfirsts. */
const mostLetters: Readonly<Record<HandField, number>> = { kicker: 100, title: 300, summary: 2_000 };

/**
 * Corrects an article by hand: the chats that hold it are brought up to date, those that wait for it get the new words.
 * What an editor wrote stays until the feed itself says something else there.
 */
export function correct(store: Store, id: ArticleId, correction: Correction, editor: Editor): Promise<Answer> {
  const { call, manner } = editor;
  const { now, mark } = manner;
  const tooLong = handFields.find((field) => (correction[field]?.length ?? 0) > mostLetters[field]);
  if (tooLong) {
    return Promise.resolve(
      refused(`That is too long: ${mostLetters[tooLong].toLocaleString("en")} characters at most. Nothing is changed.`),
    );
  }
  return store.transaction(async (tx) => {
    await tx.articles.lock(id);
    const record = await tx.why.article(id);
    if (!record) return refused(`There is no article ${id}.`);
    const before = record.article;
    if (before.retractedAt || (before.announcedAt === null && before.desk !== "held")) {
      return refused(await decidedWords(tx, record, call.by, manner));
    }
    const words: Article = { ...before, ...correction };
    if (handFields.every((field) => words[field] === before[field])) {
      return refused(`${headline(before)} says that already: nothing is changed.`);
    }
    const held = await tx.desk.held(id);
    const after = await tx.articles.revise(id, words, keysOf(words), now, byHandOf(before, words));
    const note = changeWords(before, after);
    if (held) {
      const gate = createGate(tx, record.feed.rules, editor.settings);
      await tx.desk.change(await rehold(held, { before, after, isVisible: true }, gate, now));
      const key = `article:${id}:revision:${after.revision}`;
      await tx.audit.write({ article: id, step: "corrected", key, by: call.by, note, isTold: true }, now);
      const again = held.approvals > 0 ? " Who let it go before must do so again." : "";
      return { done: true, text: `${headline(after)} is corrected; it is still held.${again}` };
    }
    const by = { step: "corrected", by: call.by, note } as const;
    const withDigests = await correctHolders(tx, { before, after }, by, now);
    const holders = await tx.audit.holders(id, { withDigests });
    const isInDigestsAlone =
      !withDigests && totalOf(holders) === 0 && totalOf(await tx.audit.holders(id, { withDigests: true })) > 0;
    const reached = isInDigestsAlone
      ? "It came in digests alone, and they do not show what was changed."
      : reachWords(holders, "will show it", "who waits for it gets the new words");
    return {
      done: true,
      text: `Corrected: ${headline(after)}. ${reached} ${mark}audit ${id} tells how far it is.`,
    };
  });
}

/** What the feed said of each field that is by hand now. */
function byHandOf(before: StoredArticle, words: Article): ByHand {
  const byHand: ByHand = { ...before.byHand };
  for (const field of handFields) {
    if (words[field] !== before[field] && byHand[field] === undefined) byHand[field] = before[field];
  }
  return byHand;
}

/** Takes an article back from everybody, for good: its feed may still have it. */
export function retract(store: Store, id: ArticleId, why: string | null, editor: Editor): Promise<Answer> {
  const { call, manner } = editor;
  const { now, mark } = manner;
  return store.transaction(async (tx) => {
    await tx.articles.lock(id);
    const record = await tx.why.article(id);
    if (!record) return refused(`There is no article ${id}.`);
    const { article } = record;
    const isHeld = article.desk === "held";
    if (article.retractedAt || (article.announcedAt === null && !isHeld)) {
      return refused(await decidedWords(tx, record, call.by, manner));
    }
    const holders = await tx.audit.holders(id, { withDigests: true });
    const isTaken = await takeBack(tx, article, { by: call.by, note: why }, now);
    if (!isTaken) return refused(`${headline(article)} was taken back already.`);
    const reached = isHeld
      ? "It was held and went to nobody."
      : reachWords(holders, "will lose it, where the platform still allows that", "who waits for it does not get it");
    return { done: true, text: `Taken back: ${headline(article)}. ${reached} ${mark}audit ${id} tells how far it is.` };
  });
}

/** "42 chats will show it: 30 on telegram, 12 on whatsapp." */
function reachWords(holders: readonly PlatformCount[], will: string, nobody: string): string {
  if (totalOf(holders) === 0) return `No chat has it yet; ${nobody}.`;
  const [chats = "", ...places] = chatsWords(holders).split(":");
  return places.length > 0 ? `${chats} ${will}:${places.join(":")}.` : `${chats} ${will}.`;
}
