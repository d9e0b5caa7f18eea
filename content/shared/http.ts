import { FeedError } from "#core/errors";
import type { Validators } from "#core/model";
import type { Clock } from "#core/ports";
import { allowList, createGuardedConnector, type Resolve, systemResolve } from "./address.ts";
import { createConnections } from "./connections.ts";
import { createExchange, type Errand, locationOf } from "./exchange.ts";
import { toFeedError } from "./failure.ts";
import { conditionalHeaders } from "./headers.ts";
import { createTurns } from "./turns.ts";
import { hostOf, redirectTarget, webAddress } from "./web-address.ts";

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

interface HttpRequest {
  signal: AbortSignal;
  validators?: Validators;
  accept?: string;
  maxBytes?: number;
  /** Somebody waits for it: it is asked for without a pause after the request before it. Not for what is read regularly. */
  urgent?: boolean;
  /** Only the status and the headers are wanted: the body is left at the server. */
  withoutBody?: boolean;
}

interface HttpForm {
  signal: AbortSignal;
  form: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
}

/** A server's answer, whatever it says. */
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

const mebibyte = 1024 * 1024;
const mostRedirects = 10;
const permanent = new Set([301, 308]);

/** Makes the one fetcher of a process: what it knows of hosts and connections must not be known twice. */
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
  const visit = createExchange({ turns, connections, timeoutMs, now });
  const underWay = new Set<AbortController>();

  const follow = async (errand: Errand): Promise<HttpAnswer> => {
    let url = webAddress(errand.start);
    let host = "";
    let forGood = true;
    const seen = new Set<string>();
    while (seen.size <= mostRedirects) {
      seen.add(url.href);
      // A redirect within a host is the same errand.
      const answer = await visit(url, errand, errand.urgent || hostOf(url) === host);
      const location = locationOf(answer, errand.method);
      if (!location) {
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
