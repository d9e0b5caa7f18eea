import { reasonWords } from "#core/desk/say";
import { linkKey } from "#core/link-key";
import type { ArticleId, FeedId, Wants } from "#core/model";
import type { ArticleRecord, ChatRecord, CompilePattern, DeliveryRecord, HeldArticle, Store } from "#core/ports";
import { compileRules } from "#core/rules";
import { createRouter } from "#core/wants";
import { counted, deliverySentences, instant } from "#core/why-words";
import { wordsIn } from "#core/words-in";

/** What became of an article in a chat, and in which words that is told. */
export interface Explanation {
  article: Pick<
    ArticleRecord["article"],
    "id" | "title" | "url" | "revision" | "seenAt" | "announcedAt" | "retractedAt"
  >;
  chat: ChatRecord;
  deliveries: DeliveryRecord[];
  /** Whole sentences, in the order in which they are to be read. */
  sentences: string[];
}

interface WhyDeps {
  store: Store;
  compilePattern: CompilePattern;
  /** Platforms that a bot is configured for. */
  platforms: readonly string[];
  timeZone: string;
}

/** The article that somebody means: by its id, its link, what its feed calls it, or words of its headline. */
export type Found = { id: ArticleId } | { missing: string };

/** Headlines looked at in one go. */
const page = 2_000;

/** Finds the newest article that fits. */
export async function findArticle({ why }: Pick<Store, "why">, named: string): Promise<Found> {
  const text = named.trim();
  const asId = /^\d{1,15}$/.test(text) ? Number(text) : null;
  if (asId !== null && (await why.article(asId))) return { id: asId };
  const key = linkKey(text);
  const byName = await why.byName(key, text);
  if (byName !== null) return { id: byName };
  if ((asId !== null && (await why.isFormer(asId))) || (await why.isFormer(text))) {
    return { missing: `The article ${text} went out or was left out so long ago that only its name is kept.` };
  }
  const wanted = wordsIn(text);
  if (key === null && wanted.length > 0) {
    for (let before: ArticleId | null = null; ; ) {
      const headlines = await why.headlines(before, page);
      for (const { id, title } of headlines) {
        const words = wordsIn(title);
        if (wanted.every((word) => words.some((other) => other.startsWith(word)))) return { id };
      }
      const last = headlines.at(-1);
      if (!last || headlines.length < page) break;
      before = last.id;
    }
  }
  return {
    missing: `No article is known by “${text}”: no feed has brought it yet, or it goes by another name. An id, a link or words of its headline find one.`,
  };
}

/** Tells what became of an article in a chat, also why nothing was queued. Null where there is no such article. */
export async function explain(deps: WhyDeps, articleId: ArticleId, chat: ChatRecord): Promise<Explanation | null> {
  const { store, timeZone } = deps;
  const record = await store.why.article(articleId);
  if (!record) return null;
  const at = (date: Date): string => instant(date, timeZone);
  const deliveries = await store.why.history(articleId, chat.id);
  const { id, title, url, revision, seenAt, announcedAt, retractedAt } = record.article;
  const sent = deliveries.some(({ action }) => action === "send");
  return {
    article: { id, title, url, revision, seenAt, announcedAt, retractedAt },
    chat,
    deliveries,
    sentences: [
      ...aboutArticle(record, at),
      aboutChat(chat, at),
      ...(sent ? [] : await whyNotQueued(deps, record, chat, at)),
      ...deliveries.flatMap((delivery) => deliverySentences(delivery, at)),
      ...(deliveries.some(({ state }) => state === "pending") ? waits(deps, chat) : []),
      ...(deliveries.some(({ state }) => state === "held") ? holds(chat, at) : []),
    ],
  };
}

type At = (date: Date) => string;

function aboutArticle({ article, feed, toldBy }: ArticleRecord, at: At): string[] {
  const from = feed.title ?? feed.address;
  const revised = article.revisedAt ? `, in revision ${article.revision} since ${at(article.revisedAt)}` : "";
  return [
    `Article ${article.id}, “${article.title}”, came from ${from} at ${at(article.seenAt)}${revised}.`,
    ...(toldBy.length === 0
      ? []
      : [
          `${listed(toldBy.map(({ title, address }) => title ?? address))} told the same story; it counts once, as this article.`,
        ]),
    ...(article.retractedAt ? [`It was taken back at ${at(article.retractedAt)}.`] : []),
  ];
}

function aboutChat(chat: ChatRecord, at: At): string {
  const name = chat.title ? `“${chat.title}”` : "without a title";
  const standing = chat.closed
    ? `closed since ${at(chat.closed.at)}: ${ended(chat.closed.why)}`
    : chat.subscribedAt
      ? `subscribed since ${at(chat.subscribedAt)}.`
      : chat.unsubscribedAt
        ? `not subscribed since ${at(chat.unsubscribedAt)}.`
        : "not subscribed.";
  return `Chat ${chat.id}, ${name}, is a ${chat.kind} chat on ${chat.platform}, ${standing}`;
}

