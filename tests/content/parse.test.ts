import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import iconv from "iconv-lite";
import { parseFeed } from "#content/feed/parse";
import { FeedError } from "#core/errors";

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/feeds/${name}`, import.meta.url));
const parse = (
  input: string | Uint8Array,
  contentType: string | null = null,
  url = "https://feeds.example/x/feed.xml",
) => parseFeed(typeof input === "string" ? Buffer.from(input) : input, { url, contentType });
const rss = (items: string, head = "<title>T</title><link>https://site.example/</link>"): string =>
  `<rss version="2.0"><channel>${head}${items}</channel></rss>`;
const only = (items: string) => {
  const [article] = parse(rss(`<item>${items}</item>`)).articles;
  assert(article);
  return article;
};

describe("formats", () => {
  it("reads RSS", () => {
    const feed = parse(fixture("harbour.rss.xml"));
    assert.equal(feed.title, "The Harbour Post - RSS Feed");
    assert.equal(feed.ttlMs, 30 * 60_000);
    const [fish, ferry, gull, bare, ...more] = feed.articles;
    assert.deepEqual(more, []);
    assert.deepEqual(fish, {
      sourceId: "harbour-7",
      url: "https://www.harbour.example/city/fish?id=7",
      title: 'Fish & chips: council votes "yes" 🐟',
      kicker: "City",
      summary: "The vote was close. It took four hours.",
      text: null,
      image: "https://img.harbour.example/large.jpg",
      authors: [],
      source: "The Harbour Post",
      topics: ["Breaking News", "Food & Drink", "Council"],
      language: "en-gb",
      publishedAt: new Date("2025-06-03T06:15:00Z"),
      updatedAt: null,
      breaking: true,
    });
    assert(ferry && gull && bare);
    assert.equal(ferry.breaking, false);
    assert.equal(ferry.publishedAt, null);
    assert.equal(ferry.image, "https://www.harbour.example/img/ferry.webp");
    assert.match(ferry.summary ?? "", /^In winter the ferry .* hull\.$/);
    assert.match(ferry.sourceId, /^link:[0-9a-f]{40}$/);
    assert.equal(gull.title, "A gull took the mayor's sandwich.");
    assert.equal(gull.summary, "A gull took the mayor's sandwich. He had not finished it.");
    assert.equal(gull.url, "https://www.harbour.example/gull");
    assert.equal(gull.language, "he-il");
    assert.equal(gull.image, "https://img.harbour.example/gull.png");
    assert.equal(bare.title, "harbour.example/a/bare page");
    assert.deepEqual(bare.publishedAt, new Date("2035-01-01T00:00:00Z"));
  });

  it("reads Atom", () => {
    const feed = parse(fixture("harbour.atom.xml"));
    assert.equal(feed.title, "Hafen & Stadt");
    assert.equal(feed.articles.length, 2);
    assert.deepEqual(feed.articles[0], {
      sourceId: "urn:hafen:1",
      url: "https://hafen.example/blog/2025/faehre.html",
      title: "Die Fähre fährt",
      kicker: null,
      summary: "Seit heute & bis auf Weiteres.",
      text: null,
      image: "https://hafen.example/blog/2025/img/faehre.jpg",
      authors: [],
      source: "Hafen & Stadt",
      topics: ["Verkehr"],
      language: "de-at",
      publishedAt: new Date("2025-06-03T08:00:00Z"),
      updatedAt: new Date("2025-06-03T09:00:00Z"),
      breaking: false,
    });
    assert.equal(feed.articles[1]?.title, "1 < 2 & 3 > 2");
    assert.equal(feed.articles[1]?.url, "https://hafen.example/rechnen");
    assert.equal(feed.articles[1]?.image, "https://hafen.example/kai.jpg");
  });

  it("reads RDF", () => {
    const feed = parse(fixture("harbour.rdf.xml"));
    assert.equal(feed.ttlMs, 24 * 3_600_000);
    assert.deepEqual(feed.articles, [
      {
        sourceId: "https://port.example/1",
        url: "https://port.example/1",
        title: "L’été au port",
        kicker: null,
        summary: "Les bateaux arrivent.",
        text: null,
        image: null,
        authors: [],
        source: "Le Port",
        topics: ["Mer"],
        language: "fr",
        publishedAt: new Date("2025-06-03T00:00:00Z"),
        updatedAt: null,
        breaking: false,
      },
    ]);
  });

  it("reads JSON Feed", () => {
    const [ferry, maths] = parse(fixture("harbour.json"), "application/feed+json").articles;
    assert.equal(ferry?.title, "Паром снова ходит ⛴️");
    assert.equal(ferry?.sourceId, "12");
    assert.equal(ferry?.url, "https://port.example/a?page=2");
    assert.equal(ferry?.image, "https://port.example/img/banner.jpg");
    assert.equal(ferry?.breaking, true);
    assert.equal(maths?.title, "a < b, and b > c.");
    assert.equal(maths?.url, "https://other.example/x");
  });

  it("reads a JSON Feed that names its version carelessly", () => {
    assert.equal(parse('{"version":"1.1","items":[{"id":"1","title":"One"}]}').articles[0]?.title, "One");
  });
});

describe("encodings", () => {
  const hebrew = fixture("hebrew.rss.xml").toString();
  const title = "המעבורת חזרה לפעול אחרי הסערה 🚢";
  const check = (bytes: Uint8Array, contentType: string | null = null): void => {
    const feed = parse(bytes, contentType);
    const [article] = feed.articles;
    assert.equal(feed.title, "הנמל היומי");
    assert.equal(article?.title, title);
    assert.equal(article?.summary, "השירות יפעל כרגיל מהבוקר.");
    assert.equal(article?.language, "he");
    assert.equal(article?.breaking, true);
    assert.deepEqual(article?.publishedAt, new Date("2025-06-03T05:00:00Z"));
  };
  const unlabelled = hebrew.replace(' encoding="windows-1255"', "");

  it("follows the document's own declaration", () => check(iconv.encode(hebrew, "windows-1255")));
  it("follows HTTP", () => check(iconv.encode(unlabelled, "iso-8859-8"), "text/xml; charset=iso-8859-8"));
  it("believes valid UTF-8 before HTTP and declaration", () =>
    check(Buffer.from(hebrew), "text/xml; charset=windows-1255"));
  it("does not believe a server's default before the declaration", () =>
    check(iconv.encode(hebrew, "windows-1255"), "text/xml; charset=ISO-8859-1"));
  it("passes over labels that nobody knows", () =>
    check(iconv.encode(hebrew, "windows-1255"), 'text/xml; charset="x-unknown"'));
  for (const encoding of ["utf-16le", "utf-16be", "utf-32le", "utf-32be"]) {
    it(`reads ${encoding}, marked and unmarked, whatever is declared`, () => {
      check(iconv.encode(hebrew, encoding, { addBOM: true }));
      check(iconv.encode(hebrew, encoding, { addBOM: false }), "text/xml; charset=utf-8");
    });
  }
  it("takes the rest for Windows-1252", () => {
    const feed = parse(iconv.encode(rss("<item><title>Café “à la carte” – 5 €</title></item>"), "windows-1252"));
    assert.equal(feed.articles[0]?.title, "Café “à la carte” – 5 €");
  });
  it("keeps UTF-8 that has one broken letter", () => {
    const bytes = Buffer.concat([
      Buffer.from(rss("<item><title>שלום עולם")),
      Buffer.of(0xd7),
      Buffer.from("</title></item>"),
    ]);
    assert.match(parse(bytes).articles[0]?.title ?? "", /^שלום עולם/);
  });
});

describe("text", () => {
  it("decodes once more only what clearly holds entities", () => {
    assert.equal(only("<title>AT&amp;amp;T &amp;#8217;s R&amp;amp;D</title>").title, "AT&T ’s R&D");
    assert.equal(only("<title>Q&amp;A; and a &amp; b</title>").title, "Q&A; and a & b");
    assert.equal(only("<title><![CDATA[Tom &amp; Jerry]]></title>").title, "Tom & Jerry");
  });
  it("leaves angle brackets that are words", () => {
    assert.equal(only("<title>The &lt;dialog&gt; element &lt;3</title>").title, "The <dialog> element <3");
  });
  it("holds no control characters, broken surrogates or overrides of direction", () => {
    assert.equal(only("<title>a\u0000b\u000b&#x1F;&#0; c\u202ed\u0007\u0085</title>").title, "ab cd");
    assert.equal(
      parse('{"version":"https://jsonfeed.org/version/1","title":"T","items":[{"id":"1","title":"a\\u0000\\ud83d b"}]}')
        .articles[0]?.title,
      "a b",
    );
  });
  it("keeps joined emoji and marks of direction", () => {
    assert.equal(only("<title>👩‍👩‍👧 \u200fשלום 🇮🇱</title>").title, "👩‍👩‍👧 \u200fשלום 🇮🇱");
  });
  it("reads HTML that was escaped twice", () => {
    assert.equal(
      only(
        "<title>t</title><description>&amp;lt;p&amp;gt;One&amp;lt;/p&amp;gt;&amp;lt;p&amp;gt;two&amp;lt;/p&amp;gt;</description>",
      ).summary,
      "One two",
    );
  });
  const summaries: [html: string, summary: string | null][] = [
    ["<p>Facts. [&hellip;]</p><p>The post <a href='#'>T</a> first appeared on <a href='#'>S</a>.</p>", "Facts.…"],
    ["Some of it [...]", "Some of it…"],
    ["<p>It rained today… <a href='#'>Continue reading <span>The headline</span> →</a></p>", "It rained today…"],
    ["<p>Cut short <a>Read more</a></p>", "Cut short"],
    [
      "You can read more about the rain in Monday's paper, he said.",
      "You can read more about the rain in Monday's paper, he said.",
    ],
    ["<a href='#'>Read more</a>", null],
    ["<style>p{}</style><p> </p>", null],
    ["<p>line<br>break</p><ul><li>one</li><li>two</li></ul>", "line break one two"],
  ];
  for (const [html, summary] of summaries) {
    it(`takes from ${html.slice(0, 60)}: ${summary}`, () =>
      assert.equal(only(`<title>t</title><description><![CDATA[${html}]]></description>`).summary, summary));
  }
  it("does not say the headline twice", () => {
    assert.equal(only("<title>Rain</title><description>Rain</description>").summary, null);
  });
});

describe("links and dates", () => {
  it("never leave the web", () => {
    for (const link of [
      "javascript:alert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
      "http://",
      "mailto:a@b.example",
    ]) {
      assert.equal(
        only(`<title>t</title><link>${link}</link><enclosure url="${link}" type="image/png" length="1"/>`).url,
        null,
        link,
      );
    }
  });
  const links: [written: string, expected: string][] = [
    ["//cdn.example/a", "https://cdn.example/a"],
    ["a b", "https://site.example/a%20b"],
    ["https://s.example/?utm_campaign=x&amp;a=1&amp;mc_cid=2&amp;b=%20", "https://s.example/?a=1&b=%20"],
    ["https://s.example/#!/route", "https://s.example/#!/route"],
    ["\n https://s.example/a\n?b=1 ", "https://s.example/a?b=1"],
  ];
  for (const [written, expected] of links) {
    it(`reads ${JSON.stringify(written)}`, () =>
      assert.equal(only(`<title>t</title><link>${written}</link>`).url, expected));
  }
  const dates: [written: string, expected: string | null][] = [
    ["Tue, 03 Jun 2025 08:00:00 GMT", "2025-06-03T08:00:00Z"],
    ["3 Juin 2025 8:05 CEST", "2025-06-03T06:05:00Z"],
    ["2025-06-03 08:00:00", "2025-06-03T08:00:00Z"],
    ["2025-06-03T08:00:00.123+05:30", "2025-06-03T02:30:00Z"],
    ["June 3, 2025, 1:30 p.m. EST", "2025-06-03T18:30:00Z"],
    ["mar., 03 juin 2025 08:00:00 +0200", "2025-06-03T06:00:00Z"],
    ["03.06.2025 08:00", "2025-06-03T08:00:00Z"],
    ["1748937600", "2025-06-03T08:00:00Z"],
    ["Tue, 31 Feb 2025 08:00:00 GMT", null],
    ["Thu, 01 Jan 1970 00:00:00 GMT", null],
    ["0001-01-01T00:00:00Z", null],
    ["yesterday", null],
    ["9".repeat(400), null],
  ];
  for (const [written, expected] of dates) {
    it(`dates ${written.slice(0, 40)} ${expected ?? "not at all"}`, () =>
      assert.deepEqual(
        only(`<title>t</title><pubDate>${written}</pubDate>`).publishedAt,
        expected ? new Date(expected) : null,
      ));
  }
});

describe("broken feeds", () => {
  it("are mended where that is plain", () => {
    assert.equal(
      parse(`\n\n<b>Warning</b>: x in y.php\n<?xml version="1.0"?>${rss("<item><title>R & D</title></item>")}`)
        .articles[0]?.title,
      "R & D",
    );
    const cut = rss("<item><title>One</title></item><item><title>Two</title></item>").replace(/wo<\/title>.*/, "");
    assert.deepEqual(
      parse(cut).articles.map((article) => article.title),
      ["One"],
    );
    assert.equal(
      parse(`<!DOCTYPE rss [<!ENTITY a "b>"><!-- ]> -->]>${rss("<item><title>x</title></item>")}`).articles[0]?.title,
      "x",
    );
  });

  const refused: [name: string, text: string, words: RegExp][] = [
    ["nothing", "", /answered with nothing/],
    ["blanks", "\ufeff \n ", /answered with nothing/],
    ["a page", "<!doctype html><html><head><title>Hi</title></head></html>", /is a web page, not a feed/],
    [
      "a page in XHTML",
      '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
      /is a web page, not a feed/,
    ],
    [
      "a test for robots",
      "<html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x'></script></html>",
      /tests for robots/,
    ],
    ["other JSON", '{"error":"no"}', /is JSON, but no JSON Feed/],
    ["broken JSON", '{"items":[', /is JSON, but no JSON Feed/],
    ["other XML", "<opml version='2.0'><body/></opml>", /neither RSS, Atom, RDF nor JSON Feed/],
    ["prose", "Service unavailable", /neither RSS/],
  ];
  for (const [name, text, words] of refused) {
    it(`are refused in words: ${name}`, () =>
      assert.throws(
        () => parse(text),
        (error) => error instanceof FeedError && error.reason === "not-a-feed" && words.test(error.message),
      ));
  }
});
