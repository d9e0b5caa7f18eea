/** Languages whose month names are understood beside English. Where two mean different months by a word, the first has it. */
const languages =
  "en de fr es it pt nl pl hu ru uk el tr he ar ar-SY ar-DZ ar-MA sv da nb fi cs ro bg sk hr sl sr lt lv et ca gl eu id vi fa ka hy az kk be is".split(
    " ",
  );

/** As RFC 822 writes them, in lower case. */
export const englishMonths = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

let months: Map<string, number> | undefined;

/** Without accents, which capitals often lack. */
const bare = (word: string): string => word.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

/** The month, 1 to 12, that a date's words name, in any of many languages. */
export function monthIn(text: string): number | undefined {
  const words = (bare(text).match(/\p{L}{2,}/gu) ?? []) as string[];
  // RFC 822 writes them in three English letters: the names of all languages, which take a moment to make, are for other dates.
  const plain = words.find((word) => englishMonths.includes(word));
  if (plain) return englishMonths.indexOf(plain) + 1;
  months ??= monthNames();
  for (const [index, word] of words.entries()) {
    const pair = `${word} ${words[index + 1] ?? ""}`;
    const month = months.get(pair) ?? months.get(word) ?? months.get(word.replace(/^ב/, "")) ?? englishMonth(word);
    if (month) return month;
  }
  return undefined;
}

/** "Sept", "Janu" and the like: English months by their first three letters. */
function englishMonth(word: string): number | undefined {
  const at = englishMonths.indexOf(word.slice(0, 3));
  return at >= 0 && word.length <= 9 ? at + 1 : undefined;
}

/** Months by name, as Intl spells them: alone and beside a day, in full and short. The first language to claim a word has it. */
function monthNames(): Map<string, number> {
  const names = new Map<string, number>();
  for (const language of languages) {
    for (const style of ["long", "short"] as const) {
      for (const options of [{ month: style }, { month: style, day: "numeric" }] as const) {
        const format = new Intl.DateTimeFormat(`${language}-u-ca-gregory`, { ...options, timeZone: "UTC" });
        for (let month = 0; month < 12; month++) {
          const name = format.formatToParts(Date.UTC(2024, month, 1)).find((part) => part.type === "month")?.value;
          const word = bare(name ?? "").replace(/\.$/, "");
          if (word && !/\d/.test(word) && !names.has(word)) names.set(word, month + 1);
        }
      }
    }
  }
  return names;
}
