import { primaryLanguage } from "#core/language";

/** The few words that Crier adds to a newsroom's own, in the article's language. */
export interface Words {
  breaking: string;
  readOn(source: string): string;
  corrected(time: string): string;
}

const english: Words = {
  breaking: "Breaking",
  readOn: (source) => `Read on ${source}`,
  corrected: (time) => `Corrected ${time}`,
};

const byLanguage: Record<string, Words> = {
  en: english,
  he: {
    breaking: "מבזק",
    readOn: (source) => `להמשך קריאה ב־${source}`,
    corrected: (time) => `תוקן ב־${time}`,
  },
  ar: {
    breaking: "عاجل",
    readOn: (source) => `تابع القراءة على ${source}`,
    corrected: (time) => `صُحّح ${time}`,
  },
  ru: {
    breaking: "Срочно",
    readOn: (source) => `Читать на ${source}`,
    corrected: (time) => `Исправлено ${time}`,
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
