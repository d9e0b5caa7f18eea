import type { Generated } from "kysely";
import type { Action, ChatKind, DeliveryState, DeskState, DigestMessage } from "#core/model";
import type { ArticleStep, BroadcastState, BroadcastStep, UnknownOutcome } from "#core/ports";

/**
 * The tables as both engines keep them: instants as milliseconds since 1970, booleans as 0 and 1, lists and
 * structures as JSON text. `rows.ts` turns rows into what core speaks of.
 */
export interface Schema {
  feeds: FeedTable;
  articles: ArticleTable;
  article_aliases: ArticleAliasTable;
  article_terms: ArticleTermTable;
  pushes: PushTable;
  wants: WantsTable;
  hours: HoursTable;
  link_codes: LinkCodeTable;
  chats: ChatTable;
  former_addresses: FormerAddressTable;
  subscriptions: SubscriptionTable;
  messages: MessageTable;
  deliveries: DeliveryTable;
  digest_articles: DigestArticleTable;
  former_articles: FormerArticleTable;
  past_deliveries: PastDeliveryTable;
  broadcasts: BroadcastTable;
  broadcast_steps: BroadcastStepTable;
  held_articles: HeldArticleTable;
  watch_words: WatchWordTable;
  article_steps: ArticleStepTable;
  leases: LeaseTable;
  article_pasts: ArticlePastTable;
  migrations: { number: number; name: string };
}

export interface FeedTable {
  id: Generated<number>;
  kind: string;
  address: string;
  url: string;
  title: string | null;
  /** JSON: FeedRules. */
  rules: Generated<string>;
  /** 1 for one that was added beside the settings. */
  added: Generated<number>;
  etag: string | null;
  last_modified: string | null;
  first_read_at: number | null;
  read_at: number | null;
  failures: Generated<number>;
  /** Why the last read failed, in words. */
  problem: string | null;
  next_at: number;
  /** Until when one process has it for itself, to read it. */
  claimed_until: number | null;
  /** 1 while it is to be read. */
  active: Generated<number>;
  /** Set for good once the source is gone. */
  ended_why: string | null;
}

export interface ArticleTable {
  id: Generated<number>;
  feed_id: number;
  source_id: string;
  /** `source_id` in a length that an index takes. */
  source_key: string;
  url: string | null;
  /** The link's key in a length that an index takes. */
  url_key: string | null;
  title: string;
  kicker: string | null;
  summary: string | null;
  text: string | null;
  image: string | null;
  /** JSON: string[]. */
  authors: Generated<string>;
  source: string;
  /** JSON: string[]. */
  topics: string;
  language: string | null;
  published_at: number | null;
  updated_at: number | null;
  breaking: number;
  revision: Generated<number>;
  seen_at: number;
  revised_at: number | null;
  retracted_at: number | null;
  /** When it was queued for the chats that want it. */
  announced_at: number | null;
  /** Why it went to nobody, as the end of a sentence; null where it went out. */
  left_out_why: string | null;
  /** When its own link is to be looked at; null when it is not. */
  probe_at: number | null;
  /** When its page was last found there. */
  there_at: number | null;
  /** Since when its own link is gone. */
  gone_since: number | null;
  /** What the editors made of it where it went to nobody. */
  desk: DeskState | null;
  /** JSON: ByHand; null where no editor wrote anything anew. */
  by_hand: string | null;
}

/** What an article was before, while it may be shown so again. */
interface ArticlePastTable {
  article_id: number;
  /** JSON: Article[], the oldest first. */
  versions: string;
  /** Since when one of them is shown again. */
  back_since: number | null;
  wait_ms: number;
}

interface ArticleAliasTable {
  feed_id: number;
  source_key: string;
  article_id: number;
}

/** Words by which near-equal articles are found, for as long as they may have twins. */
interface ArticleTermTable {
  term: string;
  seen_at: number;
  article_id: number;
}

export interface PushTable {
  feed_id: number;
  hub: string;
  topic: string;
  token: string;
  secret: string;
  state: "asked" | "active" | "refused";
  renew_at: number;
  expires_at: number | null;
}

export interface ChatTable {
  id: Generated<number>;
  platform: string;
  address: string;
  kind: ChatKind;
  title: string | null;
  closed_at: number | null;
  closed_why: string | null;
  /** When it last ended a subscription. */
  unsubscribed_at: number | null;
  /** Since when it waits to be erased. */
  forget_at: number | null;
  /** 0 for a chat that wants everything. */
  wants_id: Generated<number>;
  /** 0 for a chat that is told at once and at all hours. */
  hours_id: Generated<number>;
  /** Since when what is held there is to be looked at anew; null where it is not. */
  settle_at: number | null;
  /** JSON: Style. */
  style: Generated<string>;
  /** The same number for all chats of one person: that of the first of them. Null for a chat that is nobody's other one. */
  person_id: number | null;
}

interface WantsTable {
  id: Generated<number>;
  /** `wants` in a length that an index takes. */
  key: string;
  /** JSON: Wants, canonical. */
  wants: string;
}

