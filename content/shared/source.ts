import type { FeedError } from "#core/errors";
import type { Validators } from "#core/model";
import type { FeedSource } from "#core/ports";
import { challengeIn, isHtml, signInIn } from "./challenge.ts";
import { longestMs } from "./headers.ts";
import type { HttpAnswer, HttpGet } from "./http.ts";
import { answerError, statusError } from "./refusal.ts";

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
    throw answerError(
      answer,
      "http-status",
      `${url} says that nothing has changed (HTTP 304), though Crier has nothing of it yet: ask its owner to mend that.`,
    );
  }
  // The word of a place that it redirects to for a while is not its own.
  if (status === 410 && (movedTo || answer.url === withoutFragment(url))) return { kind: "gone" };
  if (status < 200 || status > 299) throw refusal(answer, url);
  if (isHtml(answer.bytes)) {
    const obstacle = challengeIn(answer) ?? (accept.includes("html") ? null : signInIn(answer));
    if (obstacle) throw answerError(answer, "refused", `${url} ${obstacle}.`);
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

function refusal(answer: HttpAnswer, url: string): FeedError {
  const obstacle = challengeIn(answer);
  if (obstacle) return answerError(answer, "refused", `${url} ${obstacle} (HTTP ${answer.status}).`);
  // A 410 gets here only from a place that the address redirects to for a while.
  return statusError(answer, answer.status === 410 ? `${url} redirects to a page that` : url);
}