/** Why no delivery was written: the first of these that holds is the reason of that time. */
async function whyNotQueued(deps: WhyDeps, record: ArticleRecord, chat: ChatRecord, at: At): Promise<string[]> {
  const { article, queued, leftOutWhy } = record;
  const held = await deps.store.desk.held(article.id);
  if (held) return [heldSentence(held, deps, at)];
  if (article.announcedAt === null && queued === null) {
    // What came to the editors' desk was left out by no rule.
    const isDesk = article.desk !== null;
    if (leftOutWhy !== null) {
      return [`It was queued for nobody: ${ended(leftOutWhy)}`, ...(isDesk ? [] : rulesNow(deps, record))];
    }
    const rules = rulesNow(deps, record);
    return rules.length > 0
      ? [`It was queued for nobody.`, ...rules]
      : [
          article.retractedAt
            ? "It was queued for nobody: it was taken back before."
            : "It was queued for nobody: it stood there already when Crier read its feed for the first time, or was left out by rules of that time.",
        ];
  }
  const when = queued?.at ?? article.announcedAt ?? article.seenAt;
  const said = `It was queued for the chats that want it at ${at(when)}, but not for this one`;
  if (chat.closed && chat.closed.at <= when) return [`${said}: the chat was closed by then.`];
  if (queued?.isFanningOut) return [`${said} yet: it is still being written for all chats, and this one's turn comes.`];
  if (chat.subscribedAt && chat.subscribedAt > when) return [`${said}: the chat subscribed later.`];
  if (!chat.subscribedAt && (!chat.unsubscribedAt || chat.unsubscribedAt <= when)) {
    return [`${said}: the chat was not subscribed at that time.`];
  }
  if (queued?.digestOnly && !chat.hours?.takesDigests) {
    return [`${said}: it goes out in digests alone, and the chat takes none.`];
  }
  if (queued?.wants) return [`${said}: it did not want it.`, await wantsNow(deps, record, chat)];
  return [`${said}, and no reason was written down: its delivery may have been removed as too old.`];
}

/** "It is held since 14:05: an editor is to look at it. Undecided, it goes to nobody: until 14:05." */
function heldSentence(held: HeldArticle, { timeZone }: WhyDeps, at: At): string {
  const words = reasonWords(held, { now: held.since, timeZone });
  const end = held.expiresAt ? ` Undecided, it goes to nobody: until ${at(held.expiresAt)}.` : "";
  return `It is held since ${at(held.since)}, and queued for nobody yet: ${words}.${end}`;
}

/** What the feed's rules make of the article today: the rules of that time may have been others. */
function rulesNow({ compilePattern }: WhyDeps, { article, feed }: ArticleRecord): string[] {
  try {
    const { why } = compileRules(feed.rules, compilePattern)(article);
    return why === null ? [] : [`By the rules that the feed has now, it is left out: ${ended(why)}`];
  } catch (error) {
    return [`The feed's rules cannot be used now: ${error instanceof Error ? error.message : String(error)}`];
  }
}

async function wantsNow({ store }: WhyDeps, { article, feed }: ArticleRecord, chat: ChatRecord): Promise<string> {
  const wants = await store.subscriptions.preferences(chat.id);
  const [fits] = createRouter([{ id: chat.wantsId, wants }])(article, feed.id);
  return fits === undefined
    ? `Now it wants ${wantsWords(wants)}; the article has ${articleWords(article, feed.id)}.`
    : `It has decided otherwise since: now it wants ${wantsWords(wants)}, and would get it.`;
}

/** "the topics Sport and Harbour, nothing with golf" */
function wantsWords({ feeds = [], topics = [], follows = [], mutes = [], languages = [] }: Wants): string {
  const parts = [
    ...(feeds.length > 0 ? [`the ${feeds.length === 1 ? "feed" : "feeds"} ${listed(feeds.map(String))}`] : []),
    ...(topics.length > 0 ? [`the ${topics.length === 1 ? "topic" : "topics"} ${listed(topics)}`] : []),
    ...(follows.length > 0 ? [`what has ${listed(follows, "or")} in it`] : []),
    ...(languages.length > 0 ? [`the ${languages.length === 1 ? "language" : "languages"} ${listed(languages)}`] : []),
    ...(mutes.length > 0 ? [`nothing with ${listed(mutes, "or")}`] : []),
  ];
  return parts.length === 0 ? "everything" : parts.join(", ");
}

const articleWords = ({ topics, language }: ArticleRecord["article"], feed: FeedId): string =>
  `${topics.length === 0 ? "no topic" : `${counted(topics.length, "topic")} ${listed(topics)}`}, ${language === null ? "no language" : `the language ${language}`} and comes from feed ${feed}`;

/** Until when the chat's hours hold it up. */
function holds({ hours }: ChatRecord, at: At): string[] {
  if (!hours) return ["It goes on as soon as the chat's change of hours is carried out, within seconds."];
  const { quiet, digestAt } = hours;
  return [
    ...(quiet ? [`The chat is left alone from ${at(quiet.from)} to ${at(quiet.to)}.`] : []),
    ...(digestAt ? [`Its next digest is made at ${at(digestAt)}.`] : []),
  ];
}

const waits = ({ platforms }: WhyDeps, { platform }: ChatRecord): string[] =>
  platforms.includes(platform) ? [] : [`Nothing goes out there: no bot for ${platform} is in the settings.`];

const listed = (words: readonly string[], type: "and" | "or" = "and"): string =>
  new Intl.ListFormat("en", { type: type === "and" ? "conjunction" : "disjunction" }).format(words);

/** Reasons are kept as whole sentences or as the ends of some. */
const ended = (why: string): string => (/[.!?]$/.test(why) ? why : `${why}.`);
