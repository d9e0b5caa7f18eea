import type { Readable } from "node:stream";
import { Agent, errors, request } from "undici";
import { FeedError } from "#core/errors";
import type { Validators } from "#core/model";
import type { Clock } from "#core/ports";
import { allowList, createGuardedConnector, type Resolve, systemResolve } from "./address.ts";
import { readBody, tooLarge, unpack } from "./body.ts";

export interface HttpOptions {
  /** Private hosts that may be read all the same: "host" or "host:port". */
  allowPrivateHosts: readonly string[];
  userAgent?: string;
  /** Cap on the wire and again on what unpacks from it; 10 MiB. */
  maxBytes?: number;
  /** For the whole exchange, redirects included; 20 s. */
  timeoutMs?: number;
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
}

export interface HttpAnswer {
  status: number;
  /** The address that answered, after redirects. */
  url: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Unpacked; empty for a 304. */
  bytes: Uint8Array;
  /** The final address, when each redirect on the way was a permanent one. */
  movedTo?: string;
  /** Retry-After, where given. */
  retryAfterMs?: number;
  /** Cache-Control: max-age, where given. */
  maxAgeMs?: number;
}

/** The only way from Crier to the web. */
export interface HttpGet {
  /** Answers whatever the status is. @throws FeedError when there is no answer, or none that may be read */
  get(url: string, how: HttpRequest): Promise<HttpAnswer>;
  /** Closes idle connections and ends running requests. */
  close(): Promise<void>;
}

const mebibyte = 1024 * 1024;
const mostRedirects = 5;
const permanent = new Set([301, 308]);
const redirects = new Set([301, 302, 303, 307, 308]);

export function createHttp(options: HttpOptions): HttpGet {
  const { userAgent = "Crier/0.1", maxBytes = 10 * mebibyte, timeoutMs = 20_000, resolve = systemResolve } = options;
  const now = (): Date => options.clock?.now() ?? new Date();
  const partMs = Math.min(10_000, timeoutMs);
  const agent = new Agent({
    connect: createGuardedConnector({ isAllowed: allowList(options.allowPrivateHosts), resolve, timeoutMs: partMs }),
    headersTimeout: timeoutMs,
    bodyTimeout: partMs,
    maxHeaderSize: 64 * 1024,
  });

  const exchange = async (start: string, how: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> => {
    const cap = how.maxBytes ?? maxBytes;
    const headers: Record<string, string> = {
      "user-agent": userAgent,
      accept: how.accept ?? "*/*",
      "accept-encoding": "gzip, deflate, br, zstd",
    };
    if (how.validators?.etag) headers["if-none-match"] = how.validators.etag;
    if (how.validators?.lastModified) headers["if-modified-since"] = how.validators.lastModified;

    let url = readableAddress(start, start);
    let forGood = true;
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const answer = await request(url, { dispatcher: agent, method: "GET", headers, signal });
      const plain = plainHeaders(answer.headers);
      const to = plain.location;
      if (redirects.has(answer.statusCode) && to) {
        // Not read: a redirect's body may be endless.
        discard(answer.body);
        forGood &&= permanent.has(answer.statusCode);
        url = readableAddress(to, start, url);
        continue;
      }
      const where = url.href;
      if (Number(plain["content-length"]) > cap) {
        discard(answer.body);
        throw tooLarge(where, cap);
      }
      const wire = await readBody(answer.body, cap, where);
      const bytes = await unpack(wire, plain["content-encoding"] ?? "", cap, where);
      const retryAfterMs = readRetryAfter(plain["retry-after"], now());
      const maxAgeMs = readMaxAge(plain["cache-control"]);
      return {
        status: answer.statusCode,
        url: where,
        headers: plain,
        bytes,
        ...(hop > 0 && forGood ? { movedTo: where } : {}),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
      };
    }
    throw new FeedError(
      "http-status",
      `${start} redirects more than ${mostRedirects} times: give the address that it should end at.`,
    );
  };

  return {
    async get(url, how) {
      const ending = new AbortController();
      const timer = setTimeout(
        () =>
          ending.abort(new FeedError("timeout", `${url} took longer than ${timeoutMs / 1000} s to answer in full.`)),
        timeoutMs,
      );
      const stop = (): void => ending.abort(new FeedError("unreachable", `Reading ${url} was stopped.`));
      if (how.signal.aborted) stop();
      how.signal.addEventListener("abort", stop, { once: true });
      // A request that still waits for its connection does not hear the signal, so the end is raced against it.
      const ended = new Promise<never>((_, reject) => {
        if (ending.signal.aborted) reject(ending.signal.reason);
        ending.signal.addEventListener("abort", () => reject(ending.signal.reason), { once: true });
      });
      try {
        return await Promise.race([exchange(url, how, ending.signal), ended]);
      } catch (error) {
        throw toFeedError(error, url);
      } finally {
        clearTimeout(timer);
        how.signal.removeEventListener("abort", stop);
      }
    },
    close: () => agent.destroy(),
  };
}

