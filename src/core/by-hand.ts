import type { Article, ByHand, HandField, StoredArticle } from "#core/model";
import { differs } from "#core/revise";

/** What an editor can write anew, in the order in which it is told. */
export const handFields: readonly HandField[] = ["kicker", "title", "summary"];

/**
 * What a feed says, with the words of an editor in the place of those that the editor replaced, for as long as the feed
 * goes on saying them. `byHand` is what stays by hand after it.
 */
export function keepByHand(own: StoredArticle, said: Article): { article: Article; byHand: ByHand | null } {
  if (own.byHand === null) return { article: said, byHand: null };
  const { titleIsGuess, ...article } = said;
  const byHand: ByHand = {};
  for (const field of handFields) {
    const replaced = own.byHand[field];
    if (replaced === undefined) continue;
    const now = field === "title" && titleIsGuess ? null : article[field];
    if (differs(replaced, now)) continue;
    byHand[field] = replaced;
    if (field === "title") article.title = own.title;
    else article[field] = own[field];
  }
  if (Object.keys(byHand).length === 0) return { article: said, byHand: null };
  return { article: byHand.title === undefined && titleIsGuess ? { ...article, titleIsGuess } : article, byHand };
}

/** "headline: “A” → “B”; summary: “C” → “D”": what readers see of a change, as the trail keeps it. */
export function changeWords(before: Article, after: Article): string {
  const parts = handFields.flatMap((field) =>
    before[field] === after[field] ? [] : [`${names[field]}: ${quoted(before[field])} → ${quoted(after[field])}`],
  );
  const all = before.image === after.image ? parts : [...parts, "another picture"];
  return all.join("; ") || "its words";
}

const names: Readonly<Record<HandField, string>> = { kicker: "kicker", title: "headline", summary: "summary" };

const quoted = (text: string | null): string => (text === null || text === "" ? "nothing" : `“${text}”`);
