import { fold } from "#core/words-in";

/** By day, from Sunday, in English, Hebrew, Arabic and Russian; the Russian ones without their endings. */
const names: readonly (readonly string[])[] = [
  ["sunday", "ראשון", "الأحد", "воскресен"],
  ["monday", "שני", "الاثنين", "понедельник"],
  ["tuesday", "שלישי", "الثلاثاء", "вторник"],
  ["wednesday", "רביעי", "الأربعاء", "сред"],
  ["thursday", "חמישי", "الخميس", "четверг"],
  ["friday", "שישי", "الجمعة", "пятниц"],
  ["saturday", "shabbat", "sabbath", "שבת", "السبت", "суббот"],
].map((inLanguages) => inLanguages.map(fold));

/** 0 for Sunday; null for what is no day of the week. English ones may be cut short, and a Hebrew one stand behind "in", "on" or "and". */
export function weekdayIn(word: string): number | null {
  const day = names.findIndex((inLanguages) => inLanguages.some((name) => isNamed(word, name)));
  return day === -1 ? null : day;
}

function isNamed(word: string, name: string): boolean {
  if (/^[a-z]/.test(name)) return word.length >= 3 && `${name}s`.startsWith(word);
  if (/^[а-я]/.test(name)) return word.startsWith(name);
  return word.replace(/^[ובה]{1,2}(?=[א-ת]{2})/, "") === name || word === name;
}
