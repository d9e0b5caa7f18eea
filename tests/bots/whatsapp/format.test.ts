import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { bareAddress } from "#bots/whatsapp/dress";
import { renderWhatsApp } from "#bots/whatsapp/format";
import type { Article, Message, Span, Style } from "#core/model";
import { direction } from "#core/text";
import { parseMarks } from "#src/sandbox/whatsapp/marks";

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
  topics: ["Politics"],
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
const broadcast = (spans: Span[], signature: string | null = null): Message => ({
  kind: "broadcast",
  spans,
  signature,
});
const notice = (...spans: Span[]): Message => ({ kind: "notice", spans });
const textOf = (message: Message): string => renderWhatsApp(message, "1@c.us").payload.content;
const linesOf = (message: Message): string[] => textOf(message).split("\n");

suite("an article on WhatsApp", () => {
  test("stands in the order that readers know", () => {
    assert.deepEqual(renderWhatsApp(of({ breaking: true }, "14:05"), "120363@g.us"), {
      method: "sendMessage",
      payload: {
        chatId: "120363@g.us",
        content: [
          "🔴 *Breaking*",
          "_Politics_",
          "*Cabinet approves the budget*",
          "",
          "The cabinet approved the budget. It was late.",
          "",
          "✏️ Corrected 14:05",
          "https://news.example/a?b=1&c=2",
        ].join("\n"),
        media: null,
        options: { linkPreview: true },
      },
    });
  });

  test("in brief is headline and link, without preview, picture and summary", () => {
    const message = of({ breaking: true, image: "https://news.example/p.jpg" }, "14:05", brief);
    assert.deepEqual(renderWhatsApp(message, "120363@g.us").payload, {
      chatId: "120363@g.us",
      content: [
        "🔴 *Breaking*",
        "_Politics_",
        "*Cabinet approves the budget*",
        "✏️ Corrected 14:05",
        "https://news.example/a?b=1&c=2",
      ].join("\n"),
      media: null,
      options: { linkPreview: false },
    });
  });

  test("in brief keeps a kicker of forty characters, and no longer one", () => {
    const change = { title: "الحكومة توافق على الميزانية", language: "ar" };
    const [kept = ""] = linesOf(of({ ...change, kicker: "س".repeat(40) }, undefined, brief));
    const [title = ""] = linesOf(of({ ...change, kicker: "س".repeat(41) }, undefined, brief));
    assert.match(kept, /^_س{40}_$/);
    assert.match(title, /الحكومة/);
  });

  test("is the same where its chat wants no sound: WhatsApp knows none", () => {
    assert.deepEqual(renderWhatsApp(of({}, undefined, { silent: true }), "x"), renderWhatsApp(of({}), "x"));
  });

  test("with a picture is its caption, without a preview", () => {
    const { media, content, options } = renderWhatsApp(of({ image: "https://news.example/p.jpg" }), "x").payload;
    assert.equal(media, "https://news.example/p.jpg");
    assert.equal(options.linkPreview, false);
    assert.match(content, /^_Politics_\n\*Cabinet approves the budget\*\n\n.*\n\nhttps:\/\/news\.example\/a\?b=1&c=2$/);
  });

  test("keeps to http and https", () => {
    const { media, content } = renderWhatsApp(
      of({ image: "file:///etc/passwd", url: "javascript:alert(1)" }),
      "x",
    ).payload;
    assert.equal(media, null);
    assert.doesNotMatch(content, /javascript/);
  });

  test("without a link ends with its source, and has no preview", () => {
    const message = of({ url: null });
    assert.equal(linesOf(message).at(-1), "JFeed");
    assert.equal(renderWhatsApp(message, "x").payload.options.linkPreview, false);
  });

  test("in Hebrew follows its first letter in every line but the link's", () => {
    const hebrew = {
      breaking: true,
      language: "he",
      kicker: "פוליטיקה",
      title: "BBC: הממשלה אישרה את התקציב",
      summary: "14 שרים הצביעו בעד.",
    };
    assert.deepEqual(linesOf(of(hebrew, "14:05")), [
      "🔴 *מבזק*",
      "_פוליטיקה_",
      "*\u200FBBC: הממשלה אישרה את התקציב*",
      "",
      "14 שרים הצביעו בעד.",
      "",
      "✏️ תוקן ב־14:05",
      "https://news.example/a?b=1&c=2",
    ]);
    assert.equal(linesOf(of({ ...hebrew, url: null })).at(-1), "\u200FJFeed");
  });

  test("wears our dress only: a feed's marks are shown as characters", () => {
    const lines = linesOf(
      of({ title: "*5* * 3*2 _a_ snake_case", kicker: "_a_b_", summary: "*no* _no_ ~no~ `no` a_b" }),
    );
    assert.deepEqual(lines.slice(0, 4), [
      "_＿a＿b＿_",
      "*∗5∗ ∗ 3∗2 ＿a＿ snake_case*",
      "",
      "∗no∗ ＿no＿ ∼no∼ ‵no‵ a_b",
    ]);
  });

  for (const summary of ["> a quote", "- an item", "* an item", "1. an item"]) {
    test(`does not let "${summary}" become a quote or a list`, () => {
      assert.equal(linesOf(of({ summary }))[3]?.replace("∗", "*").replace("\u2060", ""), summary);
      assert.doesNotMatch(linesOf(of({ summary }))[3] ?? "", /^([>*-]|\d+\.) /);
    });
  }

  test("loses what turns lines round or breaks characters", () => {
    const [, title] = linesOf(of({ title: "a\u202Eb\u0000c\u2066d \uD800" }));
    assert.equal(title, "*abcd \uFFFD*");
  });

  test("shortens the summary first, then the headline, on whole characters", () => {
    const long = of({
      title: "👩‍👩‍👧‍👦".repeat(60),
      summary: "word ".repeat(500),
      text: null,
      image: "https://news.example/p.jpg",
    });
    assert.ok(textOf(long).length <= 1_024);
    assert.ok(linesOf(long)[1]?.endsWith("👩‍👩‍👧‍👦*"));
    const longer = of({ title: "👩‍👩‍👧‍👦".repeat(600), image: "https://news.example/p.jpg" });
    assert.ok(linesOf(longer)[1]?.endsWith("👩‍👩‍👧‍👦…*"));
    assert.doesNotMatch(textOf(longer), /cabinet/);
    assert.ok(textOf(longer).length <= 1_024);
  });

  test("goes without its picture where the link would fill the caption", () => {
    const url = `https://news.example/${"a".repeat(1_100)}`;
    const { media, content, options } = renderWhatsApp(of({ url, image: "https://news.example/p.jpg" }), "x").payload;
    assert.equal(media, null);
    assert.equal(options.linkPreview, true);
    assert.ok(content.endsWith(`\n${url}`));
  });

  test("keeps a link whole that is full of marks", () => {
    const link = linesOf(of({ url: "https://news.example/_a_/snake_case/*b*." })).at(-1) ?? "";
    assert.equal(link, "https://news.example/%5Fa%5F/snake_case/%2Ab%2A%2E");
    assert.deepEqual(parseMarks(link), [{ text: link, link }]);
  });

  test("keeps a link whole that ends like a question", () => {
    for (const [url, shown] of [
      ["https://news.example/why?", "https://news.example/why"],
      ["https://news.example/?q=why?", "https://news.example/?q=why%3F"],
      ["https://news.example/#why?", "https://news.example/#why%3F"],
    ] as const) {
      const link = linesOf(of({ url })).at(-1) ?? "";
      assert.equal(link, shown);
      assert.deepEqual(parseMarks(link), [{ text: link, link }]);
    }
  });

  test("that says nothing is still a message", () => {
    assert.equal(textOf(of({ title: " ", kicker: null, summary: "\u200B", source: "", url: null })), "…");
  });
});

