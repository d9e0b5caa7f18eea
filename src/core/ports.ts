import type {
  Action,
  Article,
  ArticleId,
  BroadcastId,
  ByHand,
  Chat,
  ChatId,
  ChatKind,
  ChatRef,
  ClaimedDelivery,
  DeliveryId,
  DeliveryState,
  DeskState,
  DigestMessage,
  Feed,
  FeedId,
  FeedRules,
  Hours,
  Lane,
  Message,
  MessageId,
  Person,
  Preferences,
  Receipt,
  Span,
  StoredArticle,
  Validators,
  Wants,
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
  /** Its dates are the newsroom's own: what it dates ahead waits for its time, where its feed's rules say nothing of it. */
  readonly datesAhead?: true;
  /** Reads a feed once, conditionally. @throws FeedError */
  fetch(feed: FeedSource, signal: AbortSignal): Promise<FetchResult>;
  /** Fills in from the article's own page what the feed left out; what the feed says stands. @throws FeedError */
  complete?(article: Article, signal: AbortSignal): Promise<Article>;
  /** Calls back when the source changed, until the signal is aborted: for sources that can tell. Never throws. */
  watch?(feed: FeedSource, changed: () => void, signal: AbortSignal): void;
}

/** What an article's own link answers: "gone" only for a 404 or 410 of the page itself. Never throws. */
export type LinkProbe = (url: string, signal: AbortSignal) => Promise<"there" | "gone" | "unknown">;

/** What a look at an article's page and picture came to. */
export type PreflightResult =
  /** Nothing stands in its way. `unproven`: what a wall before the site kept from sight, though not from readers; null where all was seen. */
  | { ok: true; unproven: string | null }
  /** What its readers would meet, as the end of a sentence without its stop: "its page answers 404". */
  | { ok: false; problem: string };

/** Looks whether an article's link and picture are there for readers, and whether the page is the article's own. Never throws. */
export type PreflightCheck = (article: Pick<Article, "url" | "image">, signal: AbortSignal) => Promise<PreflightResult>;

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
  /** Longest time that a send, an edit or a recall may take as a whole; after it the outcome is unknown. */
  callTimeoutMs: number;
}

export type BotHealth =
  /** Another process runs this bot; this one takes over when that one ends. `detail`: something a person should know. */
  | { state: "standby"; detail?: string }
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

/** One account on one platform. `send`, `edit`, `recall` and `find` throw SendError only, and none takes longer than `callTimeoutMs`. */
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
  /**
   * Looks whether a message arrived whose answer was lost, and changes nothing that readers see. Asked only when nothing
   * of its send can be on its way any more. `message` has its newest words: an article may have been revised since.
   * "absent" only where it surely did not arrive; @throws SendError when it could not be looked at now.
   */
  find(chat: ChatRef, key: string, message: Message): Promise<Receipt | "absent" | "unknowable">;
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
  /** Active feeds due by `now` that no process has claimed, the longest waiting first. */
  due(now: Date, limit: number): Promise<Feed[]>;
  /**
   * Takes those of the feeds that are still due and free: until then, or until what became of their read is written
   * down, no other process reads them.
   */
  claim(ids: readonly FeedId[], now: Date, until: Date): Promise<Feed[]>;
  /** Prolongs claims. */
  keep(ids: readonly FeedId[], until: Date): Promise<void>;
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
  /** In a transaction: waits until no other one takes articles in, and lets none until the end. */
  turn(): Promise<void>;
  /** The same item of the same feed. */
  bySourceId(feed: FeedId, sourceId: string): Promise<StoredArticle | null>;
  /** The same items of the same feed, by their ids; those that are not known are left out. */
  bySourceIds(feed: FeedId, sourceIds: readonly string[]): Promise<Map<string, StoredArticle>>;
  /** Articles of any feed with this link key, oldest first, 20 at most. */
  byLink(key: string): Promise<StoredArticle[]>;
  /** Articles seen since then that share a term, the newest first, without their text. */
  sharing(terms: readonly string[], since: Date, limit: number): Promise<StoredArticle[]>;
  get(id: ArticleId): Promise<StoredArticle | null>;
  /** As `get`; nobody else changes it, or decides about it, before this transaction has ended. */
  lock(id: ArticleId): Promise<StoredArticle | null>;
  add(feed: FeedId, article: Article, keys: ArticleKeys, now: Date): Promise<StoredArticle>;
  /** Remembers that a feed's item is an article already known under another id. */
  alias(feed: FeedId, sourceId: string, article: ArticleId): Promise<void>;
  /** Replaces an article by its changed version, with what of it is by hand, and counts its revision up. */
  revise(id: ArticleId, article: Article, keys: ArticleKeys, now: Date, byHand?: ByHand | null): Promise<StoredArticle>;
  /** What its feed said of the fields that stay as an editor wrote them. */
  keepByHand(id: ArticleId, byHand: ByHand | null): Promise<void>;
  /** Writes down that it went out, and when its own link is first to be looked at (null: never). */
  announce(id: ArticleId, now: Date, probeAt: Date | null): Promise<void>;
  /** Writes down that its publisher took it back; false when it was written before. */
  retract(id: ArticleId, now: Date): Promise<boolean>;
  /** Articles whose own link is due for a look by `now`, the longest waiting first. */
  toProbe(now: Date, limit: number): Promise<ProbedArticle[]>;
  /** Records a look at an article's link: when the next one is due (null: no more), when it was last there, since when it is gone. */
  probed(id: ArticleId, look: { nextAt: Date | null; thereAt: Date | null; goneSince: Date | null }): Promise<void>;
  /** Writes down why it goes to nobody, as the end of a sentence. */
  leaveOut(id: ArticleId, why: string): Promise<void>;
  /** Items of a feed whose articles are kept no longer, by their ids: what they were. */
  former(feed: FeedId, sourceIds: readonly string[]): Promise<Map<string, ArticleId>>;
  /** What is remembered of an article's earlier versions; null for one that never changed, or long ago. */
  past(id: ArticleId): Promise<ArticlePast | null>;
  /** Remembers an article's earlier versions, in place of what was remembered. */
  keepPast(id: ArticleId, past: ArticlePast): Promise<void>;
  /** The newest versions of these articles were seen again: none of the earlier ones is any more. */
  stand(ids: readonly ArticleId[]): Promise<void>;
  /** Forgets the terms of articles seen before then, which find no twins any more, and the past of those revised before. */
  forgetTerms(before: Date): Promise<void>;
  /** Newest first, by published time where there is one, else by when it was seen; none that the desk holds or kept back. */
  latest(limit: number): Promise<StoredArticle[]>;
  /** Topics of articles published since then (seen, where no time is given) that stand, those of most articles first. */
  topics(since: Date, limit: number): Promise<{ topic: string; articles: number }[]>;
}

