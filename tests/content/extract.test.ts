import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import iconv from "iconv-lite";
import { extract } from "#content/shared/extract/index";
import { FeedError } from "#core/errors";
import { workedMs } from "#tests/fakes/cpu";

const fixture = (name: string): Buffer =>
  readFileSync(path.join(import.meta.dirname, "../fixtures/pages", `${name}.html`));
const read = (
  page: string | Uint8Array,
  contentType: string | null = "text/html",
  url = "https://quay.example/a/story-1",
) => extract(typeof page === "string" ? Buffer.from(page) : page, { url, contentType });
const article = (head: string, body = "<p>Words.</p>") =>
  read(`<!doctype html><html><head>${head}</head><body>${body}</body></html>`);
const jsonLd = (value: string) => `<script type="application/ld+json">${value}</script>`;

test("a Hebrew page with its JSON-LD in a graph: every field, marks of direction and all", () => {
  const page = read(fixture("hebrew-graph"), "text/html", "https://kol-hanamal.example/news/local/48213?ref=1");
  const { text, title, ...rest } = page;
  assert.equal(title?.replace(/\u200f/g, ""), "המעבורת לכפר הים חוזרת לפעול אחרי שנתיים");
  assert.deepEqual(rest, {
    url: "https://kol-hanamal.example/news/local/48213",
    isArticle: true,
    kicker: "תחבורה ימית",
    summary: "הקו הימי ייצא שמונה פעמים ביום, גם בשבת בצאתה",
    // The other picture is a cut for previews elsewhere.
    image: "https://img.kol-hanamal.example/2026/ferry-48213-large.jpg",
    authors: ["נועה ברקת", "יונתן לוי"],
    byline: "נועה ברקת, יונתן לוי",
    source: "קול הנמל",
    topics: ["מקומי", "תחבורה", "הנמל"],
    language: "he-il",
    publishedAt: new Date("2026-03-04T05:15:00Z"),
    updatedAt: new Date("2026-03-04T07:40:00Z"),
    breaking: false,
  });
  const paragraphs = text?.split("\n\n") ?? [];
  assert.equal(paragraphs.length, 7);
  assert.match(paragraphs[0] ?? "", /^המעבורת שבין העיר/);
  assert.match(paragraphs[1] ?? "", /"גלי-ים 3"\u200e של החברה/);
  assert.equal(paragraphs[2], "מחיר הנסיעה לא ישתנה");
  assert.match(paragraphs.at(-1) ?? "", /שירות לילה בסופי שבוע\.$/);
  // Neither caption, nor buttons, nor other articles, nor the newsletter.
  assert.doesNotMatch(text ?? "", /צילום|שתפו|הרציף הדרומי|הירשמו|כל הזכויות/);
});

test("as the page writes it: captions and the site's name are kept", () => {
  const paragraphs = "<p>The ferry runs again, every hour, from the north pier, in all weathers.</p>".repeat(6);
  const page = `<html><head><meta property="og:title" content="Ferry runs | The Quay"></head><body><div class="article-body">${paragraphs}<figure><img src="/f.jpg"><figcaption>The ferry at dawn</figcaption></figure>${paragraphs}</div></body></html>`;
  const from = { url: "https://quay.example/a", contentType: null };
  assert.match(extract(Buffer.from(page), from, { verbatim: true }).text ?? "", /\n\nThe ferry at dawn\n\n/);
  assert.equal(extract(Buffer.from(page), from, { verbatim: true }).title, "Ferry runs | The Quay");
  assert.doesNotMatch(extract(Buffer.from(page), from).text ?? "", /dawn/);
});

test("an Arabic page with microdata alone, in the encoding that the Arab press used", () => {
  const words = fixture("arabic-microdata").toString().replaceAll("\u200f", "");
  for (const [bytes, contentType] of [
    [Buffer.from(words), "text/html; charset=utf-8"],
    [iconv.encode(words.replace('charset="utf-8"', 'charset="windows-1256"'), "windows-1256"), "text/html"],
    [iconv.encode(words, "windows-1256"), "text/html; charset=windows-1256"],
  ] as const) {
    const page = read(bytes, contentType, "https://al-marfa.example/culture/1");
    assert.equal(page.title, "افتتاح مكتبة الميناء بعد ترميمها");
    assert.equal(page.kicker, "ثقافة");
    assert.deepEqual(page.authors, ["ليلى حداد"]);
    assert.equal(page.image, "https://al-marfa.example/pics/maktaba-20260211.jpg");
    assert.equal(page.publishedAt?.toISOString(), "2026-02-11T15:30:00.000Z");
    assert.equal(page.language, "ar");
    assert.equal(page.isArticle, true);
    assert.equal(page.text?.split("\n\n").length, 3);
  }
});

