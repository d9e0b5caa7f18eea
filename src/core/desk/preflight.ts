import { type DeskSettings, forEditors, isEmbargoed } from "#core/desk/hold";
import { settleHeld } from "#core/desk/release";
import type { Clock, HeldArticle, Log, PreflightCheck, PreflightResult, Store } from "#core/ports";

export interface PreflightDeps {
  store: Store;
  check: PreflightCheck;
  settings: DeskSettings;
  clock: Clock;
  log: Log;
  /** Called after something was queued. */
  onQueued(): void;
}

/** Looks at the pages and pictures of articles that wait for it, and lets those go that their readers can open. */
export interface Preflight {
  /** Begins the looks that are due; resolves when these have ended. May be called while others are under way. Never rejects. */
  lookDue(signal: AbortSignal): Promise<void>;
}

const second = 1_000;
/** From one look to the next: 24 minutes, and with looks of 20 s less than half an hour in all. */
const pausesMs = [15, 30, 60, 120, 240, 480, 480].map((seconds) => seconds * second);
/** Breaking news waits no longer for its page than that. */
const mostForBreakingMs = 60 * second;
/** A failure more than this was no hiccup: the admins are told. */
const toldAt = 2;
/** Looks under way at once, but for breaking news: a host answers two at a time, and a look's time passes while it waits. */
const mostAtOnce = 8;
/** Due looks among which breaking news is sought. */
const mostDue = 100;

const unseen = "its page could not be looked at in time";

export function createPreflight(deps: PreflightDeps): Preflight {
  const { store, check, settings, clock, log } = deps;
  const underWay = new Set<number>();

  const checkOne = async (held: HeldArticle, leftMs: number | null, signal: AbortSignal): Promise<PreflightResult> => {
    const ending = new AbortController();
    const ended = new AbortController();
    if (leftMs !== null) void clock.sleep(leftMs, ended.signal).then(() => ending.abort());
    try {
      return await check(held.article, AbortSignal.any([signal, ending.signal]));
    } catch (err) {
      log.error({ err, article: held.article.id }, "an article's page could not be looked at");
      return { ok: false, problem: "its page could not be looked at, for a fault of Crier's own" };
    } finally {
      ended.abort();
    }
  };

  const look = async (held: HeldArticle, signal: AbortSignal): Promise<PreflightResult> => {
    const leftMs = held.article.breaking ? breakingUntil(held).getTime() - clock.now().getTime() : null;
    if (leftMs !== null && leftMs <= 0) return { ok: false, problem: held.preflight?.problem ?? unseen };
    return checkOne(held, leftMs, signal);
  };

  const lookAt = async (held: HeldArticle, signal: AbortSignal): Promise<void> => {
    const { id } = held.article;
    underWay.add(id);
    try {
      const outcome = await look(held, signal);
      if (signal.aborted) return;
      if (outcome.ok && outcome.unproven) log.info({ article: id }, `${outcome.unproven}: it goes out unseen`);
      const isQueued = await store.transaction((tx) => conclude(tx, held, outcome, settings, clock.now()));
      if (isQueued) deps.onQueued();
    } catch (err) {
      if (!signal.aborted) log.error({ err, article: id }, "what a look at an article's page came to was not kept");
    } finally {
      underWay.delete(id);
    }
  };

  return {
    async lookDue(signal) {
      if (signal.aborted) return;
      try {
        const due = (await store.desk.toCheck(clock.now(), mostDue)).filter(({ article }) => !underWay.has(article.id));
        const [breaking, others] = [true, false].map((is) => due.filter(({ article }) => article.breaking === is));
        const free = Math.max(0, mostAtOnce - underWay.size);
        await Promise.all([...(breaking ?? []), ...(others ?? []).slice(0, free)].map((held) => lookAt(held, signal)));
      } catch (err) {
        if (!signal.aborted) log.error({ err }, "articles' pages could not be looked at before they go out");
      }
    },
  };
}

/** When breaking news goes whatever its page answers. */
const breakingUntil = ({ since, embargoUntil }: HeldArticle): Date =>
  new Date(Math.max(since.getTime(), embargoUntil?.getTime() ?? 0) + mostForBreakingMs);

/** Writes down what a look came to, unless the article was decided about, or its page became another, meanwhile. True when something was queued. */
async function conclude(
  tx: Store,
  looked: HeldArticle,
  outcome: PreflightResult,
  settings: DeskSettings,
  now: Date,
): Promise<boolean> {
  const held = await tx.desk.held(looked.article.id);
  const { article } = looked;
  if (!held?.preflight || held.preflight.nextAt === null) return false;
  if (held.preflight.looks !== looked.preflight?.looks || isEmbargoed(held, now)) return false;
  if (held.article.url !== article.url || held.article.image !== article.image) return false;
  const { looks } = held.preflight;
  const write = (note: string, isTold: boolean): Promise<unknown> =>
    tx.audit.write({ article: article.id, step: "checked", key: keyOf(held, now), by: null, note, isTold }, now);
  const letGo = async (): Promise<boolean> =>
    (await settleHeld(tx, withoutPreflight(held), { settings, by: null }, now))?.waits === false;

  if (outcome.ok) {
    // Who was told of a failure hears how it ended.
    if (looks > 0) await write("its page is there now", looks >= toldAt);
    return letGo();
  }
  const { problem } = outcome;
  if (held.article.breaking && now >= breakingUntil(held)) {
    await write(`${problem}, but breaking news waits no longer than a minute`, true);
    return letGo();
  }
  const pauseMs = pausesMs[looks];
  const nextAt = pauseMs === undefined ? null : nextLook(held, pauseMs, now);
  const next = { ...held, preflight: { looks: looks + 1, problem, nextAt } };
  await tx.desk.change(nextAt === null && held.editors === 0 ? forEditors(next, settings, now) : next);
  await write(problem, looks + 1 === toldAt || nextAt === null);
  return false;
}

/** What waited for editors only because of its page waits for them no longer. */
const withoutPreflight = (held: HeldArticle): HeldArticle =>
  held.reviewed || held.watched !== null
    ? { ...held, preflight: null }
    : { ...held, preflight: null, editors: 0, expiresAt: null };

function nextLook(held: HeldArticle, pauseMs: number, now: Date): Date {
  const at = now.getTime() + pauseMs;
  return new Date(held.article.breaking ? Math.min(at, breakingUntil(held).getTime()) : at);
}

/** A page may be looked at from the beginning anew: no number of a look names it. */
const keyOf = ({ article }: HeldArticle, now: Date): string => `checked:${article.id}:${now.getTime()}`;
