import type {
  Action,
  Article,
  ArticleId,
  Chat,
  ChatId,
  ChatRef,
  ClaimedDelivery,
  DeliveryId,
  DeliveryState,
  Feed,
  FeedId,
  FeedRules,
  Lane,
  Message,
  MessageId,
  Person,
  Receipt,
  Span,
  StoredArticle,
  Validators,
} from "#core/model";

/** Time as a parameter: nothing in core or store reads the machine's clock. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`, or at once when the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The part of a pino logger that core uses. Ids as fields; never a token, a phone number or a message's text. */
export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

// ---- where news comes from

export type FetchResult =
  | { kind: "unchanged"; freshForMs?: number }
  | {
      kind: "fetched";
      title: string | null;
      /** In the feed's own order, newest first as most feeds have it. */
      articles: Article[];
      validators: Validators;
      /** How long the source says that its answer stays good. */
      freshForMs?: number;
      /** Set after a permanent redirect. */
      movedTo?: string;
      /** Ids of articles that the source says it has taken back. */
      retracted?: string[];
      /** A WebSub hub that tells of news at once, and the feed's name there. */
      hub?: { url: string; topic: string };
    }
  /** The source says that it ended (410). */
  | { kind: "gone" };

/** What an adapter needs to know of a feed. */
export type FeedSource = Pick<Feed, "url" | "validators"> & { rules?: FeedRules };

export interface ContentAdapter {
  readonly kind: string;
  /** Reads a feed once, conditionally. @throws FeedError */
  fetch(feed: FeedSource, signal: AbortSignal): Promise<FetchResult>;
  /** Fills in from the article's own page what the feed left out; what the feed says stands. @throws FeedError */
  complete?(article: Article, signal: AbortSignal): Promise<Article>;
  /** Calls back when the source changed, until the signal is aborted: for sources that can tell. Never throws. */
  watch?(feed: FeedSource, changed: () => void, signal: AbortSignal): void;
}

/** What an article's own link answers: "gone" only for a 404 or 410 of the page itself. Never throws. */
export type LinkProbe = (url: string, signal: AbortSignal) => Promise<"there" | "gone" | "unknown">;

/** A regular expression that takes linear time whatever it is and whatever it reads. @throws Error in words when it is none */
export type CompilePattern = (pattern: string) => (text: string) => boolean;

// ---- where news goes and people talk

/** Messages a bot may send, as its platform allows. */
export interface BotLimits {
  /** Messages a second over all chats. */
  perSecond: number;
  /** Least time between two messages into one private chat or channel. */
  chatIntervalMs: number;
  /** Messages a minute into one group; edits count. */
  groupPerMinute: number;
  /** Calls under way at once. */
  concurrency: number;
  /** Longest time that one call may take; after it the outcome is unknown. */
  callTimeoutMs: number;
}

export type BotHealth =
  /** Can send only when `ready` or `degraded`; `starting` also while it connects again on its own. */
  | { state: "starting" | "ready" | "stopped" }
  /** Sends and receives, but something is amiss that a person should know. */
  | { state: "degraded"; detail: string }
  /** Needs a person: a QR code to scan, a token to mend. */
  | { state: "blocked"; detail: string; qr?: string };

/** What a bot tells Crier. */
export type BotEvent =
  | {
      kind: "command";
      /** Unique on its platform and the same when the platform tells of it twice. */
      id: string;
      chat: ChatRef;
      title: string | null;
      from: Person;
      /** Without its mark, lower case: "latest". */
      name: string;
      /** What follows the name, in the writer's own dress. */
      spans: Span[];
    }
  /** The bot can post there from now on. `by` is null where the settings name the chat. */
  | { kind: "joined"; id: string; chat: ChatRef; title: string | null; by: Person | null }
  /** The bot can no longer post there. */
  | { kind: "left"; chat: ChatRef; why: string }
  /** The chat lives on under another address. */
  | { kind: "migrated"; chat: ChatRef; to: string }
  | { kind: "health"; health: BotHealth };

/** Takes a bot's events, one after the other. When it resolves, the event is safe and need not be told again. */
export type Inbox = (event: BotEvent) => Promise<void>;

/** One account on one platform. `send`, `edit` and `recall` throw SendError only. */
export interface Bot {
  readonly platform: string;
  readonly limits: BotLimits;
  /** How a command is written there: "/" or "!". */
  readonly commandMark: string;
  /** The private chats of the admins named in the settings. */
  readonly adminChats: readonly ChatRef[];
  /** Resolves once the bot works on being ready; `health` tells how far it is. Rejects only on a fault of the settings. */
  start(inbox: Inbox): Promise<void>;
  /** `key` names the message and never changes: the same for each try. */
  send(chat: ChatRef, message: Message, key: string): Promise<Receipt>;
  edit(chat: ChatRef, receipt: Receipt, message: Message): Promise<Receipt>;
  recall(chat: ChatRef, receipt: Receipt): Promise<void>;
  health(): BotHealth;
  /** Ends receiving, waits for calls under way, frees everything. May be called at any time and twice. */
  stop(): Promise<void>;
}

