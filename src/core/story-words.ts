import { fold, plainLetters, unspaced, wordsIn } from "#core/words-in";

/** A word of a headline or a standfirst, as two tellings of a story are compared. */
export interface StoryWord {
  /** Folded. A number in digits, whether it was written in digits or in letters. */
  word: string;
  /** What it contributes: a number or a day tells one story of a series from the next, and "not" turns a story round. */
  kind: "plain" | "small" | "number" | "date" | "negation";
  /** It has a capital that does not come from its place in the sentence: a name, most likely. */
  isName: boolean;
}

const list = (words: string): string[] => fold(words).trim().split(/\s+/);

/** Words that carry no fact: half of them may change without a change of the story. */
const small = new Set(
  list(`
  a an the and or but of to in on at by for from with as is are was were be been has have had its it this that these those his her their he she they
  we our you your who which what when where how than then so into over after before about amid up out off will would may can could should says said say
  של את על אל עם זה זו זאת הוא היא הם הן כי אם או גם אך רק כל אשר לפי בין עד אחרי לפני כך יותר מאוד היה היתה הייתה היו יהיה תהיה אמר אמרה נמסר
  في من الي علي عن مع هذا هذه ذلك تلك التي الذي ان انه انها او ثم كما قد كان كانت بعد قبل بين حتي هو هي هم قال قالت وقال
  и в во на с со по из от до за к ко о об у а но или что как это этот эта эти он она они его ее их для при после был была было были же бы ли так также
  `),
);

/** What turns a statement round. */
const negations = new Set(
  list(
    `
  not no never nobody nothing without nor neither none לא אין בלי אינו אינה אינם טרם ללא ולא ואין שלא שאין
  لا لم لن ليس ليست دون غير بدون ولا ولم ولن وليس ودون не нет без ни никто никогда нельзя
  `,
  ),
);

/** Numbers in letters, by their digits. "One" is left out: it mostly stands for a person. */
const numerals = new Map<string, string>(
  Object.entries({
    2: "two second שניים שתיים שני שתי שנייה اثنان اثنين اثنتان ثاني الثاني الثانيه два две двух двое второй вторая второе",
    3: "three third שלושה שלוש שלושת שלישי שלישית ثلاثه ثلاث ثالث الثالث الثالثه три трех трое третий третья",
    4: "four fourth ארבעה ארבע ארבעת רביעי רביעית اربعه اربع رابع الرابع الرابعه четыре четырех четверо четвертый",
    5: "five fifth חמישה חמש חמשת חמישי חמישית خمسه خمس خامس الخامس الخامسه пять пяти пятеро пятый",
    6: "six sixth שישה שש ששת שישי שישית سته ست سادس السادس السادسه шесть шести шестой",
    7: "seven seventh שבעה שבע שבעת שביעי שביעית سبعه سبع سابع السابع السابعه семь семи седьмой",
    8: "eight eighth שמונה שמונת שמיני שמינית ثمانيه ثماني ثامن الثامن الثامنه восемь восьми восьмой",
    9: "nine ninth תשעה תשע תשעת תשיעי תשיעית تسعه تسع تاسع التاسع التاسعه девять девяти девятый",
    10: "ten tenth עשרה עשר עשרת עשירי עשירית عشره عشر عاشر العاشر العاشره десять десяти десятый",
    11: "eleven eleventh одиннадцать",
    12: "twelve twelfth dozen תריסר двенадцать",
    13: "thirteen тринадцать",
    14: "fourteen четырнадцать",
    15: "fifteen пятнадцать",
    16: "sixteen шестнадцать",
    17: "seventeen семнадцать",
    18: "eighteen восемнадцать",
    19: "nineteen девятнадцать",
    20: "twenty עשרים عشرون عشرين двадцать",
    30: "thirty שלושים ثلاثون ثلاثين тридцать",
    40: "forty ארבעים اربعون اربعين сорок",
    50: "fifty חמישים خمسون خمسين пятьдесят",
    60: "sixty שישים ستون ستين шестьдесят",
    70: "seventy שבעים سبعون سبعين семьдесят",
    80: "eighty שמונים ثمانون ثمانين восемьдесят",
    90: "ninety תשעים تسعون تسعين девяносто",
    100: "hundred hundreds מאה מאות مئه مئات مائه сто сотни",
    1000: "thousand thousands אלף אלפים אלפי الف الاف тысяча тысячи тысяч тыс",
    1000000: "million millions mn מיליון מיליוני مليون ملايين миллион миллиона миллионов млн",
    1000000000: "billion billions bn מיליארד מיליארדי مليار مليارات миллиард миллиарда миллиардов млрд",
    1: "first ראשון ראשונה الاول الاولي اول первый первая первое первого",
  }).flatMap(([digits, words]) => list(words).map((word) => [word, digits] as const)),
);

