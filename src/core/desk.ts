import { type DeskSettings, isFree } from "#core/desk/hold";
import { settleHeld } from "#core/desk/release";
import { type TellDeps, tellSteps } from "#core/desk/tell";
import type { Clock, HeldArticle, Log, Store } from "#core/ports";
import { createRound } from "#core/round";
import { createRoutes } from "#core/route";
import { howLong } from "#core/when";

interface DeskDeps extends TellDeps {
  store: Store;
  clock: Clock;
  log: Log;
  settings: DeskSettings;
  /** Called after something was queued. */
  onQueued(): void;
}

/** Lets go what waited for its time, ends what nobody decided about, and tells the admins what is on their desk. */
export interface Desk {
  /** One look at all of it: to be rung each second. Never rejects. */
  runDue(signal: AbortSignal): Promise<void>;
}

/** Articles settled in one look, each in a transaction of its own. */
const mostAtOnce = 100;

export function createDesk(deps: DeskDeps): Desk {
  const { store, clock, log, settings } = deps;
  const routes = createRoutes();

  /** Once more under its lock: an editor may have decided meanwhile. */
  const settle = async (id: number): Promise<void> => {
    const became = await store.transaction(async (tx) => {
      const held = await tx.desk.held(id);
      const now = clock.now();
      if (!held) return null;
      if (!isFree(held)) return (await expire(tx, held, settings, now)) ? "expired" : null;
      const settled = await settleHeld(tx, held, { settings, by: null, routes }, now);
      return settled && !settled.waits ? "released" : null;
    });
    if (became) log.info({ article: id, became }, "a held article waits no longer");
    if (became === "released") deps.onQueued();
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    for (const { article } of await store.desk.due(clock.now(), mostAtOnce)) {
      if (signal.aborted) return;
      await settle(article.id);
    }
    // What another process has queued, or what is told now: the couriers are woken for it.
    if (!signal.aborted && (await tellSteps(deps))) deps.onQueued();
  };

  return { runDue: createRound(log, "the editors' desk could not be looked after", look) };
}

/** Nobody decided in time: it goes to nobody. False while its time has not run out. */
async function expire(
  tx: Store,
  { article, expiresAt, since }: HeldArticle,
  { expiresMs }: DeskSettings,
  now: Date,
): Promise<boolean> {
  if (!expiresAt || expiresAt > now) return false;
  await tx.desk.end(article.id, "expired");
  await tx.articles.leaveOut(article.id, `no editor let it go within ${howLong(expiresMs)}`);
  const key = `expired:${article.id}:${since.getTime()}`;
  await tx.audit.write({ article: article.id, step: "expired", key, by: null, isTold: true }, now);
  return true;
}
