import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { PublishedArticle } from "./article.ts";
import { pixelHeight, pixelWidth } from "./canvas.ts";
import { paperName } from "./edition.ts";

/** As many as a front page holds. */
const longest = 30;

/** RSS 2.0 with Media RSS, Dublin Core and PRISM, newest article first. */
export function writeFeed(articles: readonly PublishedArticle[], origin: string): { xml: string; etag: string } {
  const declaration = raw('<?xml version="1.0" encoding="UTF-8"?>\n');
  const xml =
    String(html`${declaration}<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">
<channel>
<title>${paperName}</title>
<link>${origin}/</link>
<description>All the news of Port Alder, which does not exist</description>
<language>en</language>
<atom:link href="${origin}/feed.xml" rel="self" type="application/rss+xml"/>
${articles.slice(0, longest).map(writeItem)}</channel>
</rss>
`);
  return { xml, etag: `"${createHash("sha256").update(xml).digest("base64url").slice(0, 22)}"` };
}

const writeItem = (article: PublishedArticle) => html`<item>
<guid isPermaLink="false">port-alder:${article.slug}</guid>
<title>${article.title}</title>
<link>${article.url}</link>
<description>${article.summary}</description>
${article.kicker ? html`<prism:section>${article.kicker}</prism:section>\n` : ""}<dc:creator>${article.author}</dc:creator>
<dc:language>${article.language}</dc:language>
<pubDate>${article.publishedAt.toUTCString()}</pubDate>
${article.correctedAt ? html`<dcterms:modified>${article.correctedAt.toISOString()}</dcterms:modified>\n` : ""}${[...(article.breaking ? ["Breaking"] : []), ...article.topics].map((topic) => html`<category>${topic}</category>\n`)}${article.picture ? html`<media:content url="${article.picture}" medium="image" type="image/png" width="${pixelWidth}" height="${pixelHeight}"/>\n` : ""}</item>
`;
