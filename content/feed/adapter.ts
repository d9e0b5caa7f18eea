import type { ContentAdapter } from "#core/ports";
import type { HttpGet } from "../shared/http.ts";
import { readLinkHeader } from "../shared/link-header.ts";
import { freshFor, readSource } from "../shared/source.ts";
import { type ParsedFeed, parseFeed } from "./parse.ts";

const accept =
  "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5";

/** Reads RSS, Atom, RDF and JSON Feed from the web. */
export const createFeedAdapter = (http: HttpGet): ContentAdapter => ({
  kind: "feed",

  async fetch(source, signal) {
    const read = await readSource(http, source, { accept, signal });
    if (read.kind !== "answer") return read;
    const { answer, validators, movedTo } = read;
    const parsed = parseFeed(answer.bytes, { url: answer.url, contentType: answer.headers["content-type"] ?? null });
    return {
      kind: "fetched",
      title: parsed.title,
      articles: parsed.articles,
      validators,
      retracted: parsed.retracted,
      ...hubIn(answer.headers.link, parsed, answer.url),
      ...freshFor(answer.maxAgeMs, parsed.ttlMs),
      ...(movedTo ? { movedTo } : {}),
    };
  },
});

/** The hub that HTTP names, else the feed's own. */
function hubIn(header: string | undefined, { hub }: ParsedFeed, url: string): Pick<ParsedFeed, "hub"> {
  const links = readLinkHeader(header, url);
  const named = (relation: string): string | undefined => links.find(({ rels }) => rels.includes(relation))?.url;
  const own = named("hub");
  if (own) return { hub: { url: own, topic: named("self") ?? hub?.topic ?? url } };
  return hub ? { hub } : {};
}
