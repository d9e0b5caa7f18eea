import { headline } from "../text.ts";
import { siteName } from "../url.ts";
import { type JsonLd, textsOf } from "./json-ld.ts";
import type { Meta } from "./meta.ts";
import { written } from "./times.ts";
import { all, beside, byName, called, type Document, type Element, first, lineOf, placeOf } from "./tree.ts";

/** Who a page says wrote its article. */
export interface Authors {
  /** Each once, names only. */
  authors: string[];
  /** The line in which the page names them, in its own words; null where it names nobody. */
  byline: string | null;
}

const most = 12;

/**
 * Who wrote it. A publisher's own name counts only when nobody else is named. `seen` is the byline that was met on
 * the way to the text.
 */
export function findAuthors(
  document: Document,
  ld: JsonLd,
  meta: Meta,
  around: { heading: Element | null; source: string; seen: string | null },
): Authors {
  const seen = (): string[] => (around.seen ? [around.seen] : []);
  const sources = [
    () => (ld.article ? textsOf(ld.article.author ?? ld.article.creator, ld) : []),
    () => meta("dc:creator", "dcterms:creator", "dcterm:creator"),
    () => meta("author"),
    () => meta("parsely:author", "sailthru:author", "citation_author", "cxenseparse:author", "byl"),
    () => meta("article:author", "og:article:author"),
    seen,
    () => (ld.page ? textsOf(ld.page.author ?? ld.page.creator, ld) : []),
    () => inPage(document, around.heading),
    () => underHeadline(document, around.heading),
    () => meta("twitter:creator").filter((name) => !name.startsWith("@")),
  ];
  let best: Authors = { authors: [], byline: null };
  for (const source of sources) {
    const said = source();
    const found = named(said);
    if (found.authors.length === 0) continue;
    const isPublisher = found.authors.every((name) => sameName(name, around.source));
    if (best.authors.length === 0) best = source === seen ? { ...found, byline: headline(said.join(" ")) } : found;
    // The first source named one of several, or only the house.
    else if (
      best.authors.every((name) => sameName(name, around.source)) &&
      !isPublisher &&
      found.authors.some(isFullName)
    ) {
      return { authors: found.authors, byline: `${best.byline}, ${found.byline}` };
    } else if (found.authors.length > best.authors.length && best.authors.every((name) => found.authors.includes(name)))
      return found;
  }
  // What stands where a byline does, though it names nobody that can be told from it.
  return best.authors.length === 0 && around.seen ? { authors: [], byline: headline(around.seen) } : best;
}

function sameName(name: string, source: string): boolean {
  const [a, b] = [name, source].map((text) =>
    text.toLowerCase().replace(/^www\.|\.(?:com|org|net|de|at|ch)$|[^\p{L}\p{N}]/gu, ""),
  );
  return (
    Boolean(a && b && (a === b || a.includes(b) || b.includes(a))) ||
    /\b(?:redaktion|redaction|staff|news|media|verlag|press|agency|cond[eé] nast)\b/i.test(name)
  );
}

