import type { Article, ArticleId, StoredArticle } from "#core/model";
import { changeOf } from "#core/revise";

/**
 * The versions that articles left behind. A server that answers from several copies, or from a cache, shows older ones again
 * and again: what an article was before is believed only when it stands for a while. Kept in memory: after a restart one
 * such answer is taken for a change.
 */
export interface Versions {
  /** Whether to believe now that `before` became `after`. */
  believes(before: StoredArticle, after: Article, now: Date): boolean;
  /** The newest version was seen again. */
  stands(id: ArticleId): void;
}

interface Past {
  /** Oldest first. */
  versions: StoredArticle[];
  /** Since when one of them is shown again, without the newest between. */
  backSince: Date | null;
  waitMs: number;
}

/** Articles whose past is remembered, and versions of each. */
const mostArticles = 1_000;
const mostVersions = 5;
/** Reads of the usual interval through which an older version must stand: of two copies that answer in turn none does. */
const readsToWait = 5;
/** Each return that was believed makes the next one wait twice as long. */
const longestWaitMs = 24 * 60 * 60_000;

export function createVersions(intervalMs: number): Versions {
  const pasts = new Map<ArticleId, Past>();

  const leave = (version: StoredArticle, past: Past, waitMs: number): void => {
    pasts.delete(version.id);
    pasts.set(version.id, { versions: [...past.versions, version].slice(-mostVersions), backSince: null, waitMs });
    if (pasts.size <= mostArticles) return;
    for (const oldest of pasts.keys()) {
      pasts.delete(oldest);
      return;
    }
  };

  return {
    believes(before, after, now) {
      const past = pasts.get(before.id) ?? { versions: [], backSince: null, waitMs: readsToWait * intervalMs };
      const isBack = past.versions.some((version) => changeOf(version, after) === "none");
      if (!isBack) {
        leave(before, past, past.waitMs);
        return true;
      }
      past.backSince ??= now;
      if (now.getTime() - past.backSince.getTime() < past.waitMs) return false;
      leave(before, past, Math.min(longestWaitMs, past.waitMs * 2));
      return true;
    },
    stands(id) {
      const past = pasts.get(id);
      if (past) past.backSince = null;
    },
  };
}
