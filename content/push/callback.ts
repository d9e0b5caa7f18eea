import { BlockList } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** The address before the token, or null for one that no hub can reach: none, or this machine's own. */
export function reachableBase(address: string | null): string | null {
  const url = address ? URL.parse(address) : null;
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) return null;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isOwn = /(?:^|\.)localhost\.?$/.test(host) || loopback.check(host, host.includes(":") ? "ipv6" : "ipv4");
  return isOwn ? null : url.href.replace(/\/+$/, "");
}

/** Where a hub reaches a subscription. */
export const callbackOf = (base: string, token: string): string => `${base}/websub/${token}`;
