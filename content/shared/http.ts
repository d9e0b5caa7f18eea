import { FeedError } from "#core/errors";
import type { Validators } from "#core/model";
import type { Clock } from "#core/ports";
import { allowList, createGuardedConnector, type Resolve, systemResolve } from "./address.ts";
import { readBody, tooLarge, unpack } from "./body.ts";
import { type Connection, createConnections } from "./connections.ts";
import { isHangUp, toFeedError } from "./failure.ts";
import { conditionalHeaders, freshnessOf, plainHeaders, retryAfterOf } from "./headers.ts";
import { createTurns } from "./turns.ts";
import { redirectTarget, webAddress } from "./web-address.ts";

export { fetchPicture } from "./picture.ts";

export interface HttpOptions {
  /** Private hosts that may be read all the same: "host" or "host:port". */
  allowPrivateHosts: readonly string[];
  userAgent?: string;
  /** Cap on the wire and again on what unpacks from it; 10 MiB. */
  maxBytes?: number;
  /** For the whole exchange, redirects included, the waiting for a turn not; 20 s. */
  timeoutMs?: number;
  /** From the end of one request to the start of the next one to the same host; 500 ms. */
  pauseMs?: number;
  /** Requests under way at once over all hosts, and sockets held; 64. */
  mostAtOnce?: number;
  /** Tells how far away a Retry-After date is. */
  clock?: Pick<Clock, "now">;
  /** The machine's resolver unless given. */
  resolve?: Resolve;
}

export interface HttpRequest {
  signal: AbortSignal;
  validators?: Validators;
  accept?: string;
  maxBytes?: number;
  /** Somebody waits for it: it is asked for without a pause after the request before it. Not for what is read regularly. */
  urgent?: boolean;
  /** Only the status and the headers are wanted: the body is left at the server. */
  withoutBody?: boolean;
}

export interface HttpForm {
  signal: AbortSignal;
  form: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  status: number;
  /** The address that answered, after redirects. */
  url: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Unpacked; empty for a 304. */
  bytes: Uint8Array;
  /** The final address, when each redirect on the way was a permanent one. Whether it is to be believed is for who reads the answer to say. */
  movedTo?: string;
  /** Retry-After, where given; at most a day. */
  retryAfterMs?: number;
  /** How long it stays good by Cache-Control or Expires, where given; at most a day. */
  maxAgeMs?: number;
}

/** The only way from Crier to the web. */
export interface HttpGet {
  /** Answers whatever the status is. @throws FeedError when there is no answer, or none that may be read */
  get(url: string, how: HttpRequest): Promise<HttpAnswer>;
  /** Sends a form. Follows a redirect only where it is to be sent again as it is (307, 308). @throws FeedError as `get` does */
  post(url: string, how: HttpForm): Promise<HttpAnswer>;
  /** Closes idle connections and ends running requests. */
  close(): Promise<void>;
}

/** What is to be done, over all its redirects. */
interface Errand {
  start: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body: string | null;
  cap: number;
  withoutBody: boolean;
  urgent: boolean;
  signal: AbortSignal;
  /** What is left of its time. */
  leftMs: number;
}

const mebibyte = 1024 * 1024;
const mostRedirects = 10;
const permanent = new Set([301, 308]);
const redirects: Readonly<Record<Errand["method"], ReadonlySet<number>>> = {
  GET: new Set([301, 302, 303, 307, 308]),
  POST: new Set([307, 308]),
};
/** Answers by which a server says that it has had enough. */
const overrun = new Set([429, 503]);
/** Of an unread body so much is read to keep its connection. */
const restOfBody = 16 * 1024;

