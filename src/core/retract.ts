import { takeBack } from "#core/desk/release";
import type { StoredArticle } from "#core/model";
import type { Clock, LinkProbe, Log, ProbedArticle, Store } from "#core/ports";
import { createRound } from "#core/round";

export interface LinkWatchDeps {
  store: Store;
  probe: LinkProbe;
  clock: Clock;
  log: Log;
  /** Least time between two looks at an article's link, and between finding it gone and taking it back. */
  intervalMs: number;
  /** Called after something was queued. */
  onQueued(): void;
  /** Word to the admins. */
  tellAdmins(key: string, text: string): Promise<void>;
}

/**
 * Looks at the own links of articles that went out: a page that was there and is gone twice, with time between, takes its
 * story back. A page that was never there says nothing: Crier may be the only one who cannot see it.
 */
export interface LinkWatch {
  /** Looks at the links that are due. Never rejects. */
  lookDue(signal: AbortSignal): Promise<void>;
}

/** How soon after an article went out its link is first looked at: a page that is there now can be gone later. */
export const firstLookMs = (intervalMs: number): number => Math.min(intervalMs, 60_000);

/** Links looked at in one round: a round is short, and the next follows at once. */
const mostAtOnce = 20;
/** A story is taken back soon after it was published or not at all. */
const watchedForMs = 48 * 3_600_000;
/** That many pages of one host that go at once are a fault of the site, not retractions. */
const tooMany = 3;
/** Pages of the same host that are looked at beside one that is gone: where none of them is there, the site is at fault. */
const mostOthers = 3;
/** Newest articles among which those pages are sought. */
const mostLatest = 300;

export function createLinkWatch(deps: LinkWatchDeps): LinkWatch {
  const { store, probe, clock, log, intervalMs } = deps;

  const look = async (due: ProbedArticle[], signal: AbortSignal): Promise<void> => {
    const found = await Promise.all(
      due.map(async (article) => ({ article, answer: await probe(article.url, signal) })),
    );
    if (signal.aborted) return;
    const now = clock.now();
    const suspects = found.filter(({ article, answer }) => answer === "gone" && isGoneFor(article, intervalMs, now));
    const doubted = await faultyHosts(
      suspects.map(({ article }) => article),
      signal,
    );
    if (signal.aborted) return;
    for (const { article, answer } of found) {
      const isSuspect = suspects.some((suspect) => suspect.article === article) && !doubted.has(hostOf(article.url));
      // Its site may have come back while the others were looked at: what was seen of it before them is old.
      const last = isSuspect ? await probe(article.url, signal) : answer;
      if (signal.aborted) return;
      if (isSuspect && last === "gone") await retract(article, now);
      else await store.articles.probed(article.id, nextLook(article, last, intervalMs, now));
    }
    for (const host of doubted) await tellOfDoubt(host, now);
  };

  /** Hosts of which so many pages are gone, or a few others too and none is there, that the site itself must be at fault. */
  const faultyHosts = async (suspects: ProbedArticle[], signal: AbortSignal): Promise<Set<string>> => {
    const faulty = new Set<string>();
    if (suspects.length === 0) return faulty;
    const latest = await store.articles.latest(mostLatest);
    for (const [host, ofHost] of Map.groupBy(suspects, ({ url }) => hostOf(url))) {
      const others = latest.filter(
        ({ id, url }) => url !== null && hostOf(url) === host && !ofHost.some((suspect) => suspect.id === id),
      );
      const isFaulty = ofHost.length >= tooMany || (await areGone(others.slice(0, mostOthers), signal));
      if (isFaulty) faulty.add(host);
    }
    return faulty;
  };

  /** Pages are looked at one by one, each at its own time; so the others are looked at here and now. None at all are not gone. */
  const areGone = async (others: StoredArticle[], signal: AbortSignal): Promise<boolean> => {
    let isOneGone = false;
    for (const { url } of others) {
      const answer = url === null ? "unknown" : await probe(url, signal);
      if (answer === "there") return false;
      isOneGone ||= answer === "gone";
    }
    return isOneGone;
  };

  const retract = async ({ id }: ProbedArticle, now: Date): Promise<void> => {
    const title = await store.transaction(async (tx) => {
      const article = await tx.articles.get(id);
      return article && (await takeBack(tx, article, { by: null, note: "its page is gone" }, now))
        ? article.title
        : null;
    });
    if (title === null) return;
    log.info({ article: id }, "an article's page is gone: it is taken back");
    deps.onQueued();
    await deps.tellAdmins(
      `article:${id}:recall`,
      `Taken back, since its page is gone: “${title}”. It is removed where the platform still allows it.`,
    );
  };

  const tellOfDoubt = async (host: string, now: Date): Promise<void> => {
    const day = now.toISOString().slice(0, 10);
    await deps.tellAdmins(
      `links:${host}:${day}`,
      `Several article pages at ${host} are gone at once. That looks like a fault of the site, so nothing is taken back on its own.`,
    );
  };

  const lookAll = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const due = await store.articles.toProbe(clock.now(), mostAtOnce);
      if (due.length === 0) return;
      await look(due, signal);
    }
  };

  return { lookDue: createRound(log, "articles' links could not be looked at", lookAll) };
}

const isGoneFor = ({ thereAt, goneSince }: ProbedArticle, ms: number, now: Date): boolean =>
  thereAt !== null && goneSince !== null && now.getTime() - goneSince.getTime() >= ms;

/** A page found gone is looked at again soon; others ever more seldom, until they are old. */
function nextLook(
  { goneSince, thereAt, seenAt }: ProbedArticle,
  answer: "there" | "gone" | "unknown",
  intervalMs: number,
  now: Date,
): { nextAt: Date | null; thereAt: Date | null; goneSince: Date | null } {
  const ageMs = now.getTime() - seenAt.getTime();
  const since = answer === "there" ? null : answer === "gone" ? (goneSince ?? now) : goneSince;
  const inMs = since && thereAt ? intervalMs : Math.max(intervalMs, ageMs / 2);
  return {
    nextAt: ageMs > watchedForMs ? null : new Date(now.getTime() + inMs),
    thereAt: answer === "there" ? now : thereAt,
    goneSince: since,
  };
}

const hostOf = (url: string): string => URL.parse(url)?.host ?? url;
