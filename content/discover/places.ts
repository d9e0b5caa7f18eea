import { absolute, withoutFeedScheme } from "../shared/url.ts";

/** Where publishing tools put their feeds, the commonest first: looked at only where a site links to none. */
const feedPaths = ["feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feeds", "rss/news", "feed.json"];
/** Beside a page that is not the site's front page, WordPress and its like have a feed of that section. */
const sectionPaths = ["feed", "rss"];
/** Where newsrooms put their news sitemaps, and what writes them by itself. */
const newsSitemaps = ["/sitemap-news.xml", "/news-sitemap.xml"];
const sitemaps = ["/sitemap_index.xml", "/sitemap.xml"];
const mostSitemaps = 2;

/** Feeds at their usual places, those of the page's own section first. */
export function usualFeeds(page: string): string[] {
  const url = new URL(page);
  const section = url.pathname.replace(/\/[^/]*\.\w{1,5}$|\/$/, "");
  return [
    ...(section === "" ? [] : sectionPaths.map((path) => `${url.origin}${section}/${path}`)),
    ...feedPaths.map((path) => `${url.origin}/${path}`),
  ];
}

/** True for a sitemap that is named for news. */
const isNewsy = (address: string): boolean => /news(?!letter|paper)|latest|recent/i.test(new URL(address).pathname);

/** Sitemaps that robots.txt names, those for news first. */
export function sitemapsIn(robots: string, url: string): string[] {
  const named = [...robots.slice(0, 512 * 1024).matchAll(/^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2000})/gim)];
  const addresses = new Set(named.slice(0, 500).flatMap(([, address]) => absolute(address, url) ?? []));
  return [...addresses].sort((a, b) => Number(isNewsy(b)) - Number(isNewsy(a))).slice(0, mostSitemaps);
}

/** Sitemaps at their usual places, as far as robots.txt leaves them open. */
export function usualSitemaps(site: string, named: readonly string[]): string[] {
  const paths = named.length === 0 ? [...newsSitemaps, ...sitemaps] : named.some(isNewsy) ? [] : newsSitemaps;
  return paths.map((path) => new URL(path, site).href).filter((address) => !named.includes(address));
}

/** A site's address from that of its WordPress API. */
export function wordpressSite(api: string): string {
  const url = new URL(api);
  url.search = "";
  url.pathname = url.pathname.replace(/\/wp-json\/?$/, "/");
  return url.href;
}

/** What a person typed, as addresses to try: names without a scheme are mostly served encrypted. */
export function addressesOf(typed: string): string[] {
  const text = withoutFeedScheme(typed.trim());
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return [text];
  return [`https://${text}`, `http://${text}`];
}
