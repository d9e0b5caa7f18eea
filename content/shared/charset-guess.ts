/** Telling the encoding of bytes that nobody named, by how much the text that comes out looks like one that people write. */

/** The letters that make up most of a text, so that one alphabet is not taken for another. */
const commonLetters = new Set("оеаинтсрвлкмдпיוהלארתבשמנםןاليمونرتبهةدعسαοιετσνηυρπκςานรอกเงมยลวดทส่้ีัแ");
const commonCharacters = new Set(
  "的一是不了人在有我他这这這中大来來上个個国國到说說们們为為子和你地出道也时時年得就那要下以生会會自着之去过過家学學对對可她里後后小么麼多天而能好都然没日于於起还還发發成事只作当當想看文无開开手十用主行方又如前所本见見经經头頭面公同三已老从從动動两兩长長知民样樣现現分将將外但身些与與高意进進把法此实實回二理美点點月明其种種声全工己话話者向情部正名定女问問力机機给給等几很业業最间間新什打便位因重被走电電四第门門相次东東政海口使教西再平真听聽世气氣信北少关關并內内加化由代军軍产產入先山五水万萬市体體别別总總场場师師书書比住员員目报報马馬命活神数數件安表原车車路期叫死常提感金何更反合放做系计計司利受光王果界及京务務制解各任至清物台记記边邊共风風战戰接它许許特觉覺望直服毛林题題建南度统統色字请請交爱愛让讓认認算论論百义義科元社会影图圖翻译譯系统網网页",
);
const commonSyllables = new Set(
  "이다의에는을가고하지로은한기사도를인리어시대자일서들나부정해수만상보제동그전아여원장안있국공경과으선미연주세요위조구성민년음비관라유개게생강방재신치발법원당회물시청통행중장차스용면거소내무",
);

/** Both of a pair are told apart by their common letters; the first of equals is taken. */
const candidates = [
  "windows-1252",
  "windows-1255",
  "windows-1251",
  "koi8-r",
  "windows-1256",
  "windows-1253",
  "windows-874",
  "shift_jis",
  "euc-jp",
  "gbk",
  "big5",
  "euc-kr",
];

/** What is looked at: some of a document says enough of all of it. */
const sampleLength = 16 * 1024;

/** A label that TextDecoder knows, for bytes that are not UTF-8. */
export function guessEncoding(bytes: Uint8Array): string {
  const start = Math.max(0, bytes.findIndex((byte) => byte >= 0x80) - 1);
  const sample = bytes.subarray(start, start + sampleLength);
  let best = { label: "windows-1252", score: Number.NEGATIVE_INFINITY };
  for (const label of candidates) {
    const score = likeness(new TextDecoder(label).decode(sample), /jis|jp/.test(label));
    if (score > best.score) best = { label, score };
  }
  return best.label;
}

/** How much a text looks like one, for each byte that was not ASCII. */
function likeness(text: string, isJapanese: boolean): number {
  let score = 0;
  let before = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Other encodings have kana too, where no text has them.
    if (code >= 0x3040 && code <= 0x30ff) score += isJapanese ? 2 : 0.5;
    else if (code >= 0x80) score += worth(text.charAt(at), code, before, text.charCodeAt(at + 1) || 0);
    before = code;
  }
  return score;
}

const isLatin = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
const isLower = (code: number): boolean => (code >= 0x430 && code <= 0x45f) || (code >= 0x3ac && code <= 0x3ce);
const isUpper = (code: number): boolean => (code >= 0x400 && code <= 0x42f) || (code >= 0x391 && code <= 0x3ab);
/** Vowels over and under a consonant; two in a row are rare. */
const isThaiSign = (code: number): boolean => code === 0xe31 || (code >= 0xe34 && code <= 0xe3a);
const isLetterOfOne = (code: number): boolean => (code >= 0x370 && code <= 0x6ff) || (code >= 0xe01 && code <= 0xe5b);

/** What one character speaks for its encoding: a byte's worth is about one, two bytes' worth about two. */
function worth(character: string, code: number, before: number, after: number): number {
  if (code === 0xfffd || code < 0xa0) return -4;
  if (code >= 0xff61 && code <= 0xff9f) return -0.5;
  if (code >= 0x4e00 && code <= 0x9fff) return commonCharacters.has(character) ? 2.2 : 0.8;
  if (code >= 0xac00 && code <= 0xd7a3) return commonSyllables.has(character) ? 2.2 : 1;
  if (isLetterOfOne(code)) {
    // Alphabets do not mix within a word, and capitals begin one.
    if (isLatin(before) || (isUpper(code) && isLower(before))) return -1;
    if (isThaiSign(code) && (before < 0xe01 || isThaiSign(before))) return -0.5;
    return commonLetters.has(character) ? 1.2 : isUpper(code) || code >= 0xe01 ? 0.3 : 0.6;
  }
  if (code >= 0xc0 && code <= 0x24f) {
    if (isLatin(before) || isLatin(after)) return 1;
    return before >= 0xc0 || after >= 0xc0 ? -0.5 : 0.5;
  }
  // Typographic marks, in one byte or two.
  return (code >= 0x2010 && code <= 0x203a) || code === 0x20ac || (code >= 0x3000 && code <= 0x3011) || code < 0xc0
    ? 0.3
    : -0.5;
}
