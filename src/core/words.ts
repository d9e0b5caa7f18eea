import { primaryLanguage } from "#core/language";
import type { DigestMessage } from "#core/model";

type Occasion = DigestMessage["occasion"];

/** The few words that Crier adds to a newsroom's own, in the article's language. */
export interface Words {
  /** What says the days of the week as these words would. */
  locale: string;
  breaking: string;
  readOn(source: string): string;
  corrected(time: string): string;
  /** A story that a digest held was taken back. */
  withdrawn(time: string, headline: string): string;
  /** A digest's first line. `moment`: "Tuesday 18:00". */
  digest(occasion: Occasion, moment: string): string;
  /** Over articles under no topic that follow those under one. */
  others: string;
  /** Articles that a digest had no room for. */
  more(count: number): string;
}

const english: Words = {
  locale: "en-GB",
  breaking: "Breaking",
  readOn: (source) => `Read on ${source}`,
  corrected: (time) => `Corrected ${time}`,
  withdrawn: (time, headline) => `Withdrawn ${time}: ${headline}`,
  digest: (occasion, moment) =>
    `${{ hour: "Your news", quiet: "While you were away", overflow: "More news" }[occasion]}, ${moment}`,
  others: "Other news",
  more: (count) => `And ${count} more`,
};

const byLanguage: Record<string, Words> = {
  en: english,
  he: {
    locale: "he",
    breaking: "מבזק",
    readOn: (source) => `להמשך קריאה ב־${source}`,
    corrected: (time) => `תוקן ב־${time}`,
    withdrawn: (time, headline) => `הוסר ב־${time}: ${headline}`,
    digest: (occasion, moment) =>
      `${{ hour: "עיקרי החדשות", quiet: "מה קרה בינתיים", overflow: "עוד חדשות" }[occasion]}, ${moment}`,
    others: "חדשות נוספות",
    more: (count) => `ועוד ${count}`,
  },
  ar: {
    locale: "ar",
    breaking: "عاجل",
    readOn: (source) => `تابع القراءة على ${source}`,
    corrected: (time) => `صُحّح ${time}`,
    withdrawn: (time, headline) => `سُحب ${time}: ${headline}`,
    digest: (occasion, moment) =>
      `${{ hour: "أهم الأخبار", quiet: "ما فاتكم", overflow: "مزيد من الأخبار" }[occasion]}، ${moment}`,
    others: "أخبار أخرى",
    more: (count) => `و${count} غيرها`,
  },
  ru: {
    locale: "ru",
    breaking: "Срочно",
    readOn: (source) => `Читать на ${source}`,
    corrected: (time) => `Исправлено ${time}`,
    withdrawn: (time, headline) => `Отозвано ${time}: ${headline}`,
    digest: (occasion, moment) =>
      `${{ hour: "Главные новости", quiet: "Пока вас не было", overflow: "Ещё новости" }[occasion]}, ${moment}`,
    others: "Другие новости",
    more: (count) => `И ещё ${count}`,
  },
};

/** Words for a BCP 47 tag; where there is none, by the script of `sample`; else English. */
export function wordsFor(language: string | null, sample: string): Words {
  const primary = primaryLanguage(language);
  const named = byLanguage[primary];
  if (named) return named;
  if (primary) return english;
  if (/\p{Script=Hebrew}/u.test(sample)) return byLanguage.he ?? english;
  if (/\p{Script=Arabic}/u.test(sample)) return byLanguage.ar ?? english;
  return english;
}
