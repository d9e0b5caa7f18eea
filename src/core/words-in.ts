/** Text as it is compared: what is typed one way here and another way there comes out the same. */

/** Points and accents that a writer may leave out: Latin, Greek and Cyrillic accents, niqqud and te'amim, tashkeel, and the lengthening stroke. */
const optionalMarks =
  /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]/g;
/** Letters that are typed for one another. Й is a letter of its own, although Unicode takes it apart. */
const variants: Readonly<Record<string, string>> = {
  "и\u0306": "й",
  "И\u0306": "Й",
  ٱ: "ا",
  ى: "ي",
  ی: "ي",
  ک: "ك",
  ة: "ه",
  ı: "i",
};
const variantLetters = /[иИ]\u0306|[ٱىیکةı]/g;
/** Geresh and gershayim with all that is typed for them, within a Hebrew word: צה״ל, ג׳ורג׳. */
const hebrewQuotes = /(?<=[א-ת])(?:["״“”„]|'')(?=[א-ת])|(?<=[א-ת])['׳’‘]/g;
const foreignDigits = /[٠-٩۰-۹]/g;

/** A text in plain letters: without accents, vowel marks and marks of direction, one form of each letter and digit. Case stays. */
export function plainLetters(text: string): string {
  if (isAscii(text)) return text;
  return text
    .normalize("NFKD")
    .replace(variantLetters, (letter) => variants[letter] ?? letter)
    .replace(optionalMarks, "")
    .replace(/\p{Cf}/gu, "")
    .replace(hebrewQuotes, "")
    .replace(foreignDigits, (digit) => String(digit.charCodeAt(0) & 15))
    .normalize("NFC");
}

/** A text in plain letters of one case. */
export const fold = (text: string): string => plainLetters(text).toLowerCase();

/** Runs of letters and digits of a folded text, in their order. Scripts that put no spaces between words come in one run. */
export const wordsIn = (text: string): string[] => fold(text).match(/[\p{L}\p{M}\p{N}_]+/gu) ?? [];

/** Written onto the word that follows, alone or in a row: and, the, in, to, from, that, as. */
const hebrewParticles = /^ו?(?:כש|מש|לכש|ש)?(?:[הבלמכ]|מה)?$/;
/** The article with what stands before it; and "and, so, in, to, as" alone. */
const arabicParticles = /^(?:[وف]?(?:[بك]?ال|لل?|[بك])|[وف])$/;

/**
 * True when `particles` are what Hebrew and Arabic write onto the front of `word`. One Hebrew letter goes before any word;
 * more of them, and Arabic's, before words of three letters and more: with shorter ones the whole is too often another word.
 */
export function joins(particles: string, word: string): boolean {
  if (particles.length > 4) return false;
  const first = word.charCodeAt(0);
  if (first >= 0x5d0 && first <= 0x5ea) {
    return particles.length === 1 ? "הובלמשכ".includes(particles) : word.length > 2 && hebrewParticles.test(particles);
  }
  return first >= 0x621 && first <= 0x64a && word.length > 2 && arabicParticles.test(particles);
}

/** Scripts whose writers put no space between words. */
export const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false;
  return true;
}
