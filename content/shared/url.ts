import { isTrackingMark } from "#core/tracking";

/** An absolute http(s) address, or null. */
export function absolute(address: string | null | undefined, base: string | null): string | null {
  // Line breaks and blanks that an editor's tool left inside an address are no part of it.
  const text = address?.trim().replace(/[\t\n\r]+/g, "");
  if (!text || text.length > 4096) return null;
  const url =
    parse(text, base) ?? (/^[\w-]+(?:\.[\w-]+)+(?:[/?#]|$)/.test(text) ? parse(`http://${text}`, null) : null);
  return url && (url.protocol === "http:" || url.protocol === "https:") && url.hostname ? url.href : null;
}

/** The address that stands for the page: no tracking marks, no place within the page. */
export function canonical(address: string): string {
  const url = parse(address, null);
  if (!url) return address;
  // Pages of one file keep their route there.
  if (!/^#[!/]/.test(url.hash)) url.hash = "";
  const kept = url.search
    .slice(1)
    .split("&")
    .filter((pair) => pair && !isTrackingMark(pair.split("=", 1)[0] ?? ""));
  // Cut by hand: URLSearchParams would write the rest anew.
  url.search = kept.join("&");
  return url.href;
}

/** "www.example.org" as readers know it: "example.org". */
export const siteName = (address: string): string => parse(address, null)?.hostname.replace(/^www\./, "") ?? address;

/** A part of an address with its percent-encoding taken off, as people read it; as it is where it encodes no text. */
export function readable(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** "feed:https://…" and "feed://…", as browsers once handed addresses to readers, without that. */
export const withoutFeedScheme = (address: string): string =>
  address.replace(/^feed:(?:\/\/)?(?=https?:)/i, "").replace(/^feed:\/\//i, "http://");

/** What to call a page of which only the address is known: its address, readable. */
export function pageName(address: string): string {
  const { hostname, pathname } = new URL(address);
  return `${hostname.replace(/^www\./, "")}${pathname === "/" ? "" : readable(pathname)}`;
}

function parse(address: string, base: string | null): URL | null {
  return URL.parse(address, base ?? undefined);
}
