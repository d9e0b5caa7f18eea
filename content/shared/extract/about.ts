import { languageTag } from "../language.ts";
import { distinctNames, isBreakingName, mostNames } from "../names.ts";
import { type JsonLd, textsOf, typesOf } from "./json-ld.ts";
import type { Meta } from "./meta.ts";
import { all, byName, type Document, first, lineOf } from "./tree.ts";

/** A longer keyword is a sentence, as search engines are fed with. */
const longestTopic = 60;
/** Words that stand alone before a headline whose article was taken back. */
const retractedMark =
  /^[[(]?\s*(?:retracted|retraction|withdrawn|zurückgezogen|rétracté|הוסר|הוסרה|отозвано|سحب)\s*[\])]?\s*[:：–—|-]/iu;

/** What the article is about: its own keywords and section, each once. */
export function findTopics(ld: JsonLd, meta: Meta): string[] {
  const said = [
    ...(ld.article ? [...textsOf(ld.article.articleSection, ld), ...textsOf(ld.article.keywords, ld)] : []),
    ...meta("article:section"),
    ...meta("article:tag", "parsely:tags", "sailthru:tags"),
    ...(ld.article?.keywords ? [] : meta("news_keywords", "keywords")),
  ];
  return distinctNames(said.flatMap((one) => one.slice(0, 4000).split(/[,;،、]/)))
    .filter((topic) => topic.length <= longestTopic && !/[:=]/.test(topic))
    .slice(0, mostNames);
}

/** BCP 47, lower case: as the article says it, then the page. */
export function findLanguage(document: Document, ld: JsonLd, meta: Meta): string | null {
  const said = [
    ...(ld.article ? textsOf(ld.article.inLanguage, ld) : []),
    first(document, byName("html"))?.attribs.lang,
    first(document, byName("html"))?.attribs["xml:lang"],
    ...meta("og:locale", "content:language", "dc:language", "language"),
    first(document, byName("body"))?.attribs.lang,
  ];
  for (const raw of said) {
    const tag = languageTag(raw);
    if (tag) return tag;
  }
  return null;
}

/** The page marks its article as breaking news. */
export const isBreaking = (topics: string[], kicker: string | null): boolean =>
  [...topics, kicker ?? ""].some(isBreakingName);

/** The page says that its article no longer stands. */
export const isRetracted = (title: string | null, ld: JsonLd): boolean =>
  retractedMark.test(title ?? "") ||
  (ld.article !== null &&
    textsOf(ld.article.creativeWorkStatus, ld).some((status) => /retract|withdrawn/i.test(status)));

/** The page says of itself, or shows, that it is one article. */
export function isArticle(document: Document, ld: JsonLd, meta: Meta, blocks: string[]): boolean {
  if (ld.article) return true;
  if (/\barticle\b/i.test(meta("og:type")[0] ?? "") || meta("article:published_time").length > 0) return true;
  if (first(document, ({ attribs }) => /schema\.org\/\w*(?:Article|BlogPosting)\b/.test(attribs.itemtype ?? "")))
    return true;
  if (ld.page && typesOf(ld.page).some((type) => /CollectionPage|SearchResultsPage|ProfilePage/.test(type)))
    return false;
  // One headline over a text of some paragraphs.
  const headings = all(document, byName("h1"), 3).filter((heading) => lineOf(heading, 400));
  return headings.length === 1 && blocks.join("").length > 500 && all(document, byName("article"), 5).length <= 4;
}