export function createHttp(options: HttpOptions): HttpGet {
  const { userAgent = "Crier/0.1", maxBytes = 10 * mebibyte, timeoutMs = 20_000 } = options;
  const { pauseMs = 500, mostAtOnce = 64, resolve = systemResolve } = options;
  const now = (): Date => options.clock?.now() ?? new Date();
  const silenceMs = Math.min(10_000, timeoutMs);
  const turns = createTurns({ pauseMs, mostAtOnce, now: () => now().getTime() });
  const connections = createConnections({
    connect: createGuardedConnector({
      isAllowed: allowList(options.allowPrivateHosts),
      resolve,
      timeoutMs: silenceMs,
    }),
    most: mostAtOnce,
    // Long enough for the next one in the host's line.
    idleMs: pauseMs + 1000,
    silenceMs,
  });
  const underWay = new Set<AbortController>();

  /** One request in its turn, within what is left of the errand's time. */
  const visit = async (url: URL, errand: Errand, urgent: boolean): Promise<HttpAnswer> => {
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

  const converse = async (connection: Connection, url: URL, errand: Errand): Promise<HttpAnswer> => {
    const { statusCode: status, headers, body } = await ask(connection, url, errand);
    const plain = plainHeaders(headers);
    let bytes: Uint8Array = new Uint8Array();
    if (errand.withoutBody || (redirects[errand.method].has(status) && plain.location)) {
      // A redirect's body may be endless: past its limit the connection is closed.
      await body.dump({ limit: restOfBody });
    } else {
      if (Number(plain["content-length"]) > errand.cap) throw tooLarge(url.href, errand.cap);
      const wire = await readBody(body, errand.cap, url.href);
      bytes = await unpack(wire, plain["content-encoding"] ?? "", errand.cap, url.href);
    }
    const retryAfterMs = retryAfterOf(plain, now());
    const maxAgeMs = freshnessOf(plain, now());
    return {
      status,
      url: url.href,
      headers: plain,
      bytes,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
    };
  };

  const follow = async (errand: Errand): Promise<HttpAnswer> => {
    let url = webAddress(errand.start);
    let host = "";
    let forGood = true;
    const seen = new Set<string>();
    while (seen.size <= mostRedirects) {
      seen.add(url.href);
      // A redirect within a host is the same errand.
      const answer = await visit(url, errand, errand.urgent || hostOf(url) === host);
      const { location } = answer.headers;
      if (!location || !redirects[errand.method].has(answer.status)) {
        return { ...answer, ...(seen.size > 1 && forGood ? { movedTo: answer.url } : {}) };
      }
      forGood &&= permanent.has(answer.status);
      host = hostOf(url);
      const from = url;
      url = redirectTarget(location, from, errand.start);
      if (errand.body !== null && from.protocol === "https:" && url.protocol === "http:") {
        throw new FeedError(
          "refused",
          `${errand.start} redirects a form to ${url.host} without encryption, where Crier does not send it.`,
        );
      }
      if (seen.has(url.href)) {
        throw new FeedError(
          "http-status",
          `${errand.start} redirects in a circle, as sites do that want cookies: give the address that it should end at.`,
        );
      }
    }
    throw new FeedError(
      "http-status",
      `${errand.start} redirects more than ${mostRedirects} times: give the address that it should end at.`,
    );
  };

  /** Runs an errand until it ends, is told to stop or everything is closed. */
  const run = async (
    start: string,
    signal: AbortSignal,
    errand: Omit<Errand, "start" | "signal" | "leftMs">,
  ): Promise<HttpAnswer> => {
    const ending = new AbortController();
    const stop = (): void => ending.abort(new FeedError("unreachable", `Reading ${start.slice(0, 200)} was stopped.`));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    underWay.add(ending);
    try {
      return await follow({ ...errand, start, signal: ending.signal, leftMs: timeoutMs });
    } catch (error) {
      throw toFeedError(error, start);
    } finally {
      underWay.delete(ending);
      signal.removeEventListener("abort", stop);
    }
  };

  const common = { "user-agent": userAgent, "accept-encoding": "gzip, deflate, br, zstd" };

  return {
    get: (url, how) =>
      run(url, how.signal, {
        method: "GET",
        headers: { ...common, accept: how.accept ?? "*/*", ...conditionalHeaders(how.validators ?? {}) },
        body: null,
        cap: how.maxBytes ?? maxBytes,
        withoutBody: how.withoutBody ?? false,
        urgent: how.urgent ?? false,
      }),
    post: (url, how) =>
      run(url, how.signal, {
        method: "POST",
        headers: { ...common, accept: "*/*", "content-type": "application/x-www-form-urlencoded", ...how.headers },
        body: new URLSearchParams({ ...how.form }).toString(),
        cap: maxBytes,
        withoutBody: false,
        urgent: false,
      }),
    async close() {
      for (const ending of underWay) ending.abort(new FeedError("unreachable", "Crier is stopping."));
      connections.close();
    },
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

/** What is asked politely as one: whatever the port, with or without the dot at its end. */
const hostOf = (url: URL): string => url.hostname.replace(/\.$/, "");
