import { type Dispatcher, Pool } from "undici";
import type { Clock } from "#core/ports";
import { CallLost, CallNotSent } from "./errors.ts";

/** A request to the Bot API, ready for the wire. */
interface ApiRequest {
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array;
  /** After it the call ends: as not sent while it still waits for a connection, else as lost. */
  deadlineMs: number;
  signal?: AbortSignal | undefined;
}

interface ApiAnswer {
  status: number;
  body: string;
}

export interface ApiHttp {
  /** @throws CallNotSent when nothing was written, CallLost when it was and no whole answer came. */
  post(request: ApiRequest): Promise<ApiAnswer>;
  /** Waits for the calls under way, `graceMs` at most, then ends them. */
  close(graceMs: number): Promise<void>;
}

/** The largest answer: a hundred updates of the longest messages. */
const largestAnswer = 16 * 2 ** 20;
/** Idle connections close before the other end tires of them: a request into a dead one has an unknown outcome. */
const keepAliveMs = 10_000;
const connectTimeoutMs = 10_000;

/** Bounded, kept-alive connections to one host; a request is written to the wire once, never again on its own. */
export function createHttp({
  origin,
  connections,
  clock,
}: {
  origin: string;
  connections: number;
  clock: Clock;
}): ApiHttp {
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    connectTimeout: connectTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    // Our own deadline covers the whole call.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: largestAnswer,
  });
  let closing: Promise<void> | undefined;

  return {
    post: (request) => exchange(pool, request, clock),
    close(graceMs) {
      closing ??= (async () => {
        const timer = new AbortController();
        const ended = pool.close();
        await Promise.race([ended, clock.sleep(graceMs, timer.signal)]);
        timer.abort();
        await pool.destroy();
        await ended;
      })();
      return closing;
    },
  };
}

async function exchange(pool: Pool, request: ApiRequest, clock: Clock): Promise<ApiAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
  const timer = new AbortController();
  let connection: Dispatcher.DispatchController | undefined;
  let ended: Error | undefined;

  const end = (cause: Error): void => {
    ended ??= cause;
    // A request that waits in the pool cannot be taken back: it is refused when its turn comes.
    if (connection) connection.abort(ended);
    else reject(new CallNotSent(ended));
  };
  const onAbort = (): void => end(new Error("The call was cancelled."));
  const handler = collect({
    onStart(controller) {
      if (connection || ended) {
        controller.abort(ended ?? new Error("The request would have been written twice."));
        return;
      }
      connection = controller;
    },
    onAnswer: resolve,
    onError: (error) =>
      reject(
        connection ? new CallLost("The connection ended before the answer.", ended ?? error) : new CallNotSent(error),
      ),
  });

  if (request.signal?.aborted) throw new CallNotSent(new Error("The call was cancelled."));
  request.signal?.addEventListener("abort", onAbort, { once: true });
  void clock.sleep(request.deadlineMs, timer.signal).then(() => {
    if (!timer.signal.aborted) end(new Error(`No answer within ${Math.round(request.deadlineMs / 1000)} s.`));
  });
  try {
    const { path, headers, body } = request;
    pool.dispatch({ method: "POST", path, headers, body }, handler);
    return await promise;
  } finally {
    // A reason of our own spares the making of an error for each call.
    timer.abort("ended");
    request.signal?.removeEventListener("abort", onAbort);
  }
}

/** Reads a whole answer. */
function collect(listener: {
  onStart(controller: Dispatcher.DispatchController): void;
  onAnswer(answer: ApiAnswer): void;
  onError(error: Error): void;
}): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = [];
  let status = 0;
  return {
    onRequestStart: listener.onStart,
    onResponseStart(_, statusCode) {
      status = statusCode;
    },
    onResponseData(_, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      listener.onAnswer({ status, body: Buffer.concat(chunks).toString("utf8") });
    },
    onResponseError(_, error) {
      listener.onError(error);
    },
  };
}
