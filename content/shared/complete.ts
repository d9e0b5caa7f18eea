import type { Article } from "#core/model";
import { extract } from "./extract/index.ts";
import type { HttpGet } from "./http.ts";
import { statusError } from "./refusal.ts";
import { canonical } from "./url.ts";

/** Fills in from an article's own page what its feed left out. @throws FeedError when the page cannot be read */
export type Completer = (article: Article, signal: AbortSignal) => Promise<Article>;

/** What servers are asked for where a page is meant. */
export const acceptPage = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5";
/** The longest pages of newspapers are a third of it. */
const mostBytes = 5 * 1024 * 1024;

/** What the feed says stands; an article without an address comes back as it is, and so does one whose page is no article. */
export function createCompleter(http: HttpGet): Completer {
  return async (article, signal) => {
    if (!article.url) return article;
    const answer = await http.get(article.url, { signal, accept: acceptPage, maxBytes: mostBytes });
    if (answer.status < 200 || answer.status > 299) {
      throw statusError(answer, `The article's page ${article.url}`, "only what is known without it is used");
    }
    const page = extract(answer.bytes, { url: answer.url, contentType: answer.headers["content-type"] ?? null });
    // A wall of cookies, a login or a "one moment, please" has nothing to say of the article.
    if (!page.isArticle) return article;
    const { titleIsGuess: _, ...rest } = article;
    return {
      ...rest,
      url: isSameSite(page.url, article.url) ? page.url : article.url,
      ...titleOf(article, page.title),
      kicker: article.kicker || page.kicker,
      summary: article.summary || page.summary,
      text: article.text || page.text,
      image: article.image || page.image,
      authors: article.authors.length > 0 ? article.authors : page.authors,
      topics: article.topics.length > 0 ? article.topics : page.topics,
      language: article.language ?? page.language,
      publishedAt: article.publishedAt ?? page.publishedAt,
      updatedAt: article.updatedAt ?? page.updatedAt,
    };
  };
}

/** The page's headline goes before one that is guessed only. */
function titleOf({ title, titleIsGuess }: Article, onPage: string | null): Pick<Article, "title" | "titleIsGuess"> {
  if (!titleIsGuess) return { title };
  return onPage ? { title: onPage } : { title, titleIsGuess };
}

/** A canonical link to elsewhere, or to the front page, is a mistake or another publisher's story. */
function isSameSite(to: string, from: string): boolean {
  const [a, b] = [new URL(to), new URL(canonical(from))];
  const bare = ({ hostname }: URL): string => hostname.replace(/^(?:www|m|amp|mobile)\./, "");
  return bare(a) === bare(b) && (a.pathname !== "/" || b.pathname === "/");
}
