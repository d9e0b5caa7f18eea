import type { Article, DigestMessage } from "#core/model";
import { article } from "#tests/contract/store/place";

/** Tuesday, 24 November 2026, 18:00 in Jerusalem. */
const at = new Date("2026-11-24T16:00:00Z");

/** An article of a digest by its headline; its link is made of that. */
export const inDigest = (title: string, change: Partial<Article> = {}): Article =>
  article(title, {
    url: `https://news.example/${encodeURIComponent(title.toLowerCase().replaceAll(" ", "-"))}`,
    source: "The Bell",
    ...change,
  });

export const digestOf = (
  sections: DigestMessage["sections"],
  change: Partial<DigestMessage> = {},
): DigestMessage & { kind: "digest" } => ({
  kind: "digest",
  occasion: "hour",
  at,
  zone: "Asia/Jerusalem",
  sections,
  more: 0,
  ...change,
});
