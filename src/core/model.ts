/** What Crier speaks of. The words are the glossary of CONTRIBUTING.md; tables, logs and pages use the same. */

export type FeedId = number;
export type ArticleId = number;
export type ChatId = number;
export type MessageId = number;
export type DeliveryId = number;
export type BroadcastId = number;

/** A source that is read. */
export interface Feed {
  id: FeedId;
  /** Which content adapter reads it. */
  kind: string;
  /** The address as it was configured. */
  address: string;
  /** Where it is read now: differs from `address` after a permanent redirect. */
  url: string;
  /** What it calls itself; null until it was read. */
  title: string | null;
  /** What the last answer said of itself, for a conditional request. */
  validators: Validators;
  /** The newsroom's own rules for it. */
  rules: FeedRules;
  /** Null until the feed was read for the first time. */
  firstReadAt: Date | null;
  /** The last good read. */
  readAt: Date | null;
  /** Failed reads since the last good one. */
  failures: number;
  /** Why the last read failed, in words. */
  problem: string | null;
  /** When it is due. */
  nextAt: Date;
}

/** What an article must be for a rule to hold: every part that is given must. An empty condition holds always. */
export interface Condition {
  /** One of these stands in its kicker, headline, summary or text, as whole words; case and vowel marks do not count. */
  words?: string[];
  topics?: string[];
  authors?: string[];
  /** BCP 47; "en" holds for "en-gb" too. */
  languages?: string[];
  /** A regular expression in RE2's syntax over kicker, headline, summary and text; case does not count. */
  pattern?: string;
}

/** What the newsroom decides for one feed. */
export interface FeedRules {
  /** Where given, only articles go out for which one of these holds. */
  include?: Condition[];
  /** Articles for which one of these holds do not go out. */
  exclude?: Condition[];
  /** Topics that are given to articles beside their own. */
  topics?: { topic: string; when: Condition }[];
  /** What is breaking news beside what the publisher marks so; "never" also undoes the publisher's mark. */
  breaking?: Condition[] | "never";
  /** Milliseconds between two reads, whatever the settings or the feed itself say. */
  intervalMs?: number;
  /** A listing's article links, as a CSS selector. */
  selector?: string;
  /** How its articles go out: an editor lets each of them go, or in digests alone. Left out: by themselves. */
  release?: "review" | "digest";
  /** What it dates ahead waits for its time. By default only where its dates are the newsroom's own: many feeds' clocks are wrong. */
  embargo?: boolean;
  /** Whether its articles' pages are looked at before they go out; as the settings say where left out. */
  preflight?: boolean;
  /** Read each new article's own page for what the feed leaves out. By default only where the feed has no more than links. */
  pages?: boolean;
}

/** HTTP validators of the last good answer. */
export interface Validators {
  etag?: string;
  lastModified?: string;
}

/** One item of a feed, normalised: plain text everywhere, absolute links, no markup. */
export interface Article {
  /** The feed's own id of the item, or one derived from its link or text. Unique within a feed. */
  sourceId: string;
  /** Canonical link; null when the feed gives none. */
  url: string | null;
  title: string;
  /** The headline is no more than a guess from the address, until the article's page gives its own. Never kept. */
  titleIsGuess?: true;
  /** A few words over the headline. */
  kicker: string | null;
  /** The standfirst. */
  summary: string | null;
  /** The body, its paragraphs divided by blank lines; null when the source gives none. */
  text: string | null;
  /** Address of the lead picture. */
  image: string | null;
  /** Who wrote it, as readers know them. */
  authors: string[];
  /** The publisher's name as readers know it. */
  source: string;
  topics: string[];
  /** BCP 47, lower case, when the feed says it. */
  language: string | null;
  publishedAt: Date | null;
  /** When the publisher last changed it, where it says so. */
  updatedAt: Date | null;
  /** The publisher marked it as breaking news. */
  breaking: boolean;
}

