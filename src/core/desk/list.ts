import { approversOf } from "#core/desk/people";
import { type DeskManner, headline, reasonWords, timeWords } from "#core/desk/say";
import type { Span } from "#core/model";
import type { HeldArticle, Store } from "#core/ports";
import { plain } from "#core/spans";
import { when } from "#core/when";

/** What waits, a line each: "12  “Headline”: an editor is to look at it; since 14:05, until tomorrow at 14:05". */
export function listLine(held: HeldArticle, manner: DeskManner): string {
  const { article, since, expiresAt } = held;
  const { now, timeZone } = manner;
  const end = expiresAt ? `, until ${timeWords(expiresAt, now, timeZone)}` : "";
  return `${article.id}  ${headline(article)}: ${reasonWords(held, manner)}; since ${when(since, now, timeZone)}${end}`;
}

/** A held article as an editor reads it: its words, why it waits, and what can be done. */
export async function showHeld(store: Store, held: HeldArticle, manner: DeskManner): Promise<Span[]> {
  const { article, since, expiresAt, editors } = held;
  const { now, timeZone, mark } = manner;
  const { id, kicker, title, summary, url } = article;
  const approvers = await approversOf(store, await store.audit.steps(id));
  const end = expiresAt ? ` Undecided, it goes to nobody: until ${timeWords(expiresAt, now, timeZone)}.` : "";
  const two = editors > 1 ? ` ${approvers.size} of ${editors} editors let it go.` : "";
  return [
    ...(kicker ? [{ text: kicker, italic: true }, plain("\n")] : []),
    { text: title, bold: true },
    ...(summary ? [plain(`\n\n${summary}`)] : []),
    ...(url ? [plain("\n\n"), { text: url, link: url }] : []),
    plain(
      `\n\nHeld since ${when(since, now, timeZone)}: ${reasonWords(held, manner)}.${two}${end}\n${mark}review send ${id} lets it go, ${mark}review hold ${id} until 18:30 waits for a time, ${mark}review drop ${id} drops it, ${mark}correct ${id} headline: … changes it.`,
    ),
  ];
}
