import { linkKey } from "#core/link-key";
import type { Article } from "#core/model";
import type { ArticleKeys } from "#core/ports";
import { terms } from "#core/similar";

/** By what an article is found again. */
export const keysOf = (article: Article): ArticleKeys => ({
  link: article.url === null ? null : linkKey(article.url),
  terms: terms(article),
});
