import type { TimeOfDay } from "#core/model";
import { fold } from "#core/words-in";

/** What somebody wrote, taken apart. */
export interface Written {
  /** In their order. */
  times: TimeOfDay[];
  /** Folded, those left out that say nothing by themselves. */
  words: string[];
}

/** Nobody writes more to say when. */
const longest = 200;

/** "8", "08:00", "8.30pm", "2200", "22h": not a part of another number or word, but for what Hebrew writes onto it ("ב-8", "ב8"). */
const timeOfDay =
  /(?<![\p{L}\p{N}:.])(?:[א-ת]{1,2}[-־]?)?(\d{1,2})(?:[:.h]?(\d{2}))?h?(?:\s*([ap])\.?m\b\.?)?(?![\p{L}\p{N}:])/gu;

/** "יום ו׳": Hebrew numbers its days by letters. */
const lettered = /(?<=(?:^|\s)ב?(?:יום|ימי)\s)([א-ו])(?=[\s,]|$)/gu;
const daysByLetter = ["ראשון", "שני", "שלישי", "רביעי", "חמישי", "שישי"];

/** Takes apart what was written of times, in the ways that people write them. A time that there is not stays a word. */
export function takeApart(text: string): Written {
  const times: TimeOfDay[] = [];
  const rest = fold(text.slice(0, longest))
    .replace(lettered, (_, letter: string) => daysByLetter["אבגדהו".indexOf(letter)] ?? "")
    .replace(/\bnoon\b/g, "12:00")
    .replace(/\bmidnight\b/g, "00:00")
    .replace(timeOfDay, (said: string, hour: string, minutes = "00", half?: string) => {
      const time = timeOf(Number(hour), Number(minutes), half);
      if (time === null) return said.replace(/\s/g, "");
      times.push(time);
      return " ";
    });
  const words = rest
    .split(/[\s,،;؛&+()–—־\-.]+/)
    .map((word) => word.replace(/^['"“”„«׳״]+|['"“”»׳״]+$/g, ""))
    .filter((word) => word !== "" && !saysNothing.has(word));
  return { times, words };
}

/** Null for no time of day. "24:00" is the midnight that ends a day. */
function timeOf(hour: number, minutes: number, half: string | undefined): TimeOfDay | null {
  if (minutes > 59 || hour > 24 || (hour === 24 && minutes > 0)) return null;
  const isTwelve = half !== undefined && hour <= 12;
  const shown = isTwelve ? (hour % 12) + (half === "p" ? 12 : 0) : hour % 24;
  return `${String(shown).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

const saysNothing = new Set(
  [
    [
      "a",
      "an",
      "and",
      "at",
      "on",
      "in",
      "the",
      "of",
      "from",
      "to",
      "till",
      "until",
      "between",
      "every",
      "each",
      "per",
      "once",
    ],
    ["o'clock", "o’clock", "oclock", "digest", "digests", "articles", "article", "quiet", "limit", "most", "please"],
    ["כל", "בשעה", "בשעות", "בין", "מ", "עד", "ל", "ב", "ו", "השעה", "ביום", "ימי", "בימי"],
    ["в", "во", "и", "с", "со", "до", "по", "на", "каждый", "каждую", "каждое", "часов"],
    ["في", "و", "من", "الى", "إلى", "حتى", "كل", "الساعة", "عند", "يوم"],
  ].flatMap((words) => words.map(fold)),
);