// ---- what is kept

/** A good read of a feed; what is left out stays as it was. */
export interface FeedRead {
  at: Date;
  nextAt: Date;
  title?: string | null;
  validators?: Validators;
  movedTo?: string;
}

export interface FeedStore {
  /** Makes the settings' addresses active feeds, new ones due at once, and retires those that only earlier settings named. */
  configure(addresses: { kind: string; address: string }[], now: Date): Promise<void>;
  /** Adds a feed that stays until it is removed; `isNew` is false where it is active already. */
  add(feed: { kind: string; address: string; rules?: FeedRules }, now: Date): Promise<{ feed: Feed; isNew: boolean }>;
  /** Retires a feed; its articles stay. A feed of the settings is back at the next start. */
  remove(id: FeedId): Promise<void>;
  setRules(id: FeedId, rules: FeedRules): Promise<void>;
  /** Makes an active feed due at once. */
  wake(id: FeedId, now: Date): Promise<void>;
  /** Active feeds due by `now`, the longest waiting first. */
  due(now: Date, limit: number): Promise<Feed[]>;
  /** Active feeds, of one kind or of all. */
  list(kind?: string): Promise<Feed[]>;
  /** An active feed. */
  get(id: FeedId): Promise<Feed | null>;
  /** Records a good read and sets when the feed is due again. */
  read(id: FeedId, read: FeedRead): Promise<void>;
  /** Records good reads that brought nothing new, all at once. */
  unchanged(reads: readonly (FeedRead & { id: FeedId })[]): Promise<void>;
  /** Records a failed read; returns how many failed in a row. */
  failed(id: FeedId, change: { nextAt: Date; problem: string }): Promise<number>;
  /** Ends a feed whose source is gone. */
  end(id: FeedId, reason: string): Promise<void>;
}

/** By what an article is found again under another id or in another feed. */
export interface ArticleKeys {
  /** Its link without what changes nothing; null without a link. */
  link: string | null;
  /** Words of its headline and summary: near-equal texts share at least one. */
  terms: string[];
}

export interface ArticleStore {
  /** The same item of the same feed. */
  bySourceId(feed: FeedId, sourceId: string): Promise<StoredArticle | null>;
  /** The same items of the same feed, by their ids; those that are not known are left out. */
  bySourceIds(feed: FeedId, sourceIds: readonly string[]): Promise<Map<string, StoredArticle>>;
  /** Articles of any feed with this link key, oldest first, 20 at most. */
  byLink(key: string): Promise<StoredArticle[]>;
  /** Articles seen since then that share a term, the newest first, without their text. */
  sharing(terms: readonly string[], since: Date, limit: number): Promise<StoredArticle[]>;
  get(id: ArticleId): Promise<StoredArticle | null>;
  add(feed: FeedId, article: Article, keys: ArticleKeys, now: Date): Promise<StoredArticle>;
  /** Remembers that a feed's item is an article already known under another id. */
  alias(feed: FeedId, sourceId: string, article: ArticleId): Promise<void>;
  /** Replaces an article by its changed version and counts its revision up. */
  revise(id: ArticleId, article: Article, keys: ArticleKeys, now: Date): Promise<StoredArticle>;
  /** Writes down that it went out, and when its own link is first to be looked at (null: never). */
  announce(id: ArticleId, now: Date, probeAt: Date | null): Promise<void>;
  /** Writes down that its publisher took it back; false when it was written before. */
  retract(id: ArticleId, now: Date): Promise<boolean>;
  /** Articles whose own link is due for a look by `now`, the longest waiting first. */
  toProbe(now: Date, limit: number): Promise<ProbedArticle[]>;
  /** Records a look at an article's link: when the next one is due (null: no more), when it was last there, since when it is gone. */
  probed(id: ArticleId, look: { nextAt: Date | null; thereAt: Date | null; goneSince: Date | null }): Promise<void>;
  /** Forgets the terms of articles seen before then: they find no twins any more. */
  forgetTerms(before: Date): Promise<void>;
  /** Newest first, by published time where there is one, else by when it was seen. */
  latest(limit: number): Promise<StoredArticle[]>;
}

/** An article whose own link is looked at: a page that is gone takes the story back. */
export interface ProbedArticle {
  id: ArticleId;
  url: string;
  title: string;
  seenAt: Date;
  /** When its page was last found there; null for one that Crier never saw. */
  thereAt: Date | null;
  /** When it was first found gone; null when it was there at the last look, or never looked at. */
  goneSince: Date | null;
}

