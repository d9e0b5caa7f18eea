import { digestTimes } from "#core/hours/schedule";
import type { DigestTimes, Hours } from "#core/model";

const listing = new Intl.ListFormat("en-GB", { type: "conjunction" });
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** What hours mean for a chat, in sentences: "In a digest every day at 08:00 and 18:00. Quiet from 22:00 to 07:00." */
export function hoursWords(hours: Hours): string[] {
  const { delivery, quiet, sabbath, breaking, perHour, zone } = hours;
  const times = digestTimes(hours);
  const rest = [
    quiet && `from ${quiet.from} to ${quiet.to}`,
    sabbath && `on Sabbath and holidays ${placeWords(sabbath)}`,
  ];
  const quietTimes = rest.filter((part) => part !== undefined);
  const sentences = [
    times && delivery === "digest" && `In a digest ${timesWords(times)}${breaking ? ", breaking news at once" : ""}.`,
    times && delivery === "both" && `At once, and together in a digest ${timesWords(times)}.`,
    perHour && `At most ${articles(perHour)} an hour, the rest in the next digest.`,
    quietTimes.length > 0 && `Quiet ${listing.format(quietTimes)}${breaking ? ", but for breaking news" : ""}.`,
    zone && `Times are those of ${zone}.`,
  ];
  return sentences.filter((sentence) => typeof sentence === "string");
}

/** "every day at 08:00 and 18:00", "every Friday at 14:00", "every hour". */
export function timesWords(times: DigestTimes): string {
  if (times.every === "hour") return "every hour";
  const days = times.every === "day" ? "day" : listing.format(times.on.map((day) => weekdays[day] ?? ""));
  return `every ${days} at ${listing.format(times.at)}`;
}

const articles = (count: number): string => `${count} article${count === 1 ? "" : "s"}`;

const placeWords = (place: string): string => `${/^-?\d/.test(place) ? "at" : "in"} ${place}`;
