import { createHash } from "node:crypto";
import type { Article } from "#core/model";
import { headline } from "../shared/text.ts";
import { canonical, siteName } from "../shared/url.ts";
import type { SitemapUrl } from "./parse.ts";
import { headlineOf } from "./slug.ts";

const breakingTopics = new Set(["breaking", "breaking news", "breakingnews", "מבזק", "מבזקים", "عاجل", "срочно"]);
const mostTopics = 10;

/** One entry as an article. A sitemap says neither standfirst nor author: `complete` reads them from the page. */
export function toArticle(entry: SitemapUrl): Article {
  const url = canonical(entry.link);
  const topics = topicsOf(entry);
  return {
    // Short enough for an index.
    sourceId: url.length <= 500 ? url : `link:${createHash("sha256").update(url).digest("hex").slice(0, 40)}`,
    url,
    title: headline(entry.title) || headlineOf(url),
    kicker: null,
    summary: null,
    text: null,
    image: entry.image,
    authors: [],
    source: headline(entry.publication) || siteName(url),
    topics,
    language: languageTag(entry.language),
    publishedAt: entry.publishedAt,
    updatedAt: entry.lastModified,
    breaking: topics.some((topic) => breakingTopics.has(topic.toLowerCase())),
  };
}

/** The newspaper's name, by the first entry that gives it. */
export const publicationOf = (urls: readonly SitemapUrl[]): string | null =>
  headline(urls.find(({ publication }) => publication)?.publication ?? "") || null;

/** Keywords, divided by the commas of any script, then Google's genres as words: "PressRelease" is "Press Release". */
function topicsOf({ keywords, genres }: SitemapUrl): string[] {
  const written = [
    ...keywords.split(/[,;،؛、，|\n]/),
    ...genres.split(",").map((genre) => genre.replace(/([a-z])([A-Z])/g, "$1 $2")),
  ];
  const topics = new Map<string, string>();
  for (const raw of written) {
    const topic = headline(raw);
    const key = topic.toLowerCase();
    if (topic && topic.length <= 80 && !topics.has(key)) topics.set(key, topic);
  }
  return [...topics.values()].slice(0, mostTopics);
}

/** A tag that Intl knows, lower case; its newest form ("iw" is "he"). */
function languageTag(raw: string): string | null {
  const tag = raw.trim().replaceAll("_", "-");
  if (!tag || tag.length > 35) return null;
  try {
    return Intl.getCanonicalLocales(tag)[0]?.toLowerCase() ?? null;
  } catch {
    return null;
  }
}
