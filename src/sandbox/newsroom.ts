import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { Draft, PublishedArticle } from "./newsroom/article.ts";
import { articlePage, articlePolicy } from "./newsroom/article-page.ts";
import { breakingStories, correction, paperName, today, yesterday } from "./newsroom/edition.ts";
import { writeFeed } from "./newsroom/feed.ts";
import { isScene, pictureOf } from "./newsroom/scenes.ts";

/** The feed server of an invented newspaper, and its desk. */
export interface Newsroom {
  /** The newspaper's name. */
  readonly name: string;
  /** RSS 2.0 on 127.0.0.1. */
  readonly feedUrl: string;
  /** `http://127.0.0.1:PORT`, where articles and pictures are. */
  readonly origin: string;
  /** Newest first. */
  articles(): readonly PublishedArticle[];
  /** What `publishNext` publishes; null when the edition is out. */
  next(): { title: string; language: string; left: number } | null;
  publishNext(): PublishedArticle | null;
  publish(story: { title: string; summary: string; breaking?: boolean }): PublishedArticle;
  breakStory(): PublishedArticle;
  /** Changes what is out already; null when there is no such article, or nothing changes. */
  correct(slug: string, change: { title?: string; summary?: string }): PublishedArticle | null;
  /** Whether it publishes by itself, one article every few seconds. */
  isPlaying(): boolean;
  play(): void;
  pause(): void;
  /** Calls the listener after each change; the answer ends that. */
  watch(listener: () => void): () => void;
  /** Answers for the feed, an article or a picture without the network: the sandbox's page shows them under its own address. */
  fetch(request: Request): Response | Promise<Response>;
  stop(): Promise<void>;
}

/** The first article follows this soon after the feed was read for the first time: a reader of the feed takes what it finds there as old. */
const firstAfterMs = 1_000;
const minute = 60_000;

/**
 * Starts the newspaper with two older articles in its feed. With `autoplay` it publishes the edition one by one, every
 * `everyMs`, from the first time that its feed is read; the third publication is followed by a correction of the first.
 */
export async function startNewsroom({
  port = 0,
  everyMs,
  autoplay = true,
}: {
  port?: number;
  everyMs: number;
  autoplay?: boolean;
}): Promise<Newsroom> {
  const app = new Hono();
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const out: PublishedArticle[] = [];
  const listeners = new Set<() => void>();
  let isRead = false;
  let isPlaying = autoplay;
  let published = 0;
  let broken = 0;
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    for (const listener of listeners) listener();
  };

  const add = (draft: Draft, at = new Date()): PublishedArticle => {
    let slug = draft.slug;
    for (let copy = 2; out.some((article) => article.slug === slug); copy++) slug = `${draft.slug}-${copy}`;
    const article: PublishedArticle = {
      ...draft,
      slug,
      url: `${origin}/articles/${encodeURIComponent(slug)}`,
      picture: draft.scene && `${origin}/pictures/${draft.scene}.png`,
      publishedAt: at,
      correctedAt: null,
    };
    out.unshift(article);
    changed();
    return article;
  };

  const publishNext = (): PublishedArticle | null => {
    const draft = today[published];
    if (!draft) return null;
    published += 1;
    return add(draft);
  };

  const correct: Newsroom["correct"] = (slug, { title, summary }) => {
    const index = out.findIndex((article) => article.slug === slug);
    const old = out[index];
    if (!old) return null;
    const corrected = { ...old, title: title?.trim() || old.title, summary: summary?.trim() || old.summary };
    if (corrected.title === old.title && corrected.summary === old.summary) return null;
    out[index] = { ...corrected, correctedAt: new Date() };
    changed();
    return out[index];
  };

  /** Time runs only where the feed is read and somebody wants it to. */
  const schedule = (afterMs: number): void => {
    clearTimeout(timer);
    if (!isPlaying || !isRead) return;
    timer = setTimeout(tick, afterMs);
    timer.unref();
  };
  const tick = (): void => {
    const uncorrected = out.find(({ slug, correctedAt }) => slug === correction.slug && !correctedAt);
    if (published >= 3 && uncorrected) correct(correction.slug, correction);
    else if (!publishNext()) isPlaying = false;
    schedule(everyMs);
    if (!isPlaying) changed();
  };

  for (const [index, draft] of yesterday.entries())
    add(draft, new Date(Date.now() - (yesterday.length - index) * 47 * minute));

  app.get("/feed.xml", (context) => {
    const { xml, etag } = writeFeed(out, origin);
    if (!isRead) {
      isRead = true;
      schedule(Math.min(firstAfterMs, everyMs));
    }
    context.header("etag", etag);
    context.header("cache-control", "no-cache");
    const known = (context.req.header("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
    if (known.includes(etag) || known.includes("*")) return context.body(null, 304);
    return context.body(xml, 200, { "content-type": "application/rss+xml; charset=utf-8" });
  });
  app.get("/articles/:slug", (context) => {
    const article = out.find(({ slug }) => slug === context.req.param("slug"));
    if (!article) return context.text("There is no such article.", 404);
    context.header("content-security-policy", articlePolicy);
    context.header("cache-control", "no-cache");
    return context.html(articlePage(article));
  });
  app.get("/pictures/:file{.+\\.png}", (context) => {
    const scene = context.req.param("file").slice(0, -".png".length);
    if (!isScene(scene)) return context.text("There is no such picture.", 404);
    return context.body(pictureOf(scene), 200, { "content-type": "image/png", "cache-control": "max-age=3600" });
  });

  return {
    name: paperName,
    feedUrl: `${origin}/feed.xml`,
    origin,
    articles: () => out,
    next() {
      const draft = today[published];
      return draft ? { title: draft.title, language: draft.language, left: today.length - published } : null;
    },
    publishNext,
    publish: ({ title, summary, breaking = false }) =>
      add({
        slug: slugOf(title),
        title: title.trim(),
        kicker: null,
        summary: summary.trim(),
        body: [],
        topics: [],
        author: "You",
        language: languageOf(title),
        scene: null,
        breaking,
      }),
    breakStory() {
      const story = breakingStories[broken % breakingStories.length];
      if (!story) throw new Error("The newsroom has no breaking stories.");
      broken += 1;
      return add(story);
    },
    correct,
    isPlaying: () => isPlaying,
    play() {
      isPlaying = published < today.length;
      schedule(everyMs);
      changed();
    },
    pause() {
      isPlaying = false;
      clearTimeout(timer);
      changed();
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    fetch: (request) => app.fetch(request),
    async stop() {
      isPlaying = false;
      clearTimeout(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A word or two of the headline for the address, in any script. */
const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .split("-")
    .filter(Boolean)
    .slice(0, 5)
    .join("-") || "story";

/** By its letters, as a visitor who types a headline does not say. */
const languageOf = (text: string): string =>
  /\p{Script=Hebrew}/u.test(text)
    ? "he"
    : /\p{Script=Arabic}/u.test(text)
      ? "ar"
      : /\p{Script=Cyrillic}/u.test(text)
        ? "ru"
        : "en";
