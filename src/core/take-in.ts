import { batchLinks, judge, sayings, twinWindowMs, type Verdict } from "#core/dedupe";
import { linkKey } from "#core/link-key";
import type { Article, ArticleId, Feed, FeedId, StoredArticle } from "#core/model";
import type { ArticleKeys, Store } from "#core/ports";
import { takeBack } from "#core/retract";
import { revised } from "#core/revise";
import type { Route } from "#core/route";
import type { Ruling } from "#core/rules";
import { terms } from "#core/similar";
import { believe } from "#core/versions";

/** What became of one article of a read. */
export interface TakenIn {
  sourceId: string;
  verdict: Verdict["kind"] | "left out" | "retracted";
  /** It looks as it did before it was changed: it stays as it is until that has stood for a while. */
  isDoubted?: true;
  /** The article as it is kept; for a twin the one that it repeats. */
  article: ArticleId;
  /** Why it was left out. */
  why: string | null;
}

export interface Intake {
  /** As the source gives them, newest first. */
  articles: readonly Article[];
  /** Ids of articles that the source has taken back. */
  retracted: readonly string[];
  /** The newsroom's rules for the feed. */
  rule: (article: Article) => Ruling;
  /** Which articles that are not known are old all the same, beside those that are known; left out for none. */
  isOld?: (known: ReadonlyMap<string, StoredArticle>) => (article: Article) => boolean;
  /** The usual time between two reads: changes back to what an article was before are doubted. Left out where the source is believed at once. */
  doubtMs?: number;
  /** Which of the new articles go out: at the first sight of a feed none, or its newest. */
  sends: "all" | "newest" | "none";
  /** When a sent article's own link is first looked at; null for never. */
  probeAt: Date | null;
  /** For whom an article is. */
  route: Route;
}

/** Why what is new to Crier alone goes to nobody. */
const stoodThere = "it stood there already when Crier read the feed for the first time";
/** A store that answers at once lets nobody else have a turn: after so many articles, some milliseconds each, others do. */
const breathEvery = 10;
const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const isOldNews = "it was published before Crier read this feed";

/** Near-equal stories that are looked at for one article: the terms of a headline are rare words. */
const mostSharing = 50;

/**
 * Writes down what a read brought: articles, revisions, retractions and, in the same transaction, what goes out for
 * them. The caller sees to it that no two run at once: each must see what the one before wrote.
 */
export async function takeIn(tx: Store, feed: Pick<Feed, "id">, intake: Intake, now: Date): Promise<TakenIn[]> {
  const rulings = oldestFirst(intake.articles).map(intake.rule);
  const known = await knownOf(
    tx,
    feed.id,
    rulings.map(({ article }) => article),
  );
  const former = await tx.articles.former(
    feed.id,
    rulings.map(({ article }) => article.sourceId).filter((sourceId) => !known.has(sourceId)),
  );
  const isOld = intake.isOld?.(known) ?? (() => false);
  const batch = batchLinks(intake.articles);
  const taken: TakenIn[] = [];
  const standing: ArticleId[] = [];
  let newest: StoredArticle | null = null;
  for (const [index, { article, out, why }] of rulings.entries()) {
    if (index % breathEvery === breathEvery - 1) await breath();
    const { sourceId } = article;
    const old = former.get(sourceId);
    if (old !== undefined) {
      taken.push({ sourceId, verdict: "known", article: old, why: null });
      continue;
    }
    const keys = keysOf(article);
    const own = known.get(sourceId) ?? null;
    // Of what goes out to nobody it is all one who told it first.
    const isAlone = own !== null || intake.sends === "none";
    const verdict = judge(article, feed.id, { own, ...(isAlone ? nothing : await candidates(tx, keys, now)) }, batch);
    switch (verdict.kind) {
      case "known":
        standing.push(verdict.article.id);
        taken.push({ sourceId, verdict: "known", article: verdict.article.id, why: null });
        break;
      case "twin":
        await alias(tx, feed.id, article, verdict.article);
        taken.push({ sourceId, verdict: "twin", article: verdict.article.id, why: null });
        break;
      case "changed":
        if (!(await isBelieved(tx, verdict.article, article, intake, now))) {
          taken.push({ sourceId, verdict: "known", article: verdict.article.id, why: null, isDoubted: true });
          break;
        }
        if (own === null) await alias(tx, feed.id, article, verdict.article);
        await change(tx, verdict, article, now);
        taken.push({ sourceId, verdict: "changed", article: verdict.article.id, why: null });
        break;
      case "new": {
        const added = await tx.articles.add(feed.id, article, keys, now);
        // The same id twice in one read is one article.
        known.set(sourceId, added);
        const isNews = out && !isOld(article);
        const reason = out && !isNews ? isOldNews : why;
        taken.push({ sourceId, verdict: isNews ? "new" : "left out", article: added.id, why: reason });
        const sends = isNews && intake.sends === "all";
        if (sends) await announce(tx, added, intake, now);
        else await tx.articles.leaveOut(added.id, reason ?? stoodThere);
        if (isNews) newest = added;
        break;
      }
      default:
        verdict satisfies never;
    }
  }
  if (intake.doubtMs !== undefined) await tx.articles.stand(standing);
  if (intake.sends === "newest" && newest) await announce(tx, newest, intake, now);
  for (const [sourceId, article] of await tx.articles.bySourceIds(feed.id, intake.retracted)) {
    // A twin's own feed alone can take it back.
    if (article.feedId === feed.id && (await takeBack(tx, article, now))) {
      taken.push({ sourceId, verdict: "retracted", article: article.id, why: null });
    }
  }
  return taken;
}

