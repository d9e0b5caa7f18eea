import { switchIn } from "#core/commands/written";
import { mostPerHour, mostTimes } from "#core/hours/normal";
import { weekdayIn } from "#core/hours/weekdays";
import { takeApart } from "#core/hours/written";
import type { DigestTimes, Hours } from "#core/model";
import { cleanEntry } from "#core/preferences";
import { cut } from "#core/text";
import { fold } from "#core/words-in";

/** Hours as they are from now on, or why what was written means none: a sentence. */
export type Reading = Hours | { problem: string };

type Word = "hour" | "day" | "week" | "both";
const meanings: Readonly<Record<Word, readonly string[]>> = {
  hour: ["hourly", "hour", "hours", "שעה", "שעתי", "ежечасно", "час", "ساعة"],
  day: ["daily", "day", "days", "יום", "יומי", "ежедневно", "день", "يوم", "يوميا"],
  week: ["weekly", "week", "שבוע", "שבועי", "еженедельно", "неделю", "أسبوع", "أسبوعيا"],
  both: ["both", "also", "too", "גם", "также", "أيضا"],
};
const meaningOf = new Map(
  Object.entries(meanings).flatMap(([meaning, words]) => words.map((word) => [fold(word), meaning as Word])),
);

/** Reads "daily 08:00, 18:00", "weekly Friday 14:00", "hourly", "both 18", "off" and what is like them. */
export function readDigest(text: string, hours: Hours): Reading {
  const { times, words } = takeApart(text.replace(/\bat once\b/gi, "both"));
  const isOn = times.length === 0 ? switchIn(words) : null;
  const { delivery: _, digest: had, ...rest } = hours;
  if (isOn === false) return rest;
  const days: number[] = [];
  const said = new Set<Word>();
  for (const word of isOn === true ? [] : words) {
    const day = weekdayIn(word);
    const meaning = meaningOf.get(word);
    if (day !== null) days.push(day);
    else if (meaning) said.add(meaning);
    else return { problem: `“${cut(cleanEntry(word), 40)}” says nothing about a digest.` };
  }
  if (times.length > mostTimes) return { problem: `A digest has ${mostTimes} times a day at most.` };
  if (said.has("week") && days.length === 0) return { problem: "A weekly digest needs its day." };
  if (said.has("hour") && times.length > 0 && !said.has("day") && days.length === 0) {
    return { problem: "A digest comes every hour, or at the times that you name." };
  }
  const digest = timesOf({ times, days, said }) ?? had;
  return { ...rest, delivery: said.has("both") ? "both" : "digest", ...(digest ? { digest } : {}) };
}

interface Said {
  times: string[];
  days: number[];
  said: ReadonlySet<Word>;
}

/** Null where nothing was said of times: what was chosen before stays. */
function timesOf({ times, days, said }: Said): DigestTimes | null {
  const at = times.length > 0 ? times : ["18:00"];
  if (days.length > 0) return { every: "week", on: days, at };
  if (said.has("hour") && times.length === 0) return { every: "hour" };
  return times.length > 0 || said.has("day") ? { every: "day", at } : null;
}

const breakingWords = new Set(["breaking", "מבזק", "מבזקים", "срочно", "срочные", "عاجل"].map(fold));

/** Reads "22:00-07:00", "10pm to 7am", "breaking on", "off" and what is like them. */
export function readQuiet(text: string, hours: Hours): Reading {
  const { times, words } = takeApart(text);
  const at = words.findIndex((word) => breakingWords.has(word));
  const after = at === -1 ? [] : words.slice(at + 1).filter((word) => word !== "news");
  const before = at === -1 ? words : words.slice(0, at);
  const passes = at === -1 ? undefined : after.length === 0 ? true : switchIn(after);
  const { breaking: _, quiet: had, ...rest } = hours;
  const breaking = (passes ?? hours.breaking) ? { breaking: true as const } : {};
  const unread = [...(passes === null ? after : []), ...(switchIn(before) === null ? before : [])][0];
  if (unread !== undefined) return { problem: `“${cut(cleanEntry(unread), 40)}” is no part of quiet hours.` };
  if (times.length === 0 && switchIn(before) === false) return { ...rest, ...breaking };
  const [from, to] = times;
  if (times.length === 0 && at !== -1) {
    if (breaking.breaking && !had && !hours.sabbath && hours.delivery !== "digest") {
      return { problem: "There are no quiet hours yet that breaking news could come in." };
    }
    return { ...rest, ...(had ? { quiet: had } : {}), ...breaking };
  }
  if (from === undefined || to === undefined || times.length > 2) {
    return { problem: "Quiet hours have a beginning and an end." };
  }
  if (from === to) return { problem: `From ${from} to ${to} is the whole day.` };
  return { ...rest, quiet: { from, to }, ...breaking };
}

/** Reads "5", "5 an hour", "off". */
export function readLimit(text: string, hours: Hours): Reading {
  const { perHour: _, ...rest } = hours;
  const written = fold(text).trim();
  if (switchIn([written]) === false) return rest;
  const [count, ...more] = written.match(/\d+/g) ?? [];
  const perHour = Number(count);
  if (count === undefined || more.length > 0 || !/^[^\d-]*\d+(?:\s+\D*)?$/.test(written)) {
    return { problem: "A limit is one number: the articles that come within an hour at most." };
  }
  if (perHour < 1 || perHour > mostPerHour) {
    return { problem: `A limit is a number from 1 to ${mostPerHour}; without one every article comes.` };
  }
  return { ...rest, perHour };
}