/** What is compared of an article to see whether it changed. */
export type Version = Pick<Article, "url" | "title" | "kicker" | "summary" | "text" | "image">;

/** What an article was before its newest version. */
export interface ArticlePast {
  /** The oldest first. */
  versions: Version[];
  /** Since when one of them is shown again, without the newest between. */
  backSince: Date | null;
  /** For how long one must be shown to be believed. */
  waitMs: number;
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
  get(id: ChatId): Promise<ChatView | null>;
  /** Every chat ever met, by id, those after a known one; closed ones too. */
  list(after: ChatId, limit: number): Promise<ChatView[]>;
}

/** A chat with all that people ask about it. */
export interface ChatView extends Chat {
  /** Null while it is not subscribed. */
  subscribedSince: Date | null;
  /** Why the bot can no longer post there; null while it can. */
  closedWhy: string | null;
  preferences: Preferences;
}

/** Wants that at least one subscribed chat has. */
export interface WantsProfile {
  id: number;
  wants: Wants;
}

/** When one profile of hours is quiet, and when its digests come: made from time to time, and kept, so that the store can obey. */
export interface HoursPlan {
  /** From `from` on, and before `to`, nothing goes out there but breaking news, where the hours allow that. Null: none in sight. */
  quiet: { from: Date; to: Date } | null;
  /** When the next digest is to be made; null for never. */
  digestAt: Date | null;
  /** Since then the plan has to be made anew. */
  until: Date;
}

/** Hours that at least one chat has. */
export interface HoursProfile {
  id: number;
  hours: Hours;
  /** Up to then its digests are made. */
  digestedUntil: Date;
  /** What holds by now; null before the first plan was made. */
  plan: HoursPlan | null;
  /** The digests of its last moment are still being made. */
  isDigesting: boolean;
}

/** Chats of the same wants and hours that are to get the same articles in one digest. */
export interface DigestGroup {
  /** The same for the same wants, hours and articles. */
  key: string;
  wants: Wants;
  hours: Hours;
  chats: ChatId[];
  /** By id, each once; those that were taken back are left out. */
  articles: ArticleId[];
}

/** The next few chats of a digest's moment, or chats whose hours changed while something was held for them. */
export interface DigestPart {
  /** Names the moment: the same for all of its parts. */
  moment: string;
  /** What was queued later waits for the next digest. */
  at: Date;
  /** "change" where the chats changed their hours. */
  occasion: DigestMessage["occasion"] | "change";
  /** Chats with something to tell; none where nothing is new. */
  groups: DigestGroup[];
  articles: Map<ArticleId, StoredArticle>;
  /** For the store alone. */
  range: DigestRange;
}

