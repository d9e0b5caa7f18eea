import type { Command } from "#core/commands/command";
import type { Span } from "#core/model";
import { plain } from "#core/spans";

/** Fits one screen of a phone. */
const shown = 5;

export const latest: Command = {
  name: "latest",
  summary: "The newest articles",
  adminOnly: false,
  async run({ store }) {
    const articles = await store.articles.latest(shown);
    if (articles.length === 0) return [plain("No articles yet. They come here as soon as the newsroom publishes.")];
    return articles.flatMap((article, index): Span[] => [
      ...(index === 0 ? [] : [plain("\n\n")]),
      article.url ? { text: article.title, link: article.url } : { text: article.title, bold: true },
    ]);
  },
};
