import { standfirst } from "../lead.ts";
import { headline } from "../text.ts";
import { type JsonLd, textsOf } from "./json-ld.ts";
import type { Meta } from "./meta.ts";
import { all, byName, called, type Document, type Element, first, isTag, lineOf, placeOf, within } from "./tree.ts";

const elsewhere =
  /comment|related|sidebar|footer|teaser|recommend|popular|newsletter|modal|logo|site-?name|site-?title|brand|cookie/i;

/** The article's own h1, or null. */
export function findHeading(document: Document): Element | null {
  const inPlace = placeOf(null, elsewhere);
  const headings = all(document, byName("h1"), 30).filter(
    (element) => lineOf(element, 1000).length > 3 && inPlace(element),
  );
  return (
    headings.find((element) => within(element, ({ name }) => name === "article" || name === "main")) ??
    headings[0] ??
    null
  );
}

/** The headline as the page's head writes it, or as it is shown. `guessed` is what a reader of the whole page took for it. */
export function findTitle(
  document: Document,
  ld: JsonLd,
  meta: Meta,
  around: { heading: Element | null; source: string; guessed: string | null; verbatim: boolean },
): string | null {
  const { heading, source, verbatim } = around;
  const guessed = headline(around.guessed ?? "") || null;
  const shown = heading ? headline(lineOf(heading, 1000)) : "";
  const element = first(document, byName("title"));
  const named = headline(element ? lineOf(element, 1000) : "");
  const said = [
    ...(ld.article ? [...textsOf(ld.article.headline, ld), ...textsOf(ld.article.name, ld)] : []),
    ...meta("dc:title", "dcterm:title"),
    ...meta("og:title"),
    ...meta("title"),
    ...meta("twitter:title", "parsely:title", "sailthru:title", "citation_title"),
  ]
    .map(headline)
    .filter(Boolean);
  const [main] = said;
  if (verbatim) {
    const written = main ?? named;
    if (heading && isSure(heading) && isSiteAfter(written, shown)) return shown;
    return main ?? guessed ?? (shown || named || null);
  }
  if (shown && [...said, named].some((text) => confirms(text, shown))) return shown;
  return (main ? withoutSite(main, source) : null) ?? guessed ?? (shown || named || null);
}

const isSeen = (heading: Element): boolean =>
  !within(heading, (outer) => /(?:^|\s)(?:is-|u-)?hidden(?:$|\s)|sr-only|visually-?hidden/i.test(called(outer)));

/** A headline that is seen, and in what the page calls its article. */
const isSure = (heading: Element): boolean =>
  isSeen(heading) && within(heading, ({ name }) => name === "article" || name === "main");

/** The page's title is its headline with the name of the site or of a section after it. */
function isSiteAfter(title: string, shown: string): boolean {
  const [a, b] = [title, shown].map((text) => text.replace(/[‘’]/g, "'").replace(/[“”„]/g, '"'));
  return Boolean(
    a &&
      b &&
      a.startsWith(b) &&
      /^\s*[|:：–—-]\s*[^|–—]{1,80}$/.test(a.slice(b.length)) &&
      !/\S - /.test(a.slice(b.length)),
  );
}

const letters = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");

/** A page's title that is the headline, with a site's or a section's name before or after it. */
function confirms(title: string, shown: string): boolean {
  const parts = [title, ...title.split(/\s+[|–—»«:-]\s+|\s*[|：]\s*/)];
  return (
    parts.some((part) => letters(part) === letters(shown)) ||
    (shown.length > 20 && letters(title).includes(letters(shown)))
  );
}

function withoutSite(text: string, source: string): string {
  const cut = /^(.{3,}?)\s+(?:[|–—»·•-]|::)\s+([^|–—»·•]{2,60})$/.exec(text);
  return cut?.[1] && cut[2] && letters(cut[2]) === letters(source) ? cut[1] : text;
}

const kickerClass =
  /(?:^|[\s_-])(?:kicker|overline|eyebrow|dachzeile|roofline|supertitle|super-title|suptitle|pretitle|pre-title|antetitulo|antetitle|overtitle|surtitre|occhiello|topline|spitzmarke|volanta|cintillo|preheadline|headline-prefix|over-?head(?:line|ing)?)(?:$|[\s_-])|kicker|overline|eyebrow|dachzeile|roofline|supertitle|antetitulo|surtitre|כותרת-?גג/i;

