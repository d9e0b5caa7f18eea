import type { Scene } from "./scenes.ts";

/** What a reporter hands in: no time and no address yet. */
export interface Draft {
  slug: string;
  title: string;
  kicker: string | null;
  /** The standfirst. */
  summary: string;
  /** Paragraphs. */
  body: string[];
  topics: string[];
  author: string;
  /** BCP 47. */
  language: string;
  scene: Scene | null;
  breaking: boolean;
}

/** An article that is out. */
export interface PublishedArticle extends Draft {
  url: string;
  /** Address of the picture. */
  picture: string | null;
  publishedAt: Date;
  correctedAt: Date | null;
}
