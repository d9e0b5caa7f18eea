import {
  all,
  byName,
  called,
  type Document,
  type Element,
  first,
  isTag,
  lineOf,
  within,
} from "../shared/extract/tree.ts";
import { headline } from "../shared/text.ts";
import { absolute, canonical, readable } from "../shared/url.ts";

/** One article that a page links to. */
export interface ArticleLink {
  url: string;
  title: string;
  /** Where it was met: the link itself, or one of several to the same article. */
  element: Element;
}

/** Links of a page that are looked at. */
const mostLinks = 3000;
/** What a link must score to be an article's. */
const enough = 4;

/** The links of a page that lead to articles, as a person would pick them, in the page's own order. */
export function guessLinks(document: Document, pageUrl: string, base: string): ArticleLink[] {
  const found = new Map<string, { link: ArticleLink; score: number }>();
  const anchors = all(document, ({ name, attribs }) => name === "a" && Boolean(attribs.href), mostLinks);
  const shapes = new Map<string, Set<string>>();
  const candidates = anchors.flatMap((element) => {
    const url = articleAddress(element, pageUrl, base);
    if (!url || within(element, isAside)) return [];
    const shape = shapeOf(element);
    shapes.set(shape, (shapes.get(shape) ?? new Set()).add(url));
    return [{ element, url, shape }];
  });
  for (const { element, url, shape } of candidates) {
    const title = titleOf(element);
    const score = addressScore(url) + placeScore(element, title) + ((shapes.get(shape)?.size ?? 0) >= 3 ? 1 : 0);
    const known = found.get(url);
    // A picture and a headline often link to the same article: the headline names it.
    if (title && (!known || score > known.score)) found.set(url, { link: { url, title, element }, score });
  }
  return [...found.values()].filter(({ score }) => score >= enough).map(({ link }) => link);
}

/** What an element that a selector found links to: itself, a link in it, or the link that it lies in. */
export function linkOf(element: Element, base: string): ArticleLink | null {
  const isLink = ({ name, attribs }: Element): boolean => name === "a" && Boolean(attribs.href);
  const inside = all(element, isLink, 20);
  let outer: Element | null = element;
  while (outer && !isLink(outer)) outer = outer.parent && isTag(outer.parent) ? outer.parent : null;
  const links = isLink(element) ? [element] : [...inside, ...(outer ? [outer] : [])];
  const link = links.find((one) => titleOf(one)) ?? links[0];
  const url = absolute(link?.attribs.href, base);
  const title = link ? titleOf(link) || headline(lineOf(element, 1000)) : "";
  return link && url && title ? { url: canonical(url), title, element: link } : null;
}

const asideNames = new Set(["nav", "footer", "aside", "form", "menu"]);
const asideClass =
  /(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|footer|sidebar|breadcrumbs?|pagination|pager|tags|tag-?(?:list|cloud)|social|share|comments?|cookie|login|user-?bar|skip-?link|advert|ads?)(?:$|[\s_-])/i;
const isAside = (element: Element): boolean =>
  asideNames.has(element.name) ||
  element.attribs.role === "navigation" ||
  (element.name !== "body" && element.name !== "html" && element.name !== "main" && asideClass.test(called(element)));

/** Parts of an address that lead to lists, persons and accounts. */
const noArticle =
  /\/(?:tags?|topics?|category|categories|kategorie|authors?|autor(?:en|es)?|users?|profile|login|signin|sign-in|register|registration|search|suche|about|contact|privacy|terms|subscribe|subscriptions?|newsletters?|account|cart|feed|rss|archive|help|faq|jobs|impressum|kontakt|wp-login\.php|cdn-cgi)(?:\/|\.\w{2,5}$|$)|\/page\/\d+\/?$|\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|xml|json|css|js)$/i;

/** The canonical address of what a link leads to, if that can be an article of this site. */
function articleAddress({ attribs }: Element, pageUrl: string, base: string): string | null {
  const address = absolute(attribs.href, base);
  if (!address || /\b(?:sponsored|author|tag)\b/.test(attribs.rel ?? "")) return null;
  const url = new URL(canonical(address));
  const own = new URL(canonical(pageUrl));
  const isOwnSite = siteOf(url) === siteOf(own) || siteOf(url).endsWith(`.${siteOf(own)}`);
  const isHere = url.pathname === own.pathname && url.search === own.search;
  if (!isOwnSite || isHere || url.pathname === "/" || noArticle.test(url.pathname)) return null;
  return url.href;
}

const siteOf = ({ host }: URL): string => host.replace(/^(?:www|m)\./, "");

/** How much an address looks like an article's: a date, a number, a slug of several words. */
function addressScore(address: string): number {
  const { pathname, search } = new URL(address);
  const path = readable(pathname);
  const parts = path.split("/").filter(Boolean);
  const last = parts.at(-1) ?? "";
  const words = last.split(/[-_+ ]+/).filter((word) => /\p{L}/u.test(word)).length;
  let score = 0;
  if (/\/(?:19|20)\d{2}[/-]\d{1,2}(?:[/-]|$)/.test(path)) score += 2;
  if (/\d{4,}/.test(last) || /[?&](?:id|p|article|item|story|aid)=\d+/i.test(search)) score += 2;
  if (words >= 3) score += 2;
  if (parts.length >= 2) score += 1;
  if (
    /(?:^|\/)(?:article|articles|story|stories|news|post|posts|blog|artikel|nachricht|noticia|novosti|item)s?(?:\/|$)/i.test(
      path,
    )
  )
    score += 1;
  return score;
}

/** How much a link's words and surroundings look like a headline's. */
function placeScore(element: Element, title: string): number {
  const letters = title.replace(/[^\p{L}\p{N}]/gu, "").length;
  const isDense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(title);
  const words = title.split(" ").length;
  let score = 0;
  if (letters >= 60 || words >= 4 || (isDense && letters >= 10)) score += 2;
  else if (words < 3 && letters < 12 && !isDense) score -= 2;
  if (within(element, isHeading) || first(element, isHeading)) score += 3;
  if (within(element, ({ name }) => name === "article")) score += 1;
  if (within(element, ({ name, attribs }) => name === "main" || attribs.role === "main")) score += 1;
  if (within(element, (outer) => outer.name !== "body" && cardClass.test(called(outer)))) score += 1;
  return score;
}

const isHeading = ({ name }: Element): boolean => /^h[1-5]$/.test(name);
const cardClass =
  /(?:^|[\s_-])(?:headlines?|title|story|stories|article|post|news|teaser|card|entry|listing|feed)(?:$|[\s_-])/i;

/** Where an element stands, by its name and those around it: the same for each of a row. */
function shapeOf(element: Element): string {
  const names: string[] = [];
  for (
    let at: Element | null = element;
    at && names.length < 5;
    at = at.parent && isTag(at.parent) ? at.parent : null
  ) {
    names.push(`${at.name}.${(at.attribs.class ?? "").split(/\s+/)[0] ?? ""}`);
  }
  return names.join("<");
}

/** The headline that a link bears: the heading in it before all its words. */
function titleOf(link: Element): string {
  const heading =
    first(link, isHeading) ??
    first(link, (element) => /(?:^|[\s_-])(?:title|headline)(?:$|[\s_-])/i.test(called(element)));
  const text = headline(lineOf(heading ?? link, 1000));
  if (text) return text;
  const image = first(link, byName("img"));
  return headline(link.attribs.title ?? link.attribs["aria-label"] ?? image?.attribs.alt ?? "");
}
