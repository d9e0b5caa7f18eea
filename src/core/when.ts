import { dayIn, timeOfDay } from "#core/text";

/** An instant of the past as people say it: "14:05", "yesterday 21:30", "3 March 21:30". */
export function when(at: Date, now: Date, timeZone: string): string {
  const time = timeOfDay(at, timeZone);
  const days = dayIn(now, timeZone) - dayIn(at, timeZone);
  if (days === 0) return time;
  if (days === 1) return `yesterday ${time}`;
  return `${new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", timeZone }).format(at)} ${time}`;
}

/** A span of time as people say it: "1 minute", "40 minutes", "3 hours", "2 days". */
export function howLong(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 100) return `${minutes} minute${minutes === 1 ? "" : "s"}`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
