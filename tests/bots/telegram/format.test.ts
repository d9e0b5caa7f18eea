import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { formatMessage, renderTelegram, renderTelegramEdit } from "#bots/telegram/format";
import type { Article, Message, Span, Style } from "#core/model";
import { direction } from "#core/text";
import { createHostile } from "./hostile.ts";
import { readMarkup } from "./markup.ts";

const article: Article = {
  sourceId: "1",
  url: "https://news.example/a?b=1&c=2",
  title: "Cabinet approves the budget",
  kicker: "Politics",
  summary: "The cabinet approved the budget. It was late.",
  text: null,
  image: null,
  authors: [],
  source: "JFeed",
  topics: [],
  language: "en",
  publishedAt: null,
  updatedAt: null,
  breaking: false,
};
const of = (change: Partial<Article>, correctedAt?: string, style?: Style): Message => ({
  kind: "article",
  article: { ...article, ...change },
  ...(correctedAt ? { correctedAt } : {}),
  ...(style ? { style } : {}),
});
const brief: Style = { template: "brief" };
const linesOf = (message: Message): string[] => readMarkup(formatMessage(message).html).text.split("\n");

suite("an article on Telegram", () => {
  test("stands in the order that readers know", () => {
    const message = of({ breaking: true, topics: ["Politics", "Economy"] }, "14:05");
    assert.equal(
      formatMessage(message).html,
      [
        "🔴 Breaking",
        "<i>Politics</i>",
        "<b>Cabinet approves the budget</b>",
        "",
        "The cabinet approved the budget. It was late.",
        "",
        '<a href="https://news.example/a?b=1&amp;c=2">Read on JFeed</a>',
        "#Politics #Economy",
        "✏️ Corrected 14:05",
      ].join("\n"),
    );
  });

  test("with a picture is a photo with a caption under it", () => {
    const { method, payload } = renderTelegram(of({ image: "https://news.example/p.jpg" }), "-1001234567890");
    assert.equal(method, "sendPhoto");
    assert.equal(payload.chat_id, -1001234567890);
    assert.equal(payload.photo, "https://news.example/p.jpg");
    assert.equal(payload.parse_mode, "HTML");
    assert.equal(payload.show_caption_above_media, false);
    assert.match(String(payload.caption), /<b>Cabinet approves the budget<\/b>/);
  });

  test("without a picture has a large preview above it", () => {
    const { method, payload } = renderTelegram(of({}), "@news");
    assert.equal(method, "sendMessage");
    assert.equal(payload.chat_id, "@news");
    assert.deepEqual(payload.link_preview_options, {
      url: article.url,
      prefer_large_media: true,
      show_above_text: true,
    });
  });

  test("goes into a forum's topic", () => {
    const { payload } = renderTelegram(of({}), "-1001:7");
    assert.equal(payload.chat_id, -1001);
    assert.equal(payload.message_thread_id, 7);
  });

  test("without link, kicker and summary is its headline", () => {
    const { payload } = renderTelegram(of({ url: null, kicker: null, summary: null }), "5");
    assert.equal(payload.text, "<b>Cabinet approves the budget</b>");
    assert.deepEqual(payload.link_preview_options, { is_disabled: true });
  });

  test("links and pictures that are no web addresses are left out", () => {
    for (const bad of [
      "javascript:alert(1)",
      "tg://resolve?domain=x",
      "no address",
      "",
      `https://x.example/${"a".repeat(3000)}`,
    ]) {
      const { method, payload } = renderTelegram(of({ url: bad, image: bad }), "5");
      assert.equal(method, "sendMessage");
      assert.deepEqual(readMarkup(String(payload.text)).links, []);
    }
  });

  test("in brief is headline and link, without preview, picture, summary and topics", () => {
    const message = of({ breaking: true, image: "https://news.example/p.jpg", topics: ["Politics"] }, "14:05", brief);
    const { method, payload } = renderTelegram(message, "5");
    assert.equal(method, "sendMessage");
    assert.deepEqual(payload.link_preview_options, { is_disabled: true });
    assert.equal(
      payload.text,
      [
        "🔴 Breaking",
        "<i>Politics</i>",
        "<b>Cabinet approves the budget</b>",
        '<a href="https://news.example/a?b=1&amp;c=2">Read on JFeed</a>',
        "✏️ Corrected 14:05",
      ].join("\n"),
    );
  });

  test("in brief keeps a kicker of forty characters, and no longer one", () => {
    for (const [length, isKept] of [
      [40, true],
      [41, false],
    ] as const) {
      const kicker = "ק".repeat(length);
      const lines = linesOf(of({ kicker, title: "הממשלה אישרה את התקציב", language: "he" }, undefined, brief));
      assert.equal(lines[0] === kicker, isKept, lines.join(" / "));
    }
  });

  test("in brief reads from the right where its article does", () => {
    const change = { title: "BBC: הממשלה אישרה את התקציב", kicker: "Politics", language: "he" };
    const [kicker = "", title = "", link = ""] = linesOf(of(change, undefined, brief));
    assert.ok(kicker.startsWith("\u200F") && title.startsWith("\u200F"), `${kicker} / ${title}`);
    assert.equal(direction(link), "rtl");
  });

  test("a summary is whole sentences of 300 characters at most", () => {
    const summary = `${"A sentence of some length stands here. ".repeat(20)}`;
    const said = linesOf(of({ summary }))[3] ?? "";
    assert.ok(said.length <= 300 && said.length > 200, `${said.length}`);
    assert.match(said, /here\.$/);
  });

  test("in a caption the summary gives way before the headline does", () => {
    const title = "word ".repeat(180).trim();
    const lines = linesOf(of({ title, image: "https://news.example/p.jpg", summary: "A sentence. ".repeat(25) }));
    assert.equal(lines[1], title);
    const huge = readMarkup(
      formatMessage(of({ title: "word ".repeat(2000), image: "https://news.example/p.jpg" })).html,
    );
    assert.ok(huge.text.length <= 1024 && huge.text.length > 1000, `${huge.text.length}`);
    assert.match(huge.text, /word…\n/);
  });

  test("hashtags are three at most, of letters of any script, never of digits alone", () => {
    const topics = ["2024", "צה״ל", "Arts & Culture", "arts-culture", "COVID-19", "ירושלים", "#"];
    assert.equal(linesOf(of({ topics })).at(-1), "#צהל #Arts_Culture #COVID_19");
  });

  test("a Hebrew message reads from the right on every line, without marks where none is needed", () => {
    const hebrew = {
      language: "he",
      kicker: "Live מהכנסת",
      title: 'IDF: כוח צה"ל נכנס לעיר',
      summary: "הכוחות נכנסו לעיר בלילה. 12 לוחמים נפצעו.",
      source: "JFeed!",
      topics: ["IDF", "ביטחון"],
      breaking: true,
    };
    const { html } = formatMessage(of(hebrew, "14:05"));
    const lines = linesOf(of(hebrew, "14:05")).filter(Boolean);
    for (const line of lines) assert.ok(line.startsWith("\u200F") || direction(line) === "rtl", line);
    assert.equal(lines[0], "🔴 מבזק");
    assert.match(html, /להמשך קריאה ב־\u2066JFeed!\u2069<\/a>/);
    const plain = formatMessage(
      of({ ...hebrew, kicker: "פוליטיקה", title: "כוח נכנס לעיר", source: "JFeed", topics: ["ביטחון"] }),
    ).html;
    assert.doesNotMatch(plain, /[\u200E\u200F\u2066-\u2069]/);
  });

  test("an English message bears no direction marks, whatever it quotes", () => {
    const { html } = formatMessage(of({ title: "The daily הארץ says so", source: "ידיעות!" }));
    assert.doesNotMatch(html, /[\u200E\u200F\u202A-\u202E\u2066-\u2069]/);
  });

  test("overrides, control characters and half characters of the feed do not pass", () => {
    const { text } = readMarkup(formatMessage(of({ title: "a\u202Eb\u0000c\u0007d\uD800e \u2067f\n\u2028g" })).html);
    assert.match(text, /abcd\uFFFDe f g/);
  });
});

