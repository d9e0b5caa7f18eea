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
export function knownPrefix(address: string): string | undefined {
  const plain = address
    .slice(0, 200)
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\/(?:www\.)?/, "")
    .replace(/[/#]+$/, "");
  return Object.hasOwn(prefixes, plain) ? prefixes[plain] : undefined;
}
