import type { ChildSitemap, SitemapUrl } from "./parse.ts";
import { dateIn } from "./slug.ts";

/** Sitemaps that name pages which are no articles. */
const listing =
  /(?:^|[^a-z])(?:categor(?:y|ies)|tags?|authors?|users?|pages?|static|topics?|sections?|taxonom(?:y|ies)|terms?|profiles?|products?|videos?|images?)(?![a-z])/i;
/** Sitemaps of the newest articles: Google's news sitemaps hold two days. */
const newsy = /news(?!letter|paper)|(?:^|[^a-z])(?:latest|today|recent|breaking|current)(?:[^a-z]|$)/i;

/** A child that was last touched this long before the newest one brings no news. */
const stillFreshMs = 3 * 24 * 3_600_000;
/** Without any date, children are a guess: one from each end. */
const mostUndated = 2;

/**
 * Which of an index's sitemaps hold its news, newest first: those named so, else those last changed; among equals by
 * the date or number in the name.
 */
export function newestChildren(children: readonly ChildSitemap[], most: number): ChildSitemap[] {
  const known = new Map(children.map((child) => [child.url, child]));
  const articles = preferred([...known.values()], (child) => !listing.test(nameOf(child.url)));
  const ranked = preferred(articles, (child) => newsy.test(nameOf(child.url)))
    .map((child) => ({ child, at: child.lastModified?.getTime() ?? dateIn(child.url), ...tieBreak(child.url) }))
    .sort((a, b) => day(b.at) - day(a.at) || b.named - a.named || b.number - a.number);
  const newestAt = Math.max(...ranked.map(({ at }) => at ?? 0));
  if (newestAt <= 0)
    return ends(
      ranked.map(({ child }) => child),
      Math.min(most, mostUndated),
    );
  const fresh = ranked.filter(({ at }) => at !== null && at >= newestAt - stillFreshMs);
  return fresh.slice(0, most).map(({ child }) => child);
}

/** Those for which it holds; all of them when it holds for none. */
function preferred<T>(list: readonly T[], holds: (one: T) => boolean): readonly T[] {
  const kept = list.filter(holds);
  return kept.length > 0 ? kept : list;
}

/** Path and query without the host, whose name says nothing of the sitemap. */
function nameOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** Indexes are often written anew as a whole, so that all children carry the same day. */
const day = (at: number | null): number => Math.floor((at ?? 0) / 86_400_000);

const tieBreak = (url: string): { named: number; number: number } => ({
  named: dateIn(url) ?? 0,
  number: Number(/(\d{1,9})(?:\.xml)?(?:\.gz)?$/i.exec(nameOf(url))?.[1] ?? 0),
});

/**
 * The newest entries, newest first. By when they were published, which addresses tell too: an old page that was touched
 * today is no news. Entries without any date stand in no known order, and sitemaps grow at either end: both are taken.
 */
export function newestUrls(urls: readonly SitemapUrl[], most: number): SitemapUrl[] {
  const dated = urls.map((url) => ({
    url,
    at: url.publishedAt?.getTime() ?? dateIn(url.link) ?? url.lastModified?.getTime() ?? null,
  }));
  if (dated.every(({ at }) => at === null)) return ends(urls, most);
  return dated
    .sort((a, b) => (b.at ?? 0) - (a.at ?? 0))
    .slice(0, most)
    .map(({ url }) => url);
}

const ends = <T>(list: readonly T[], most: number): T[] =>
  list.length <= most ? [...list] : [...list.slice(0, Math.ceil(most / 2)), ...list.slice(-Math.floor(most / 2))];
