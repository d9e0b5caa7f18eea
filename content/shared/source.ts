import { FeedError } from "#core/errors";
import type { Validators } from "#core/model";
import type { FeedSource } from "#core/ports";
import { challengeIn, isHtml, signInIn } from "./challenge.ts";
import { longestMs } from "./headers.ts";
import type { HttpAnswer, HttpGet } from "./http.ts";

/** What a conditional read of a source on the web came to; `answer` holds what is to be parsed. */
export type SourceAnswer =
  | { kind: "unchanged"; freshForMs?: number }
  | { kind: "gone" }
  | { kind: "answer"; answer: HttpAnswer; validators: Validators; movedTo?: string };

/**
 * Reads a source once, conditionally: what every adapter of the web does before it parses. A web page is what is
 * looked for only where `accept` names HTML.
 *
 * @throws FeedError for every answer that brings nothing to parse
 */
export async function readSource(
  http: HttpGet,
  { url, validators }: FeedSource,
  { accept, signal }: { accept: string; signal: AbortSignal },
): Promise<SourceAnswer> {
  const answer = await http.get(url, { signal, validators, accept });
  const { status, movedTo } = answer;
  if (status === 304) {
    if (validators.etag || validators.lastModified) return { kind: "unchanged", ...freshFor(answer.maxAgeMs) };
    throw refused(answer, `${url} says that nothing has changed (HTTP 304), though Crier has nothing of it yet.`);
  }
  // The word of a place that it redirects to for a while is not its own.
  if (status === 410 && (movedTo || answer.url === withoutFragment(url))) return { kind: "gone" };
  if (status < 200 || status > 299) throw refusal(answer, url);
  if (isHtml(answer.bytes)) {
    const obstacle = challengeIn(answer) ?? (accept.includes("html") ? null : signInIn(answer));
    if (obstacle) throw refused(answer, `${url} ${obstacle}.`, "refused");
  }
  return {
    kind: "answer",
    answer,
    validators: validatorsOf(answer),
    ...(movedTo && isNewHome(url, movedTo) ? { movedTo } : {}),
  };
}

/** The longest of what the server and the feed say; at most a day. */
export function freshFor(...spans: (number | undefined)[]): { freshForMs?: number } {
  const freshForMs = Math.min(longestMs, Math.max(0, ...spans.filter((span) => span !== undefined)));
  return freshForMs > 0 ? { freshForMs } : {};
}

/**
 * True where a permanent redirect is to be remembered. It may be a lie told by a network's sign-in page, or by who
 * parks a domain that ran out: they send everybody to a front page or a sign-in. And encryption is not given up for
 * good. What is read there must be a source besides: an adapter that cannot parse it never reports the move.
 */
function isNewHome(from: string, to: string): boolean {
  const [old, home] = [new URL(from), new URL(to)];
  if (old.protocol === "https:" && home.protocol === "http:") return false;
  const isFrontPage = home.pathname === "/" && !home.search && (old.pathname !== "/" || old.search !== "");
  return (
    !isFrontPage && !/\b(?:log-?in|sign-?in|sso|oauth2?|auth|captcha|parking|expired|suspended)\b/i.test(home.pathname)
  );
}

function withoutFragment(address: string): string {
  const url = URL.parse(address);
  if (!url) return address;
  url.hash = "";
  return url.href;
}

function validatorsOf({ headers }: HttpAnswer): Validators {
  const { etag, "last-modified": lastModified } = headers;
  return { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) };
}

const words: Readonly<Record<number, string>> = {
  401: "wants a name and password, which Crier has none of: ask for an open address",
  402: "wants to be paid for, which Crier cannot do: ask for an open address",
  403: "refuses to answer Crier: ask the publisher to let feed readers through",
  404: "is not there: check the address",
  406: "has nothing in a form that Crier reads: check the address",
  410: "redirects to a page that is gone: check the address",
  429: "asks Crier to come less often: it waits, or set FEED_INTERVAL longer",
  451: "may not be shown where Crier runs, for legal reasons: ask the publisher for another address",
};

function refusal(answer: HttpAnswer, url: string): FeedError {
  const { status } = answer;
  const obstacle = challengeIn(answer);
  if (obstacle) return refused(answer, `${url} ${obstacle} (HTTP ${status}).`, "refused");
  const said =
    words[status] ??
    (status >= 500
      ? "has trouble at its server: it is tried again"
      : status >= 300 && status < 400
        ? "redirects without saying where to: ask its owner for the right address"
        : "did not answer with a feed: check the address");
  return refused(answer, `${url} ${said} (HTTP ${status}).`);
}

const refused = (
  { retryAfterMs }: HttpAnswer,
  message: string,
  reason: "http-status" | "refused" = "http-status",
): FeedError => new FeedError(reason, message, retryAfterMs === undefined ? {} : { retryAfterMs });
