import { errors } from "undici";
import { FeedError } from "#core/errors";

/** True when the other side hung up, however it did. */
export const isHangUp = (error: unknown): boolean => ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(codeOf(error));

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && error.code ? String(error.code) : "";

/** What a person can do about a failed exchange. */
export function toFeedError(error: unknown, url: string): FeedError {
  const within = error instanceof Error ? error.cause : undefined;
  const own = [error, within].find((one) => one instanceof FeedError);
  if (own) return own;
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return new FeedError("timeout", `${url} stopped answering midway; it is tried again.`, { cause: error });
  }
  if (error instanceof errors.ConnectTimeoutError || codeOf(error) === "ETIMEDOUT") {
    return new FeedError("timeout", `${url} did not take the connection in time: is its server running?`, {
      cause: error,
    });
  }
  if (error instanceof errors.HeadersOverflowError) {
    return new FeedError("too-large", `${url} sent more than 64 KiB of headers: ask its owner what they are for.`, {
      cause: error,
    });
  }
  const code = error instanceof errors.HTTPParserError ? notHttp : codeOf(error);
  return new FeedError("unreachable", wordsFor(code, url), { cause: error });
}

function wordsFor(code: string, url: string): string {
  const host = URL.parse(url)?.host ?? url;
  const known = words[code];
  if (known) return known(host);
  if (code === notHttp) return `${host} answered with something that is not HTTP: check the address and its port.`;
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) {
    return `${host} does not speak HTTPS as this machine does: try http://, or ask its owner (${code}).`;
  }
  if (/CERT|ERR_TLS/.test(code)) return `The certificate of ${host} is not in order (${code}): its owner must mend it.`;
  return `${url} could not be read${code ? ` (${code})` : ""}; it is tried again.`;
}

/** What undici's parser does not understand has no code, or one of many. */
const notHttp = "HPE";

const untrusted = (host: string): string =>
  `The certificate of ${host} is signed by nobody that this machine trusts: its owner must get one that is.`;
const unroutable = (host: string): string => `There is no way from this machine to ${host}: is its network up?`;

const words: Readonly<Record<string, (host: string) => string>> = {
  ENOTFOUND: (host) => `There is no host ${host}: is its name spelt right?`,
  ENODATA: (host) => `There is no host ${host}: is its name spelt right?`,
  EAI_AGAIN: (host) => `The name ${host} could not be looked up now: does this machine have DNS?`,
  ECONNREFUSED: (host) => `${host} refuses connections: is its server running?`,
  ECONNRESET: (host) => `${host} closed the connection before it had answered; it is tried again.`,
  EPIPE: (host) => `${host} closed the connection before it had answered; it is tried again.`,
  UND_ERR_SOCKET: (host) => `${host} closed the connection before it had answered in full; it is tried again.`,
  EHOSTUNREACH: unroutable,
  ENETUNREACH: unroutable,
  EADDRNOTAVAIL: unroutable,
  EMFILE: () => "This machine has too many files and connections open: raise its limit (ulimit -n).",
  CERT_HAS_EXPIRED: (host) => `The certificate of ${host} has expired: its owner must renew it.`,
  CERT_NOT_YET_VALID: (host) => `The certificate of ${host} is not valid yet: is this machine's clock right?`,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: (host) =>
    `${host} does not send its whole chain of certificates: its owner must add the missing ones.`,
  ERR_TLS_CERT_ALTNAME_INVALID: (host) => `The certificate of ${host} is made for another host: check the address.`,
};
