import { linkKey } from "#core/link-key";
import type { Article } from "#core/model";
import { pictureKey } from "#core/picture-key";
import type { Version } from "#core/ports";

/** What became different: nothing, what the message does not show, or what readers of the message see. */
export type Change = "none" | "body" | "message";

/**
 * What a reader of the message would see, and what only a reader of the article's own page would. Dates, the order of topics,
 * counts of readers, "3 minutes ago", quotes, dashes and spaces of another make are no change. Neither is a field that is
 * missing now: a feed that drops its summaries for one read must not blank what readers hold. Nor the same text cut at
 * another place: no word of it became wrong.
 */
export function changeOf(before: Version, after: Article): Change {
  const sees =
    (!after.titleIsGuess && differs(before.title, after.title)) ||
    differs(before.kicker, after.kicker) ||
    differs(before.summary, after.summary) ||
    (after.image !== null && pictureKey(after.image) !== pictureKey(before.image ?? ""));
  if (sees) return "message";
  // A page that moved is looked at under its new link, or it would pass for taken back.
  return differs(before.text, after.text) || movedLink(before.url, after.url) ? "body" : "none";
}

/** The new version, with what only the old one has: a missing field, and the longer of two cuts of one text. */
export function revised(before: Article, { titleIsGuess, ...after }: Article): Article {
  return {
    ...after,
    url: after.url ?? before.url,
    title: titleIsGuess ? before.title : longer(before.title, after.title),
    kicker: after.kicker ?? before.kicker,
    summary: longerOrKept(before.summary, after.summary),
    text: longerOrKept(before.text, after.text),
    image: after.image ?? before.image,
    authors: after.authors.length > 0 ? after.authors : before.authors,
    topics: after.topics.length > 0 ? after.topics : before.topics,
    language: after.language ?? before.language,
    publishedAt: after.publishedAt ?? before.publishedAt,
    updatedAt: after.updatedAt ?? before.updatedAt,
  };
}

/** Whether a reader would see two texts differ; a text that is missing now says nothing. */
export function differs(before: string | null, after: string | null): boolean {
  if (after === null || before === after) return false;
  const now = seen(after);
  if (now === "") return false;
  const then = seen(before ?? "");
  return then !== now && !isCutOf(before ?? "", then, now) && !isCutOf(after, now, then);
}

/** An ending that says: here something was cut. */
const cutEnding = /(?:…|\.{3})[\])]?\s*$/;
/** Fewer characters are an opening that many texts share. */
const leastOpening = 20;

/** Whether `text` ends in a mark of cutting and the other text goes on from there; both as they are seen. */
const isCutOf = (text: string, seenText: string, seenOther: string): boolean =>
  cutEnding.test(text.slice(-8)) && seenText.length >= leastOpening && seenOther.startsWith(seenText);

function longer(before: string, after: string): string {
  return isCutOf(after, seen(after), seen(before)) ? before : after;
}

function longerOrKept(before: string | null, after: string | null): string | null {
  return before === null || after === null ? (after ?? before) : longer(before, after);
}

function movedLink(before: string | null, after: string | null): boolean {
  if (after === null || before === after) return false;
  return before === null || linkKey(before) !== linkKey(after);
}

/** The five entities of XML and the space, where a feed escapes once more than it should. */
const entities: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&nbsp;": " ",
};

/** A text as a reader takes it in: without what differs only for a machine. */
function seen(text: string): string {
  return withoutCounts(
    text
      .normalize("NFKC")
      .replace(/&(?:amp|lt|gt|quot|apos|nbsp);/g, (entity) => entities[entity] ?? entity)
      .replace(/&#(\d{2,6});/g, (_, code: string) => String.fromCodePoint(Number(code)))
      .replace(/\p{Cf}/gu, ""),
  )
    .replace(/["“”„‟«»״]|''/g, '"')
    .replace(/['‘’‚‛`´׳]/g, "'")
    .replace(/\p{Pd}|־/gu, "-")
    .replace(/\s+/g, " ")
    .replace(/ ?- ?/g, "-")
    .replace(/[\s.…[\](|·•)-]{1,20}$/, "")
    .trim();
}

const number = "[\\d٠-٩](?:[\\d٠-٩.,]{0,12}[\\d٠-٩])?\\s?[km]?";
/** How long ago something was, as pages write it anew for each reader. */
const ages = [
  `(?:${number}|an?|one|few)\\s(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?)\\sago`,
  `לפני\\s(?:${number}\\s)?(?:שניות|שנייה|דקות|דקה|שעות|שעה|שעתיים|ימים|יום|יומיים)`,
  `(?:منذ|قبل)\\s(?:${number}\\s)?(?:ثوان|ثواني|ثانية|دقائق|دقيقة|دقيقتين|ساعات|ساعة|ساعتين|أيام|يوم|يومين)`,
  `(?:${number}\\s)?(?:секунду|секунды|секунд|минуту|минуты|минут|час|часа|часов|день|дня|дней)\\sназад`,
];
/** What pages count, in words that say nothing else. */
const counters = [
  `${number}\\s(?:views?|comments?)`,
  `${number}\\s(?:צפיות|תגובות)|תגובה אחת`,
  `${number}\\s(?:مشاهدة|مشاهدات|تعليق|تعليقات|تعليقًا)`,
  `${number}\\s(?:просмотров|просмотра|просмотр|комментариев|комментария|комментарий)`,
];
/** Words that also say something else (shares are sold, too): they count where they stand alone between bars or dots. */
const loneCounters = [
  `${number}\\s(?:shares?|likes?|reads?|replies|reply|reactions?|(?:min(?:ute)?s?)\\sread)`,
  `${number}\\s(?:שיתופים|לייקים|קריאות)|דקות?\\sקריאה`,
  `${number}\\s(?:مشاركة|مشاركات|إعجاب|إعجابات|قراءة)`,
  `${number}\\s(?:лайков|лайка|лайк|репостов|репоста|репост)`,
];
const letter = "[\\p{L}\\p{N}]";
const anywhere = new RegExp(`(?<!${letter})(?:${[...ages, ...counters].join("|")})(?!${letter})`, "giu");
const alone = new RegExp(`(?<=^|[|·•(])\\s?(?:${loneCounters.join("|")})\\s?(?=$|[|·•)])`, "giu");

/** Most texts hold none: the quick look spares them the search. */
const mayCount = /[\d٠-٩]|\bago\b|לפני|תגובה|منذ|قبل|назад/;

const withoutCounts = (text: string): string =>
  mayCount.test(text) ? text.replace(anywhere, "").replace(alone, "") : text;