test("a Russian page whose JSON-LD no parser takes", () => {
  const page = read(fixture("russian-broken-ld"), "text/html", "https://vestnik.example/news/1");
  assert.equal(page.title, "Маяк на «северном молу» снова зажгли");
  assert.equal(page.summary, "Огонь виден за двенадцать миль, от порта до островов");
  assert.deepEqual(page.authors, ["Ирина Соколова"]);
  assert.equal(page.image, "https://vestnik.example/foto/mayak-190126.jpg");
  assert.equal(page.source, "Вестник гавани");
  assert.equal(page.publishedAt?.toISOString(), "2026-01-19T18:05:00.000Z");
});

test("a plain page that says nothing of itself", () => {
  const page = read(fixture("english-plain"));
  assert.equal(page.title, "Baker wins the harbour regatta in her grandfather's boat");
  assert.deepEqual(page.authors, ["Martha Quill"]);
  assert.equal(page.publishedAt?.toISOString(), "2025-09-14T00:00:00.000Z");
  assert.equal(page.isArticle, true);
  assert.equal(page.source, "quay.example");
  const paragraphs = page.text?.split("\n\n") ?? [];
  assert.equal(paragraphs.length, 4);
  assert.match(paragraphs[0] ?? "", /^A baker from the lower town/);
  assert.match(paragraphs[2] ?? "", /^“I have bread in the oven,”/);
});

test("pages in the encodings of many presses, told by header or meta", () => {
  const cases: [encoding: string, words: string][] = [
    ["windows-1255", "שלום מן הנמל"],
    ["iso-8859-8-i", "שלום מן הנמל"],
    ["windows-1256", "مرحبا من المرفأ"],
    ["koi8-r", "Привет из гавани"],
    ["windows-1251", "Привет из гавани"],
    ["shift_jis", "港からこんにちは"],
    ["euc-jp", "港からこんにちは"],
    ["gbk", "港口的问候"],
    ["big5", "港口的問候"],
    ["euc-kr", "항구에서 인사"],
    ["windows-1252", "Grüße vom Hafen – “täglich”"],
  ];
  for (const [encoding, words] of cases) {
    const coder = encoding === "iso-8859-8-i" ? "iso-8859-8" : encoding;
    const page = (meta: string) =>
      iconv.encode(`<html><head>${meta}<title>${words}</title></head><body></body></html>`, coder);
    assert.equal(read(page(`<meta charset="${encoding}">`)).title, words, `meta ${encoding}`);
    assert.equal(read(page(""), `text/html;charset=${encoding}`).title, words, `header ${encoding}`);
    // A server's default on top of it.
    assert.equal(
      read(
        page(`<meta http-equiv="Content-Type" content="text/html; charset=${encoding}">`),
        "text/html; charset=ISO-8859-1",
      ).title,
      words,
      `both ${encoding}`,
    );
  }
  const utf8 = "<html><head><meta charset=iso-8859-1><title>שלום</title></head></html>";
  assert.equal(read(utf8, "text/html; charset=windows-1255").title, "שלום", "valid UTF-8 proves itself");
  assert.equal(read(Buffer.from(`\ufeff${utf8}`, "utf16le")).title, "שלום");
});

