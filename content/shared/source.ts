import { FeedError } from "#core/errors";
import type { Validators } from "#core/model";
import type { FeedSource } from "#core/ports";
import type { HttpAnswer, HttpGet } from "./http.ts";

/** What a conditional read of a source on the web came to; `answer` holds what is to be parsed. */
export type SourceAnswer =
  | { kind: "unchanged"; freshForMs?: number }
  | { kind: "gone" }
  | { kind: "answer"; answer: HttpAnswer; validators: Validators; movedTo?: string };

/** Reads a source once, conditionally: what every adapter of the web does before it parses. @throws FeedError for every status that brings nothing to parse */
export async function readSource(
  http: HttpGet,
  { url, validators }: FeedSource,
  { accept, signal }: { accept: string; signal: AbortSignal },
): Promise<SourceAnswer> {
  const answer = await http.get(url, { signal, validators, accept });
  if (answer.status === 304) return { kind: "unchanged", ...freshFor(answer.maxAgeMs) };
  if (answer.status === 410) return { kind: "gone" };
  if (answer.status < 200 || answer.status > 299) throw refusal(answer, url);
  return {
    kind: "answer",
    answer,
    validators: validatorsOf(answer),
    ...(answer.movedTo ? { movedTo: answer.movedTo } : {}),
  };
}

/** The longest of what the server and the feed say. */
export function freshFor(...spans: (number | undefined)[]): { freshForMs?: number } {
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
