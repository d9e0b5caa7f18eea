import type { Validators } from "#core/model";

/** The longest that a server is believed when it speaks of time, to be left alone or to stay unchanged: more is a mistake of its settings. */
export const longestMs = 24 * 60 * 60_000;

/** Headers that are lists: sent twice, they add up. Of any other the last counts. */
const lists = new Set(["content-encoding", "cache-control", "link", "vary"]);

/** One value a name, names in lower case. */
export function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (Array.isArray(value)) plain[name] = lists.has(name) ? value.join(", ") : (value.at(-1) ?? "");
    else if (value !== undefined) plain[name] = value;
  }
  return plain;
}

/** What a header may hold; a validator that does not fit cannot have come from one. */
const sendable = /^[\t\x20-\x7e\x80-\xff]{1,1024}$/;

/** Asks only for what changed since. The tags are sent as they came, weak and unquoted ones too. */
export function conditionalHeaders({ etag, lastModified }: Validators): Record<string, string> {
  const headers: Record<string, string> = {};
  if (etag && sendable.test(etag)) {
    // Apache adds a packing's name to the tag of a packed answer and then does not know its own tag again.
    const bare = /^((?:W\/)?")([^"]+)-(?:gzip|br|zstd|deflate)"$/.exec(etag);
    headers["if-none-match"] = bare ? `${etag}, ${bare[1]}${bare[2]}"` : etag;
  }
  if (lastModified && sendable.test(lastModified)) headers["if-modified-since"] = lastModified;
  return headers;
}

/** Retry-After, in seconds or as a date; undefined for what is neither. At most a day. */
export function retryAfterOf(headers: Record<string, string>, now: Date): number | undefined {
  const value = headers["retry-after"]?.trim() ?? "";
  const ms = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : dateOf(value) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), longestMs);
}

/**
 * How long an answer stays good, in a cache of one reader: max-age, else Expires, and off it what it spent in the
 * caches on its way (Age). At most a day; undefined where the server says nothing or wants to be asked each time.
 */
export function freshnessOf(headers: Record<string, string>, now: Date): number | undefined {
  const control = headers["cache-control"] ?? "";
  if (/(?:^|[\s,])no-(?:store|cache)(?![\w-])/i.test(control)) return undefined;
  const seconds = /(?:^|[\s,])max-age\s*=\s*"?(\d+)/i.exec(control)?.[1];
  const saidMs = seconds === undefined ? untilExpiry(headers, now) : Number(seconds) * 1000;
  if (saidMs === undefined) return undefined;
  const age = /^\s*(\d+)\s*$/.exec(headers.age ?? "")?.[1] ?? 0;
  return Math.min(Math.max(0, saidMs - Number(age) * 1000), longestMs);
}

/** By the server's own clock where it shows it. "0" and the like mean that it is over. */
function untilExpiry({ expires, date }: Record<string, string>, now: Date): number | undefined {
  if (expires === undefined) return undefined;
  const at = dateOf(expires);
  const from = dateOf(date ?? "");
  return Number.isNaN(at) ? 0 : at - (Number.isNaN(from) ? now.getTime() : from);
}

/** NaN for what is no date: `Date.parse` reads "-5" as one. */
const dateOf = (value: string): number => (/^[a-z]{3}/i.test(value.trim()) ? Date.parse(value) : Number.NaN);
