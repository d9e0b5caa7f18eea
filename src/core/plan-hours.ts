import { planOf } from "#core/hours";
import type { SabbathCalendar } from "#core/hours/sabbath";
import { type DigestMessage, type Hours, stalePlanMs } from "#core/model";
import type { HoursPlan, HoursProfile, Store } from "#core/ports";

export interface PlanDeps {
  store: Store;
  now: Date;
  /** The newsroom's, where hours name none. */
  zone: string;
  sabbaths: SabbathCalendar;
}

/** Profiles planned in one go: the rest follows at the next. */
const mostAtOnce = 500;

/** Sabbath and holidays that could not be calculated: nothing goes out by these hours until they can. */
export interface BlindHours {
  profile: number;
  place: string;
  problem: string;
}

/**
 * Makes the plans that are due. `new` ones alone are for whoever has just given a chat hours, in the same transaction;
 * else what has come to its end is planned anew, and digests begin whose moment has come.
 */
export async function planHours(deps: PlanDeps, which: "new" | "due" = "due"): Promise<BlindHours[]> {
  const blind: BlindHours[] = [];
  for (const profile of await deps.store.hours.toPlan(deps.now, mostAtOnce)) {
    if (which === "new" && profile.plan !== null) continue;
    const problem = await planOne(deps, profile);
    if (problem !== null) blind.push({ profile: profile.id, place: profile.hours.sabbath ?? "", problem });
  }
  return blind;
}

/** Answers why its Sabbaths cannot be calculated; null where they can. */
async function planOne({ store, now, zone, sabbaths }: PlanDeps, profile: HoursProfile): Promise<string | null> {
  const { id, hours, digestedUntil, plan: before, isDigesting } = profile;
  const { problem, ...plan } = await planOf(hours, { digestedUntil, now, zone, sabbaths });
  const begins = beginning(profile, plan, now);
  if (isQuiet(plan, now) || begins === null) {
    await store.hours.plan(id, awake(plan, now), now);
    return problem;
  }
  // What begins has to wait until the digests before it are done; until then the plan stays that says so.
  if (isDigesting && before !== null) return problem;
  const after = begins === "release" ? plan : await planOf(hours, { digestedUntil: now, now, zone, sabbaths });
  await store.hours.plan(id, after, now, begins);
  return problem;
}

/** What begins now that the plan before has come to its end: null for nothing. */
function beginning(
  { hours, plan: before }: HoursProfile,
  { digestAt }: HoursPlan,
  now: Date,
): DigestMessage["occasion"] | "release" | null {
  const wasQuiet = before?.quiet ? before.quiet.from <= now : isStale(hours, before, now);
  const isDue = [before?.digestAt, digestAt].some((at) => at && at <= now);
  if (wasQuiet) return isDue || hours.delivery !== "digest" ? "quiet" : "release";
  if (!isDue) return null;
  return hours.delivery || hours.digest ? "hour" : "overflow";
}

/** Whether it may have held up what came, as long as nobody knew whether it is quiet. */
const isStale = (hours: Hours, plan: HoursPlan | null, now: Date): boolean =>
  plan !== null && Boolean(hours.quiet ?? hours.sabbath) && now.getTime() - plan.until.getTime() > stalePlanMs;

const isQuiet = ({ quiet }: HoursPlan, now: Date): boolean => quiet !== null && quiet.from <= now && now < quiet.to;

/** A digest never comes while it is quiet. */
function awake(plan: HoursPlan, now: Date): HoursPlan {
  const { quiet, digestAt } = plan;
  return quiet && isQuiet(plan, now) && digestAt && digestAt < quiet.to ? { ...plan, digestAt: quiet.to } : plan;
}
