import { readFileSync } from "node:fs";
import path from "node:path";
import type { Article } from "#core/model";
import { article } from "#tests/fakes/newsroom";

/** Two tellings, and whether they are of one story. */
export interface Pair {
  same: boolean;
  /** The threshold was chosen on the stories to choose by; those held back were written afterwards, to try it. */
  part: "choose" | "hold";
  /** Tellings of one story or of one series have the same number. */
  story: number;
  language: string;
  /** What makes the two differ. */
  kind: string;
  one: Article;
  other: Article;
}

interface Story {
  part: "choose" | "hold";
  language: string;
  tellings: { title: string; summary: string | null; atMinutes?: number }[];
  pairs: { same: boolean; kind: string; of: [number, number] }[];
}

const file = path.join(import.meta.dirname, "../fixtures/pairs/pairs.json");
const publishers: Readonly<Record<string, string>> = {
  en: "The Harbour Bell",
  he: "פעמון הנמל",
  ar: "جرس الميناء",
  ru: "Портовый колокол",
};
const published = Date.UTC(2026, 2, 2, 6);

/** Pairs of invented tellings, the first from one newsroom and the second from another, twenty minutes later. */
export function readPairs(): Pair[] {
  const stories = JSON.parse(readFileSync(file, "utf8")) as Story[];
  return stories.flatMap(({ part, language, tellings, pairs }, story) =>
    pairs.map(({ same, kind, of: [one, other] }) => {
      const tell = (number: number, source: string, site: string, laterMinutes: number): Article => {
        const { title = "", summary = null, atMinutes = 0 } = tellings[number] ?? {};
        const publishedAt = new Date(published + (atMinutes + laterMinutes) * 60_000);
        return article(title, { url: `https://${site}/${number}`, summary, source, language, publishedAt });
      };
      return {
        same,
        part,
        story,
        language,
        kind,
        one: tell(one, publishers[language] ?? "", "bell.example", 0),
        other: tell(other, "Valley Post", "post.example", 20),
      };
    }),
  );
}