/** Days and months; by their first letters where they are inflected. */
const dates = new Set(
  list(`
  monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november december
  today tomorrow yesterday tonight weekend morning evening winter spring summer autumn
  שבת היום מחר אתמול הלילה הבוקר הערב ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
  الاحد الاثنين الثلاثاء الاربعاء الخميس الجمعه السبت اليوم غدا امس يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر
  сегодня завтра вчера
  `),
);
const inflectedDates =
  /^(?:понедельн|вторник|сред[ауы]$|четверг|пятниц|суббот|воскресен|январ|феврал|март[ае]?$|апрел|ма[йя]$|июн|июл|август|сентябр|октябр|ноябр|декабр)/;

/** What a desk puts before a headline to hurry readers, and what it adds of the form: no part of the story. */
const kickers =
  "breaking(?: news)?|live|watch|video|listen|updated?|exclusive|just in|alert|developing|urgent|report|" +
  "מבזק(?: חדשות)?|דחוף|בלעדי|עדכון|עודכן|צפו|תיעוד|שידור חי|לייב|וידאו|דיווח|" +
  "عاجل|خاص|حصري|حصريا|شاهد|فيديو|بالفيديو|مباشر|تحديث|" +
  "срочно|молния|видео|эксклюзив|обновлено|обновляется|смотрите|прямая трансляция";
const kickerBefore = new RegExp(`^\\P{L}{0,6}(?:${kickers})\\s*(?:[:|!.\\])]|\\p{Pd}(?=\\s))[\\s:|!.\\])]*`, "iu");
const kickerBehind = new RegExp(`\\s*[|([\\p{Pd}]+\\s*(?:${kickers})\\s*[)\\]]?\\s*$`, "iu");

/** Headlines that come again each day with new contents. */
const series = new RegExp(
  "(?<!\\p{L})(?:horoscopes?|weather|forecast|crossword|sudoku|quiz|podcast|newsletter|briefing|bulletin|lottery|exchange rates?|live ?blog|live updates|as it happened|" +
    "in pictures|photos? of the (?:day|week)|picture of the day|tv guide|what to watch|daily|weekly|column|recipes?|today in history|on this day|obituar(?:y|ies)|letters to the editor|headlines|good morning|need to know|" +
    "הורוסקופ|תחזית|מזג האוויר|תשבץ|סודוקו|חידון|פודקאסט|ניוזלטר|מבט יומי|לוטו|שערי? (?:ה)?(?:מטבע|מטבעות|דולר)|תמונת היום|היומית?|השבועית?|הטור|מתכון|הכותרות|צריך לדעת|היום בהיסטוריה|" +
    "الابراج|برجك|الطقس|حاله الطقس|بودكاست|نشره|النشره|اسعار الصرف|اسعار العملات|صوره اليوم|اليومي|اليوميه|الاسبوعي|الاسبوعيه|وصفه|ابرز العناوين|صباح الخير|حدث في مثل هذا اليوم|" +
    "гороскоп|прогноз|погода|кроссворд|судоку|викторина|подкаст|рассылка|дайджест|курсы? валют|лотере[яи]|фото дня|картина дня|онлайн|хроника|итоги дня|главное за|нужно знать|доброе утро|рецепт|колонка|в этот день)(?!\\p{L})",
  "u",
);

/** Whether a folded headline belongs to a series. */
export const isSeries = (folded: string): boolean => series.test(folded);

