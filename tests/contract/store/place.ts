import assert from "node:assert/strict";
import type { Article, Chat, ChatKind, ClaimedDelivery, DeliveryState, Feed, Lane } from "#core/model";
import type { ArticleKeys, NewMessage, Store } from "#core/ports";

/** Where one test's store is kept. */
interface StorePlace {
  /** Opens it once more: each call is like another process. */
  open(): Promise<Store>;
  /** False where two stores in one process would block each other: there a test's parallel work shares one. */
  readonly holdsTwo: boolean;
  /** Runs a statement of the engine's own beside the store, for what no store offers: thousands of chats at once. */
  run(sql: string): Promise<Record<string, unknown>[]>;
  /** Removes all that was kept. */
  remove(): Promise<void>;
}

export type CreatePlace = () => Promise<StorePlace>;

/** Instants of the tests: minutes after a noon. */
export const minute = (count: number): Date => new Date(Date.UTC(2026, 2, 1, 12) + count * 60_000);
export const now = minute(0);

export const article = (title: string, change: Partial<Article> = {}): Article => ({
  sourceId: title,
  url: `https://bell.example/${encodeURIComponent(title)}`,
  title,
  kicker: null,
  summary: null,
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

/** Keys under which nothing else is found. */
export const noKeys: ArticleKeys = { link: null, terms: [] };

/** The link under which an article is found, and its terms. */
export const keyed = (link: string | null, ...terms: string[]): ArticleKeys => ({ link, terms });

export const notice = (key: string, lane: Lane = "reply"): NewMessage => ({
  key,
  lane,
  kind: "notice",
  spans: [{ text: key }],
});

export const broadcast = (key: string): NewMessage => ({
  key,
  lane: "broadcast",
  kind: "broadcast",
  spans: [
    { text: key, bold: true },
    { text: " and a link", link: "https://bell.example/" },
  ],
  signature: "The Harbour Bell",
});

/** A store in a place of its own, with the steps that most tests take. */
export interface Scene {
  place: StorePlace;
  store: Store;
  feed: Feed;
  /** A store for parallel work: that of another process where the place holds two. */
  other(): Promise<Store>;
  open(address: string, kind?: ChatKind, platform?: string): Promise<Chat>;
  subscribe(address: string, kind?: ChatKind, platform?: string): Promise<Chat>;
  /** Adds an article and sends it to all subscribed chats; returns the article's id. */
  publish(title: string, change?: Partial<Article>): Promise<number>;
  /** Revises an article and corrects it where it is held. */
  correct(id: number, title: string, key?: string): Promise<void>;
  claim(limit?: number, at?: Date, resting?: number[]): Promise<ClaimedDelivery[]>;
  /** Claims one delivery, which must be there. */
  claimOne(at?: Date): Promise<ClaimedDelivery>;
  /** Claims all that can be claimed and finishes it as sent, until nothing is left; returns what was sent. */
  drain(at?: Date): Promise<ClaimedDelivery[]>;
  states(): Promise<Partial<Record<DeliveryState, number>>>;
  /** As many subscribed chats as asked for, written by the engine itself. */
  crowd(count: number): Promise<void>;
}

/** A delivery that must be there. */
export function taken(delivery: ClaimedDelivery | undefined): ClaimedDelivery {
  assert.ok(delivery, "a delivery is claimed");
  return delivery;
}

export const what = ({ content }: ClaimedDelivery): string =>
  content.kind === "article"
    ? content.article.title
    : content.kind === "digest"
      ? content.sections
          .map(({ topic, articles }) => `${topic ?? "-"}: ${articles.map(({ title }) => title)}`)
          .join("; ")
      : content.spans.map(({ text }) => text).join("");

/** "address: text" for each. */
export const told = (deliveries: ClaimedDelivery[]): string[] =>
  deliveries.map((delivery) => `${delivery.chat.address}: ${what(delivery)}`);

export async function withScene(create: CreatePlace, work: (scene: Scene) => Promise<void>): Promise<void> {
  const place = await create();
  try {
    const store = await place.open();
    let second: Store | null = null;
    const other = async (): Promise<Store> => {
      second ??= place.holdsTwo ? await place.open() : store;
      return second;
    };
    try {
      await work(await createScene(place, store, other));
    } finally {
      await (second as Store | null)?.close();
      await store.close();
    }
  } finally {
    await place.remove();
  }
}

async function createScene(place: StorePlace, store: Store, other: () => Promise<Store>): Promise<Scene> {
  await store.feeds.configure([{ kind: "feed", address: "https://bell.example/feed" }], now);
  const [feed] = await store.feeds.list();
  assert.ok(feed);
  const open = async (address: string, kind: ChatKind = "private", platform = "telegram"): Promise<Chat> =>
    (await store.chats.open({ platform, address, kind }, address, now)).chat;
  const claim = (limit = 100, at = now, resting: number[] = []): Promise<ClaimedDelivery[]> =>
    store.outbox.claim("telegram", limit, resting, at);
  return {
    place,
    store,
    other,
    feed,
    open,
    async subscribe(address, kind, platform) {
      const chat = await open(address, kind, platform);
      await store.subscriptions.begin(chat.id, now);
      return chat;
    },
    publish: (title, change) =>
      store.transaction(async (tx) => {
        const { id, breaking } = await tx.articles.add(feed.id, article(title, change), noKeys, now);
        const lane = breaking ? "breaking" : "article";
        await tx.outbox.add(
          { key: `article:${id}`, lane, kind: "article", action: "send", article: id },
          "subscribed",
          now,
        );
        return id;
      }),
    correct: (id, title, key) =>
      store.transaction(async (tx) => {
        const { revision } = await tx.articles.revise(id, article(title), noKeys, minute(1));
        await tx.outbox.add(
          {
            key: key ?? `article:${id}:revision:${revision}`,
            lane: "article",
            kind: "article",
            action: "correct",
            article: id,
          },
          "holders",
          minute(1),
        );
      }),
    claim,
    async claimOne(at) {
      const [delivery] = await claim(1, at);
      assert.ok(delivery, "a delivery can be claimed");
      return delivery;
    },
    async drain(at = now) {
      const sent: ClaimedDelivery[] = [];
      while (true) {
        const claimed = await claim(1_000, at);
        if (claimed.length === 0) return sent;
        for (const delivery of claimed) {
          const receipt = { messageId: `m${delivery.id}` };
          await store.outbox.finish(delivery, { state: "sent", receipt }, at);
          sent.push(delivery);
        }
      }
    },
    async states() {
      const states: Partial<Record<DeliveryState, number>> = {};
      for (const { state, count } of await store.outbox.counts()) states[state] = (states[state] ?? 0) + count;
      return states;
    },
    async crowd(count) {
      await place.run(
        `insert into chats (platform, address, kind)
         with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count})
         select 'telegram', 'crowd-' || i, 'private' from n`,
      );
      await place.run(
        "insert into subscriptions (chat_id, since) select id, 0 from chats where address like 'crowd-%' order by id",
      );
    },
  };
}
