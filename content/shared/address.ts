import { type LookupAddress, lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { buildConnector } from "undici";
import { FeedError } from "#core/errors";

/** How long one of a host's addresses may take before the next is tried: twice the way round the world. */
const attemptMs = 600;

/** Turns a host's name into its addresses. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/** Asks the machine's own resolver, as `getaddrinfo` has it: hosts file, then DNS. */
export const systemResolve: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

/** True for an address that anybody on the internet may be sent to. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // IPv4 written inside IPv6 ("::ffff:10.0.0.1") is judged as the IPv4 address that it reaches.
  const parsed = ipaddr.process(address);
  // The same for IPv4 behind NAT64 ("64:ff9b::a00:1"): networks of IPv6 alone reach all of the old web by it.
  if (parsed.range() === "rfc6052") return isPublic(parsed.toByteArray().slice(-4).join("."));
  if (parsed.range() !== "unicast") return false;
  // Of IPv6 only 2000::/3 is given out to the internet; what is tunnelled or translated has a range of its own above.
  return parsed.kind() === "ipv4" || ((parsed.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
}

/** A predicate over the operator's list of hosts: "host", "host:port", "127.0.0.1", "::1", "[::1]:8080". */
export function allowList(entries: readonly string[]): (hostname: string, port: string) => boolean {
  const allowed = new Set(entries.map((entry) => entry.trim().toLowerCase()).map(normalEntry));
  return (hostname, port) => {
    const host = bare(hostname.toLowerCase());
    return allowed.has(host) || allowed.has(`[${host}]:${port}`);
  };
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, "");

/** A host alone, or "[host]:port" for both kinds of address. */
function normalEntry(entry: string): string {
  if (ipaddr.IPv6.isValid(bare(entry))) return ipaddr.IPv6.parse(bare(entry)).toString();
  const withPort = /^(.+):(\d+)$/.exec(entry);
  return withPort?.[1] ? `[${bare(withPort[1])}]:${withPort[2]}` : bare(entry);
}

/**
 * Opens sockets to public addresses and to the hosts of the list only. The address that was judged is the address
 * that is connected to, so a name that resolves anew to somewhere else gains nothing.
 */
export function createGuardedConnector(options: {
  isAllowed: (hostname: string, port: string) => boolean;
  resolve: Resolve;
  timeoutMs: number;
}): buildConnector.connector {
  const { isAllowed, resolve, timeoutMs } = options;

  const lookupWith =
    (mayConnect: (address: string) => boolean): LookupFunction =>
    (hostname, how, callback) => {
      resolve(hostname).then(
        (found) => {
          const usable = found.filter((candidate) => mayConnect(candidate.address));
          const first = usable[0];
          if (!first) return callback(refusal(hostname, found[0]?.address), "", 0);
          if (how.all) callback(null, usable);
          else callback(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, "", 0),
      );
    };

  // A host whose IPv6 is dead is reached by its IPv4, one address after the other.
  const how = { timeout: timeoutMs, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: attemptMs };
  const guarded = buildConnector({ ...how, lookup: lookupWith(isPublic) });
  const free = buildConnector({ ...how, lookup: lookupWith(() => true) });

  return (target, callback) => {
    const port = target.port || (target.protocol === "https:" ? "443" : "80");
    if (isAllowed(target.hostname, port)) return free(target, callback);
    const host = bare(target.hostname);
    // No lookup happens for a literal address.
    if (ipaddr.isValid(host) && !isPublic(host)) return callback(refusal(host, host), null);
    guarded(target, callback);
  };
}

function refusal(hostname: string, address: string | undefined): FeedError {
  if (!address) return new FeedError("unreachable", `${hostname} has no address: is its name spelt right?`);
  const host = bare(hostname);
  const what = host === address ? `${host} is` : `${host} leads to ${address},`;
  return new FeedError("refused", `${what} a private address: name ${host} in ALLOW_PRIVATE_HOSTS if you mean it.`);
}
