import { searchedText, termOf } from "#core/article-text";
import type { Article, FeedRules } from "#core/model";
import type { Hold } from "#core/ports";
import { createTermIndex } from "#core/term-index";

/** What the newsroom decides for its desk. */
export interface DeskSettings {
  /** How many different editors must let a story go. */
  editors: number;
  /** How long a story waits for them before it goes to nobody. */
  expiresMs: number;
  /** Whether an article's page is looked at before it goes out, where its feed's rules do not say. */
  preflight: boolean;
  /** How long after it went out an article's own link is first looked at; null for never. */
  probeAfterMs: number | null;
}

/** The word of a watch-list that stands in an article; null for none. */
export type WatchList = (article: Article) => string | null;

/** Clocks differ by seconds: what is dated ahead by no more than this is news. */
const mostAheadMs = 60_000;

/** Whole words, case and vowel marks aside; of several the one that stands first in the list. */
export function watchListOf(words: readonly string[]): WatchList {
  const index = createTermIndex();
  const byTerm = new Map<string, string>();
  for (const word of words) {
    const term = termOf(word);
    index.add(term);
    if (!byTerm.has(term.text)) byTerm.set(term.text, word);
  }
  return (article) => {
    if (byTerm.size === 0) return null;
    const found = index.foundIn(searchedText(article));
    for (const [term, word] of byTerm) if (found.has(term)) return word;
    return null;
  };
}

/** Why a new article that would go out waits; null where it need not. */
export function holdOf(
  article: Article,
  rules: FeedRules,
  { watch, settings, now }: { watch: WatchList; settings: DeskSettings; now: Date },
): Hold | null {
  const reviewed = rules.release === "review";
  const watched = watch(article);
  const embargoUntil = embargoOf(article, rules, now);
  const preflight = asksForPreflight(article, rules, settings) ? { looks: 0, problem: null, nextAt: now } : null;
  if (!reviewed && watched === null && !embargoUntil && !preflight) return null;
  const hold: Hold = {
    reviewed,
    watched,
    embargoUntil,
    preflight,
    editors: 0,
    approvals: 0,
    expiresAt: null,
  };
  return reviewed || watched !== null ? forEditors(hold, settings, now) : hold;
}

/** The same, waiting for editors from now on; an embargo does not count as time in which nobody decides. */
export const forEditors = <H extends Hold>(hold: H, { editors, expiresMs }: DeskSettings, now: Date): H => ({
  ...hold,
  editors: Math.max(1, editors, hold.editors),
  expiresAt: new Date(Math.max(now.getTime(), hold.embargoUntil?.getTime() ?? 0) + expiresMs),
});

/**
 * The time for which its publisher dated it; null for one that may go out now. Most feeds that date news ahead have a
 * wrong clock or zone: they are believed only where the newsroom says so.
 */
export function embargoOf({ publishedAt }: Article, { embargo = false }: FeedRules, now: Date): Date | null {
  return embargo && publishedAt !== null && publishedAt.getTime() - now.getTime() > mostAheadMs ? publishedAt : null;
}

export const asksForPreflight = ({ url }: Article, { preflight }: FeedRules, settings: DeskSettings): boolean =>
  url !== null && (preflight ?? settings.preflight);

/** Nothing keeps it but what comes with time. */
export const isFree = ({ approvals, editors, preflight }: Hold): boolean => approvals >= editors && preflight === null;

/** Its time has not come yet. */
export const isEmbargoed = ({ embargoUntil }: Hold, now: Date): boolean => embargoUntil !== null && embargoUntil > now;