/** A headline in plain letters, without what a desk puts around it. */
export function bareHeadline(title: string): string {
  const plain = plainLetters(title.slice(0, 400));
  const bare = plain.replace(kickerBefore, "").replace(kickerBehind, "");
  return bare.trim() === "" ? plain : bare;
}

/** Stems of the words that may say something: a quick look at what two texts share. Null in a script without spaces. */
export function gistOf(text: string): Set<string> | null {
  if (unspaced.test(text)) return null;
  const gist = new Set<string>();
  for (const word of wordsIn(text)) if (word.length > 2 && !small.has(word)) gist.add(stem(word));
  return gist;
}

/** A word without what Hebrew and Arabic write in front of it, cut before most inflections. */
export function stem(word: string, length = 5): string {
  let bare = word;
  const first = word.charCodeAt(0);
  if (first >= 0x5d0 && first <= 0x5ea) {
    while (bare.length > 3 && "הובלמשכ".includes(bare.charAt(0))) bare = bare.slice(1);
  } else if (first >= 0x621 && first <= 0x64a && word.length > 4) {
    bare = word.replace(/^[وف]?(?:[بك]?ال|لل)(?=...)/, "");
  }
  return bare.slice(0, length);
}

/** The words in their order, at most `most` of them. */
export function storyWords(text: string, most: number): StoryWord[] {
  const words: StoryWord[] = [];
  const plain = joined(plainLetters(text.slice(0, most * 24)));
  let end = 0;
  let capitals = 0;
  let cased = 0;
  for (const match of segments(plain)) {
    if (words.length >= most) break;
    const word = match.text.toLowerCase();
    const isCapital = word !== match.text;
    const between = plain.slice(end, match.at);
    const isFirst = end === 0 || /[.!?:;"“”«»]/.test(between);
    end = match.at + match.text.length;
    const numeral = numerals.get(word);
    const kind = negations.has(word)
      ? "negation"
      : /^\p{N}/u.test(word) || numeral !== undefined || isMark(plain, match.at, word)
        ? "number"
        : dates.has(word) || inflectedDates.test(word)
          ? "date"
          : small.has(word) || word.length === 1
            ? "small"
            : "plain";
    if (kind === "plain") {
      cased++;
      if (isCapital) capitals++;
    }
    const before = words.at(-1);
    // "20 thousand" is 20,000.
    if (numeral !== undefined && Number(numeral) >= 100 && before?.kind === "number" && !/\p{P}/u.test(between)) {
      before.word = String(Number(before.word) * Number(numeral));
    } else words.push({ word: numeral ?? word, kind, isName: isCapital && !isFirst && kind === "plain" });
  }
  // In title case and in capitals, a capital says nothing.
  if (capitals * 2 > cased) for (const word of words) word.isName = false;
  return words;
}

/** A letter that stands alone is a mark like a number (group A, vitamin C), where it is no initial and no word. */
const isMark = (text: string, at: number, word: string): boolean =>
  word.length === 1 && /[a-zа-я]/.test(word) && !small.has(word) && !/[.'’]/.test(`${text[at - 1]}${text[at + 1]}`);

/** One number in one piece, "U.S." as "US", "won't" as its two words, no possessive. */
const joined = (text: string): string =>
  text
    .replace(/(?<!\d)(\d{1,3})(?:[,'\s](\d{3}))(?:[,'\s](\d{3}))?(?!\d)/g, "$1$2$3")
    .replace(/(?<!\p{L})(?:\p{L}\.){2,8}/gu, (initials) => `${initials.replaceAll(".", "")} `)
    .replace(/n['’]t(?!\p{L})/gu, " not")
    .replace(/\bcannot\b/gi, "can not")
    .replace(/['’]s(?!\p{L})/gu, "");

const wordPattern = /\p{N}+|[\p{L}\p{M}]+/gu;
let segmenter: Intl.Segmenter | undefined;

function segments(text: string): { text: string; at: number }[] {
  if (!unspaced.test(text))
    return [...text.matchAll(wordPattern)].map((match) => ({ text: match[0], at: match.index }));
  return [...(segmenter ??= new Intl.Segmenter(undefined, { granularity: "word" })).segment(text)]
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment, index }) => ({ text: segment, at: index }));
}
