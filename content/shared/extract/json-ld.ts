import { canonical } from "../url.ts";
import { readJson } from "./json-repair.ts";
import { all, type Document, isText } from "./tree.ts";

/** One thing that a page's JSON-LD tells of. */
export type Thing = { readonly [property: string]: unknown };

const mostScripts = 60;
/** Things of one page that are looked at, and how deep. */
const mostThings = 2000;
const deepest = 20;

/** A longer address names no page, and would be slow to compare. */
const longestAddress = 4096;

/** A thing alone, in a list, in a "@graph", or what a page is about; what lies deeper is named in passing. */
const topmost = 4;

/** schema.org's Article and what is one of its kind; "Person" or "WebPage" is none. */
const articleTypes =
  /^(?:[A-Za-z]{0,40}Article|BlogPosting|LiveBlogPosting|SocialMediaPosting|DiscussionForumPosting|Report)$/;

/** What a page's JSON-LD tells of. */
export interface JsonLd {
  /** The article of this page. */
  article: Thing | null;
  /** What the page itself is said to be: WebPage, VideoObject and the like; null where only others are told of. */
  page: Thing | null;
  /** By their "@id". */
  byId: ReadonlyMap<string, Thing>;
}

/** What a page's JSON-LD says of its article. Never throws. */
export function readJsonLd(document: Document, url: string): JsonLd {
  const scripts = all(
    document,
    (element) => element.name === "script" && /ld\+json/i.test(element.attribs.type ?? ""),
    mostScripts,
  );
  const things: { thing: Thing; depth: number }[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (depth > deepest || things.length >= mostThings) return;
    if (Array.isArray(value)) for (const one of value) walk(one, depth + 1);
    else if (isThing(value)) {
      things.push({ thing: value, depth });
      for (const part of Object.values(value)) if (typeof part === "object") walk(part, depth + 1);
    }
  };
  for (const script of scripts)
    walk(readJson(script.children.map((child) => (isText(child) ? child.data : "")).join("")), 0);

  const byId = new Map<string, Thing>();
  for (const { thing } of things) {
    const id = thing["@id"];
    // What says most of a thing is it; elsewhere only its id stands.
    if (typeof id === "string" && Object.keys(thing).length > Object.keys(byId.get(id) ?? {}).length)
      byId.set(id, thing);
  }
  const articles = things.filter(
    ({ thing }) => typesOf(thing).some((type) => articleTypes.test(type)) && saysMore(thing),
  );
  const own = articles.find(({ thing }) => addressesOf(thing).some((address) => samePage(address, url)));
  // Those deep inside another thing are a list of other articles.
  const article = (own ?? articles.find(({ depth }) => depth <= topmost))?.thing ?? null;
  const page =
    things.find(
      ({ thing, depth }) =>
        depth <= topmost &&
        typesOf(thing).some((type) =>
          /^(?:\w*Page|VideoObject|PodcastEpisode|Recipe|Product|Book|Review|CreativeWork|Event|Movie)$/.test(type),
        ),
    )?.thing ?? null;
  return { article, page, byId };
}

const isThing = (value: unknown): value is Thing =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** More than a type and an id. */
const saysMore = (thing: Thing): boolean =>
  "headline" in thing || "name" in thing || "articleBody" in thing || "datePublished" in thing;

/** Without the vocabulary's address. */
export const typesOf = (thing: Thing): string[] =>
  [thing["@type"]].flat().flatMap((type) => (typeof type === "string" ? [type.replace(/^.*[/:]/, "")] : []));

const addressesOf = (thing: Thing): string[] =>
  [
    thing.url,
    thing["@id"],
    thing.mainEntityOfPage,
    isThing(thing.mainEntityOfPage) ? thing.mainEntityOfPage["@id"] : null,
  ].filter((address): address is string => typeof address === "string" && address.length <= longestAddress);

function samePage(a: string, b: string): boolean {
  const bare = (address: string): string =>
    canonical(address)
      .replace(/^https?:\/\/(?:www\.|m\.)?/, "")
      .replace(/[?#].*$|\/$/g, "");
  return bare(a) === bare(b);
}

/** The texts of a property: strings, or what its things are called. Ids are followed. */
export function textsOf(value: unknown, { byId }: Pick<JsonLd, "byId">, name = "name"): string[] {
  return [value].flat(2).flatMap((one): string[] => {
    if (typeof one === "string") return [one];
    if (typeof one === "number") return [String(one)];
    if (!isThing(one)) return [];
    const full = typeof one["@id"] === "string" && !(name in one) ? (byId.get(one["@id"]) ?? one) : one;
    return [full[name] ?? full["@value"]].flat().filter((text) => typeof text === "string");
  });
}
