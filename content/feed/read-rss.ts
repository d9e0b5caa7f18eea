import { allWords, atomText, attribute, charactersOf, child, children, rssText, words } from "./element.ts";
import { type Document, given, type Item } from "./item.ts";
import {
  atomLinks,
  atomMails,
  atomPersons,
  moduleAuthors,
  moduleSummaries,
  namesIn,
  pageLinks,
  pictureFile,
  pictures,
  resolved,
  subjects,
  syndicationMinutes,
  tombstones,
} from "./read-extensions.ts";
import type { Element } from "./xml.ts";

/** RSS 0.90 to 2.0, RDF and CDF: a channel, and items in it or beside it. */
export function readRss(root: Element): Document {
  const channel = root.name === "channel" ? root : (children(root, "channel")[0] ?? root);
  const links = atomLinks(channel);
  const items = itemsIn(root, 0);
  return {
    title: rssText(child(channel, "title") ?? child(channel, "dc:title")) ?? atomText(child(channel, "atom:title")),
    link: siteLink(channel) ?? pageLinks(links)[0],
    authors: namesIn(
      allWords(channel, "dc:creator"),
      allWords(channel, "managingeditor"),
      atomPersons(channel, "atom:author"),
      allWords(channel, "itunes:author"),
      allWords(channel, "dc:author"),
      allWords(channel, "author"),
    ),
    language: words(channel, "language", "dc:language") ?? channel.language,
    base: channel.base,
    ttlMinutes: Math.max(Number(words(channel, "ttl")) || 0, syndicationMinutes(channel)) || undefined,
    hub: links.find(({ rel }) => rel === "hub")?.href,
    self: links.find(({ rel }) => rel === "self")?.href,
    items: given(items.map(readItem)),
    retracted: [...tombstones(channel), ...tombstones(root)],
  };
}

/** CDF's channels may hold channels, RSS 1.1 keeps its items in a list, RDF beside the channel. */
function itemsIn(element: Element, depth: number): Element[] {
  const found: Element[] = [];
  for (const candidate of element.children) {
    if (candidate.name === "item") found.push(candidate);
    else if (depth < 8 && (candidate.name === "channel" || candidate.name === "items")) {
      for (const item of itemsIn(candidate, depth + 1)) found.push(item);
    }
  }
  return found;
}

const siteLink = (channel: Element): string | undefined =>
  linksOf(channel)[0] ?? (attribute(channel, "href") || undefined);

/** What `link` elements say, between their tags or as Atom's do. */
function linksOf(element: Element): string[] {
  const found: string[] = [];
  for (const link of element.children) {
    if (link.name !== "link") continue;
    const rel = attribute(link, "rel") ?? "alternate";
    const address = charactersOf(link).trim() || (rel === "alternate" ? attribute(link, "href") : undefined);
    if (address) found.push(resolved(link, element, address));
  }
  return found;
}

/** Undefined for what broke off before it said anything. */
function readItem(item: Element): Item | undefined {
  const guid = child(item, "guid");
  const id = guid && charactersOf(guid).trim();
  const about = attribute(item, "rdf:about") ?? attribute(item, "about");
  const permalink = attribute(guid, "ispermalink")?.toLowerCase();
  const isLink = permalink !== "false" && (permalink === "true" ? /^(?:https?:|\/)/i : /^https?:/i).test(id ?? "");
  const links = atomLinks(item);
  const files = children(item, "enclosure");
  const title =
    rssText(
      child(item, "title") ?? child(item, "dc:title") ?? child(item, "media:title") ?? child(item, "itunes:title"),
    ) ?? atomText(child(item, "atom:title"));
  const own = linksOf(item);
  if (!item.isWhole && !title && own.length === 0) return undefined;
  const addresses = [
    ...own,
    attribute(item, "href"),
    attribute(child(item, "a"), "href"),
    ...pageLinks(links),
    isLink ? id : undefined,
    about,
    attribute(files[0], "url"),
  ];
  const description = rssText(child(item, "description") ?? child(item, "abstract"));
  const body =
    rssText(
      child(item, "content:encoded") ??
        child(item, "xhtml:body") ??
        child(item, "body") ??
        child(item, "fullitem") ??
        child(item, "xhtml:div") ??
        child(item, "content"),
    ) ?? atomText(child(item, "atom:content"));
  return {
    id: id || words(item, "atom:id", "dc:identifier") || about,
    links: given(addresses),
    origin: words(item, "feedburner:origlink"),
    title,
    summaries: given([description, atomText(child(item, "atom:summary")), ...moduleSummaries(item)]),
    content: body,
    kicker: words(item, "prism:section"),
    published: allWords(
      item,
      "pubdate",
      "dc:date",
      "dcterms:issued",
      "atom:published",
      "dcterms:created",
      "prism:publicationdate",
      "date",
    ),
    updated: given([
      ...allWords(item, "dcterms:modified", "atom:updated", "prism:modificationdate"),
      attribute(item, "lastmod"),
    ]),
    authors: namesIn(
      allWords(item, "dc:creator"),
      allWords(item, "author"),
      atomPersons(item, "atom:author"),
      allWords(item, "dc:author"),
      moduleAuthors(item),
      atomMails(item, "atom:author"),
    ),
    topics: [
      ...allWords(item, "category"),
      ...subjects(item),
      ...allWords(item, "tags").flatMap((tags) => tags.split(",")),
    ],
    images: given([
      ...pictures(item),
      ...files.map((file) => pictureFile(attribute(file, "url"), attribute(file, "type"))),
      ...children(item, "image").map(
        (picture) =>
          words(picture, "url") ?? attribute(picture, "href") ?? pictureFile(charactersOf(picture).trim(), undefined),
      ),
    ]),
    language: words(item, "dc:language") ?? item.language,
    base: item.base,
  };
}