/** A feed's subscription at a WebSub hub. */
export interface PushSubscription {
  feedId: FeedId;
  hub: string;
  /** The feed's name at the hub. */
  topic: string;
  /** Names the subscription in the callback's address; nobody can guess it. */
  token: string;
  /** Signs what the hub sends. */
  secret: string;
  state: "asked" | "active" | "refused";
  /** When it is to be asked for anew. */
  renewAt: Date;
  /** When the hub forgets it; null before it is active. */
  expiresAt: Date | null;
}

export interface PushStore {
  byFeed(feed: FeedId): Promise<PushSubscription | null>;
  byToken(token: string): Promise<PushSubscription | null>;
  /** Those of active feeds that are to be asked for by `now`. */
  due(now: Date, limit: number): Promise<PushSubscription[]>;
  /** Writes a feed's one subscription, in place of an earlier one. */
  save(subscription: PushSubscription): Promise<void>;
  remove(feed: FeedId): Promise<void>;
}

export interface ChatStore {
  /** The chat at this address, added where it is new; a new title is remembered. `isNew` also when it was closed and is back. */
  open(ref: ChatRef, title: string | null, now: Date): Promise<{ chat: Chat; isNew: boolean }>;
  find(platform: string, address: string): Promise<Chat | null>;
  /** The bot can post there no longer: ends its subscription and skips what waits for it. */
  close(id: ChatId, why: string, now: Date): Promise<void>;
  /** Gives a chat its new address, merged into a chat that already stands there. */
  move(id: ChatId, address: string, now: Date): Promise<void>;
  count(): Promise<{ platform: string; subscribed: number }[]>;
}

export interface SubscriptionStore {
  /** True when the chat was not subscribed before. */
  begin(chat: ChatId, now: Date): Promise<boolean>;
  /** True when the chat was subscribed; what waits for it as a subscriber is skipped. */
  end(chat: ChatId, now: Date): Promise<boolean>;
  has(chat: ChatId): Promise<boolean>;
}

/** One message for the outbox. Its key is unique: a second one with the same key changes nothing. */
export type NewMessage = {
  key: string;
  lane: Lane;
} & (
  | { kind: "article"; action: Action; article: ArticleId }
  | { kind: "broadcast"; spans: Span[]; signature: string | null }
  | { kind: "notice"; spans: Span[] }
);

export interface OutboxStore {
  /**
   * Writes a message and the first of its deliveries. `to` is one chat, every subscribed chat, or (for a
   * correction) the chats that hold the article or may hold it. Null where the key is known already.
   */
  add(message: NewMessage, to: { chat: ChatId } | "subscribed" | "holders", now: Date): Promise<MessageId | null>;
  /** Writes the next `limit` deliveries of messages whose fan-out is unfinished; true when none is left. */
  fanOut(limit: number, now: Date): Promise<boolean>;
  /**
   * Takes up to `limit` deliveries that are due on a platform and marks them `sending`: by lane, then age; never two
   * of one chat at once; never past an earlier one of the same chat and lane; none of the `resting` chats.
   */
  claim(platform: string, limit: number, resting: ChatId[], now: Date): Promise<ClaimedDelivery[]>;
  /** Ends claimed deliveries. */
  finish(
    id: DeliveryId,
    outcome:
      | { state: "sent"; receipt: Receipt }
      | { state: "failed" | "skipped" | "unknown"; reason: string }
      | { state: "recalled" },
    now: Date,
  ): Promise<void>;
  /** Puts a claimed delivery back: nothing was sent. `counts` when the try was a real one. */
  retry(id: DeliveryId, notBefore: Date, reason: string, counts: boolean): Promise<void>;
  /**
   * Ends the lease of what was claimed on this platform before `claimedBefore` and never ended: it becomes `unknown`.
   * Returns how many.
   */
  abandon(platform: string, reason: string, now: Date, claimedBefore: Date): Promise<number>;
  /** The earliest time later than `after` at which a pending delivery of this platform becomes due; null when there is none. */
  nextDue(platform: string, after: Date): Promise<Date | null>;
  /** Chats that got something since then, once for each send: what pacing must remember over a restart. */
  sentSince(platform: string, since: Date): Promise<{ chat: Chat; at: Date }[]>;
  counts(): Promise<{ platform: string; state: DeliveryState; count: number }[]>;
  /** The newest deliveries, for people to look at. */
  recent(limit: number): Promise<DeliveryView[]>;
}

export interface DeliveryView {
  id: DeliveryId;
  key: string;
  lane: Lane;
  /** The article's headline; null for other messages. */
  title: string | null;
  chat: Chat;
  state: DeliveryState;
  reason: string | null;
  queuedAt: Date;
  endedAt: Date | null;
}

/** Where everything is kept. All dates are instants; all ids are numbers. */
export interface Store {
  readonly feeds: FeedStore;
  readonly pushes: PushStore;
  readonly articles: ArticleStore;
  readonly chats: ChatStore;
  readonly subscriptions: SubscriptionStore;
  readonly outbox: OutboxStore;
  /** Runs `work` with a store whose changes become durable together, or not at all when it throws. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
