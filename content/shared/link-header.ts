import { absolute } from "./url.ts";

/** One link of HTTP's Link header. */
export interface HeaderLink {
  /** Absolute. */
  url: string;
  /** Its relations, in lower case. */
  rels: string[];
  type: string;
}

/** More is no honest header. */
const mostCharacters = 16_384;

/** Reads HTTP's Link header (RFC 8288): `<https://a.example/feed>; rel="alternate"; type="application/rss+xml"`. */
export function readLinkHeader(header: string | undefined, base: string): HeaderLink[] {
  const links: HeaderLink[] = [];
  for (const [, target = "", said = ""] of (header ?? "").slice(0, mostCharacters).matchAll(/<([^<>]*)>([^<]*)/g)) {
    const url = absolute(target, base);
    if (url)
      links.push({ url, rels: parameterOf(said, "rel").toLowerCase().split(/\s+/), type: parameterOf(said, "type") });
  }
  return links;
}

function parameterOf(said: string, name: "rel" | "type"): string {
  const found = parameters[name].exec(said);
  return found?.[1] ?? found?.[2] ?? "";
}

const parameters = {
  rel: /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))/i,
  type: /;\s*type\s*=\s*(?:"([^"]*)"|([^\s",;]+))/i,
};
