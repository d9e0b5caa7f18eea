import { headline } from "../shared/text.ts";
import { pageName, readable } from "../shared/url.ts";

/** Segments of a path that name no article. */
const wordless = /^(?:index|default|amp|print|article|articles|story|news|item|post|posts|p|[a-z]{2})$/i;

/** A headline for a page of which only the address is known: the words of its path, or the address itself. */
export function headlineFrom(url: string): string {
  const segments = new URL(url).pathname.split("/").filter(Boolean).map(wordsOf);
  const words = segments.findLast((segment) => /\p{L}/u.test(segment) && !wordless.test(segment));
  const named = headline(words ?? "");
  if (named) return named.replace(/^\p{L}/u, (letter) => letter.toLocaleUpperCase());
  return headline(pageName(url));
}

/** "1234-ferry-runs-again_98765.html" says "ferry runs again". */
function wordsOf(segment: string): string {
  return readable(segment)
    .replace(/\.(?:[sx]?html?|php\d?|aspx?|jsp|amp)$/i, "")
    .replace(/[-_+\s.]+/g, " ")
    .trim()
    .replace(/^(?:[a-z]{1,3})?\d{4,} | (?:[a-z]{1,3})?\d{5,}$/gi, "");
}

/** The home page and lists of articles: what a sitemap of all pages names beside the articles. */
export function isListPage(url: string): boolean {
  const { pathname, search } = new URL(url);
  if (/^\/(?:index\.\w+|[a-z]{2}(?:[-_][a-z]{2})?\/?)?$/i.test(pathname)) return search === "";
  return /^\/(?:[a-z]{2}\/)?(?:tags?|categor(?:y|ies)|authors?|topics?|search|page)(?:\/|$)/i.test(pathname);
}

/** The day or month that an address carries ("/2025/06/03/", "sitemap-2025-06.xml"), as UTC milliseconds; null without. */
export function dateIn(url: string): number | null {
  const { pathname, search } = new URL(url);
  const found = /(?<!\d)(20\d\d)[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?(?!\d)/.exec(pathname + search);
  return found ? Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3] ?? 1)) : null;
}