/** Doubts what an article was before, and remembers what it is no more. */
async function isBelieved(
  tx: Store,
  before: StoredArticle,
  after: Article,
  { doubtMs }: Intake,
  now: Date,
): Promise<boolean> {
  if (doubtMs === undefined) return true;
  const { isBelieved, past } = believe(await tx.articles.past(before.id), { before, after }, doubtMs, now);
  await tx.articles.keepPast(before.id, past);
  return isBelieved;
}

/** What the feed is known to have brought: under the ids that it gives now or, where it gives others each time, in the same words. */
async function knownOf(tx: Store, feed: FeedId, articles: readonly Article[]): Promise<Map<string, StoredArticle>> {
  const known = await tx.articles.bySourceIds(
    feed,
    articles.map(({ sourceId }) => sourceId),
  );
  const unknown = articles.filter(({ sourceId }) => !known.has(sourceId));
  const told = await tx.articles.bySourceIds(feed, unknown.flatMap(sayings));
  for (const article of unknown) {
    const [own] = sayings(article).flatMap((saying) => told.get(saying) ?? []);
    if (own) known.set(article.sourceId, own);
  }
  return known;
}

/** Remembers under which id, and in which words, a feed brought a story that is known under another. */
async function alias(tx: Store, feed: FeedId, article: Article, known: StoredArticle): Promise<void> {
  for (const name of [article.sourceId, ...sayings(article)]) await tx.articles.alias(feed, name, known.id);
}

/** By what an article is found again. */
const keysOf = (article: Article): ArticleKeys => ({
  link: article.url === null ? null : linkKey(article.url),
  terms: terms(article),
});

const nothing = { byLink: [], sharing: [] };

async function candidates(tx: Store, { link, terms: shared }: ArticleKeys, now: Date) {
  const since = new Date(now.getTime() - twinWindowMs);
  return {
    byLink: link === null ? [] : await tx.articles.byLink(link),
    sharing: await tx.articles.sharing(shared, since, mostSharing),
  };
}

/** Keeps the new version, and corrects the chats that hold the old one where their readers would see a difference. */
async function change(
  tx: Store,
  verdict: Extract<Verdict, { kind: "changed" }>,
  article: Article,
  now: Date,
): Promise<void> {
  const before = verdict.article;
  const after = revised(before, article);
  const { id, revision } = await tx.articles.revise(before.id, after, keysOf(after), now);
  if (verdict.change === "body") return;
  const lane = before.breaking ? "breaking" : "article";
  await tx.outbox.add(
    { key: `article:${id}:revision:${revision}`, lane, kind: "article", action: "correct", article: id },
    "holders",
    now,
  );
}

async function announce(tx: Store, article: StoredArticle, { probeAt, route }: Intake, now: Date): Promise<void> {
  const { id, feedId, url, breaking } = article;
  const lane = breaking ? "breaking" : "article";
  const message = { key: `article:${id}`, lane, kind: "article", action: "send", article: id } as const;
  await tx.outbox.add(message, route(article, feedId), now);
  await tx.articles.announce(id, now, url === null ? null : probeAt);
}

/** The order in which readers should get them. Without a date the feed's own order counts, which runs from new to old. */
export function oldestFirst(articles: readonly Article[]): Article[] {
  const reversed = articles.toReversed();
  if (articles.some((article) => article.publishedAt === null)) return reversed;
  return reversed.sort((a, b) => (a.publishedAt?.getTime() ?? 0) - (b.publishedAt?.getTime() ?? 0));
}
