import { allWords, atomText, attribute, child, children, rssText, words } from "./element.ts";
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
  subjects,
  syndicationMinutes,
  tombstones,
} from "./read-extensions.ts";
import type { Element } from "./xml.ts";

/** Atom 0.3 and 1.0; an entry alone is a feed of one. */
export function readAtom(root: Element): Document {
  const isAlone = root.name === "atom:entry";
  const links = atomLinks(root);
  return {
    title: isAlone ? undefined : atomText(child(root, "atom:title")),
    link: pageLinks(links)[0] ?? webAddress(words(root, "atom:id")),
    authors: authorsOf(root),
    language: root.language ?? words(root, "dc:language", "atom:language"),
    base: root.base,
    ttlMinutes: syndicationMinutes(root) || undefined,
    hub: links.find(({ rel }) => rel === "hub")?.href,
    self: links.find(({ rel }) => rel === "self")?.href,
    items: given((isAlone ? [root] : children(root, "atom:entry")).map(readEntry)),
    retracted: tombstones(root),
  };
}

/** An id that is an address is mostly that of the page. */
const webAddress = (id: string | undefined): string | undefined => (/^https?:/i.test(id ?? "") ? id : undefined);

const authorsOf = (element: Element): string[] =>
  namesIn(
    atomPersons(element, "atom:author"),
    allWords(element, "dc:creator"),
    moduleAuthors(element),
    atomMails(element, "atom:author"),
  );

/** Undefined for what broke off before it said anything. */
function readEntry(entry: Element): Item | undefined {
  const id = words(entry, "atom:id", "id");
  const links = atomLinks(entry);
  const files = links.filter(({ rel }) => rel === "enclosure");
  const content = child(entry, "atom:content");
  const title =
    atomText(child(entry, "atom:title")) ??
    rssText(child(entry, "media:title") ?? mediaTitle(entry) ?? child(entry, "dc:title"));
  const pages = pageLinks(links);
  if (!entry.isWhole && !title && pages.length === 0) return undefined;
  const source = child(entry, "atom:source");
  const own = authorsOf(entry);
  const addresses = [...pages, attribute(content, "src"), /^https?:/i.test(id ?? "") ? id : undefined, files[0]?.href];
  return {
    id,
    links: given(addresses),
    origin: words(entry, "feedburner:origlink"),
    title,
    summaries: given([atomText(child(entry, "atom:summary")), ...moduleSummaries(entry)]),
    content: atomText(content),
    kicker: words(entry, "prism:section"),
    published: allWords(
      entry,
      "atom:published",
      "atom:issued",
      "dc:date",
      "dcterms:issued",
      "atom:created",
      "published",
    ),
    updated: allWords(entry, "atom:updated", "atom:modified", "dcterms:modified"),
    authors: own.length > 0 || !source ? own : authorsOf(source),
    topics: subjects(entry),
    images: given([...pictures(entry), ...files.map(({ href, type }) => pictureFile(href, type))]),
    language: content?.language ?? entry.language ?? words(entry, "dc:language"),
    base: entry.base,
  };
}

function mediaTitle(entry: Element): Element | undefined {
  const group = child(entry, "media:group");
  return group && child(group, "media:title");
}
