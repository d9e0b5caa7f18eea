import { linkKey } from "#core/link-key";
import type { ArticleId } from "#core/model";
import type { Store } from "#core/ports";

/** The article that an editor names by its number or its link; in words, when there is none. */
export async function articleNamed(store: Store, named: string): Promise<ArticleId | string> {
  const text = named.trim().replace(/^#/, "");
  if (/^\d{1,15}$/.test(text)) {
    const id = Number(text);
    return (await store.articles.get(id)) ? id : `There is no article ${id}.`;
  }
  const key = linkKey(text);
  if (key === null) return `“${text.slice(0, 40)}” is neither an article's number nor its link.`;
  return (await store.why.byName(key, text)) ?? "No article is known under that link.";
}