suite("a broadcast on WhatsApp", () => {
  test("keeps the editor's dress and is signed", () => {
    const spans: Span[] = [
      { text: "Hello " },
      { text: "all ", bold: true },
      { text: "of you", bold: true, italic: true },
      { text: ", " },
      { text: "not", strike: true },
      { text: " " },
      { text: "npm i", code: true },
    ];
    assert.equal(textOf(broadcast(spans, "The Bell")), "Hello *all _of you_*, ~not~ `npm i`\n\n— The Bell");
  });

  test("closes and opens marks at every line's end, and around blanks", () => {
    assert.equal(
      textOf(broadcast([{ text: " one \n\n two", bold: true }, { text: " three" }])),
      "*one* \n\n *two* three",
    );
  });

  test("leaves half a word undressed rather than show marks", () => {
    assert.equal(textOf(broadcast([{ text: "un" }, { text: "believ", bold: true }, { text: "able" }])), "unbelievable");
  });

  test("shows what stood in the text as characters", () => {
    assert.equal(
      textOf(broadcast([{ text: "*a* " }, { text: "2*3", bold: true }, { text: "\n- b" }])),
      "∗a∗ *2∗3*\n\u2060- b",
    );
  });

  test("says a link's address after its text, once", () => {
    const link = "https://news.example/a";
    assert.equal(textOf(broadcast([{ text: "Read", link }, { text: "." }])), `Read (${link}).`);
    assert.equal(
      textOf(
        broadcast([
          { text: "Read ", link },
          { text: "on", link, bold: true },
        ]),
      ),
      `Read *on* (${link})`,
    );
    assert.equal(textOf(broadcast([{ text: "See " }, { text: link, link, bold: true }])), `See ${link}`);
    assert.equal(textOf(broadcast([{ text: "Read", link: "javascript:1" }])), "Read");
  });

  test("in Hebrew keeps its side on every line and in its signature", () => {
    assert.equal(
      textOf(
        broadcast([{ text: "שלום\n" }, { text: "BBC", bold: true }, { text: " אמר\nhttps://news.example/a" }], "JFeed"),
      ),
      "שלום\n*\u200FBBC* אמר\nhttps://news.example/a\n\n\u200F— JFeed",
    );
  });

  test("is cut with its signature kept", () => {
    const text = textOf(broadcast([{ text: "a b\n".repeat(4_000), bold: true, italic: true }], "The Bell"));
    assert.ok(text.length <= 4_096 && text.length > 3_500);
    assert.ok(text.endsWith("\n\n— The Bell"));
  });
});

