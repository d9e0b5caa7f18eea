import { usualDigest } from "#core/hours/schedule";
import type { DigestTimes, Hours, TimeOfDay } from "#core/model";

/** Times of day that digests may come at: one for each hour. */
export const mostTimes = 24;
/** Articles an hour that a chat may set as its limit: more come nowhere. */
export const mostPerHour = 100;

/**
 * Hours in one form: times in order and once, nothing that only says what holds anyway, each part in its place, so that
 * chats with the same hours share one row. Undefined where nothing is left.
 */
export function normalHours(hours: Hours = {}): Hours | undefined {
  const { delivery, sabbath, zone, perHour } = hours;
  const digest = delivery && hours.digest && normalTimes(hours.digest);
  const quiet = hours.quiet && hours.quiet.from !== hours.quiet.to ? hours.quiet : undefined;
  const passes = hours.breaking === true && (quiet !== undefined || Boolean(sabbath) || delivery === "digest");
  const normal: Hours = {
    ...(delivery ? { delivery } : {}),
    ...(digest ? { digest } : {}),
    ...(quiet ? { quiet: { from: quiet.from, to: quiet.to } } : {}),
    ...(sabbath ? { sabbath } : {}),
    ...(passes ? { breaking: true } : {}),
    ...(perHour && perHour > 0 ? { perHour: Math.min(Math.round(perHour), mostPerHour) } : {}),
    ...(zone ? { zone } : {}),
  };
  return Object.keys(normal).length > 0 ? normal : undefined;
}

/** Undefined for what comes at the usual time anyway. */
function normalTimes(times: DigestTimes): DigestTimes | undefined {
  if (times.every === "hour") return { every: "hour" };
  const at = inOrder(times.at);
  if (at.length === 0) return undefined;
  if (times.every === "day") {
    const isUsual = usualDigest.every === "day" && at.join() === usualDigest.at.join();
    return isUsual ? undefined : { every: "day", at };
  }
  const on = [...new Set(times.on)].filter((day) => day >= 0 && day <= 6).sort();
  return on.length === 0 || on.length === 7 ? normalTimes({ every: "day", at }) : { every: "week", on, at };
}

const inOrder = (times: readonly TimeOfDay[]): TimeOfDay[] => [...new Set(times)].sort().slice(0, mostTimes);
