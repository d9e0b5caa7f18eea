import { FeedError } from "#core/errors";
import type { ContentAdapter } from "#core/ports";
import { acceptPage } from "../shared/complete.ts";
import { extract } from "../shared/extract/index.ts";
import type { HttpGet } from "../shared/http.ts";
import { firstSentence } from "../shared/lead.ts";
import { freshFor, readSource } from "../shared/source.ts";
import { linkAsId } from "../shared/source-id.ts";

/** Reads one article's page, as a feed of one article: what changes in it is a revision. */
export const createPageAdapter = (http: HttpGet): ContentAdapter => ({
  kind: "page",

  async fetch(source, signal) {
    const read = await readSource(http, source, { accept: acceptPage, signal });
    if (read.kind !== "answer") return read;
    const { answer, validators, movedTo } = read;
    const page = extract(answer.bytes, { url: answer.url, contentType: answer.headers["content-type"] ?? null });
    const title = page.title ?? firstSentence(page.text ?? "");
    if (!page.isArticle || !title) {
      throw new FeedError(
        "not-a-feed",
        `${answer.url} does not look like one article: give an article's own address, or add the page as a listing if it names several.`,
      );
    }
    const { isArticle: _, byline: __, retracted = false, ...rest } = page;
    const sourceId = linkAsId(page.url);
    return {
      kind: "fetched",
      title,
      articles: retracted ? [] : [{ ...rest, sourceId, title }],
      validators,
      ...freshFor(answer.maxAgeMs),
      ...(movedTo ? { movedTo } : {}),
      ...(retracted ? { retracted: [sourceId] } : {}),
    };
  },
});