test("authors are names: told apart, without job, address or the word before", () => {
  const cases: [said: string, names: string[]][] = [
    ["By Anna Lind", ["Anna Lind"]],
    ["Anna Lind and Ben Or", ["Anna Lind", "Ben Or"]],
    ["Von Anna Lind, Ben Or und Dora Fuchs", ["Anna Lind", "Ben Or", "Dora Fuchs"]],
    ["Anna Lind, chief reporter", ["Anna Lind"]],
    ["Anna Lind (anna@quay.example)", ["Anna Lind"]],
    ["מאת: נועה ברקת", ["נועה ברקת"]],
    ["بقلم ليلى حداد", ["ليلى حداد"]],
    ["Автор: Ирина Соколова", ["Ирина Соколова"]],
    ["https://social.example/anna", []],
    ["admin", []],
  ];
  for (const [said, names] of cases)
    assert.deepEqual(article(`<meta name="author" content="${said}">`).authors, names, said);
});

test("the publisher's own name is the author only where nobody else is named", () => {
  const house = '<meta property="og:site_name" content="The Quay"><meta name="author" content="The Quay">';
  assert.deepEqual(article(house).authors, ["The Quay"]);
  assert.deepEqual(
    article(house, '<h1>Ferry</h1><p class="byline">By <a href="/author/anna">Anna Lind</a></p>').authors,
    ["Anna Lind"],
  );
});

test("JSON-LD is found wherever a page puts it", () => {
  const news = '{"@type":"NewsArticle","headline":"Ferry runs","datePublished":"2026-01-02T10:00:00+02:00"}';
  const forms = {
    alone: news,
    "in a list": `[{"@type":"WebSite","name":"Q"},${news}]`,
    "in a graph": `{"@context":"https://schema.org","@graph":[{"@type":"Organization","name":"Q"},${news}]}`,
    "as what the page is about": `{"@type":"WebPage","mainEntity":${news}}`,
    "with several types": news.replace('"NewsArticle"', '["https://schema.org/NewsArticle","Thing"]'),
    "in CDATA": `//<![CDATA[\n${news}\n//]]>`,
    "in a comment": `<!--${news}-->`,
    "HTML-escaped": news.replaceAll('"', "&quot;"),
    "broken off": news.slice(0, -1),
    "with a comma too many": news.replace("}", ",}"),
  };
  for (const [form, text] of Object.entries(forms)) {
    const page = article(jsonLd(text));
    assert.equal(page.title, "Ferry runs", form);
    assert.equal(page.publishedAt?.toISOString(), "2026-01-02T08:00:00.000Z", form);
    assert.equal(page.isArticle, true, form);
  }
});

test("of several articles in JSON-LD the page's own counts", () => {
  const one = (headline: string, url: string) => `{"@type":"NewsArticle","headline":"${headline}","url":"${url}"}`;
  const page = article(
    jsonLd(`[${one("Other", "https://quay.example/b")},${one("Own", "https://www.quay.example/a/story-1/")}]`),
  );
  assert.equal(page.title, "Own");
});

test("readers see the headline without the site's name", () => {
  const site = '<meta property="og:site_name" content="The Quay">';
  assert.equal(
    article(`${site}<meta property="og:title" content="Ferry runs again | The Quay">`).title,
    "Ferry runs again",
  );
  assert.equal(
    article("<title>Ferry runs again - The Quay</title>", "<article><h1>Ferry runs again</h1></article>").title,
    "Ferry runs again",
  );
  assert.equal(article('<meta property="og:title" content="Rain &amp;amp; wind">').title, "Rain & wind");
});

test("the lead picture is absolute, and no logo or dot where a better one is", () => {
  const logo = '<meta property="og:image" content="/static/logo.png">';
  assert.equal(
    article(
      logo,
      '<article><img src="/px.gif" width="1" height="1"><figure><img src="/p/ferry.jpg"></figure></article>',
    ).image,
    "https://quay.example/p/ferry.jpg",
  );
  assert.equal(article(logo).image, "https://quay.example/static/logo.png");
  assert.equal(
    article("", '<article><img src="data:image/gif;base64,R0" data-src="//cdn.example/p/boat.jpg"></article>').image,
    "https://cdn.example/p/boat.jpg",
  );
  assert.equal(article("").image, null);
});

