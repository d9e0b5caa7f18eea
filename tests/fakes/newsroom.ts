import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Article, Chat, ChatKind } from "#core/model";
import type { FetchResult, Store } from "#core/ports";
import { openStore } from "#store/open";
import { createVirtualClock } from "#tests/fakes/clock";
import { createMemoryLog } from "#tests/fakes/log";

/** An article of an invented newspaper. */
export const article = (title: string, change: Partial<Article> = {}): Article => ({
  sourceId: title,
  url: `https://bell.example/${encodeURIComponent(title)}`,
  title,
  kicker: null,
  summary: `What there is to say of: ${title}.`,
  text: null,
  image: null,
  authors: [],
  source: "The Harbour Bell",
  topics: [],
  language: "en",
  publishedAt: null,
  updatedAt: null,
  breaking: false,
  ...change,
});

export const fetched = (articles: Article[]): FetchResult => ({
  kind: "fetched",
  title: "The Harbour Bell",
  articles,
  validators: {},
});

/** A real store in a folder of its own, with a clock that runs when everybody waits. */
export async function createNewsroom() {
  const folder = await mkdtemp(path.join(tmpdir(), "crier-core-"));
  const clock = createVirtualClock();
  const log = createMemoryLog();
  const store = await openStore({ dataDir: folder, log });
  await store.feeds.configure([{ kind: "fake", address: "https://bell.example/feed" }], clock.now());
  const [feed] = await store.feeds.list();
  if (!feed) throw new Error("The feed was not added.");

  const subscribe = async (address: string, kind: ChatKind = "private", platform = "fake"): Promise<Chat> => {
    const { chat } = await store.chats.open({ platform, address, kind }, address, clock.now());
    await store.subscriptions.begin(chat.id, clock.now());
    return chat;
  };
  /** Adds an article and queues it for every subscribed chat. */
  const publish = (title: string, change: Partial<Article> = {}) =>
    store.transaction(async (tx: Store) => {
      const added = await tx.articles.add(feed.id, article(title, change), { link: null, terms: [] }, clock.now());
      const lane = added.breaking ? "breaking" : "article";
      const message = { key: `article:${added.id}`, lane, kind: "article", action: "send", article: added.id } as const;
      await tx.outbox.add(message, "subscribed", clock.now());
      return added;
    });
  const states = async (): Promise<Record<string, number>> =>
    Object.fromEntries((await store.outbox.counts()).map(({ state, count }) => [state, count]));

  return {
    folder,
    clock,
    log,
    store,
    feed,
    subscribe,
    publish,
    states,
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits, in turns of the event loop, until the condition holds. @throws Error after a minute */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
