import { keysOf } from "#core/article-keys";
import { breath } from "#core/breath";
import { keepByHand } from "#core/by-hand";
import { batchLinks, judge, sayings, twinWindowMs, type Verdict } from "#core/dedupe";
import { changeByFeed, type FeedDesk, stillSaid } from "#core/desk/feed-change";
import type { DeskSettings } from "#core/desk/hold";
import { createGate, holdNote, letOut } from "#core/desk/intake";
import { probeAtOf, takeBack } from "#core/desk/release";
import type { Article, ArticleId, Feed, FeedId, StoredArticle } from "#core/model";
import type { ArticleKeys, Store } from "#core/ports";
import { changeOf } from "#core/revise";
import type { Route } from "#core/route";
import type { Ruling } from "#core/rules";
import { believe } from "#core/versions";

/** What became of one article of a read. */
export interface TakenIn {
  sourceId: string;
  verdict: Verdict["kind"] | "left out" | "held" | "retracted";
  /** It looks as it did before it was changed: it stays as it is until that has stood for a while. */
  isDoubted?: true;
  /** The article as it is kept; for a twin the one that it repeats. */
  article: ArticleId;
  /** Why it was left out, or is held. */
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
  /** For whom an article is. */
  route: Route;
  /** What makes an article wait for an editor, beside the feed's own rules. */
  desk: DeskSettings;
}

/** Why what is new to Crier alone goes to nobody. */
const stoodThere = "it stood there already when Crier read the feed for the first time";
/** A store that answers at once lets nobody else have a turn: after so many articles, some milliseconds each, others do. */
const breathEvery = 10;

const isOldNews = "it was published before Crier read this feed";

const byItsFeed = { by: null, note: "its feed took it back" };

/** Near-equal stories that are looked at for one article: the terms of a headline are rare words. */
const mostSharing = 50;

/**
 * Writes down what a read brought: articles, revisions, retractions and, in the same transaction, what goes out for
 * them. The caller sees to it that no two run at once: each must see what the one before wrote.
 */
export async function takeIn(
  tx: Store,
  feed: Pick<Feed, "id" | "rules">,
  intake: Intake,
  now: Date,
): Promise<TakenIn[]> {
  const gate = createGate(tx, feed.rules, intake.desk);
  const desk: FeedDesk = { gate, written: new Map() };
  const probeAt = probeAtOf(intake.desk, now);
  const goOut = (article: StoredArticle) =>
    letOut(tx, article, gate, { to: intake.route(article, feed.id), probeAt }, now);
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
        await stillSaid(tx, feed, verdict.article, article, desk, now);
        taken.push({ sourceId, verdict: "known", article: verdict.article.id, why: null });
        break;
      case "twin":
        await alias(tx, feed.id, article, verdict.article);
        taken.push({ sourceId, verdict: "twin", article: verdict.article.id, why: null });
        break;
      case "changed": {
        // What an editor wrote anew stands against what it replaced.
        const { article: said, byHand } = keepByHand(verdict.article, article);
        const change = verdict.article.byHand ? changeOf(verdict.article, said) : verdict.change;
        if (change === "none") {
          standing.push(verdict.article.id);
          if (own === null) await alias(tx, feed.id, article, verdict.article);
          await stillSaid(tx, feed, verdict.article, article, desk, now);
          taken.push({ sourceId, verdict: "known", article: verdict.article.id, why: null });
          break;
        }
        if (!(await isBelieved(tx, verdict.article, said, intake, now))) {
          taken.push({ sourceId, verdict: "known", article: verdict.article.id, why: null, isDoubted: true });
          break;
        }
        if (own === null) await alias(tx, feed.id, article, verdict.article);
        await changeByFeed(tx, verdict.article, { said, byHand, isVisible: change === "message" }, desk, now);
        taken.push({ sourceId, verdict: "changed", article: verdict.article.id, why: null });
        break;
      }
      case "new": {
        const added = await tx.articles.add(feed.id, article, keys, now);
        // The same id twice in one read is one article.
        known.set(sourceId, added);
        const isNews = out && !isOld(article);
        const reason = out && !isNews ? isOldNews : why;
        const hold = isNews && intake.sends === "all" ? await goOut(added) : null;
        if (!isNews || intake.sends !== "all") await tx.articles.leaveOut(added.id, reason ?? stoodThere);
        taken.push(
          hold
            ? { sourceId, verdict: "held", article: added.id, why: holdNote(hold) }
            : { sourceId, verdict: isNews ? "new" : "left out", article: added.id, why: reason },
        );
        if (isNews) newest = added;
        break;
      }
      default:
        verdict satisfies never;
    }
  }
  if (intake.doubtMs !== undefined) await tx.articles.stand(standing);
  if (intake.sends === "newest" && newest) await goOut(newest);
  for (const [sourceId, article] of await tx.articles.bySourceIds(feed.id, intake.retracted)) {
    // A twin's own feed alone can take it back.
    if (article.feedId === feed.id && (await takeBack(tx, article, byItsFeed, now))) {
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

const nothing = { byLink: [], sharing: [] };

async function candidates(tx: Store, { link, terms: shared }: ArticleKeys, now: Date) {
  const since = new Date(now.getTime() - twinWindowMs);
  return {
    byLink: link === null ? [] : await tx.articles.byLink(link),
    sharing: await tx.articles.sharing(shared, since, mostSharing),
  };
}

/** The order in which readers should get them. Without a date the feed's own order counts, which runs from new to old. */
export function oldestFirst(articles: readonly Article[]): Article[] {
  const reversed = articles.toReversed();
  if (articles.some((article) => article.publishedAt === null)) return reversed;
  return reversed.sort((a, b) => (a.publishedAt?.getTime() ?? 0) - (b.publishedAt?.getTime() ?? 0));
}