suite("other messages on Telegram", () => {
  test("a broadcast keeps its writer's dress and is signed", () => {
    const spans: Span[] = [
      { text: "Now", bold: true, italic: true },
      { text: " <read> " },
      { text: "this", link: 'https://news.example/?q="&x' },
      { text: "a<b", code: true, bold: true },
    ];
    const { payload } = renderTelegram({ kind: "broadcast", spans, signature: "JFeed" }, "5");
    assert.equal(
      payload.text,
      '<b><i>Now</i></b> &lt;read&gt; <a href="https://news.example/?q=%22&amp;x">this</a><code>a&lt;b</code>\n\n— JFeed',
    );
    assert.deepEqual(payload.link_preview_options, { is_disabled: false });
    const two = [...spans, { text: "that", link: "https://other.example/" }];
    const rendered = renderTelegram({ kind: "broadcast", spans: two, signature: null }, "5");
    assert.deepEqual(rendered.payload.link_preview_options, { is_disabled: true });
  });

  test("a notice has no preview, and its picture is uploaded", () => {
    const text = renderTelegram({ kind: "notice", spans: [{ text: "hi", link: "https://x.example" }] }, "5");
    assert.deepEqual(text.payload.link_preview_options, { is_disabled: true });
    const photo = renderTelegram({ kind: "notice", spans: [{ text: "Scan" }], picture: new Uint8Array([1]) }, "5");
    assert.equal(photo.method, "sendPhoto");
    assert.equal(photo.payload.photo, "attach://picture");
    assert.equal(photo.payload.caption, "Scan");
  });

  test("makes no sound where the chat wants none, and an edit never does", () => {
    for (const message of [
      of({}, undefined, { silent: true }),
      of({ image: "https://news.example/p.jpg" }, undefined, { silent: true }),
      { kind: "broadcast", spans: [{ text: "x" }], signature: null, style: { silent: true } } as const,
      { kind: "notice", spans: [{ text: "x" }], style: { silent: true } } as const,
    ] satisfies Message[]) {
      assert.equal(renderTelegram(message, "-1001:7").payload.disable_notification, true);
      const loud = renderTelegram({ ...message, style: { silent: false } }, "-1001:7").payload;
      assert.ok(!("disable_notification" in loud));
      const edit = renderTelegramEdit(message, "-1001:7", { messageId: "9", form: "text" }).payload;
      assert.ok(!("disable_notification" in edit));
    }
  });

  test("an edit keeps the template that was sent, whatever the chat wants by now", () => {
    const short = renderTelegramEdit(of({}, "14:05"), "5", { messageId: "9", form: "text", template: "brief" });
    assert.doesNotMatch(short.text, /It was late/);
    assert.deepEqual(short.payload.link_preview_options, { is_disabled: true });
    const full = renderTelegramEdit(of({}, "14:05", brief), "5", { messageId: "9", form: "text" });
    assert.match(full.text, /It was late/);
    assert.match(
      renderTelegramEdit(of({}, "14:05", brief), "5", { messageId: "9", form: "photo" }).text,
      /It was late/,
    );
  });

  test("an edit keeps the form that was sent", () => {
    const message = of({ image: "https://news.example/p.jpg" }, "14:05");
    const photo = renderTelegramEdit(message, "5", { messageId: "9", form: "photo" });
    assert.equal(photo.method, "editMessageCaption");
    assert.equal(photo.payload.message_id, 9);
    assert.match(String(photo.payload.caption), /✏️ Corrected 14:05$/);
    assert.equal(renderTelegramEdit(message, "5", { messageId: "9", form: "text" }).method, "editMessageText");
    const notice: Message = { kind: "notice", spans: [{ text: "Scan" }], picture: new Uint8Array([1]) };
    assert.equal(renderTelegramEdit(notice, "5", { messageId: "9", form: "photo" }).method, "editMessageMedia");
  });
});

suite("hostile text", () => {
  test("never becomes refused markup and never passes a limit", () => {
    const next = createHostile(20_240_229);
    for (let round = 0; round < 1_000; round += 1) {
      const hostile = { ...next(), ...(round % 2 ? { style: { ...brief, silent: true } } : {}) };
      for (const form of [undefined, "text"] as const) {
        const dressed = formatMessage(hostile, form);
        const { text: read } = readMarkup(dressed.html);
        const limit = dressed.form === "photo" ? 1024 : 4096;
        assert.ok(read.length <= limit, `${read.length} > ${limit}`);
        assert.doesNotMatch(read, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\uFEFF]/);
        if (dressed.form === "text")
          assert.match(read, /[\p{L}\p{N}\p{P}\p{S}]/u, JSON.stringify(hostile).slice(0, 500));
      }
      for (const form of ["photo", "text"]) {
        const { payload } = renderTelegramEdit(hostile, "5", { messageId: "1", form });
        const said = readMarkup(String(payload.text ?? payload.caption ?? Object(payload.media).caption)).text;
        assert.ok(said.length <= (form === "photo" ? 1024 : 4096));
      }
    }
  });
});
