import { momentWords } from "#core/broadcast/when";
import { isEmbargoed } from "#core/desk/hold";
import { nameOf } from "#core/desk/people";
import type { StoredArticle } from "#core/model";
import type { ArticleAudit, Author, HeldArticle, Store } from "#core/ports";
import { cut } from "#core/text";

/** How things are said where they are asked. */
export interface DeskManner {
  now: Date;
  timeZone: string;
  /** What stands before a command's name there: "/", "!", "crier ". */
  mark: string;
}

/** What a line shows of a headline. */
const shownLetters = 90;

/** "“The bridge is open”". */
export const headline = ({ title }: Pick<StoredArticle, "title">): string =>
  `“${cut(title.replace(/\s+/g, " ").trim(), shownLetters)}”`;

/** Why it waits, as the end of a sentence: "its feed is under review, the word “bomb” stands in it". */
export function reasonWords(held: HeldArticle, { now, timeZone }: Pick<DeskManner, "now" | "timeZone">): string {
  const { reviewed, watched, preflight, editors, approvals, embargoUntil } = held;
  const isOpen = approvals < editors;
  const parts = [
    ...(reviewed && isOpen ? ["an editor is to look at it"] : []),
    ...(watched !== null && isOpen ? [`the word “${watched}” stands in it`] : []),
    ...(isOpen && approvals > 0 ? [`${approvals} of ${editors} editors let it go`] : []),
    ...(embargoUntil && isEmbargoed(held, now) ? [`its time is ${timeWords(embargoUntil, now, timeZone)}`] : []),
    ...(preflight?.problem ? [preflight.problem] : preflight ? ["its page is looked at first"] : []),
  ];
  return parts.join(", ") || "it goes out at any moment";
}

/** "18:30", "tomorrow at 07:00": a time after "until" or "is". */
export const timeWords = (at: Date, now: Date, timeZone: string): string =>
  momentWords(at, now, timeZone).replace(/^(at|on) /, "");

/** Why an article does not wait, and who decided it. */
export async function decidedWords(
  store: Store,
  { article, leftOutWhy }: { article: StoredArticle; leftOutWhy: string | null },
  asked: Author | null,
  { now, timeZone, mark }: DeskManner,
): Promise<string> {
  const steps = await store.audit.steps(article.id);
  const last = (...names: ArticleAudit["step"][]) => steps.findLast(({ step }) => names.includes(step));
  const told = async (step: ArticleAudit | undefined, did: string, itself: string): Promise<string> => {
    const time = step ? ` ${momentWords(step.at, now, timeZone)}` : "";
    if (!step?.by) return `${headline(article)} ${itself}${time}.`;
    const name = await nameOf(store, step.by, asked);
    return `${name.charAt(0).toUpperCase()}${name.slice(1)} ${did} ${headline(article)}${time}.`;
  };
  if (article.retractedAt) return told(last("retracted"), "took back", "was taken back");
  if (article.announcedAt) {
    return `${await told(last("released"), "let go", "went out by itself")} ${mark}retract ${article.id} takes it back.`;
  }
  if (article.desk === "dropped") {
    return `${await told(last("dropped"), "dropped", "was dropped")} ${mark}review send ${article.id} now sends it all the same.`;
  }
  return `${headline(article)} does not wait: it went to nobody${leftOutWhy ? `, since ${leftOutWhy}` : ""}.`;
}
