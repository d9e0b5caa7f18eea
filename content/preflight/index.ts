import type { HttpGet } from "#content/shared/http";
import type { PreflightCheck } from "#core/ports";
import { lookAtPicture } from "./picture.ts";
import type { Seen } from "./seen.ts";

/** The longest look: a page that takes longer is none that readers wait for. */
const longestMs = 20_000;

/**
 * Looks at an article's page and at its picture as its readers will: both are asked for at once. What a wall against robots
 * hides is nothing against the article, since readers are let in.
 */
export const createPreflightCheck =
  (http: HttpGet): PreflightCheck =>
  async ({ url, image }, signal) => {
    // The wait for a host that asked to be left alone counts, too.
    const until = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
    const seen = await Promise.all([
      // What reads pages is heavy: it is loaded when the first one is looked at.
      ...(url === null ? [] : [import("./page.ts").then(({ lookAtPage }) => lookAtPage(http, url, until))]),
      ...(image === null ? [] : [lookAtPicture(http, image, until)]),
    ]);
    const problem = wordsOf(seen, "problem");
    return problem === null ? { ok: true, unproven: wordsOf(seen, "unproven") } : { ok: false, problem };
  };

function wordsOf(seen: readonly Seen[], kind: Seen["kind"]): string | null {
  const words = seen.flatMap((one) => (one.kind === kind && one.kind !== "there" ? [one.words] : []));
  return words.length === 0 ? null : words.join(", and ");
}