/** What a part is made of. */
interface DigestRange {
  /** Held deliveries that the part ends. */
  ends: DigestedDelivery[];
  /** Chats of which all goes on that is held for no article's sake. */
  releases: ChatId[];
  /** Chats of these hours, up to the last one that the part looked at (null: to the end); or chats whose hours changed. */
  of: { hours: number; next: ChatId | null } | { changed: ChatId[] };
}

/** A delivery of an article that waits for its chat's digest. */
export interface DigestedDelivery {
  id: DeliveryId;
  chat: ChatId;
  article: ArticleId;
  isRetracted: boolean;
}

/** What a digest says, its articles by reference. */
export interface NewDigest {
  group: DigestGroup;
  body: Omit<DigestMessage, "kind" | "sections" | "corrected"> & {
    sections: { topic: string | null; articles: ArticleId[] }[];
  };
}

/** Held articles that a digest does not show, and why. */
export interface DigestAside {
  chats: ChatId[];
  articles: ArticleId[];
  reason: string;
}

/** The hours of chats: their plans, and what they hold up. */
export interface HoursStore {
  /** Profiles of at least one chat whose plan has run out, or whose digest is due, those without any plan first. */
  toPlan(now: Date, limit: number): Promise<HoursProfile[]>;
  /**
   * Keeps a plan. With an occasion the digests of this moment begin: what is queued by now is theirs, and the plan is the
   * one after it. "release" lets only go what is no article.
   */
  plan(id: number, plan: HoursPlan, now: Date, begins?: DigestMessage["occasion"] | "release"): Promise<void>;
  /** Puts aside what waits for the next chats of hours that are quiet now; true when none is left. */
  hold(limit: number, now: Date): Promise<boolean>;
  /** The next part of a moment whose digests have begun, or of chats whose hours changed; null when none is left. To be called in a transaction. */
  nextPart(now: Date): Promise<DigestPart | null>;
  /** Writes digests and their deliveries. Groups of one key share one message, also those of other parts of the moment. */
  deliver(part: DigestPart, digests: readonly NewDigest[], now: Date): Promise<void>;
  /** Ends a part: articles that were held are skipped for this reason or another, all else goes on in its place. */
  endPart(part: DigestPart, how: { reason: string; asides: DigestAside[] }, now: Date): Promise<void>;
}

export interface SubscriptionStore {
  /** True when the chat was not subscribed before. */
  begin(chat: ChatId, now: Date): Promise<boolean>;
  /** True when the chat was subscribed; what waits for it as a subscriber is skipped. */
  end(chat: ChatId, now: Date): Promise<boolean>;
  has(chat: ChatId): Promise<boolean>;
  /** What the chat decides; kept also while it is not subscribed. */
  preferences(chat: ChatId): Promise<Preferences>;
  /**
   * Replaces what the chat decides, and with it all chats of the same person. New hours are still to be planned
   * (`planHours`); what is held for the chats is looked at anew by the next run of the digester.
   */
  setPreferences(chat: ChatId, preferences: Preferences, now: Date): Promise<void>;
  /**
   * All different wants, or those that are newer than a known one: they are added to and never change. In a transaction
   * none is added until it ends.
   */
  wants(after?: number): Promise<WantsProfile[]>;
  /** A code that links another chat to this one's person, until `expiresAt`. */
  codeFor(chat: ChatId, expiresAt: Date): Promise<string>;
  /** Links a chat to the person whose code it is: it takes over that person's preferences. Null for a wrong or old code, or the chat's own. */
  link(chat: ChatId, code: string, now: Date): Promise<Chat | null>;
  /** The other chats of the chat's person. */
  linked(chat: ChatId): Promise<Chat[]>;
  /** The chat decides for itself again; false when it was alone. */
  unlink(chat: ChatId): Promise<boolean>;
}

/** One message for the outbox. Its key is unique: a second one with the same key changes nothing. */
export type NewMessage = {
  key: string;
  lane: Lane;
} & (
  | {
      kind: "article";
      action: Action;
      article: ArticleId;
      /** For chats that take digests, and there alone. */
      digestOnly?: boolean;
    }
  | {
      kind: "broadcast";
      spans: Span[];
      signature: string | null;
      /** The broadcast that it is a part of; its `recall` takes back what the chats hold of it. */
      broadcast?: { id: BroadcastId; action: "send" | "recall" };
    }
  | { kind: "notice"; spans: Span[] }
  /** Brings the digests that hold this article up to its newest revision, or takes it out of them. Null where none holds it. */
  | { kind: "digest"; article: ArticleId }
);

