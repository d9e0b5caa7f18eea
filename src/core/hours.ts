import { type Interval, union } from "#core/hours/interval";
import { nights } from "#core/hours/nights";
import type { SabbathCalendar } from "#core/hours/sabbath";
import { digestTimes, nextMoment } from "#core/hours/schedule";
import type { Hours } from "#core/model";
import type { HoursPlan } from "#core/ports";
import { dayMs } from "#core/wall-clock";

interface Moment {
  /** Up to then digests are made: the next one is the first after it. */
  digestedUntil: Date;
  now: Date;
  /** The newsroom's, where the hours name none. */
  zone: string;
  sabbaths: SabbathCalendar;
}

/** A plan, and why it is only that nothing goes out: Sabbath and holidays could not be calculated. */
export type MadePlan = HoursPlan & { problem: string | null };

/** A night is never further away. */
const shortMs = 2 * dayMs;
/** A Sabbath is never further away. Where one so far ahead cannot be calculated, it is looked no further than for a night. */
const longMs = 8 * dayMs;
/** How far is looked back, for an end of quiet hours that was missed, and ahead. */
const near = [[longMs, shortMs]] as const;
const farAndNear = [[longMs, longMs] as const, [0, shortMs] as const];
/** Sabbath could not be calculated: then it is tried again. */
const retryMs = 3_600_000;

/**
 * When these hours are quiet now or next, and when their next digest is due: at its time, or at the end of the quiet hours
 * before it or around it. One that was due by now and never made is due at once, or at the end of the quiet hours of now.
 *
 * Where Sabbath and holidays cannot be calculated it is quiet until they can.
 */
export async function planOf(hours: Hours, { digestedUntil, now, zone, sabbaths }: Moment): Promise<MadePlan> {
  const timeZone = hours.zone ?? zone;
  let problem = "";
  for (const [behindMs, aheadMs] of hours.sabbath ? farAndNear : near) {
    const since = new Date(Math.max(Math.min(digestedUntil.getTime(), now.getTime()), now.getTime() - behindMs));
    const seen = new Date(now.getTime() + aheadMs);
    try {
      const holy = hours.sabbath ? await sabbaths.between(hours.sabbath, timeZone, since, seen) : [];
      const quiet = union([...holy, ...(hours.quiet ? nights(hours.quiet, since, seen, timeZone) : [])]);
      return { ...planAmong(quiet, hours, { digestedUntil, now, timeZone, seen }), problem: null };
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
  }
  return blindPlan(now, problem);
}

interface Sight {
  digestedUntil: Date;
  now: Date;
  timeZone: string;
  /** Up to then all quiet hours are known. */
  seen: Date;
}

function planAmong(quiet: readonly Interval[], hours: Hours, { digestedUntil, now, timeZone, seen }: Sight): HoursPlan {
  const next = quiet.find(({ to }) => to > now) ?? null;
  const times = digestTimes(hours);
  const scheduled = times && nextMoment(times, digestedUntil, timeZone);
  const ended = quiet.find(({ to }) => to > digestedUntil && to <= now)?.to ?? null;
  const first = earliest(scheduled, ended);
  // What is due when quiet hours have begun comes when they end, and what they held up comes then in any case.
  const digestAt = next && (first === null || next.from <= now || next.from <= first) ? next.to : first;
  return { quiet: next, digestAt, until: earliest(next?.to ?? null, seen) ?? seen };
}

function earliest(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

/** Nothing goes out until somebody knows whether it may: for longer than until the next try, in case that is late. */
const blindPlan = (now: Date, problem: string): MadePlan => {
  const to = new Date(now.getTime() + dayMs);
  return { quiet: { from: now, to }, digestAt: to, until: new Date(now.getTime() + retryMs), problem };
};
