import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { formatMessage, renderTelegram, renderTelegramEdit } from "#bots/telegram/format";
import type { DigestMessage } from "#core/model";
import { direction } from "#core/text";
import { digestOf, inDigest } from "../digest.ts";
import { createHostile } from "./hostile.ts";
import { readMarkup } from "./markup.ts";

const linesOf = (message: DigestMessage): string[] => readMarkup(formatMessage(message).html).text.split("\n");

const cabinet = inDigest("Cabinet falls", { breaking: true });
const ferry = inDigest("Ferry late & full", { kicker: "Analysis" });
const council = inDigest("Council meets", { kicker: "politics" });

suite("a digest on Telegram", () => {
  test("has day and hour, topics as heads, and a line an article with its headline linked", () => {
    const message = digestOf(
      [
        { topic: "Politics", articles: [cabinet, council] },
        { topic: null, articles: [ferry] },
      ],
      { more: 12 },
    );
    const { method, payload } = renderTelegram(message, "5");
    assert.equal(method, "sendMessage");
    assert.deepEqual(payload.link_preview_options, { is_disabled: true });
    assert.equal(
      payload.text,
      [
        "<b>Your news, Tuesday 18:00</b>",
        "",
        "<b>Politics</b>",
        '🔴 <a href="https://news.example/cabinet-falls">Cabinet falls</a>',
        '• <a href="https://news.example/council-meets">Council meets</a>',
        "",
        "<b>Other news</b>",
        '• <i>Analysis</i> | <a href="https://news.example/ferry-late-%26-full">Ferry late &amp; full</a>',
        "",
        "And 12 more",
      ].join("\n"),
    );
  });

  test("without topics has no heads", () => {
    assert.deepEqual(linesOf(digestOf([{ topic: null, articles: [cabinet, ferry] }])), [
      "Your news, Tuesday 18:00",
      "",
      "🔴 Cabinet falls",
      "• Analysis | Ferry late & full",
    ]);
  });

  test("says why it comes, in the language that most of it is in and by the clock of its zone", () => {
    const languages = { en: "One", he: "אחת", ar: "واحد", ru: "Один" };
    const first = (language: keyof typeof languages, occasion: DigestMessage["occasion"], zone?: string) =>
      linesOf(
        digestOf(
          [
            {
              topic: null,
              articles: [inDigest(languages[language], { language }), inDigest("Un", { language: "fr" })],
            },
          ],
          { occasion, ...(zone ? { zone } : {}) },
        ),
      )[0];
    assert.equal(first("en", "quiet", "America/New_York"), "While you were away, Tuesday 11:00");
    assert.equal(first("en", "overflow"), "More news, Tuesday 18:00");
    assert.equal(first("he", "hour"), "עיקרי החדשות, יום שלישי 18:00");
    assert.equal(first("he", "quiet"), "מה קרה בינתיים, יום שלישי 18:00");
    assert.equal(first("he", "overflow", "Pacific/Kiritimati"), "עוד חדשות, יום רביעי 06:00");
    assert.equal(first("ar", "hour"), "أهم الأخبار، الثلاثاء 18:00");
    assert.equal(first("ru", "quiet"), "Пока вас не было, вторник 18:00");
  });

  test("keeps to one side, and a headline of the other direction to itself", () => {
    const hebrew = [
      inDigest("הממשלה אישרה את התקציב", { language: "he" }),
      inDigest("BBC: ראש הממשלה התפטר", { language: "he" }),
      inDigest("Ferry (late) again!", { kicker: "Harbour" }),
    ];
    const lines = linesOf(digestOf([{ topic: "IDF", articles: hebrew }], { more: 2 })).filter(Boolean);
    for (const line of lines) assert.ok(line.startsWith("\u200F") || direction(line) === "rtl", line);
    assert.deepEqual(lines, [
      "עיקרי החדשות, יום שלישי 18:00",
      "\u200FIDF",
      "• הממשלה אישרה את התקציב",
      "\u200F• BBC: ראש הממשלה התפטר",
      "\u200F• \u2066Harbour | Ferry (late) again!\u2069",
      "ועוד 2",
    ]);
    const english = [inDigest("One"), inDigest("Two"), inDigest("צה״ל נכנס.", { language: "he" })];
    assert.equal(linesOf(digestOf([{ topic: null, articles: english }])).at(-1), "\u200E• \u2067צה״ל נכנס.\u2069");
  });

  test("corrected is edited: the article is marked, and the last line says when", () => {
    const corrected = { at: "14:05", article: ferry, isWithdrawn: false };
    const message = digestOf([{ topic: null, articles: [cabinet, ferry] }], { corrected, more: 1 });
    const { method, payload } = renderTelegramEdit(message, "5", { messageId: "9", form: "text" });
    assert.equal(method, "editMessageText");
    assert.deepEqual(payload.link_preview_options, { is_disabled: true });
    assert.deepEqual(readMarkup(String(payload.text)).text.split("\n").slice(2), [
      "🔴 Cabinet falls",
      "• Analysis | Ferry late & full ✏️",
      "",
      "And 1 more",
      "✏️ Corrected 14:05",
    ]);
  });

  test("of which a story was withdrawn names it, also where none is left", () => {
    const corrected = { at: "14:05", article: ferry, isWithdrawn: true };
    const [title, , said, , last] = linesOf(
      digestOf([{ topic: "Politics", articles: [cabinet] }], { corrected }),
    ).filter((line, index) => line !== "Politics" || index < 0);
    assert.deepEqual(
      [title, said, last],
      ["Your news, Tuesday 18:00", "🔴 Cabinet falls", "✏️ Withdrawn 14:05: Ferry late & full"],
    );
    const story = inDigest("המעבורת איחרה", { language: "he" });
    assert.deepEqual(linesOf(digestOf([], { corrected: { ...corrected, article: story }, more: 3 })), [
      "עיקרי החדשות, יום שלישי 18:00",
      "",
      "✏️ הוסר ב־14:05: המעבורת איחרה",
    ]);
    const foreign = { ...corrected, article: inDigest("Ferry late!") };
    assert.equal(
      linesOf(digestOf([{ topic: null, articles: [story] }], { corrected: foreign })).at(-1),
      "✏️ הוסר ב־14:05: \u2066Ferry late!\u2069",
    );
  });

  test("obeys silence, and is the same in brief", () => {
    const message = digestOf([{ topic: null, articles: [ferry] }]);
    assert.equal(renderTelegram({ ...message, style: { silent: true } }, "5").payload.disable_notification, true);
    assert.deepEqual(renderTelegram({ ...message, style: { template: "brief" } }, "5"), renderTelegram(message, "5"));
  });

  test("leaves out whole articles, the last ones first, and counts them", () => {
    const articles = Array.from({ length: 90 }, (_, index) => inDigest(`${index} ${"👩‍👩‍👧‍👦 word ".repeat(12)}end`));
    const message = digestOf(
      [
        { topic: "A", articles: articles.slice(0, 45) },
        { topic: "B", articles: articles.slice(45) },
      ],
      {
        more: 7,
      },
    );
    const { text, links } = readMarkup(formatMessage(message).html);
    assert.ok(text.length <= 4_096 && text.length > 3_700, `${text.length}`);
    assert.deepEqual(
      links.map((link) => link.text),
      articles.slice(0, links.length).map(({ title }) => title),
    );
    assert.equal(text.split("\n").at(-1), `And ${97 - links.length} more`);
  });

  test("links no more than Telegram keeps, and only what it takes", () => {
    const short = Array.from({ length: 120 }, (_, index) => inDigest(`N${index}`, { kicker: "K" }));
    const { links, dressed } = readMarkup(formatMessage(digestOf([{ topic: null, articles: short }])).html);
    assert.ok(Object.values(dressed).flat().length <= 100 && links.length > 45, `${links.length}`);
    const address = `https://news.example/${"a".repeat(2_000)}`;
    const long = Array.from({ length: 30 }, (_, index) => inDigest(`N${index}`, { url: address }));
    const read = readMarkup(formatMessage(digestOf([{ topic: null, articles: long }])).html);
    assert.ok(read.links.length > 10 && read.text.endsWith(`And ${30 - read.links.length} more`));
    assert.deepEqual(
      readMarkup(formatMessage(digestOf([{ topic: null, articles: [inDigest("One", { url: "javascript:1" })] }])).html)
        .links,
      [],
    );
  });

  test("never holds half an article, whatever it says", () => {
    const next = createHostile(77, "digest");
    for (let round = 0; round < 300; round += 1) {
      const message = next();
      assert.ok(message.kind === "digest");
      const { text } = readMarkup(formatMessage(message).html);
      const lines = text.split("\n").filter((line) => /^[\u200E\u200F]?(•|🔴)/u.test(line));
      // Each line is one article's own, in their order, and its end is there.
      const alone = message.sections.flatMap(({ topic, articles }) =>
        articles.flatMap((article) =>
          linesOf({ ...message, more: 0, sections: [{ topic, articles: [article] }] }).filter((line) =>
            /^[\u200E\u200F]?(•|🔴) /u.test(line),
          ),
        ),
      );
      const endings = alone.map((line) => line.replace(/^.*?(•|🔴) /u, "").replace(/[\u2066-\u2069]| ✏️$/gu, ""));
      let at = 0;
      for (const line of lines) {
        const said = line.replace(/[\u2066-\u2069]| ✏️$/gu, "");
        while (at < endings.length && !said.endsWith(endings[at] ?? "")) at += 1;
        assert.ok(at < endings.length, JSON.stringify([line, endings]).slice(0, 800));
        at += 1;
      }
      const counted = /\d+/.exec(
        text.split("\n").findLast((line) => /\d+ (more|غيرها)|ועוד \d|И ещё \d|^و\d/.test(line)) ?? "",
      );
      if (lines.length < alone.length) assert.equal(Number(counted?.[0]), message.more + alone.length - lines.length);
    }
  });
});
