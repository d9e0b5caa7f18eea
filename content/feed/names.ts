/** Namespaces by address, without what writers vary: scheme, "www.", case, closing slash or hash. RSS's own, in all its ages, is "". */
const prefixes: Record<string, string> = {
  "backend.userland.com/rss": "",
  "backend.userland.com/rss091": "",
  "backend.userland.com/rss092": "",
  "backend.userland.com/rss2": "",
  "blogs.law.harvard.edu/tech/rss": "",
  "cyber.law.harvard.edu/rss/rss.html": "",
  "channel.netscape.com/rdf/simple/0.9": "",
  "my.netscape.com/rdf/simple/0.9": "",
  "purl.org/net/rss1.1": "",
  "purl.org/rss/1.0": "",
  "purl.org/rss/1.0/modules/rss091": "",
  "w3.org/2005/atom": "atom",
  "purl.org/atom/ns": "atom",
  "purl.org/atompub/tombstones/1.0": "at",
  "purl.org/dc/elements/1.0": "dc",
  "purl.org/dc/elements/1.1": "dc",
  "purl.org/dc/terms": "dcterms",
  "purl.org/rss/1.0/modules/content": "content",
  "purl.org/rss/1.0/modules/syndication": "sy",
  "rssnamespace.org/feedburner/ext/1.0": "feedburner",
  "search.yahoo.com/mrss": "media",
  "rssboard.org/media-rss": "media",
  "video.search.yahoo.com/mrss": "media",
  "itunes.com/dtds/podcast-1.0.dtd": "itunes",
  "google.com/schemas/play-podcasts/1.0": "googleplay",
  "prismstandard.org/namespaces/basic/2.0": "prism",
  "prismstandard.org/namespaces/1.2/basic": "prism",
  "w3.org/1999/02/22-rdf-syntax-ns": "rdf",
  "w3.org/1999/xhtml": "xhtml",
  "w3.org/2000/svg": "svg",
};

/** The prefix by which Crier knows a namespace, whatever the document calls it; undefined for one that it does not know. */
function knownPrefix(address: string): string | undefined {
  const plain = address
    .slice(0, 200)
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\/(?:www\.)?/, "")
    .replace(/[/#]+$/, "");
  return Object.hasOwn(prefixes, plain) ? prefixes[plain] : undefined;
}

/** Prefixes as written, and names already resolved under them. */
export interface Scope {
  prefixes: Map<string, string>;
  names: Map<string, string>;
}

/** Whether an element names namespaces of its own. */
export function declaresNames(attributes: Record<string, string>): boolean {
  for (const name in attributes) if (name.startsWith("xmlns")) return true;
  return false;
}

/** No honest feed has as many; past it a scope is not worth its copying. */
const mostPrefixes = 100;

/** The scope within an element that names namespaces. */
export function innerScope(outer: Scope, attributes: Record<string, string>, isRoot: boolean): Scope {
  const prefixes = new Map(outer.prefixes);
  for (const [name, address] of Object.entries(attributes)) {
    if (prefixes.size >= mostPrefixes) break;
    if (!name.startsWith("xmlns")) continue;
    const prefix = name.slice(6);
    // A namespace that nobody knows: at the root it is the feed's own, under a common prefix it is what that says.
    prefixes.set(prefix, knownPrefix(address) ?? (prefix || (isRoot || address === "" ? "" : "unknown")));
  }
  return { prefixes, names: new Map() };
}

/** The resolved name; a prefix that nobody declared is taken for what it usually means. */
export function nameIn(scope: Scope, written: string): string {
  const known = scope.names.get(written);
  if (known !== undefined) return known;
  const lower = written.toLowerCase();
  const colon = lower.indexOf(":");
  const prefix = colon < 0 ? "" : lower.slice(0, colon);
  const namespace = scope.prefixes.get(prefix) ?? prefix;
  const local = lower.slice(colon + 1);
  const name = namespace ? `${namespace}:${local}` : local;
  scope.names.set(written, name);
  return name;
}

/** The root says what elements without a prefix are, whatever namespace it claims for them. */
export function asRoot({ prefixes, names }: Scope, written: string, local: string): string {
  const colon = written.indexOf(":");
  const isAtom = local === "feed" || local === "entry";
  const own = isAtom ? "atom" : local === "rdf" ? "rdf" : "";
  prefixes.set(colon < 0 ? "" : written.slice(0, colon).toLowerCase(), own);
  if (!isAtom) prefixes.set("", "");
  names.clear();
  return own ? `${own}:${local}` : local;
}