export interface HoursTable {
  id: Generated<number>;
  /** `hours` in a length that an index takes. */
  key: string;
  /** JSON: Hours, canonical. */
  hours: string;
  /** 1 where articles come at once, too. */
  at_once: number;
  /** 1 where digests are asked for. */
  digests: number;
  /** 1 where they know quiet hours or Sabbath. */
  quiets: number;
  /** 1 where breaking news comes in quiet hours, too. */
  breaking: number;
  per_hour: number | null;
  /** Quiet from then on, and before then; null where no quiet is in sight. */
  quiet_from: number | null;
  quiet_to: number | null;
  /** When the next digest is to be made. */
  digest_at: number | null;
  /** 0 before the first plan was made. */
  plan_until: Generated<number>;
  /** The last chat for which what waits was held in this quiet; null when all is. */
  hold_cursor: number | null;
  digested_until: number;
  /** Deliveries up to this one are in digests, as far as they belong there. */
  digested_id: number;
  /** Of the digests that are being made: why they come. Null when none are. */
  occasion: DigestMessage["occasion"] | "release" | null;
  /** The last chat that has its digest of this moment. */
  digest_cursor: number | null;
  /** `digested_id` before this moment. */
  digest_after_id: number | null;
}

/** Which articles a digest holds. */
interface DigestArticleTable {
  message_id: number;
  article_id: number;
  place: number;
}

interface LinkCodeTable {
  code: string;
  chat_id: number;
  expires_at: number;
}

interface FormerAddressTable {
  platform: string;
  address: string;
  chat_id: number;
}

interface SubscriptionTable {
  chat_id: number;
  since: number;
}

interface MessageTable {
  id: Generated<number>;
  key: string;
  lane: number;
  kind: "article" | "broadcast" | "notice" | "digest";
  action: Action;
  article_id: number | null;
  /** JSON: spans and signature of what is not an article; of a digest the ids of its articles by topic. */
  body: string | null;
  /** "digest": the chats that it was put together for. */
  audience: "chat" | "subscribed" | "broadcast" | "holders" | "digest";
  /** 1 for chats that take digests, and there alone. */
  digest_only: Generated<number>;
  /** JSON: ids of the wants that it is for; null for all. */
  wants: string | null;
  /** The last chat whose delivery is written; null when all are. */
  fan_out_cursor: number | null;
  created_at: number;
  broadcast_id: number | null;
  /** How what waits of it goes on; null: at its turn. */
  course: "held" | "dropped" | null;
  /** The last chat whose delivery follows the course; null when all do. */
  course_cursor: number | null;
}

export interface BroadcastTable {
  id: Generated<number>;
  /** The call that drafted it. */
  key: string;
  state: BroadcastState;
  /** JSON: spans and signature. */
  body: string;
  /** JSON: BroadcastAudience. */
  audience: string;
  due_at: number | null;
  /** JSON: AudienceFilter, as it was when it began. */
  filter: string | null;
  /** Chats that subscribed later than this are not in its audience. */
  members_until: number | null;
  /** JSON: its audience counted when it began. */
  chats: string | null;
  created_at: number;
  begun_at: number | null;
}

interface BroadcastStepTable {
  id: Generated<number>;
  broadcast_id: number;
  /** The call that took the step: a call that is told twice takes it once. */
  key: string;
  step: BroadcastStep;
  /** Null where Crier took it by itself. */
  platform: string | null;
  person: string | null;
  note: string | null;
  at: number;
}

/** An article that waits; the row goes when it is decided. */
export interface HeldArticleTable {
  article_id: number;
  since: number;
  /** 1 where an editor is to look at it by a rule, or by another editor's wish. */
  reviewed: number;
  /** The word of the watch-list that stands in it. */
  watched: string | null;
  embargo_until: number | null;
  /** JSON: PreflightState; null where its page is not, or no longer, to be looked at. */
  preflight: string | null;
  /** When its page is looked at next; null when it is not. */
  check_at: number | null;
  /** How many different editors must let it go. */
  editors: number;
  approvals: number;
  expires_at: number | null;
}

interface WatchWordTable {
  /** The word as it is compared, in a length that an index takes. */
  key: string;
  word: string;
  added_at: number;
}

export interface ArticleStepTable {
  id: Generated<number>;
  article_id: number;
  /** The call or event that took the step: told twice it is taken once. */
  key: string;
  step: ArticleStep;
  /** Null where Crier or the feed took it. */
  platform: string | null;
  person: string | null;
  note: string | null;
  /** The article's revision after it. */
  revision: number;
  /** Whose deliveries say which chats it reached. */
  message_id: number | null;
  /** 1 when the admins need not be told of it any more. */
  told: number;
  at: number;
}

interface DeliveryTable {
  id: Generated<number>;
  message_id: number;
  chat_id: number;
  platform: string;
  lane: number;
  state: DeliveryState;
  reason: string | null;
  attempts: Generated<number>;
  /** 0 for at once. */
  not_before: Generated<number>;
  /** When an unknown one is to be looked at; null when a person decides. */
  look_at: number | null;
  /** What became of it when it was unknown. */
  proof: Exclude<UnknownOutcome, "looked-at" | "undecided"> | null;
  /** When it was last claimed: its lease runs from there. */
  claimed_at: number | null;
  /** The article's revision when it was last claimed. */
  revision: number | null;
  /** JSON: what the platform answered. */
  receipt: string | null;
  queued_at: number;
  ended_at: number | null;
}

/** What one process alone does at a time. */
interface LeaseTable {
  name: string;
  owner: string;
  /** What its owner holds it for. */
  about: string;
  /** By the database's own clock. */
  until: number;
}

/** What a feed may still name although its article is kept no longer. */
interface FormerArticleTable {
  feed_id: number;
  source_key: string;
  article_id: number;
}

/** Deliveries that are kept no longer, as numbers. */
interface PastDeliveryTable {
  /** Midnight UTC. */
  day: number;
  platform: string;
  lane: number;
  state: DeliveryState;
  count: number;
}