function named(raw: string[]): Authors {
  const names = new Map<string, string>();
  const lines: string[] = [];
  for (const text of raw.slice(0, 40)) {
    const line = bare(text);
    const found = namesIn(line);
    if (line && !lines.includes(line) && !/https?:|www\.|[{}<>]/.test(line)) lines.push(line);
    for (const name of found) if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return {
    authors: [...names.values()].slice(0, most),
    byline: names.size > 0 ? lines.slice(0, most).join(", ") : null,
  };
}

/** Words before a name, in the languages of the press that Crier met. */
const before =
  /^(?:(?:written |posted |published |reported |story |text |words )?by|from|von|par|por|di|da|door|av|af|escribe|autor(?:es|a|i|zy|in)?|authors?|auteurs?|opracowanie|texte?|texto|testo|redakteur(?:in)?|redaktion|מאת|כתב|כתבה|بقلم|كتب|автор|текст|yazan|著者)(?:\s*[:：]\s*|\s+)/iu;
/** What no name holds. */
const noName =
  /https?:|www\.|^@|[{}<>[\]=]|\d{3}|^(?:admin|administrator|author|authors|staff|unknown|none|null|undefined|n\/a|webmaster|by|user|default|anonymous|last updated|updated|editor|redaktion|share|follow|facebook|twitter)$|\b(?:comments?|kommentar\w*)\b/i;

/** "By Anna Lind, anna@example.org | 3 May 2021" is "Anna Lind". */
function bare(raw: string): string {
  let text = headline(raw.slice(0, 400))
    .replace(/\(?[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}\)?/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  // A date before or after the name.
  text = text.replace(/^.{0,80}\s(?:by|von|par|por|של)(?:\s*:\s*|\s+(?=\p{Lu}))/iu, "");
  const date = written.exec(text)?.index ?? -1;
  if (date > 2) text = text.slice(0, date);
  for (let cut = before.exec(text); cut && cut[0].length < text.length; cut = before.exec(text))
    text = text.slice(cut[0].length);
  return text.replace(/^[\s,:|–—-]+|[\s,:|–—-]+$/g, "");
}

const and = /\s*(?:;|\||•|·|\s(?:and|und|et|y|e|i|en|och|og|ja|και|и|та|ve|dan|&)\s)\s*/iu;

/** "Anna Lind and Ben Or, chief reporter" is Anna Lind, Ben Or. */
function namesIn(line: string): string[] {
  // What stands in brackets tells more of a person.
  return line
    .replace(/\s*\([^()]{0,200}\)/g, "")
    .split(and)
    .flatMap(commaParts)
    .map((name) => name.replace(/^[\s,:–—-]+|[\s,:–—-]+$/g, "").replace(/^(?:und|and|et)\s+/i, ""))
    .filter((name) => name.length >= 2 && name.length <= 80 && /\p{L}/u.test(name) && !noName.test(name));
}

/** "Lind, Ben Or": two persons; "Anna Lind, chief reporter": one; "Lind, Anna": one. */
function commaParts(text: string): string[] {
  const parts = text.split(/\s*[,،、]\s*/).filter(Boolean);
  const [head = ""] = parts;
  if (parts.length < 2) return parts;
  if (parts.every(isFullName)) return parts;
  if (isFullName(head)) return parts.filter(isFullName);
  return [parts.length === 2 ? text : head];
}

const isTitle = (text: string): boolean =>
  /\b(?:editor|reporter|writer|correspondent|columnist|staff|producer|director|contributor|press|news|times|agency|redakt\w*|korrespondent\w*)\b/i.test(
    text,
  );
const isFullName = (text: string): boolean =>
  /^\p{L}[\p{L}\p{M}.'’-]*(?: \p{L}[\p{L}\p{M}.'’-]*){1,4}$/u.test(text) && !isTitle(text) && !/^\p{Ll}/u.test(text);

const bylineClass =
  /byline|(?:^|[\s_-])(?:\w*author(?:s|name|list)?|autor|autore|auteur|writtenby|writer|reporter|redakteur|signature|contributor)(?:$|[\s_-])|authorlist|article\w*author/i;
/** Where sites keep a page for each of their authors. */
const authorPath =
  /\/(?:authors?|autor(?:en|es|a)?|auteurs?|profile|people|by|staff|journalists?|columnists?|user)\/[^/?#]{2,80}\/?(?:[?#]|$)/i;
const elsewhere = /comment|related|sidebar|widget|footer|teaser|recommend|popular|newsletter/i;

function inPage(document: Document, heading: Element | null): string[] {
  const inPlace = placeOf(heading, elsewhere);
  const isShort = (element: Element): boolean => {
    const { length } = lineOf(element, 400);
    return length > 1 && length < 160;
  };
  const marked = all(
    document,
    (element) =>
      (/\bauthor\b/.test(element.attribs.itemprop ?? "") ||
        (element.name === "a" && authorPath.test(element.attribs.href ?? "")) ||
        /\bauthor\b/.test(element.attribs.rel ?? "") ||
        bylineClass.test(called(element))) &&
      isShort(element),
    60,
  ).filter(inPlace);
  const [nearest] = marked;
  if (!nearest) return [];
  const name = first(nearest, ({ attribs }) => /\bname\b/.test(attribs.itemprop ?? ""));
  if (name) return [lineOf(name)];
  const links = all(nearest, byName("a"), 10)
    .map((link) => lineOf(link))
    .filter((text) => isFullName(bare(text)));
  if (links.length > 0) return links;
  // Several persons, each in an element of its own beside the others.
  const peers = marked.filter(
    (one) => one.parent === nearest.parent && one.name === nearest.name && called(one) === called(nearest),
  );
  return peers.map((one) => lineOf(one));
}

/** A short line near the headline that begins as a byline does. */
function underHeadline(document: Document, heading: Element | null): string[] {
  const line = beside(document, heading)
    .after.slice(0, 30)
    .map((element) => lineOf(element, 300))
    .find((text) => text.length < 120 && before.test(text) && isFullName(namesIn(bare(text))[0] ?? ""));
  return line ? [line] : [];
}

/** The publisher's name as readers know it; the host where the page does not say it. */
export function findSource(ld: JsonLd, meta: Meta, url: string): string {
  const texts = [
    ...(ld.article ? textsOf(ld.article.publisher, ld) : []),
    ...meta("og:site_name"),
    ...meta("application:name", "apple:mobile:web:app:title", "dc:publisher", "cre"),
    ...(ld.page ? textsOf(ld.page.publisher, ld) : []),
  ];
  return texts.map(headline).find((text) => text && text.length <= 120) ?? siteName(url);
}
