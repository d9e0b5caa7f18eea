import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { correctionOf } from "#bots/whatsapp/correction-text";
import { bareAddress } from "#bots/whatsapp/dress";
import { renderWhatsApp } from "#bots/whatsapp/format";
import type { DigestMessage } from "#core/model";
import { direction } from "#core/text";
import { parseMarks } from "#src/sandbox/whatsapp/marks";
import { digestOf, inDigest } from "../digest.ts";
import { createHostile } from "../telegram/hostile.ts";

const textOf = (message: DigestMessage): string => renderWhatsApp(message, "x").payload.content;
/** Without the mark that keeps a numbered line from becoming a list. */
const linesOf = (message: DigestMessage): string[] => textOf(message).replaceAll("\u2060", "").split("\n");

const cabinet = inDigest("Cabinet falls", { breaking: true });
const ferry = inDigest("Ferry *late* & full", { kicker: "Analysis", summary: "It was late. It was full." });
const hebrew = inDigest("צה״ל נכנס לעיר", { language: "he" });

suite("a digest on WhatsApp", () => {
  test("has day and hour, topics as heads, and numbered headlines, each with its link on the next line", () => {
    const message = digestOf(
      [
        { topic: "Politics", articles: [cabinet] },
        { topic: null, articles: [ferry, inDigest("No link", { url: null })] },
      ],
      { more: 12 },
    );
    assert.deepEqual(linesOf(message), [
      "*Your news, Tuesday 18:00*",
      "",
      "*Politics*",
      "1. 🔴 Cabinet falls",
      "https://news.example/cabinet-falls",
      "",
      "*Other news*",
      "2. _Analysis_ | Ferry ∗late∗ & full",
      "https://news.example/ferry-%2Alate%2A-%26-full",
      "",
      "3. No link",
      "",
      "And 12 more",
    ]);
    const { media, options } = renderWhatsApp(message, "x").payload;
    assert.deepEqual([media, options.linkPreview], [null, false]);
    assert.deepEqual(
      renderWhatsApp({ ...message, style: { template: "brief", silent: true } }, "x"),
      renderWhatsApp(message, "x"),
    );
  });

  test("keeps to one side, and a headline of the other direction to itself", () => {
    const articles = [hebrew, inDigest("BBC: ראש הממשלה התפטר", { language: "he" }), inDigest("Ferry (late) again!")];
    const lines = linesOf(digestOf([{ topic: "IDF", articles }], { occasion: "quiet", more: 2 }));
    assert.deepEqual(
      lines.filter((line) => !line.startsWith("https")),
      [
        "*מה קרה בינתיים, יום שלישי 18:00*",
        "",
        "*\u200FIDF*",
        "1. צה״ל נכנס לעיר",
        "",
        "\u200F2. BBC: ראש הממשלה התפטר",
        "",
        "\u200F3. \u2066Ferry (late) again!\u2069",
        "",
        "ועוד 2",
      ],
    );
    const english = linesOf(digestOf([{ topic: null, articles: [cabinet, ferry, hebrew] }]));
    assert.equal(english.at(-2), "\u200E3. \u2067צה״ל נכנס לעיר\u2069");
  });

  test("corrected says so where the article stands and at its end; withdrawn, which story is gone", () => {
    const corrected = { at: "14:05", article: cabinet, isWithdrawn: false };
    const lines = linesOf(digestOf([{ topic: null, articles: [cabinet, ferry] }], { corrected }));
    assert.deepEqual([lines[2], lines.at(-1)], ["1. 🔴 Cabinet falls ✏️", "✏️ Corrected 14:05"]);
    assert.deepEqual(linesOf(digestOf([], { corrected: { ...corrected, isWithdrawn: true }, more: 2 })), [
      "*Your news, Tuesday 18:00*",
      "",
      "✏️ Withdrawn 14:05: Cabinet falls",
    ]);
  });

  test("leaves out whole articles, the last ones first, and counts them", () => {
    const articles = Array.from({ length: 90 }, (_, index) => inDigest(`${index} ${"👩‍👩‍👧‍👦 word ".repeat(9)}end`));
    const lines = linesOf(digestOf([{ topic: null, articles }], { more: 7 }));
    const shown = lines.filter((line) => /^\d+\. /.test(line));
    assert.ok(textOf(digestOf([{ topic: null, articles }])).length > 10_000);
    assert.deepEqual(
      shown,
      articles.slice(0, shown.length).map(({ title }, index) => `${index + 1}. ${title}`),
    );
    assert.equal(lines.at(-1), `And ${97 - shown.length} more`);
  });

  test("has room for as many headlines as a digest ever holds", () => {
    const articles = Array.from({ length: 30 }, (_, index) =>
      inDigest(`${index} ${"word ".repeat(20)}`.trim(), { kicker: "A kicker of an ordinary length" }),
    );
    assert.equal(linesOf(digestOf([{ topic: null, articles }])).filter((line) => /^\d+\. /.test(line)).length, 30);
  });

  test("wears our dress only, keeps its length, and never holds half an article, whatever it says", () => {
    const next = createHostile(5, "digest");
    for (let round = 0; round < 300; round += 1) {
      const message = next();
      assert.ok(message.kind === "digest");
      const content = textOf(message);
      assert.ok(content.length <= 12_000 && content.isWellFormed());
      assert.doesNotMatch(content, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E]/);
      const lines = content.split("\n");
      const addresses = new Set(
        message.sections.flatMap(({ articles }) => articles.map(({ url }) => bareAddress(url))),
      );
      const numbers: number[] = [];
      for (const [index, line] of lines.entries()) {
        assert.doesNotMatch(line, /^([>*•-]|\d+[.)])\s/);
        if (addresses.has(line)) assert.deepEqual(parseMarks(line), [{ text: line, link: line }]);
        const number = /^[\u200E\u200F\u2060](\d+)\. /.exec(line)?.[1];
        const worn = parseMarks(line).filter((run) => run.bold || run.italic || run.strike || run.code);
        assert.ok(
          worn.every((run) => !run.strike && !run.code),
          JSON.stringify(line),
        );
        // Italics are a kicker's, bold is a head's.
        assert.ok(
          worn.every((run) => Boolean(run.italic) === (number !== undefined)),
          JSON.stringify(line),
        );
        if (number !== undefined) numbers.push(Number(number));
        else if (index > 0 && !line.includes("✏️") && /^https?:/.test(line))
          assert.match(lines[index - 1] ?? "", /\d+\. /);
      }
      assert.deepEqual(
        numbers,
        numbers.map((_, index) => index + 1),
      );
    }
  });
});

