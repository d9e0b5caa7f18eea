import { FeedError } from "#core/errors";
import { readBody, tooLarge, unpack } from "./body.ts";
import type { Connection, Connections } from "./connections.ts";
import { isHangUp, toFeedError } from "./failure.ts";
import { freshnessOf, plainHeaders, retryAfterOf } from "./headers.ts";
import type { HttpAnswer } from "./http.ts";
import type { Turns } from "./turns.ts";
import { hostOf } from "./web-address.ts";

/** What is to be done, over all its redirects. */
export interface Errand {
  start: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body: string | null;
  /** The most bytes on the wire, and again unpacked. */
  cap: number;
  withoutBody: boolean;
  urgent: boolean;
  signal: AbortSignal;
  /** What is left of its time; the waiting for turns costs none. */
  leftMs: number;
}

const redirects: Readonly<Record<Errand["method"], ReadonlySet<number>>> = {
  GET: new Set([301, 302, 303, 307, 308]),
  POST: new Set([307, 308]),
};
/** Answers by which a server says that it has had enough. */
const overrun = new Set([429, 503]);
/** Of an unread body so much is read to keep its connection. */
const restOfBody = 16 * 1024;

/** Where an answer sends on to; undefined where it is the answer. */
export const locationOf = ({ status, headers }: HttpAnswer, method: Errand["method"]): string | undefined =>
  redirects[method].has(status) ? headers.location || undefined : undefined;

/** One request in its host's turn, within what is left of the errand's time. @throws FeedError only */
export type Exchange = (url: URL, errand: Errand, urgent: boolean) => Promise<HttpAnswer>;

/** Makes exchanges that keep to the turns and the connections. */
export function createExchange(options: {
  turns: Turns;
  connections: Connections;
  timeoutMs: number;
  now(): Date;
}): Exchange {
  const { turns, connections, timeoutMs, now } = options;

  const converse = async (connection: Connection, url: URL, errand: Errand): Promise<HttpAnswer> => {
    const { statusCode: status, headers, body } = await ask(connection, url, errand);
    const plain = plainHeaders(headers);
    const retryAfterMs = retryAfterOf(plain, now());
    const maxAgeMs = freshnessOf(plain, now());
    const answer: HttpAnswer = {
      status,
      url: url.href,
      headers: plain,
      bytes: new Uint8Array(),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
    };
    if (errand.withoutBody || locationOf(answer, errand.method)) {
      // A redirect's body may be endless: past its limit the connection is closed.
      await body.dump({ limit: restOfBody });
      return answer;
    }
    if (Number(plain["content-length"]) > errand.cap) throw tooLarge(url.href, errand.cap);
    const wire = await readBody(body, errand.cap, url.href);
    return { ...answer, bytes: await unpack(wire, plain["content-encoding"] ?? "", errand.cap, url.href) };
  };

  return async (url, errand, urgent) => {
    const endTurn = await turns.take(hostOf(url), { signal: errand.signal, urgent });
    const connection = connections.take(url);
    const begun = performance.now();
    const stop = (): void => connection.drop(errand.signal.reason);
    const tooLate = new FeedError(
      "timeout",
      `${errand.start} took longer than ${timeoutMs / 1000} s to answer in full.`,
    );
    const timer = setTimeout(() => connection.drop(tooLate), errand.leftMs);
    errand.signal.addEventListener("abort", stop, { once: true });
    try {
      const answer = await converse(connection, url, errand);
      if (overrun.has(answer.status) && answer.retryAfterMs) turns.rest(hostOf(url), answer.retryAfterMs);
      return answer;
    } catch (error) {
      const failure = connection.dropped ?? toFeedError(error, url.href);
      connection.drop(failure);
      throw failure;
    } finally {
      clearTimeout(timer);
      errand.signal.removeEventListener("abort", stop);
      errand.leftMs = Math.max(0, errand.leftMs - (performance.now() - begun));
      connection.end();
      endTurn();
    }
  };
}

/** Sends a request; once more when the server had closed a connection that was kept for it, which it may do at any time. */
async function ask(connection: Connection, url: URL, { method, headers, body }: Errand) {
  const request = { path: `${url.pathname}${url.search}`, method, headers, body };
  try {
    return await connection.client.request(request);
  } catch (error) {
    if (method !== "GET" || !connection.isUsed || !isHangUp(error)) throw error;
    connection.renew();
    return await connection.client.request(request);
  }
}
