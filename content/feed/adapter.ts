import { FeedError } from "#core/errors";
import type { Validators } from "#core/model";
import type { ContentAdapter } from "#core/ports";
import type { HttpAnswer, HttpGet } from "../shared/http.ts";
import { parseFeed } from "./parse.ts";

const accept =
  "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5";

/** Reads RSS, Atom, RDF and JSON Feed from the web. */
export const createFeedAdapter = (http: HttpGet): ContentAdapter => ({
  kind: "feed",

  async fetch({ url, validators }, signal) {
    const answer = await http.get(url, { signal, validators, accept });
    if (answer.status === 304) return { kind: "unchanged", ...fresh(answer.maxAgeMs) };
    if (answer.status === 410) return { kind: "gone" };
    if (answer.status < 200 || answer.status > 299) throw refusal(answer, url);
    const parsed = parseFeed(answer.bytes, { url: answer.url, contentType: answer.headers["content-type"] ?? null });
    return {
      kind: "fetched",
      title: parsed.title,
      articles: parsed.articles,
      validators: validatorsOf(answer),
      ...fresh(answer.maxAgeMs, parsed.ttlMs),
      ...(answer.movedTo ? { movedTo: answer.movedTo } : {}),
    };
  },
});

/** The longest of what the server and the feed say. */
function fresh(...spans: (number | undefined)[]): { freshForMs?: number } {
  const freshForMs = Math.max(0, ...spans.filter((span) => span !== undefined));
  return freshForMs > 0 ? { freshForMs } : {};
}

function validatorsOf({ headers }: HttpAnswer): Validators {
  const { etag, "last-modified": lastModified } = headers;
  return { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) };
}

function refusal({ status, retryAfterMs }: HttpAnswer, url: string): FeedError {
  const words: Record<number, string> = {
    401: "wants a name and password, which Crier has none of: ask for an open address",
    403: "refuses to answer Crier: ask the publisher to let feed readers through",
    404: "is not there: check the address",
    429: "asks Crier to come less often: it waits, or set FEED_INTERVAL longer",
  };
  const said =
    words[status] ?? (status >= 500 ? "has trouble at its server: it is tried again" : "did not answer with a feed");
  return new FeedError(
    "http-status",
    `${url} ${said} (HTTP ${status}).`,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}