/** The picture's bytes and its type as the bytes themselves tell it. @throws FeedError also for what is no picture, or over 5 MiB */
export async function fetchPicture(
  http: HttpGet,
  url: string,
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array; type: string }> {
  const answer = await http.get(url, {
    signal,
    accept: "image/jpeg,image/png,image/webp,image/*;q=0.5",
    maxBytes: 5 * mebibyte,
  });
  if (answer.status !== 200)
    throw new FeedError("http-status", `The picture ${url} was answered with ${answer.status}.`);
  const type = pictureType(answer.bytes);
  if (!type) throw new FeedError("not-a-feed", `${url} is not a picture that Crier can send (JPEG, PNG, GIF, WebP).`);
  return { bytes: answer.bytes, type };
}

function pictureType(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (/^GIF8[79]a/.test(head)) return "image/gif";
  if (/^RIFF[\s\S]{4}WEBP/.test(head)) return "image/webp";
  return null;
}

/** Ends an answer unread; that it was cut short is no error then. */
function discard(body: Readable): void {
  body.on("error", () => {});
  body.destroy();
}

/** @throws FeedError "refused" for anything but a http(s) address without a name and password in it */
function readableAddress(address: string, start: string, base?: URL): URL {
  const said =
    address === start ? start.slice(0, 200) : `${start.slice(0, 200)} redirects to ${address.slice(0, 200)}, which`;
  if (!URL.canParse(address, base?.href))
    throw new FeedError("refused", `${said} is not a web address: check how it is written.`);
  const url = new URL(address, base?.href);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new FeedError("refused", `${said} is not a web address: it must begin with http:// or https://.`);
  }
  if (url.username || url.password) {
    throw new FeedError(
      "refused",
      `The address at ${url.host} holds a name or password, which Crier does not send: use one without.`,
    );
  }
  return url;
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    // Of a header sent twice the last counts, but for the encodings, which add up.
    if (Array.isArray(value)) plain[name] = name === "content-encoding" ? value.join(",") : (value.at(-1) ?? "");
    else if (value !== undefined) plain[name] = value;
  }
  return plain;
}

function readRetryAfter(value: string | undefined, now: Date): number | undefined {
  if (!value) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}

function readMaxAge(value: string | undefined): number | undefined {
  if (!value || /\bno-(?:store|cache)\b/i.test(value)) return undefined;
  const seconds = /(?:^|[\s,])max-age\s*=\s*"?(\d+)/i.exec(value)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** What a person can do about a failed exchange, by its code. */
function toFeedError(error: unknown, url: string): FeedError {
  if (error instanceof FeedError) return error;
  const cause = error instanceof Error && error.cause instanceof FeedError ? error.cause : error;
  if (cause instanceof FeedError) return cause;
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return new FeedError("timeout", `${url} stopped answering midway.`, { cause: error });
  }
  if (error instanceof errors.ConnectTimeoutError) {
    return new FeedError("timeout", `${url} did not take the connection in time.`, { cause: error });
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const host = URL.canParse(url) ? new URL(url).host : url;
  const words: Record<string, string> = {
    ENOTFOUND: `There is no host ${host}: is its name spelt right?`,
    EAI_AGAIN: `The name ${host} could not be looked up now: does this machine have DNS?`,
    ECONNREFUSED: `${host} refuses connections: is its server running?`,
    ECONNRESET: `${host} closed the connection before it had answered.`,
    UND_ERR_SOCKET: `${host} closed the connection before it had answered in full.`,
    CERT_HAS_EXPIRED: `The certificate of ${host} has expired: its owner must renew it.`,
    DEPTH_ZERO_SELF_SIGNED_CERT: `The certificate of ${host} is signed by nobody that this machine trusts.`,
    SELF_SIGNED_CERT_IN_CHAIN: `The certificate of ${host} is signed by nobody that this machine trusts.`,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: `${host} does not send its whole chain of certificates.`,
    ERR_TLS_CERT_ALTNAME_INVALID: `The certificate of ${host} is made for another host.`,
  };
  return new FeedError("unreachable", words[code] ?? `${url} could not be read${code ? ` (${code})` : ""}.`, {
    cause: error,
  });
}
