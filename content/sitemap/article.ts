import type { Article } from "#core/model";
import { languageTag } from "../shared/language.ts";
import { distinctNames, isBreakingName, mostNames } from "../shared/names.ts";
import { linkAsId } from "../shared/source-id.ts";
import { headline } from "../shared/text.ts";
import { canonical, siteName } from "../shared/url.ts";
import type { SitemapUrl } from "./parse.ts";
import { headlineFrom } from "./slug.ts";

/** One entry as an article. A sitemap says neither standfirst nor author: `complete` reads them from the page. */
export function toArticle(entry: SitemapUrl): Article {
  const url = canonical(entry.link);
  const topics = topicsOf(entry);
  return {
    sourceId: linkAsId(url),
    url,
    ...titleOf(entry, url),
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
    breaking: topics.some(isBreakingName),
  };
}

/** A sitemap that is not for news names no headline. */
function titleOf(entry: SitemapUrl, url: string): Pick<Article, "title" | "titleIsGuess"> {
  const title = headline(entry.title);
  return title ? { title } : { title: headlineFrom(url), titleIsGuess: true };
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
  return distinctNames(written).slice(0, mostNames);
}