/** An article as the store knows it. */
export interface StoredArticle extends Article {
  id: ArticleId;
  feedId: FeedId;
  /** 1 for the first version. */
  revision: number;
  seenAt: Date;
  /** When the newest revision was seen; null while there is only one. */
  revisedAt: Date | null;
  /** When its publisher took it back; null while it stands. */
  retractedAt: Date | null;
  /** When it was queued for the chats that want it; null for what was left out, waits or stood there at a feed's first sight. */
  announcedAt: Date | null;
  /** What the editors' desk made of it where it went to nobody; null otherwise. */
  desk: DeskState | null;
  /** What its feed said of the fields that an editor wrote anew: they stay so until the feed says something else. */
  byHand: ByHand | null;
}

/** An article on the editors' desk: it waits, an editor dropped it, or its time ran out before any decided. */
export type DeskState = "held" | "dropped" | "expired";

/** What an editor can write anew. */
export type HandField = "title" | "kicker" | "summary";
export type ByHand = Partial<Record<HandField, string | null>>;

export type ChatKind = "private" | "group" | "channel";

/** Which articles a chat wants. Each part that is given must hold; an empty one wants all. */
export interface Wants {
  feeds?: FeedId[];
  topics?: string[];
  /** Words of which one must stand in the article. Beside `topics` either is enough. */
  follows?: string[];
  /** Topics and words of which none may stand in it. */
  mutes?: string[];
  /** BCP 47; "en" wants "en-gb" too. */
  languages?: string[];
}

/** How a chat is spoken to. */
export interface Style {
  /** Without a sound on the phone, where the platform can. */
  silent?: boolean;
  /** "full": picture, standfirst, link. "brief": headline and link. */
  template?: "full" | "brief";
}

/** "22:00": hours and minutes, as a clock on the wall shows them. */
export type TimeOfDay = string;

/** When digests come, by the clock of the chat's zone. Days count from 0, Sunday. */
export type DigestTimes =
  | { every: "hour" }
  | { every: "day"; at: TimeOfDay[] }
  | { every: "week"; on: number[]; at: TimeOfDay[] };

/** When a chat is told. What is left out: at once, at all hours, as often as there is news. */
export interface Hours {
  /** In digests alone, or at once and in digests. */
  delivery?: "digest" | "both";
  digest?: DigestTimes;
  /** From when to when it is left alone each night; `to` may be the next day. */
  quiet?: { from: TimeOfDay; to: TimeOfDay };
  /** Where the sun sets: it is left alone on Sabbath and holidays there. */
  sabbath?: string;
  /** Breaking news comes in quiet hours, too. */
  breaking?: true;
  /** Articles an hour at most; the rest comes in the next digest. */
  perHour?: number;
  /** IANA name of the zone of its clock; the newsroom's where it is left out. */
  zone?: string;
}

/** What a chat decides about its news; all chats of one person decide the same. */
export interface Preferences extends Wants, Style {
  hours?: Hours;
}

/** Where a bot can post. The address is the platform's own, and only its bot reads it. */
export interface ChatRef {
  platform: string;
  address: string;
  kind: ChatKind;
}

export interface Chat extends ChatRef {
  id: ChatId;
  title: string | null;
}

/** A run of text in one dress. Core never holds markup: each bot escapes and dresses at the last step. */
export interface Span {
  text: string;
  bold?: boolean;
  italic?: boolean;
  strike?: boolean;
  code?: boolean;
  /** Absolute http(s) address. */
  link?: string;
}

export interface ArticleMessage {
  kind: "article";
  article: Article;
  /** Set on a corrected message: the time as the chat's readers say it, "14:05". */
  correctedAt?: string;
}

/** What an editor wrote to many chats. */
export interface BroadcastMessage {
  kind: "broadcast";
  spans: Span[];
  /** The newsroom's name, under the text. */
  signature: string | null;
}

