import type { Article } from "#core/model";
import type { ArticlePast, Version } from "#core/ports";
import { changeOf } from "#core/revise";

/** Versions of an article that are remembered. */
const mostVersions = 5;
/** Reads of the usual interval through which an older version must stand: of two copies that answer in turn none does. */
const readsToWait = 5;
/** Each return that was believed makes the next one wait twice as long. */
const longestWaitMs = 24 * 60 * 60_000;

/**
 * Whether to believe now that `before` became `after`, and the article's past from now on. A server that answers from
 * several copies, or from a cache, shows older versions again and again: what an article was before is believed only when
 * it stands for a while. `known` is its past so far; `intervalMs` is the usual time between two reads.
 */
export function believe(
  known: ArticlePast | null,
  { before, after }: { before: Version; after: Article },
  intervalMs: number,
  now: Date,
): { isBelieved: boolean; past: ArticlePast } {
  const { versions, backSince, waitMs } = known ?? { versions: [], backSince: null, waitMs: readsToWait * intervalMs };
  const left = [...versions, versionOf(before)].slice(-mostVersions);
  if (!versions.some((version) => changeOf(version, after) === "none"))
    return { isBelieved: true, past: { versions: left, backSince: null, waitMs } };
  const since = backSince ?? now;
  if (now.getTime() - since.getTime() < waitMs)
    return { isBelieved: false, past: { versions, backSince: since, waitMs } };
  return {
    isBelieved: true,
    past: { versions: left, backSince: null, waitMs: Math.min(longestWaitMs, waitMs * 2) },
  };
}

const versionOf = ({ url, title, kicker, summary, text, image }: Version): Version => ({
  url,
  title,
  kicker,
  summary,
  text,
  image,
});
