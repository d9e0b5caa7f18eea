import { type Document, given, type Item, personName, type Text } from "./item.ts";
import { mostPersons, pictureFile } from "./read-extensions.ts";

type Json = Record<string, unknown>;

/** JSON Feed 1.0 and 1.1, and what is like it; null for other JSON. */
export function readJson(text: string): Document | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const isFeed = Array.isArray(value.items) || String(value.version ?? "").includes("jsonfeed.org");
  if (!isFeed) return null;
  const hubs = list(value.hubs).filter(isObject);
  return {
    title: plain(value.title),
    link: words(value.home_page_url),
    authors: authorsOf(value),
    language: words(value.language),
    hub: words((hubs.find((hub) => /^websub$/i.test(words(hub.type) ?? "")) ?? {}).url),
    self: words(value.feed_url),
    items: list(value.items).filter(isObject).map(readItem),
    retracted: [],
  };
}

function readItem(item: Json): Item {
  const id = words(item.id) ?? words(item.guid);
  const addresses = [words(item.url), words(item.external_url), /^https?:/i.test(id ?? "") ? id : undefined];
  const files = list(item.attachments).filter(isObject);
  return {
    id,
    links: given(addresses),
    title: plain(item.title),
    summaries: given([plain(item.summary)]),
    content: html(item.content_html) ?? plain(item.content_text),
    published: given([words(item.date_published)]),
    updated: given([words(item.date_modified)]),
    authors: authorsOf(item),
    topics: given(list(item.tags).map(words)),
    images: given([
      words(item.image),
      words(item.banner_image),
      ...files.map((file) => pictureFile(words(file.url), words(file.mime_type))),
    ]),
    language: words(item.language),
  };
}

/** 1.1 has several, 1.0 one; each with a name. */
function authorsOf({ authors, author }: Json): string[] {
  const persons = Array.isArray(authors) && authors.length > 0 ? authors : [authors, author];
  const names = persons
    .slice(0, mostPersons)
    .map((person) => personName(isObject(person) ? words(person.name) : words(person)));
  return [...new Set(given(names))];
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** A text, or a number as one; undefined for nothing. */
function words(value: unknown): string | undefined {
  const text = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
  return text || undefined;
}

function plain(value: unknown): Text | undefined {
  const text = words(value);
  return text === undefined ? undefined : { kind: "plain", value: text };
}

function html(value: unknown): Text | undefined {
  const text = words(value);
  return text === undefined ? undefined : { kind: "html", value: text };
}