/** A command's answer, or word to the admins. */
export interface NoticeMessage {
  kind: "notice";
  spans: Span[];
  /** PNG bytes, shown above the text. */
  picture?: Uint8Array;
}

/** Articles under one topic; null for those under none. */
interface DigestSection<A extends Article = Article> {
  topic: string | null;
  articles: A[];
}

/** Several articles in one message, the best first. */
export interface DigestMessage {
  kind: "digest";
  /** Why it comes: at its hour, at the end of quiet hours, or because more came than the chat takes in an hour. */
  occasion: "hour" | "quiet" | "overflow";
  /** When it was put together, and in which zone its readers live. */
  at: Date;
  zone: string;
  sections: DigestSection[];
  /** Articles that it had no room for. */
  more: number;
  /** Set on a digest of which an article was changed or taken back: the time as the chat's readers say it, and which article. */
  corrected?: { at: string; article: Article; isWithdrawn: boolean };
}

/** What to say, free of platform. */
export type Message = (ArticleMessage | BroadcastMessage | NoticeMessage | DigestMessage) & { style?: Style };

/** What the platform answered to a send: enough to edit or recall it. Only its bot reads it. */
export type Receipt = { messageId: string; [detail: string]: string };

/**
 * The queues of the outbox, most urgent first. A chat's messages keep their order within a lane.
 * `reply` answers a person who waits; it is not news.
 */
export const lanes = ["breaking", "reply", "broadcast", "article", "digest"] as const;
export type Lane = (typeof lanes)[number];

/** What a delivery does with its message: say it, bring what the chat already got up to the newest revision, or take it back. */
export type Action = "send" | "correct" | "recall";

export type DeliveryState =
  /** Waits for its turn. */
  | "pending"
  /** Waits for its paused broadcast to go on, for the end of its chat's quiet hours or for its next digest. */
  | "held"
  /** Under way at this moment. */
  | "sending"
  | "sent"
  /** Refused for good. */
  | "failed"
  /** Not sent, for a reason that is not an error. */
  | "skipped"
  /** Its answer was lost: it may or may not have arrived. */
  | "unknown"
  | "recalled";

/** A delivery taken from the outbox, ready to be carried out. */
export interface ClaimedDelivery {
  id: DeliveryId;
  /** When it was claimed. Names the try: what is said of it later counts only while there was no other. */
  claimedAt: Date;
  messageId: MessageId;
  key: string;
  lane: Lane;
  action: Action;
  chat: Chat;
  /** Tries that ended without an answer to count on, this one not included. */
  attempts: number;
  content: MessageContent;
  /** How its chat is spoken to. */
  style: Style;
  /** What the chat already holds, for `correct` and `recall`. */
  receipt: Receipt | null;
}

/** What a message says, as the outbox keeps it: an article by reference, so that it is said in its newest revision. */
export type MessageContent =
  | { kind: "article"; article: StoredArticle }
  | { kind: "broadcast"; spans: Span[]; signature: string | null }
  | { kind: "notice"; spans: Span[] }
  | (Omit<DigestMessage, "sections" | "corrected"> & {
      sections: DigestSection<StoredArticle>[];
      /** Which of its articles a correction is about. */
      corrected?: StoredArticle;
    });

/** Who speaks to a bot. */
export interface Person {
  /** The platform's own id. */
  id: string;
  /** May do all: named in the settings. */
  isAdmin: boolean;
  /** May decide for the chat that they speak in: everyone in private, the group's own admins in a group. */
  governsChat: boolean;
}

/**
 * Plans of hours are made anew within seconds of their end. One that ran out longer ago, in milliseconds, and longer than
 * the clocks of machines differ, was made by a Crier that slept: until it is made anew nobody knows whether it is quiet.
 */
export const stalePlanMs = 60_000;

/** The key of the message that brings digests up to date, beside that of the one for an article's own copies. */
export const digestsKey = (key: string): string => `${key}:digests`;
