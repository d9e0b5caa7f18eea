import assert from "node:assert/strict";
import { describe, it } from "node:test";
import iconv from "iconv-lite";
import { parseFeed } from "#content/feed/parse";
import { decode } from "#content/shared/charset";
import { workedMs } from "#tests/fakes/cpu";

const feed = (title: string, summary: string, encoding?: string): string =>
  `<?xml version="1.0"${encoding ? ` encoding="${encoding}"` : ""}?><rss version="2.0"><channel><title>${title}</title><item><title>${title}</title><link>https://quay.example/1</link><description>${summary}</description></item></channel></rss>`;

function check(bytes: Uint8Array, title: string, summary: string, contentType: string | null = null): void {
  const [article] = parseFeed(bytes, { url: "https://quay.example/feed", contentType }).articles;
  assert.equal(article?.title, title);
  assert.equal(article?.summary, summary);
}

describe("the newsroom's own encoding", () => {
  const texts: [encoding: string, title: string, summary: string][] = [
    ["windows-1255", "הסירה שבה אל הנמל עם שחר", "הדייגים סיפרו על לילה ארוך בים."],
    ["windows-1251", "Лодка вернулась в порт на рассвете", "Рыбаки рассказали о долгой ночи в море."],
    ["koi8-r", "Лодка вернулась в порт на рассвете", "Рыбаки рассказали о долгой ночи в море."],
    ["windows-1256", "عاد القارب إلى الميناء عند الفجر", "تحدث الصيادون عن ليلة طويلة في البحر."],
    ["windows-1253", "Η βάρκα γύρισε στο λιμάνι την αυγή", "Οι ψαράδες μίλησαν για τη μεγάλη νύχτα."],
    ["windows-1252", "Le bateau est rentré à l’aube", "Les pêcheurs ont raconté une longue nuit en mer."],
    ["shift_jis", "船は夜明けに港へ戻りました", "漁師たちは海での長い夜について話しました。"],
    ["euc-jp", "船は夜明けに港へ戻りました", "漁師たちは海での長い夜について話しました。"],
    ["gb2312", "渔船在黎明时回到了港口", "渔民们说起了海上的长夜。"],
    ["big5", "漁船在黎明時回到了港口", "漁民們說起了海上的長夜。"],
    ["euc-kr", "배가 새벽에 항구로 돌아왔다", "어부들은 바다에서의 긴 밤에 대해 이야기했다."],
  ];
  for (const [encoding, title, summary] of texts) {
    it(`is read when it is declared: ${encoding}`, () =>
      check(iconv.encode(feed(title, summary, encoding), encoding), title, summary));
    it(`is read when only HTTP names it: ${encoding}`, () =>
      check(iconv.encode(feed(title, summary), encoding), title, summary, `text/xml; charset="${encoding}"`));
    it(`is told from its bytes when nobody names it: ${encoding}`, () =>
      check(iconv.encode(feed(title, summary), encoding), title, summary));
    it(`does not matter where the bytes are UTF-8: ${encoding}`, () =>
      check(Buffer.from(feed(title, summary, encoding)), title, summary, `text/xml; charset=${encoding}`));
  }

  const [, hebrew = "", words = ""] = texts[0] ?? [];
  it("is read in logical order from ISO-8859-8-I", () =>
    check(iconv.encode(feed(hebrew, words, "ISO-8859-8-I"), "iso-8859-8"), hebrew, words));
  it("is not UTF-16 only because the document says so", () =>
    check(iconv.encode(feed(hebrew, words, "utf-16"), "windows-1255"), hebrew, words));
  it("is not looked for without end in a header", () => {
    const started = workedMs();
    decode(Buffer.from([0x3c, 0x80]), `text/xml; charset=${" ".repeat(200_000)};`);
    assert.ok(workedMs() - started < 10_000);
  });
  it("keeps marks of direction", () => {
    const marked = "\u200fהמעבורת \u2067Ferry 7\u2069 שבה";
    check(Buffer.from(feed(marked, words)), marked, words);
  });
});