test("a page says that it is breaking news, or that it was taken back", () => {
  const news = (more: string) => jsonLd(`{"@type":"NewsArticle","headline":"Ferry stops"${more}}`);
  assert.equal(article(news(',"articleSection":"Breaking News"')).breaking, true);
  assert.equal(
    article(news(""), '<article><span class="kicker">מבזק</span><h1>Ferry stops</h1></article>').breaking,
    true,
  );
  assert.equal(article(news("")).breaking, false);
  assert.equal(article(news("")).retracted, undefined);
  assert.equal(article(news(',"creativeWorkStatus":"Retracted"')).retracted, true);
});

test("what is no page of HTML is said in words", () => {
  for (const bytes of ["", "only words", '{"a":1}', "%PDF-1.7 \0\0", "\x89PNG\r\n\x1a\n\0"]) {
    assert.throws(
      () => read(Buffer.from(bytes, "latin1")),
      (error) =>
        error instanceof FeedError &&
        error.reason === "not-a-feed" &&
        /https:\/\/quay\.example\S* is not a page/.test(error.message),
    );
  }
});

test("hostile pages end within bounds", { timeout: 60_000 }, () => {
  const pages = {
    "deep elements": `${"<div>".repeat(100_000)}x`,
    "deep elements, closed": `${"<div>".repeat(100_000)}x${"</div>".repeat(100_000)}`,
    "end tags of what is not open": "<div><span></p>".repeat(100_000),
    "many paragraphs": "<p>A paragraph, with words in it.</p>".repeat(60_000),
    "deep JSON": jsonLd("[".repeat(400_000)),
    "deep objects in JSON": jsonLd('{"a":'.repeat(100_000) + "}".repeat(100_000)),
    "JSON of quotes": jsonLd(`[${'"'.repeat(500_000)}`),
    "JSON of commas": jsonLd(`[${", ".repeat(300_000)}`),
    "many scripts": '<script type="application/ld+json">{"@type":"NewsArticle"</script>'.repeat(20_000),
    "an endless title": `<title>${"a - b | ".repeat(100_000)}</title>`,
    "an endless class": `<div class="${"author ".repeat(200_000)}">x</div>`,
    "authors in authors": `${'<div class="author date kicker">'.repeat(150)}${"<i class=author>x</i>".repeat(20_000)}`,
    brackets: "<".repeat(500_000).concat("<p>x"),
    "an address that is none": jsonLd(`{"@type":"NewsArticle","headline":"Ferry","url":"${"?".repeat(500_000)}\\nx"}`),
    "an endless link": `<h1>Ferry</h1><a href="${"/by/aa?".repeat(200_000)}\nx">Anna Lind</a>`,
    "an encoding that never comes": `${"<meta ".repeat(30)}charset=${" ".repeat(15_000)};>`,
  };
  for (const [name, page] of Object.entries(pages)) {
    const started = workedMs();
    read(`<html><body>${page}`);
    // A hang, not slowness, is what this finds: each takes a fraction of a second.
    assert.ok(workedMs() - started < 10_000, name);
  }
});

test("a page that says nothing of its encoding is read by its letters", () => {
  for (const [encoding, words] of [
    ["windows-1255", "שלום מן הנמל, המעבורת חוזרת לפעול הבוקר"],
    ["windows-1251", "Паром снова ходит каждый час от северного причала"],
  ] as const) {
    const page = iconv.encode(`<html><head><title>${words}</title></head><body><p>${words}</body></html>`, encoding);
    assert.equal(read(page).title, words, encoding);
  }
});

test("a script of the page never runs, and its words are no text", () => {
  const page = article(
    "<script>globalThis.crierWasHere = true</script>",
    `<article><h1>Ferry runs</h1>${"<p>The ferry runs again, every hour, from the north pier.</p>".repeat(8)}<script>document.write("bad")</script></article>`,
  );
  assert.equal("crierWasHere" in globalThis, false);
  assert.doesNotMatch(page.text ?? "", /bad/);
});

test("names and words of endless length are read in part", { timeout: 60_000 }, () => {
  const names = ["a_", "author-", "article ", "kicker_", "share ", "date-"].map((part) => part.repeat(300_000));
  for (const name of names) {
    const started = workedMs();
    read(`<body><div class="${name}" id="${name}" rel="${name}" itemprop="${name}"><h1>Ferry</h1><p>Words.</p></div>`);
    assert.ok(workedMs() - started < 10_000, name.slice(0, 10));
  }
});
