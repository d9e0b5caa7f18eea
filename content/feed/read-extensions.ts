import { allWords, attribute, charactersOf, child, children, rssText, words } from "./element.ts";
import { given, personName, type Text } from "./item.ts";
import type { Element } from "./xml.ts";

/** What RSS and Atom share: the modules that both may carry. */

const looksLikePicture = (address: string): boolean => /\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)/i.test(address);

/** An attachment's address when it is a picture. */
export function pictureFile(url: string | undefined, type: string | undefined): string | undefined {
  if (!url) return undefined;
  return type?.toLowerCase().startsWith("image/") || (!type && looksLikePicture(url)) ? url : undefined;
}

/** Media RSS groups its parts, or does not. */
function mediaParts(element: Element, name: string): readonly Element[] {
  const groups = children(element, "media:group");
  if (groups.length === 0) return children(element, name);
  return [element, ...groups].flatMap((part) => children(part, name));
}

/** Media RSS: pictures by size, then the thumbnails of films, by size; then what podcasts name. */
export function pictures(element: Element): string[] {
  const hasMedia = element.children.some(({ name }) => name.startsWith("media:"));
  const contents = hasMedia ? mediaParts(element, "media:content") : [];
  const images = contents.filter(({ attributes: { medium, type = "", url = "" } }) =>
    medium ? medium === "image" : pictureFile(url, type),
  );
  const thumbnails = hasMedia
    ? [
        ...mediaParts(element, "media:thumbnail"),
        ...contents.flatMap((content) => children(content, "media:thumbnail")),
      ]
    : [];
  return [
    ...[...widestFirst(images), ...widestFirst(thumbnails)].map(
      (picture) => attribute(picture, "url") ?? charactersOf(picture).trim(),
    ),
    ...children(element, "itunes:image").map((picture) => attribute(picture, "href") ?? charactersOf(picture).trim()),
    attribute(child(element, "googleplay:image"), "href") ?? "",
  ].filter(Boolean);
}

/** Those of the same width keep the feed's order. */
function widestFirst(pictures: readonly Element[]): readonly Element[] {
  if (pictures.length < 2) return pictures;
  const isDefault = ({ attributes }: Element): number => Number(attributes.isdefault === "true");
  const width = ({ attributes }: Element): number => Number.parseInt(attributes.width ?? "", 10) || 0;
  return pictures.toSorted((a, b) => isDefault(b) - isDefault(a) || width(b) - width(a));
}

/** Summaries of the modules, in order of preference. */
export function moduleSummaries(element: Element): Text[] {
  const summaries = [
    child(element, "dc:description"),
    child(element, "itunes:summary"),
    child(element, "googleplay:description"),
    child(element, "itunes:subtitle"),
    ...mediaParts(element, "media:description"),
  ];
  return given(summaries.map(rssText));
}

/** Who wrote it, as the modules say. */
export const moduleAuthors = (element: Element): (string | undefined)[] => [
  words(element, "itunes:author"),
  ...mediaParts(element, "media:credit")
    .filter(({ attributes }) => /^(?:author|writer|creator|reporter)$/i.test(attributes.role ?? ""))
    .map((credit) => charactersOf(credit)),
];

/** Persons of one item that are looked at: more are an attack. */
export const mostPersons = 100;

/** Names, each once, from the first of several places that has any. */
export function namesIn(...places: (string | undefined)[][]): string[] {
  for (const place of places) {
    const names = given(place.slice(0, mostPersons).map(personName));
    if (names.length > 0) return [...new Set(names)];
  }
  return [];
}

/** Atom's persons: by name, else by address. */
export const atomPersons = (element: Element, name: string): (string | undefined)[] =>
  children(element, name).map(
    (person) => words(person, "atom:name", "name") ?? (person.children.length === 0 ? charactersOf(person) : undefined),
  );

/** Mail addresses of Atom's persons, for those that have no name. */
export const atomMails = (element: Element, name: string): (string | undefined)[] =>
  children(element, name).map((person) => words(person, "atom:email", "email"));

/** Atom's links of these kinds, as pairs of what they say. */
export function atomLinks(element: Element): { href: string; rel: string; type: string }[] {
  return children(element, "atom:link").map((link) => ({
    href: resolved(link, element, attribute(link, "href") ?? charactersOf(link).trim()),
    rel: attribute(link, "rel")?.toLowerCase() ?? "alternate",
    type: attribute(link, "type")?.toLowerCase() ?? "",
  }));
}

/** Addresses of the page that an item stands for: HTML before other kinds, then links of no common kind. */
export function pageLinks(links: { href: string; rel: string; type: string }[]): string[] {
  const alternate = links.filter(({ rel }) => rel === "alternate" || rel.endsWith("/alternate"));
  const pages = alternate.filter(({ type }) => !type || type.includes("html"));
  const other = links.filter(({ rel }) => rel === "related" || rel === "via");
  return [...pages, ...alternate, ...other].map(({ href }) => href).filter(Boolean);
}

/** An address within what the element's own xml:base says; what stands around it counts later. */
export function resolved(element: Element, parent: Element, address: string): string {
  if (!address || element.base === undefined || element.base === parent.base) return address;
  return URL.parse(address, element.base)?.href ?? address;
}

/** RSS 1.0 Syndication: period divided by how often in it. */
export function syndicationMinutes(element: Element): number {
  const periods: Record<string, number> = { hourly: 60, daily: 1440, weekly: 10_080, monthly: 43_200, yearly: 525_600 };
  const minutes = periods[words(element, "sy:updateperiod")?.toLowerCase() ?? ""] ?? 0;
  const times = Number(words(element, "sy:updatefrequency") ?? 1);
  return minutes / (times > 0 ? times : 1);
}

/** What an item is about, as Dublin Core and Atom say it. */
export const subjects = (element: Element): string[] => [...allWords(element, "dc:subject"), ...atomTopics(element)];

/** Labels, or terms; a term that is an address names nothing to a reader. */
function atomTopics(element: Element): string[] {
  return children(element, "atom:category")
    .map(({ attributes: { label, term = "" } }) => label || (/^https?:/i.test(term) ? "" : term))
    .filter(Boolean);
}

/** Atom tombstones (RFC 6721). */
export const tombstones = (element: Element): { id: string; when: string | undefined }[] =>
  children(element, "at:deleted-entry").flatMap((mark) => {
    const id = attribute(mark, "ref");
    return id ? [{ id, when: attribute(mark, "when") }] : [];
  });
