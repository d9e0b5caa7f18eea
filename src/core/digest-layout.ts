import type { Article, DigestMessage } from "#core/model";
import { cut, readsRightToLeft, timeOfDay } from "#core/text";
import { type Words, wordsFor } from "#core/words";

/** A longer headline is nothing that anybody reads in a list. */
const headlineLimit = 250;
const kickerLimit = 40;
const topicLimit = 64;

/** An article in a digest: plain text on one line. */
export interface DigestLine {
  isBreaking: boolean;
  /** "" where it has none that is short and says more than its topic. */
  kicker: string;
  headline: string;
  /** As the feed gave it. */
  url: string | null;
  /** The digest is corrected on its account: it stands there in its newest words. */
  isChanged: boolean;
  /** It is read the other way than the digest: its marks and numbers must be kept at its own ends. */
  isTurned: boolean;
}

/** What a digest says in which order, its own words in the language that most of its articles are in. All lines are plain text. */
export interface DigestLayout {
  /** Most of it is read from the right. */
  isRtl: boolean;
  /** What it is, the day and the hour: "Your news, Tuesday 18:00". */
  title: string;
  /** Articles under one head, which may be "". */
  blocks: { head: string; lines: DigestLine[] }[];
  /** "And 12 more"; "" where all are there. */
  rest: string;
  /** What became of one of its articles: "✏️ Corrected 14:05"; "" where nothing did. */
  changed: string;
}

interface Dress {
  /** Makes a feed's text harmless, on one line. */
  clean(text: string): string;
  /** Something of it can be seen. */
  isVisible(text: string): boolean;
  /** The most articles that it may hold. */
  most: number;
  say(layout: DigestLayout): string;
  fits(said: string): boolean;
}

/** A digest with as many of its articles, in their order, as fit: none in part. Those left out are counted. */
export function sayDigest(message: DigestMessage, dress: Dress): string {
  const layout = layOut(message, dress);
  const all = layout.blocks.reduce((sum, { lines }) => sum + lines.length, 0);
  const sayFirst = (count: number): string => {
    const more = message.more + all - count;
    const rest = count > 0 && more > 0 ? layout.words.more(more) : "";
    return dress.say({ ...layout, blocks: firstOf(layout.blocks, count), rest });
  };
  let tooMany = Math.min(all, dress.most);
  const said = sayFirst(tooMany);
  if (dress.fits(said)) return said;
  let fitting = 0;
  while (tooMany - fitting > 1) {
    const tried = Math.floor((fitting + tooMany) / 2);
    if (dress.fits(sayFirst(tried))) fitting = tried;
    else tooMany = tried;
  }
  return sayFirst(fitting);
}

/** Keeps a text to itself within a line that is read the other way: LRI or RLI before it, PDI after it. */
export const isolated = (text: string, isRtlAround: boolean): string =>
  `${isRtlAround ? "\u2066" : "\u2067"}${text}\u2069`;

function layOut(
  { occasion, at, zone, sections, corrected }: DigestMessage,
  { clean, isVisible }: Dress,
): Omit<DigestLayout, "rest"> & { words: Words } {
  const articles = sections.flatMap((section) => section.articles);
  // A digest whose last article was withdrawn speaks as that one did.
  const spoken = articles.length === 0 && corrected ? [corrected.article] : articles;
  const words = commonest(spoken.map(wordsOf)) ?? wordsFor("en", "");
  const isRtl = commonest(spoken.map(isRightToLeft)) ?? false;
  const day = new Intl.DateTimeFormat(words.locale, { weekday: "long", timeZone: zone }).format(at);

  /** Cut inside of an isolate it would leave it open. */
  const plain = (text: string | null, limit: number): string =>
    cut(clean(text ?? "").replace(/[\u2066-\u2069]/g, ""), limit);
  const lineOf = (article: Article, topic: string): DigestLine => {
    const kicker = plain(article.kicker, kickerLimit + 1);
    const isTold = kicker.length > kickerLimit || kicker.toLowerCase() === topic.toLowerCase();
    return {
      isBreaking: article.breaking,
      kicker: isTold || !isVisible(kicker) ? "" : kicker,
      headline: plain(article.title, headlineLimit),
      url: article.url,
      isChanged: corrected?.isWithdrawn === false && isSame(corrected.article, article),
      isTurned: isRightToLeft(article) !== isRtl,
    };
  };
  const blocks = sections
    .map((section) => {
      const topic = plain(section.topic, topicLimit);
      const lines = section.articles.map((article) => lineOf(article, topic));
      return { head: isVisible(topic) ? topic : "", lines: lines.filter(({ headline }) => isVisible(headline)) };
    })
    .filter(({ lines }) => lines.length > 0)
    .map((block, index) => ({ ...block, head: block.head || (index > 0 ? words.others : "") }));

  let changed = "";
  if (corrected?.isWithdrawn) {
    const headline = plain(corrected.article.title, headlineLimit);
    const isTurned = isRightToLeft(corrected.article) !== isRtl;
    changed = `✏️ ${words.withdrawn(corrected.at, isTurned ? isolated(headline, isRtl) : headline)}`;
  } else if (corrected) {
    changed = `✏️ ${words.corrected(corrected.at)}`;
  }
  return { words, isRtl, title: words.digest(occasion, `${day} ${timeOfDay(at, zone)}`), blocks, changed };
}

function firstOf(blocks: DigestLayout["blocks"], count: number): DigestLayout["blocks"] {
  let left = count;
  return blocks.flatMap(({ head, lines }) => {
    const kept = lines.slice(0, Math.max(0, left));
    left -= lines.length;
    return kept.length > 0 ? [{ head, lines: kept }] : [];
  });
}

const isRightToLeft = ({ language, title }: Article): boolean =>
  readsRightToLeft(language, title.slice(0, headlineLimit));

const wordsOf = ({ language, title, summary }: Article): Words => wordsFor(language, `${title} ${summary ?? ""}`);

const isSame = (one: Article, other: Article): boolean =>
  one.sourceId === other.sourceId && one.url === other.url && one.title === other.title;

/** The one that comes most often, the first of several; undefined for none. */
function commonest<T>(all: T[]): T | undefined {
  const counts = new Map<T, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