suite("what answers a message on WhatsApp that cannot be edited any more", () => {
  test("says what is right, short and with its link last", () => {
    const address = "https://news.example/ferry-%2Alate%2A-%26-full";
    assert.deepEqual(correctionOf({ kind: "article", article: ferry, correctedAt: "14:05" }), {
      text: `✏️ Corrected 14:05\n*Ferry ∗late∗ & full*\n\nIt was late. It was full.\n\n${address}`,
      address,
    });
    assert.equal(
      correctionOf({ kind: "article", article: ferry, correctedAt: "14:05", style: { template: "brief" } })?.text,
      `✏️ Corrected 14:05\n*Ferry ∗late∗ & full*\n${address}`,
    );
    const corrected = { at: "14:05", article: hebrew, isWithdrawn: false };
    const text = correctionOf(digestOf([], { corrected }))?.text ?? "";
    assert.ok(text.startsWith("✏️ תוקן ב־14:05\n*צה״ל נכנס לעיר*\n\nhttps://"), text);
    assert.equal(
      correctionOf(digestOf([], { corrected: { ...corrected, isWithdrawn: true } }))?.text,
      "✏️ הוסר ב־14:05: צה״ל נכנס לעיר",
    );
  });

  test("is there for corrections alone", () => {
    assert.equal(correctionOf({ kind: "article", article: ferry }), null);
    assert.equal(correctionOf(digestOf([{ topic: null, articles: [ferry] }])), null);
    assert.equal(correctionOf({ kind: "broadcast", spans: [{ text: "x" }], signature: null }), null);
  });

  test("fits and wears our dress, whatever it says", () => {
    const next = createHostile(9);
    for (let round = 0; round < 500; round += 1) {
      const correction = correctionOf(next());
      if (!correction) continue;
      const { text, address } = correction;
      assert.ok(text.length <= 4_096 && text.isWellFormed());
      for (const line of text.split("\n")) {
        assert.doesNotMatch(line, /^([>*•-]|\d+[.)])\s/);
        assert.ok(
          parseMarks(line).every((run) => !run.italic && !run.strike && !run.code),
          JSON.stringify(line),
        );
        if (line.startsWith("✏️")) assert.ok(direction(line) === "rtl" || !/^\u200F/.test(line));
      }
      if (address && !text.startsWith("✏️ Withdrawn") && text.includes("\n")) assert.ok(text.endsWith(`\n${address}`));
    }
  });
});