/**
 * Who gets a message: one chat; every subscribed chat; those whose wants are among the given; the frozen audience of
 * its broadcast; or (for a correction or recall) the chats that hold what it is about, or may hold it.
 */
export type Audience = { chat: ChatId } | "subscribed" | { wants: readonly number[] } | "broadcast" | "holders";

/** A delivery whose answer was lost and that is to be looked at. */
export interface UnknownDelivery extends ClaimedDelivery {
  /** When its answer was found to be lost. */
  lostAt: Date;
  /** It was sent again before, although it may have arrived. */
  wasResent: boolean;
}

/** What a look at an unknown delivery came to. */
export type Proof =
  /** It arrived, when its call was made. */
  | { kind: "found"; receipt: Receipt }
  /** It did not arrive, and waits at its old place again: one more try. */
  | { kind: "absent"; notBefore: Date; reason: string }
  /** Nobody knows, and it is sent again all the same. */
  | { kind: "resent"; reason: string }
  /** Nobody knows, and a person decides. */
  | { kind: "undecided"; reason: string }
  /** It did not arrive and never will. */
  | { kind: "failed"; reason: string }
  /** Nothing yet. */
  | { kind: "later"; lookAt: Date };

/** Deliveries of which nobody knows whether they arrived: to be looked at, or left until a person decides. */
export interface UnknownStore {
  /** Up to `limit` that are due for a look by `now`, by lane, then age: of each chat one, none of the `resting` chats or of one with a call under way. */
  due(platform: string, limit: number, resting: ChatId[], now: Date): Promise<UnknownDelivery[]>;
  /** When the next look is due; null when none is. */
  nextLook(platform: string): Promise<Date | null>;
  /** Writes down what a look came to; false when the delivery is no longer what was looked at. */
  prove(looked: Claim, proof: Proof, now: Date): Promise<boolean>;
  /** Those that are undecided and those that are still looked at, the newest first. */
  list(limit: number): Promise<UnknownView[]>;
  /** A person decides: sends those of the deliveries again that are undecided, or lets them be. Returns which they were. */
  decide(ids: readonly DeliveryId[], what: "send" | "drop", now: Date): Promise<DeliveryId[]>;
  /** How many are undecided on a platform, word to the admins left out, and a mark that changes with them. */
  undecided(platform: string): Promise<{ count: number; mark: string }>;
  /** A delivery that is unknown anew counts twice: as what became of it before, and as what it is now. */
  counts(): Promise<{ platform: string; outcome: UnknownOutcome; count: number }[]>;
}

/** What became of unknown deliveries: `undecided` ones wait for a person, `resent` were by the lane's rule or a person, `dropped` by a person. */
export type UnknownOutcome = "looked-at" | "found" | "absent" | "resent" | "undecided" | "dropped";

export interface UnknownView extends DeliveryView {
  /** A person is to decide; else it is still looked at. */
  isUndecided: boolean;
}

/** One try of a delivery. */
export type Claim = Pick<ClaimedDelivery, "id" | "claimedAt">;

