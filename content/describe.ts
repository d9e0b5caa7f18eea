import type { FeedDescription } from "./feed/describe.ts";
import type { SitemapDescription } from "./sitemap/describe.ts";

/** An article's page for a person to look at; null for what it does not say. */
interface PageDescription {
  title: string | null;
  kicker: string | null;
  byline: string | null;
  excerpt: string | null;
  image: string | null;
  /** ISO 8601, in UTC. */
  published: string | null;
  updated: string | null;
  siteName: string;
  topics: string[];
  language: string | null;
  link: string | null;
  text: string | null;
}

export type Description = FeedDescription | SitemapDescription | PageDescription;

/** What Crier reads in a document, told by the document itself whether it is a feed, a sitemap or a page. @throws FeedError "not-a-feed" */
export async function describe(
  bytes: Uint8Array,
  { url, contentType }: { url: string | null; contentType: string | null },
): Promise<Description> {
  const from = { url: url ?? "", contentType };
  switch (kindOf(bytes)) {
    case "sitemap":
      return (await import("./sitemap/describe.ts")).describeSitemap(bytes, from);
    case "page":
      return describePage(bytes, from);
    default:
      return (await import("./feed/describe.ts")).describeFeed(bytes, from);
  }
}

async function describePage(bytes: Uint8Array, from: { url: string; contentType: string | null }) {
  const { extract } = await import("./shared/extract/index.ts");
  const page = extract(bytes, from, { verbatim: true });
  return {
    title: page.title,
    kicker: page.kicker,
    byline: page.byline ?? (page.authors.join(", ") || null),
    excerpt: page.summary,
    image: page.image,
    published: page.publishedAt?.toISOString() ?? null,
    updated: page.updatedAt?.toISOString() ?? null,
    siteName: page.source,
    topics: page.topics,
    language: page.language,
    link: page.url || null,
    text: page.text,
  };
}

/** By the first element that names a kind. Read as ASCII, which all encodings write alike but for the zeros of wide ones. */
function kindOf(bytes: Uint8Array): "feed" | "sitemap" | "page" {
  const head = withoutComments(Buffer.from(bytes.subarray(0, 65_536)).toString("latin1").replaceAll("\0", ""));
  if (/^\W{0,8}[{[]/.test(head)) return "feed";
  switch (naming.exec(head)?.[1]?.toLowerCase()) {
    case undefined:
    case "rss":
    case "feed":
    case "rdf":
    case "channel":
      return "feed";
    case "urlset":
    case "sitemapindex":
      return "sitemap";
    default:
      return "page";
  }
}

const naming =
  /<(?:[\w.-]{1,40}:)?(rss|feed|rdf|channel|urlset|sitemapindex|html|head|body|meta|div|article|main|p)[\s>/]/i;

/** What stands in a comment is no element. */
function withoutComments(text: string): string {
  const kept: string[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf("<!--", at);
    const end = start < 0 ? -1 : text.indexOf("-->", start + 4);
    if (end < 0) return kept.join("") + text.slice(at);
    kept.push(text.slice(at, start));
    at = end + 3;
  }
}