/** The few words over the headline, where they are marked as such. */
export function findKicker(document: Document, heading: Element | null, title: string | null): string | null {
  const inPlace = placeOf(heading, elsewhere);
  const isKicker = (element: Element): boolean =>
    kickerClass.test(called(element)) && !/icon|link-?list/i.test(called(element));
  const marked = [
    ...(heading
      ? [heading, ...before(heading)].flatMap((element) => [
          ...(isKicker(element) ? [element] : []),
          ...all(element, isKicker, 4),
        ])
      : []),
    ...all(
      document,
      (element) =>
        isKicker(element) && within(element, ({ name }) => name === "header" || name === "article" || name === "main"),
      4,
    ).filter(inPlace),
  ];
  for (const element of marked) {
    if (heading && within(heading, (outer) => outer === element)) continue;
    const text = headline(lineOf(element, 400));
    if (text && text.length <= 80 && text !== title) return text;
  }
  return null;
}

/** The kicker of a listing's card, where it has one. */
export function kickerIn(card: Element, title: string): string | null {
  const element = first(card, (one) => kickerClass.test(called(one)));
  const text = element ? headline(lineOf(element, 400)) : "";
  return text && text.length <= 80 && text !== title ? text : null;
}

/** Elements before the headline, nearest first: within its header and that header's own elder siblings. */
function before(heading: Element): Element[] {
  const found: Element[] = [];
  let at: Element = heading;
  for (let level = 0; level < 3; level++) {
    for (let previous = at.prev; previous && found.length < 8; previous = previous.prev)
      if (isTag(previous)) found.push(previous);
    if (!at.parent || !isTag(at.parent)) break;
    at = at.parent;
  }
  return found;
}

const standfirstClass =
  /(?:^|[\s_-])(?:standfirst|subtitle|sub-title|subheadline|sub-headline|subhead|subheading|lead|lede|lead-text|leadtext|intro|introtext|sapo|chapo|chapeau|bajada|dek|deck|abstract|summary|excerpt|entradilla|vorspann|ingress|manchet|sommario|article-description|תקציר|כותרת-משנה)(?:$|[\s_-])/i;

/** The standfirst: what the head says of the article, else what is marked as such in the page. */
export function findSummary(
  document: Document,
  ld: JsonLd,
  meta: Meta,
  around: { heading: Element | null; title: string | null; guessed: string | null },
): string | null {
  const { heading, title, guessed } = around;
  const ofHead = [
    ...(ld.article ? textsOf(ld.article.description, ld) : []),
    ...meta("dc:description", "dcterm:description"),
    ...meta("og:description"),
    ...meta("description"),
    ...meta("twitter:description", "sailthru:description"),
  ];
  // The page may write with better quotes what its head says, which is no other standfirst.
  const shown =
    heading && (isSure(heading) || (isSeen(heading) && heading.attribs.itemprop === "headline"))
      ? under(heading).filter((text) => letters(text) !== letters(ofHead[0] ?? ""))
      : [];
  const said = [...shown, ...ofHead, ...markedStandfirsts(document, heading), ...(guessed ? [guessed] : [])];
  for (const text of said) {
    const line = standfirst([headline(text)], title ?? "");
    if (line && line !== title) return line;
  }
  return null;
}

const sureClass =
  /(?:^|[\s_-])(?:standfirst|subtitle|sub-title|subheadline|sub-headline|subhead|subheading|subheader|sapo|chapo|chapeau|bajada|dek|deck|epigraph|entradilla|excerpt|vorspann|ingress)(?:$|[\s_-])/i;

/** The standfirst right under the headline. */
function under(heading: Element): string[] {
  let at: Element = heading;
  for (let level = 0; level < 3; level++) {
    for (let next = at.next, steps = 0; next && steps < 8; next = next.next) {
      if (!isTag(next)) continue;
      steps++;
      const [found] = sureClass.test(called(next))
        ? [next]
        : all(next, (element) => sureClass.test(called(element)), 1);
      const text = found ? lineOf(found, 1000) : "";
      // A link in it leads elsewhere: it is a teaser of another article.
      if (found && text.length > 30 && text.length < 600 && !first(found, byName("a"))) return [text];
    }
    if (!at.parent || !isTag(at.parent)) break;
    at = at.parent;
  }
  return secondHeading(heading);
}

/** A heading of the second rank right after the first, as long as a sentence. */
function secondHeading(heading: Element): string[] {
  let at: Element = heading;
  while (at.parent && isTag(at.parent) && at.parent.children.filter(isTag).length === 1) at = at.parent;
  let next = at.next;
  while (next && !isTag(next)) next = next.next;
  const text = next?.name === "h2" && !first(next, byName("a")) ? lineOf(next, 1000) : "";
  return text.length > 60 && text.length < 600 ? [text] : [];
}

/** Standfirsts of the article, as its elements are called. */
export function markedStandfirsts(document: Document, heading: Element | null): string[] {
  const inPlace = placeOf(heading, elsewhere);
  return all(
    document,
    (element) => standfirstClass.test(called(element)) && !first(element, ({ name }) => /^h[1-6]$/.test(name)),
    10,
  )
    .filter(inPlace)
    .map((element) => lineOf(element, 2000))
    .filter((text) => text.length > 30 && text.length < 1200);
}