suite("a notice on WhatsApp", () => {
  test("puts addresses on lines of their own and shows no preview", () => {
    const message = notice(
      { text: "One", link: "https://news.example/1" },
      { text: "\n\n" },
      { text: "Two", bold: true, link: "https://news.example/2" },
      { text: "end" },
    );
    assert.equal(textOf(message), "One\nhttps://news.example/1\n\n*Two*\nhttps://news.example/2\nend");
    assert.equal(renderWhatsApp(message, "x").payload.options.linkPreview, false);
  });

  test("under a picture keeps to a caption's length", () => {
    const message: Message = { kind: "notice", spans: [{ text: "word ".repeat(900) }], picture: new Uint8Array([1]) };
    assert.ok(textOf(message).length <= 1_024);
  });
});

suite("hostile messages on WhatsApp", () => {
  const pieces = [
    ..."*_~`>-.1 \n",
    ...["**", "```", "> ", "- ", "* ", "1. ", "*a*", "_a_", "a_b", " *", "* ", "\u2060", "\u200B", "\u200F", "\u202E"],
    ...[
      "\u2066",
      "\u2069",
      "\uD800",
      "\uDC00",
      "👩‍👩‍👧‍👦",
      "é",
      "𝒳",
      "שלום",
      "مرحبا",
      "word",
      "7",
      "\u0000",
      "\r\n",
      "\t",
    ],
    ...["https://x.example/_a_*b*", "www.x.example", "(", ")", "…", "\u3164", "\uFEFF", "\u2028"],
  ];
  let state = 7;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
  const text = (): string => Array.from({ length: pick([0, 1, 3, 8, 30, 400]) }, () => pick(pieces)).join("");
  const link = (): string | null => pick([null, text(), "https://x.example/", `https://x.example/${text()}`]);
  const isSeen = (shown: string): boolean => /[\p{L}\p{N}\p{P}\p{S}]/u.test(shown.replace(/[\u2800\u3164]/g, ""));

  const checkText = (content: string, limit: number): void => {
    assert.ok(content.length <= limit && content !== "");
    assert.ok(content.isWellFormed());
    assert.doesNotMatch(content, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E]/);
    for (const line of content.split("\n")) assert.doesNotMatch(line, /^([>*-]|\d+\.) /);
  };

  test("an article's dress is exactly where we put it", () => {
    for (let count = 0; count < 2_000; count += 1) {
      const message = of(
        {
          title: text(),
          kicker: pick([null, text()]),
          summary: pick([null, text()]),
          source: text(),
          url: link(),
          image: pick([null, "https://x.example/p.jpg"]),
          language: pick([null, "en", "he", "no such"]),
          breaking: random(2) === 1,
        },
        pick([undefined, "14:05", text()]) || undefined,
      );
      const { content, media } = renderWhatsApp(message, "x").payload;
      checkText(content, media ? 1_024 : 4_096);
      const lines = content.split("\n");
      const address = message.kind === "article" ? bareAddress(message.article.url) : null;
      if (address) {
        assert.equal(lines.at(-1), address);
        assert.deepEqual(parseMarks(address), [{ text: address, link: address }]);
      }
      for (const line of lines) {
        const runs = parseMarks(line).filter((run) => run.bold || run.italic || run.strike || run.code);
        const whole = runs.map((run) => run.text).join("");
        const isHead = /^[*_]/.test(line);
        if (isHead) assert.equal(`${line.at(0)}${whole}${line.at(0)}`, line);
        assert.ok(runs.every((run) => Boolean(run.bold) !== Boolean(run.italic) && !run.strike && !run.code));
        if (!isHead) assert.ok(whole === "" || /^\u200F?🔴 \*/u.test(line), JSON.stringify([line, runs]));
      }
      if (message.kind === "article" && isSeen(message.article.title.replace(/[\u2028\uFEFF]/g, ""))) {
        assert.equal(lines.filter((line) => line.startsWith("*")).length, 1);
      }
      const strong = lines.filter((line) => line !== "" && !/^https?:/.test(line)).map(direction);
      if (message.kind === "article" && message.article.language === "he" && strong.includes("rtl")) {
        const letters = `${message.article.title}${message.article.summary ?? ""}${message.article.kicker ?? ""}`;
        if (/[שم]/.test(lines.filter((line) => !line.startsWith("✏️")).join("")) && /[שم]/.test(letters)) {
          for (const line of lines.filter((some) => some !== "" && !/^https?:/.test(some))) {
            assert.ok(line.includes("\u200F") || direction(line) === "rtl", JSON.stringify(line));
          }
        }
      }
    }
  });

  test("a broadcast shows every character and no mark that was not asked for", () => {
    for (let count = 0; count < 2_000; count += 1) {
      const spans = Array.from({ length: pick([1, 2, 5]) }, (): Span => {
        const address = random(4) === 0 ? link() : null;
        return {
          text: text(),
          bold: random(3) === 0,
          italic: random(3) === 0,
          strike: random(3) === 0,
          code: random(6) === 0,
          ...(address ? { link: address } : {}),
        };
      });
      const { content } = renderWhatsApp(pick([broadcast(spans, pick([null, text()])), notice(...spans)]), "x").payload;
      checkText(content, 4_096);
      const runs = parseMarks(content);
      for (const kind of ["bold", "italic", "strike", "code"] as const) {
        if (spans.every((span) => !span[kind]))
          assert.ok(
            runs.every((run) => !run[kind]),
            JSON.stringify(content),
          );
      }
      // What is shown once marks are read holds no mark at a word's edge: all of ours were taken for marks.
      const shown = runs.map((run) => (run.link || run.code ? run.text.replace(/[*_~`]/g, "x") : run.text)).join("");
      assert.doesNotMatch(shown, /(?<![\p{L}\p{N}\p{M}])[*_~`]|[*_~`](?![\p{L}\p{N}\p{M}])/u, JSON.stringify(content));
    }
  });
});
