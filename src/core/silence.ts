import type { Finding, Look } from "#core/findings";
import type { FeedId } from "#core/model";
import type { Clock, FeedGauge, Store } from "#core/ports";
import { type Rhythm, rhythmOf } from "#core/rhythm";
import { howLong, when } from "#core/when";

/** Weeks from which a feed's habit is learnt. */
const learntMs = 6 * 7 * 24 * 3_600_000;
/** No quiet that is shorter is out of the ordinary. */
const leastQuietMs = 2 * 3_600_000;
/** Feeds looked at in one statement, and habits learnt in one look: each holds up the process for some milliseconds. */
const chunk = 500;
const mostLearnt = 100;

/** Finds feeds that are quieter than is their habit, which is learnt once for each quiet, when it gets long. */
export function createSilenceWatch({
  store,
  clock,
}: {
  store: Pick<Store, "gauges">;
  clock: Pick<Clock, "sleep">;
}): (look: Look) => Promise<Finding[]> {
  const learnt = new Map<FeedId, { newestAt: number; rhythm: Rhythm | null }>();

  const habitOf = async ({ id }: FeedGauge, newestAt: Date, now: Date): Promise<Rhythm | null> => {
    const since = new Date(now.getTime() - learntMs);
    const rhythm = rhythmOf(await store.gauges.publications(id, since));
    learnt.set(id, { newestAt: newestAt.getTime(), rhythm });
    await clock.sleep(0);
    return rhythm;
  };

  return async (look) => {
    const { now, signal } = look;
    const findings: Finding[] = [];
    const seen = new Set<FeedId>();
    let left = mostLearnt;
    for (let after = 0; !signal.aborted; ) {
      const feeds = await store.gauges.eachFeed(after, chunk);
      for (const feed of feeds) {
        seen.add(feed.id);
        const { newestAt } = feed;
        const standing = look.standing.get(keyOf(feed.id));
        if (standing) findings.push(endOf(feed, standing));
        else if (newestAt && now.getTime() - newestAt.getTime() >= leastQuietMs) {
          const known = learnt.get(feed.id);
          const isKnown = known?.newestAt === newestAt.getTime();
          if (!isKnown && left-- <= 0) continue;
          const rhythm = isKnown ? known.rhythm : await habitOf(feed, newestAt, now);
          if (rhythm && isSilent(feed, rhythm)) findings.push(silence(feed, newestAt, rhythm, look));
        }
      }
      const last = feeds.at(-1);
      if (!last || feeds.length < chunk) break;
      after = last.id;
      await clock.sleep(0);
    }
    if (signal.aborted) return [];
    for (const id of learnt.keys()) if (!seen.has(id)) learnt.delete(id);
    const known = new Set([...seen].map(keyOf));
    const lost = [...look.standing.keys()].filter((key) => key.startsWith(prefix) && !known.has(key));
    return [...findings, ...lost.map((key) => ({ key, state: "void" }) as const)];
  };
}

const prefix = "silence:";
const keyOf = (feed: FeedId): string => `${prefix}${feed}`;

/** Only a good read after that hour shows that nothing was published: Crier may have been off, or the feed unreachable. */
const isSilent = ({ readAt }: FeedGauge, { alarmAt }: Rhythm): boolean =>
  alarmAt !== null && readAt !== null && readAt >= alarmAt;

const silence = (feed: FeedGauge, since: Date, { lastAt, usualMs }: Rhythm, { now, timeZone }: Look): Finding => ({
  key: keyOf(feed.id),
  state: "amiss",
  since,
  text: `${nameOf(feed)} has published nothing since ${when(lastAt, now, timeZone)}; at that time of its week it usually publishes again within ${howLong(usualMs)}. See whether the newsroom still publishes: “crier feeds test ${feed.id}” shows what ${feed.address} holds.`,
});

const endOf = (feed: FeedGauge, since: Date): Finding =>
  feed.newestAt && feed.newestAt > since
    ? {
        key: keyOf(feed.id),
        state: "well",
        text: `${nameOf(feed)} publishes again, after ${howLong(feed.newestAt.getTime() - since.getTime())}.`,
      }
    : { key: keyOf(feed.id), state: "unclear" };

const nameOf = ({ id, title }: FeedGauge): string => (title ? `“${title}”` : `Feed ${id}`);
