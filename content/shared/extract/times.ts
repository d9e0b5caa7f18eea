import { parseDate } from "../dates.ts";
import { type JsonLd, textsOf } from "./json-ld.ts";
import type { Meta } from "./meta.ts";
import { all, beside, called, type Document, type Element, lineOf, placeOf } from "./tree.ts";

export interface Times {
  publishedAt: Date | null;
  updatedAt: Date | null;
}

/** When the page says that it was published and last changed. */
export function findTimes(
  document: Document,
  ld: JsonLd,
  meta: Meta,
  around: { heading: Element | null; url: string },
): Times {
  const inPlace = placeOf(around.heading, elsewhere);
  const publishedAt = firstDate([
    () => (ld.article ? textsOf(ld.article.datePublished, ld) : []),
    () => meta("article:published_time", "og:article:published_time", "og:published_time", "article:published"),
    () =>
      meta("parsely:pub:date", "datepublished", "rnews:datepublished", "sailthru:date", "cxenseparse:recs:publishtime"),
    () => (ld.page ? textsOf(ld.page.datePublished ?? ld.page.uploadDate, ld) : []),
    () =>
      meta(
        "publish_date",
        "publishdate",
        "publish:date",
        "published_time",
        "publication_date",
        "pubdate",
        "pub_date",
        "date:published",
        "originalpublicationdate",
        "ptime",
        "displaydate",
      ),
    () =>
      meta(
        "dc:date:issued",
        "dcterms:created",
        "dcterms:issued",
        "dc:date:created",
        "dcterms:date",
        "dc:date",
        "dc:created",
        "citation_publication_date",
        "citation_date",
        "citation_online_date",
      ),
    () => marked(document).filter(inPlace).flatMap(saying),
    () => meta("date", "article:date", "article_date_original", "datecreated", "created", "timestamp"),
    () => (ld.article ? textsOf(ld.article.dateCreated ?? ld.article.uploadDate, ld) : []),
    () => shown(document).filter(inPlace).flatMap(saying),
    () => nearHeadline(document, around.heading),
    () => meta("article:modified_time", "og:updated_time", "datemodified", "last:modified", "dc:date:modified"),
    () => (ld.article ? textsOf(ld.article.dateModified, ld) : []),
    () => inAddress(around.url),
  ]);
  const updatedAt = firstDate([
    () => (ld.article ? textsOf(ld.article.dateModified, ld) : []),
    () =>
      meta(
        "article:modified_time",
        "og:updated_time",
        "og:article:modified_time",
        "datemodified",
        "dcterms:modified",
        "dc:date:modified",
      ),
  ]);
  return { publishedAt, updatedAt };
}

function firstDate(sources: (() => string[])[]): Date | null {
  for (const source of sources) {
    for (const text of source().slice(0, 12)) {
      const date = readDate(text);
      if (date) return date;
    }
  }
  return null;
}

/** A date alone, or in a line of words: "Published: 3 May 2021, 15:47". */
export function readDate(text: string): Date | null {
  if (text.length > 200) return null;
  const found = written.exec(text);
  // Names before a date may sound like months: "By Martha Quill, 14 September 2025".
  if (!found || found.index < 6) return parseDate(text) ?? (found ? parseDate(found[0]) : null);
  const time = clock.exec(text.slice(found.index + found[0].length)) ?? clock.exec(text.slice(0, found.index));
  return parseDate(`${found[0]} ${time?.[0] ?? ""}`) ?? parseDate(found[0]);
}

/** A day, month and year, however they are put. */
export const written =
  /(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|\d{1,2}(?:\.|st|nd|rd|th|º|ב-?)? ?(?:de |of |ב)?\p{L}{3,12}\.?,? (?:de )?(?:19|20)\d\d|\p{L}{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d|(?:19|20)\d\d ?年 ?\d{1,2} ?月 ?\d{1,2} ?日/u;
const clock = /\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]\.?m\.?)?(?: ?(?:[A-Z]{2,4}|[+-]\d\d:?\d\d))?/i;

const elsewhere = /comment|related|sidebar|widget|footer|teaser|recommend|popular|newsletter|latest/i;

const saying = (element: Element): string[] => {
  const { datetime, content, title, ...rest } = element.attribs;
  return [datetime, content, rest["data-datetime"], rest["data-timestamp"], title, lineOf(element, 400)].filter(
    (text) => text !== undefined && /\d/.test(text),
  ) as string[];
};

/** Elements that say of themselves that they hold the time of publication. */
const marked = (document: Document): Element[] =>
  all(
    document,
    ({ name, attribs }) =>
      /\bdatepublished\b/i.test(attribs.itemprop ?? "") ||
      (name === "time" && ("pubdate" in attribs || /\b(?:published|dt-published)\b/.test(attribs.class ?? ""))) ||
      /\bdc:(?:date|created|issued)\b/.test(attribs.property ?? ""),
    10,
  );

const dateClass =
  /(?:^|[\s_-])(?:date|datum|datetime|fecha|pubdate|published|publish|posted|postdate|dateline|timestamp|time|pub|uhrzeit|meta-date)(?:$|[\s_-])/i;

/** Elements that are called dates. */
const shown = (document: Document): Element[] => [
  ...all(document, ({ name }) => name === "time", 20),
  ...all(document, (element) => dateClass.test(called(element)) && lineOf(element, 400).length < 160, 30),
];

/** Lines with a date: the first ones after the headline, then the last ones before it. */
function nearHeadline(document: Document, heading: Element | null): string[] {
  const dated = (list: Element[]): string[] =>
    list
      .map((element) => lineOf(element, 400))
      .filter((line) => line.length < 160 && written.test(line))
      .slice(0, 3);
  const { before, after } = beside(document, heading);
  return [...dated(heading ? [heading, ...after] : []), ...dated(before.reverse())];
}

/** "/2021/05/03/" or "2021-05-03" in the address. */
function inAddress(url: string): string[] {
  const found = /\/((?:19|20)\d{2})[/-]([01]?\d)[/-]([0-3]?\d)(?:[/_-]|$)/.exec(url);
  return found ? [`${found[1]}-${found[2]}-${found[3]}`] : [];
}