export interface OutboxStore {
  readonly unknown: UnknownStore;
  /**
   * Writes a message and the first of its deliveries. Null where the key is known already.
   */
  add(message: NewMessage, to: Audience, now: Date): Promise<MessageId | null>;
  /**
   * Writes the next `limit` deliveries of messages whose fan-out is unfinished, or brings as many to their broadcast's
   * course; true when none is left.
   */
  fanOut(limit: number, now: Date): Promise<boolean>;
  /**
   * Takes up to `limit` deliveries that are due on a platform and marks them `sending`: by lane, then age; never two
   * of one chat at once; never past an earlier one of the same chat and lane, be it one that is looked at (for ten
   * minutes; corrections and recalls until it is decided); none of the `resting` chats.
   */
  claim(platform: string, limit: number, resting: ChatId[], now: Date): Promise<ClaimedDelivery[]>;
  /**
   * Ends a claimed delivery, or says late what became of one that was given up as unknown meanwhile. What is `unknown`
   * is looked at from `lookAt` on; without it a person decides.
   *
   * @throws NotUnderWay where it was ended before, or has been claimed anew
   */
  finish(
    claim: Claim,
    outcome:
      | { state: "sent"; receipt: Receipt }
      | { state: "failed" | "skipped"; reason: string }
      | { state: "unknown"; reason: string; lookAt?: Date }
      | { state: "recalled" },
    now: Date,
  ): Promise<void>;
  /** Puts a claimed delivery back: nothing was sent. `counts` when the try was a real one. @throws NotUnderWay */
  retry(claim: Claim, notBefore: Date, reason: string, counts: boolean): Promise<void>;
  /**
   * Ends the lease of what was claimed on this platform before `claimedBefore` and never ended, but for `except`.
   * Corrections and recalls wait again, since to do them twice is to do them once; messages become `unknown`, to be
   * looked at when nothing of a call of `callMs` can be on its way any more. Returns how many are unknown.
   */
  abandon(
    platform: string,
    reason: string,
    now: Date,
    claimedBefore: Date,
    call?: { callMs?: number; except?: readonly DeliveryId[] },
  ): Promise<number>;
  /**
   * Puts back what was claimed on this platform from then on, but for `except`: for who alone claims there, and never
   * heard what a claim came to. Returns how many.
   */
  unclaim(platform: string, claimedSince: Date, except: readonly DeliveryId[]): Promise<number>;
  /** The earliest time later than `after` at which a pending delivery of this platform becomes due; null when there is none. */
  nextDue(platform: string, after: Date): Promise<Date | null>;
  /** Chats that got something since then, or may have, once for each send: what pacing must remember over a restart. */
  sentSince(platform: string, since: Date): Promise<{ chat: Chat; at: Date }[]>;
  /**
   * What becomes of the deliveries of a broadcast that wait: they go at their turn, are held in their places, or are
   * skipped. At once for every claim that follows; their rows follow with `fanOut`.
   */
  steer(broadcast: BroadcastId, course: Course): Promise<void>;
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

/** What becomes of what waits of a broadcast. */
export type Course = "goes" | "held" | "dropped";

/** What an editor asked for; all parts that are given hold together. Without any: every subscribed chat. */
export interface BroadcastAudience {
  /** This one alone, subscribed or not. */
  chat?: ChatId;
  platforms?: string[];
  kinds?: ChatKind[];
  /** Chats that would get an article of this topic. */
  topic?: string;
}

/** An audience as the store finds it. */
export interface AudienceFilter {
  chat?: ChatId;
  platforms?: string[];
  kinds?: ChatKind[];
  wants?: number[];
}

export type BroadcastState = "draft" | "scheduled" | "running" | "paused" | "done" | "cancelled" | "recalled";

export type BroadcastStep =
  | "drafted"
  | "scheduled"
  /** Its time had passed for too long when Crier was back. */
  | "missed"
  | "begun"
  | "paused"
  | "resumed"
  | "done"
  | "cancelled"
  | "recalled";

export interface PlatformCount {
  platform: string;
  count: number;
}

/** One message that an editor sends to many chats, with where it stands. */
export interface Broadcast {
  id: BroadcastId;
  state: BroadcastState;
  spans: Span[];
  signature: string | null;
  audience: BroadcastAudience;
  /** When it is to begin; null for at once. */
  dueAt: Date | null;
  /** Its audience, frozen when it began; null before. */
  chats: PlatformCount[] | null;
  createdAt: Date;
  begunAt: Date | null;
}

/** Who took a step: the person as the inbox knows them. */
export interface Author {
  platform: string;
  /** The platform's own id of them: it may be a phone number, and stays out of logs. */
  person: string;
}

/** A change of a broadcast's state, with its line in the audit trail. */
export interface BroadcastChange {
  step: BroadcastStep;
  /** States that it leads from; in another one it changes nothing. */
  from: readonly BroadcastState[];
  to: BroadcastState;
  /** The call that asked for it: the same call changes nothing a second time. */
  key: string;
  /** Null for Crier itself. */
  by: Author | null;
  note?: string;
  /** When it is to begin; left as it was where it is left out. */
  dueAt?: Date | null;
  /** Only where its time has come by then. */
  dueBy?: Date;
}

export interface BroadcastAudit {
  step: BroadcastStep;
  by: Author | null;
  note: string | null;
  at: Date;
}

/** Deliveries of one broadcast that are alike. */
export interface BroadcastTally {
  /** What they do: say it, or take it back. */
  action: "send" | "recall";
  platform: string;
  state: DeliveryState;
  reason: string | null;
  count: number;
  /** When the first and the last of them ended; null where none has. */
  firstAt: Date | null;
  lastAt: Date | null;
}

export interface BroadcastStore {
  /** Writes a draft down; one that this call drafted before is answered as it is now. */
  draft(
    draft: Pick<Broadcast, "spans" | "signature" | "audience" | "dueAt"> & { key: string; by: Author },
    now: Date,
  ): Promise<Broadcast>;
  get(id: BroadcastId): Promise<Broadcast | null>;
  /** Newest first. */
  list(limit: number): Promise<Broadcast[]>;
  /** The newest one that this person drafted. */
  newestOf(by: Author): Promise<Broadcast | null>;
  /** Those that wait for their time, which has come by `now`. */
  due(now: Date): Promise<Broadcast[]>;
  running(): Promise<Broadcast[]>;
  /** Takes a step; false where its state does not allow it or this call took it before. */
  change(id: BroadcastId, change: BroadcastChange, now: Date): Promise<boolean>;
  /** Its steps, the first one first. */
  audit(id: BroadcastId): Promise<BroadcastAudit[]>;
  /** How many chats an audience is at this moment, by platform. */
  count(filter: AudienceFilter): Promise<PlatformCount[]>;
  /** Counts its audience and keeps it: chats that join later are not in it. */
  freeze(id: BroadcastId, filter: AudienceFilter, now: Date): Promise<PlatformCount[]>;
  /** True when nothing of it waits, is held, is under way or is still to be proven. */
  isOver(id: BroadcastId): Promise<boolean>;
  /** True while rows of any broadcast are still to be brought to its course. */
  isTurning(): Promise<boolean>;
  tally(id: BroadcastId): Promise<BroadcastTally[]>;
}

/** Why an article waits, and what ends it. */
export interface Hold {
  /** An editor is to look at it, by its feed's rule or another editor's wish. */
  reviewed: boolean;
  /** The word of the watch-list that stands in it. */
  watched: string | null;
  /** It waits for this time at least. */
  embargoUntil: Date | null;
  /** Its page is still to be looked at, or was found wanting. */
  preflight: PreflightState | null;
  /** How many different editors must let it go; 0 where it waits for its time or its page alone. */
  editors: number;
  /** How many have let its newest words go. */
  approvals: number;
  /** Where nobody decides by then it goes to nobody; null: it waits without end. */
  expiresAt: Date | null;
}

/** How looking at an article's page stands. */
export interface PreflightState {
  /** Looks so far. */
  looks: number;
  /** What is wrong, in words for an editor; null before the first look. */
  problem: string | null;
  /** The next look; null when there is none any more and an editor decides. */
  nextAt: Date | null;
}

/** An article that waits. */
export interface HeldArticle extends Hold {
  article: StoredArticle;
  since: Date;
}

/** What the editors have on their desk. */
export interface DeskStore {
  /** Holds an article that would go out. Once it is held already, nothing changes. */
  hold(article: ArticleId, hold: Hold, now: Date): Promise<void>;
  /** What waits; within a transaction nobody else decides about it before that has ended. */
  held(article: ArticleId): Promise<HeldArticle | null>;
  /** All that waits, the longest waiting first. */
  list(limit: number): Promise<HeldArticle[]>;
  count(): Promise<number>;
  /** Writes down why it waits now. */
  change(held: HeldArticle): Promise<void>;
  /** It waits no longer: it goes out (null), or went to nobody. False where it did not wait. */
  end(article: ArticleId, as: Exclude<DeskState, "held"> | null): Promise<boolean>;
  /** What waits for nothing any more, and what nobody decided about in time. */
  due(now: Date, limit: number): Promise<HeldArticle[]>;
  /** What is due for a look at its page; what waits for its time is not, since its page may wait for it, too. */
  toCheck(now: Date, limit: number): Promise<HeldArticle[]>;
  /** The watch-list, as it was written, by the alphabet. */
  watchWords(): Promise<string[]>;
  /** Adds words under the keys by which they are compared; those that were not there. */
  watch(words: readonly { key: string; word: string }[], now: Date): Promise<string[]>;
  /** Takes words away by their keys; those that were there. */
  unwatch(keys: readonly string[]): Promise<string[]>;
}

export type ArticleStep =
  | "held"
  | "approved"
  /** Another time, or none, was set for it. */
  | "embargoed"
  /** It was queued for the chats that want it. */
  | "released"
  | "dropped"
  | "expired"
  /** Its feed changed it, so that readers see a difference. */
  | "revised"
  /** An editor changed it. */
  | "corrected"
  | "retracted"
  /** Its page was looked at before it went out. */
  | "checked";

/** A step to be written down. */
interface NewArticleStep {
  article: ArticleId;
  step: ArticleStep;
  /** The call or event that takes it: the same one takes it once. */
  key: string;
  /** Null for Crier itself or the feed. */
  by: Author | null;
  note?: string | null;
  /** Whose deliveries say which chats it reached. */
  message?: MessageId | null;
  /** The admins are to be told of it. */
  isTold?: boolean;
}

/** A step as it stands in the audit trail. */
export interface ArticleAudit {
  step: ArticleStep;
  by: Author | null;
  note: string | null;
  revision: number;
  message: MessageId | null;
  at: Date;
}

/** Deliveries of one message that are alike. */
export interface ReachTally {
  message: MessageId;
  action: Action;
  platform: string;
  state: DeliveryState;
  reason: string | null;
  /** Chats that have it in a digest, or are to have it corrected there. */
  isInDigest: boolean;
  count: number;
}

/** What became of one copy. */
export interface ReachedChat {
  /** The one that the copy is of: a digest's own where it is in one. */
  message: MessageId;
  action: Action;
  isInDigest: boolean;
  chat: Chat;
  state: DeliveryState;
  reason: string | null;
  at: Date | null;
}

/** Who did what to an article, when, and which chats it reached. Lines are added and never changed. */
export interface AuditStore {
  /** Writes a step; false where it was written before. */
  write(step: NewArticleStep, now: Date): Promise<boolean>;
  /** An article's steps, the first one first. */
  steps(article: ArticleId): Promise<ArticleAudit[]>;
  /** The next steps of which the admins are to be told, each once: those that ask for them first have them. */
  takeUntold(limit: number): Promise<(ArticleAudit & { article: ArticleId })[]>;
  /**
   * What became of the messages of an article's steps, the most first. A chat that has the article in a digest counts for
   * the message that sent it, once.
   */
  reach(article: ArticleId): Promise<ReachTally[]>;
  /** Copy by copy, in the order of messages and chats after a known one. */
  chats(article: ArticleId, after: { message: MessageId; chat: ChatId }, limit: number): Promise<ReachedChat[]>;
  /** Chats that hold an article, or may hold it, by platform; with digests, also those that have it there. */
  holders(article: ArticleId, how: { withDigests: boolean }): Promise<PlatformCount[]>;
}

/** What waits on one platform in one lane. */
export interface WaitingGauge {
  platform: string;
  lane: Lane;
  /** `unknown` is still looked at, `undecided` waits for a person; word to the admins is in neither. */
  state: "pending" | "sending" | "unknown" | "undecided";
  count: number;
  /** Since when the oldest may go, is under way or in doubt; null where none may go yet. */
  since: Date | null;
}

/** A feed as those see it who watch over Crier. */
export interface FeedGauge {
  id: FeedId;
  address: string;
  title: string | null;
  readAt: Date | null;
  /** Failed reads since the last good one. */
  failures: number;
  /** When its newest article was seen; null where it has none. */
  newestAt: Date | null;
}

/** Readings of the store. None of them walks over what has ended, and none blocks for longer the more there is. */
export interface GaugeStore {
  waiting(now: Date): Promise<WaitingGauge[]>;
  /** When something was last sent there; null for never. */
  lastSent(platform: string): Promise<Date | null>;
  /** Active feeds; those whose last read failed; the last good read that is longest ago. */
  feeds(): Promise<{ active: number; failing: number; oldestRead: Date | null }>;
  /** Active feeds that failed at least so many times in a row, the most failed first. */
  failing(failures: number, limit: number): Promise<FeedGauge[]>;
  /** Active feeds in the order of their ids, those after `after`. */
  eachFeed(after: FeedId, limit: number): Promise<FeedGauge[]>;
  /** When a feed's articles seen since then were published, as far as known; those of one ten minutes as one. Oldest first. */
  publications(feed: FeedId, since: Date): Promise<Date[]>;
  /** The newest articles that were sent as news on a platform since then, `limit` at most. */
  delays(platform: string, since: Date, limit: number): Promise<{ publishedAt: Date; seenAt: Date; sentAt: Date }[]>;
  /**
   * Writes down that it can write, and when. Where the clock was set back since, what waits for a later time waits no
   * longer for it than it would have. @throws Error where it cannot
   */
  pulse(now: Date): Promise<void>;
}

/** What the admins were alarmed of and that is not over yet. */
export interface AlarmStore {
  /** All that stand. */
  standing(): Promise<{ key: string; since: Date }[]>;
  /** Raises an alarm; false where it stands already. */
  raise(key: string, since: Date): Promise<boolean>;
  /** Ends an alarm; false where it does not stand. */
  settle(key: string): Promise<boolean>;
}

/** What is known of an article beside itself. */
export interface ArticleRecord {
  article: StoredArticle;
  feed: Pick<Feed, "id" | "title" | "address" | "rules">;
  /** Why it went to nobody, as it was written down at that time. */
  leftOutWhy: string | null;
  /** Feeds that told the same story as well. */
  toldBy: { id: FeedId; title: string | null; address: string }[];
  /** When and for whom it was queued to be sent; null where it was not. */
  queued: {
    at: Date /** Null for all. */;
    wants: number[] | null;
    isFanningOut: boolean;
    /** It is for chats that take digests, and there alone. */
    digestOnly: boolean;
  } | null;
}

/** How a chat stands. */
export interface ChatRecord extends Chat {
  closed: { at: Date; why: string } | null;
  /** Since when it is subscribed; null where it is not. */
  subscribedAt: Date | null;
  /** When it last ended a subscription. */
  unsubscribedAt: Date | null;
  wantsId: number;
  /** What holds of its hours; null where it has none, or they are not planned yet. */
  hours: (HoursPlan & { takesDigests: boolean }) | null;
}

/** A delivery's life. */
export interface DeliveryRecord {
  id: DeliveryId;
  key: string;
  /** Whether it is of the article itself, or of a digest that holds it. */
  kind: "article" | "digest";
  lane: Lane;
  action: Action;
  state: DeliveryState;
  reason: string | null;
  attempts: number;
  /** The article's revision when it was last claimed. */
  revision: number | null;
  queuedAt: Date;
  /** Not before then; null for at once. */
  notBefore: Date | null;
  claimedAt: Date | null;
  endedAt: Date | null;
}

/** What is looked up to say what became of an article in a chat. */
export interface WhyStore {
  /** Headlines of articles older than one (null: of all), newest first. */
  headlines(before: ArticleId | null, limit: number): Promise<{ id: ArticleId; title: string }[]>;
  /** The newest article that has this link key, or that a feed calls so; null for none. */
  byName(linkKey: string | null, sourceId: string): Promise<ArticleId | null>;
  article(id: ArticleId): Promise<ArticleRecord | null>;
  /** True for an article that was kept once. */
  isFormer(named: ArticleId | string): Promise<boolean>;
  /** Chats with this id, address (a former one too) or title, 20 at most. */
  chats(named: string): Promise<ChatRecord[]>;
  /** Its deliveries of the article and of digests that hold it, the first one first. */
  history(article: ArticleId, chat: ChatId): Promise<DeliveryRecord[]>;
}

/** What went with a chat. */
export interface Erased {
  deliveries: number;
  messages: number;
}

/** What is kept no longer. Each call is one transaction, as long as its limit makes it. */
export interface UpkeepStore {
  /** Removes deliveries that ended before then and whose outcome is known, and counts them by the day; how many. */
  retireDeliveries(before: Date, limit: number): Promise<number>;
  /** Removes messages written before then that have no delivery; how many. */
  retireMessages(before: Date, limit: number): Promise<number>;
  /**
   * Removes articles after `after` in the order of ids that were seen before then and that nothing refers to, but for
   * the `newest`. What feeds call them is remembered. `last` is where to go on; null at the end.
   */
  retireArticles(
    before: Date,
    keep: { newest: number; after: ArticleId; limit: number },
  ): Promise<{ retired: number; last: ArticleId | null }>;
  /** The chat is to be erased as soon as nothing is owed to it: ends its subscription and skips what waits but for answers. */
  forget(chat: ChatId, now: Date): Promise<void>;
  /** Chats that are to be erased and are owed nothing any more. */
  toErase(limit: number): Promise<ChatId[]>;
  /** Removes a chat with all that names it or its person; its deliveries stay as numbers by the day. */
  erase(chat: ChatId): Promise<Erased>;
  /**
   * Overwrites what was removed, in files that still hold it: the whole database is written anew. False where others
   * read in it for so long that its log could not be cut.
   */
  scrub(): Promise<boolean>;
}

/** What one process asks to do alone. */
export interface LeaseClaim {
  name: string;
  /** Names a process while it runs. */
  owner: string;
  /** With what it would do it: told to the others. */
  about: string;
}

/** What one process alone does at a time. The database's own clock says until when: machines' clocks differ. */
export interface LeaseStore {
  /**
   * Takes a lease for `ms` from now on, or prolongs it, where no other one holds it or has held it for `freeMs`; with what
   * its holder does it.
   */
  take(claim: LeaseClaim, ms: number, freeMs?: number): Promise<{ isOurs: boolean; about: string }>;
  /** True while it is ours. In a transaction it stays so until the end: nobody takes it before. */
  holds(claim: LeaseClaim): Promise<boolean>;
  /** Leaves it to the others at once. */
  release(claim: LeaseClaim): Promise<void>;
  /** Frees what ended processes held, and the feeds that they read: for the only process that runs. */
  clear(): Promise<void>;
}

/** Where everything is kept. All dates are instants; all ids are numbers. */
export interface Store {
  readonly feeds: FeedStore;
  readonly pushes: PushStore;
  readonly articles: ArticleStore;
  readonly chats: ChatStore;
  readonly subscriptions: SubscriptionStore;
  readonly hours: HoursStore;
  readonly outbox: OutboxStore;
  readonly broadcasts: BroadcastStore;
  readonly desk: DeskStore;
  readonly audit: AuditStore;
  readonly gauges: GaugeStore;
  readonly alarms: AlarmStore;
  readonly why: WhyStore;
  readonly upkeep: UpkeepStore;
  readonly leases: LeaseStore;
  /** Runs `work` with a store whose changes become durable together, or not at all when it throws. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
