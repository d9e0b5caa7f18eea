import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { toArticle } from "#content/sitemap/article";
import { describeSitemap } from "#content/sitemap/describe";
import { newestChildren, newestUrls } from "#content/sitemap/newest";
import { parseSitemap } from "#content/sitemap/parse";
import { headlineFrom } from "#content/sitemap/slug";
import { FeedError } from "#core/errors";

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/sitemaps/${name}`, import.meta.url));
const parse = (input: string | Uint8Array, url = "https://quay.example/sitemap.xml") =>
  parseSitemap(typeof input === "string" ? Buffer.from(input) : input, { url, contentType: null });

describe("sitemaps", () => {
  it("are read as news, whatever prefix the news elements have", () => {
    const [ferry, arabic] = parse(fixture("news.he.xml"), "https://namal.example/news.xml").urls.map(toArticle);
    const url = "https://namal.example/%D7%9E%D7%A2%D7%91%D7%95%D7%A8%D7%AA?id=7";
    assert.deepEqual(ferry, {
      sourceId: url,
      url,
      title: 'המעבורת חזרה לפעול "אחרי הסערה" 🚢',
      kicker: null,
      summary: null,
      text: null,
      image: "https://namal.example/img/ferry.jpg",
      authors: [],
      source: "הנמל היומי",
      topics: ["מבזק", "תחבורה", "נמל", "Op Ed", "Press Release"],
      language: "he",
      publishedAt: new Date("2025-06-03T05:05:00Z"),
      updatedAt: new Date("2025-06-03T06:30:00Z"),
      breaking: true,
    });
    assert.equal(arabic?.title, "عودة العبّارة إلى العمل");
    assert.deepEqual(arabic?.topics, ["عاجل", "نقل"]);
    assert.equal(arabic?.breaking, true);
  });

  it("without news elements give what they have: address, time of change, language", () => {
    const article = parse(fixture("plain.ru.xml")).urls.map(toArticle)[3];
    assert.equal(article?.title, "Паром снова ходит");
    assert.equal(article?.source, "port.example");
    assert.equal(article?.language, "ru");
    assert.equal(article?.publishedAt, null);
    assert.deepEqual(article?.updatedAt, new Date("2025-06-03T07:00:00Z"));
  });

  it("are read when they are broken, but for the entry that breaks off", () => {
    const bytes = Buffer.concat([Buffer.from("\ufeff"), fixture("broken.xml")]);
    assert.deepEqual(
      parse(bytes).urls.map(({ link }) => link),
      [
        "https://quay.example/a?x=1&y=2&copy=3",
        "https://quay.example/rain-stops-play?a=1&b=2",
        "https://quay.example/gulls-return",
      ],
    );
  });

  it("may be lines of text", () => {
    const text = "https://quay.example/one\r\n\r\n  https://quay.example/%D7%90 \nHTTPS://quay.example/three";
    assert.deepEqual(
      parse(text).urls.map(({ link }) => link),
      ["https://quay.example/one", "https://quay.example/%D7%90", "https://quay.example/three"],
    );
  });

  it("may point to further ones", () => {
    const { urls, children } = parse(fixture("index.xml"));
    assert.deepEqual(urls, []);
    assert.deepEqual(children[2], {
      url: "https://quay.example/post-sitemap2.xml.gz",
      lastModified: new Date("2025-06-03T08:00:00Z"),
    });
  });

  const refused: [name: string, text: string, words: RegExp][] = [
    ["nothing", " \n", /answered with nothing/],
    ["a page", "<!doctype html><html><body><a href='/sitemap'>x</a></body></html>", /is a web page/],
    ["a feed", '<?xml version="1.0"?><rss version="2.0"><channel><url>x</url></channel></rss>', /is a feed/],
    ["other text", "https://quay.example/one\nand some words", /is no sitemap/],
    ["bytes", "\0\u0001\ufffd<<<>>>&&&", /is no sitemap/],
  ];
  for (const [name, text, words] of refused) {
    it(`are told from ${name}`, () => {
      assert.throws(
        () => parse(text),
        (error) => error instanceof FeedError && error.reason === "not-a-feed" && words.test(error.message),
      );
    });
  }

  const hostile: [name: string, text: string][] = [
    ["depth", `<urlset>${"<a>".repeat(500_000)}${"</b>".repeat(500_000)}`],
    ["an endless tag", `<urlset><url ${"a ".repeat(1_000_000)}`],
    ["half-open entries", `<urlset>${"<url><loc>".repeat(300_000)}`],
    ["entities", `<urlset><url><loc>${"&".repeat(2_000_000)}</loc></url>`],
    ["lines that end badly", `${"https://q.example/a\n".repeat(200_000)}\0`],
    ["prefixes", "<a:".repeat(500_000)],
  ];
  for (const [name, text] of hostile) {
    it(`do not hold Crier up by ${name}`, { timeout: 10_000 }, () => {
      try {
        assert.ok(parse(text).urls.length <= 50_000);
      } catch (error) {
        assert(error instanceof FeedError);
      }
    });
  }

  it("expand no entities of their own", () => {
    const bomb = `<!DOCTYPE urlset [<!ENTITY a "https://x.example/">]><urlset><url><loc>https://q.example/&a;b</loc></url></urlset>`;
    assert.equal(parse(bomb).urls[0]?.link, "https://q.example/&a;b");
  });
});

describe("a description of a sitemap", () => {
  it("holds every address in the document's order", () => {
    const { title, items } = describeSitemap(fixture("plain.ru.xml"), {
      url: "https://port.example/s.xml",
      contentType: null,
    });
    assert.equal(title, null);
    assert.equal(items.length, 5);
    assert.deepEqual(items[4], {
      title: "Chajki vernulis",
      link: "https://port.example/news/chajki-vernulis/",
      id: "https://port.example/news/chajki-vernulis/",
      published: "2025-06-05T00:00:00.000Z",
      updated: "2025-06-05T00:00:00.000Z",
      summary: null,
      image: null,
    });
  });
});

describe("a sitemap on disk", () => {
  it("gives its absolute addresses", () => {
    const { urls } = parse("<urlset><url><loc>https://q.example/a</loc></url><url><loc>/b</loc></url></urlset>", "");
    assert.deepEqual(
      urls.map(({ link }) => link),
      ["https://q.example/a"],
    );
  });
});

describe("a headline out of an address", () => {
  const headlines: [url: string, expected: string][] = [
    ["https://q.example/news/ferry-runs-again-12345678.html", "Ferry runs again"],
    ["https://q.example/2025/06/03/rain_stops_play/", "Rain stops play"],
    ["https://q.example/ferry-runs-again/12345", "Ferry runs again"],
    ["https://q.example/a1234567-gulls-return/amp", "Gulls return"],
    ["https://q.example/%D9%85%D9%8A%D9%86%D8%A7%D8%A1-%D8%A7%D9%84%D9%8A%D9%88%D9%85", "ميناء اليوم"],
    ["https://q.example/covid-19-cases-2021", "Covid 19 cases 2021"],
    ["https://www.q.example/news/12345", "q.example/news/12345"],
    ["https://q.example/%E0%A4%A", "%E0%A4%A"],
    ["https://q.example/?p=5", "q.example"],
  ];
  for (const [url, expected] of headlines)
    it(`${url} says ${expected}`, () => assert.equal(headlineFrom(url), expected));
});

describe("what is newest", () => {
  const names = (...children: [path: string, lastModified?: string][]) =>
    newestChildren(
      children.map(([path, at]) => ({ url: `https://q.example/${path}`, lastModified: at ? new Date(at) : null })),
      10,
    ).map(({ url }) => url.slice("https://q.example/".length));

  it("among sitemaps is what changed last, lists of topics left out", () => {
    assert.deepEqual(
      names(
        ["post1.xml", "2020-01-01"],
        ["post2.xml", "2025-06-02"],
        ["tag.xml", "2025-06-03"],
        ["post3.xml", "2025-06-03"],
      ),
      ["post3.xml", "post2.xml"],
    );
  });
  it("among sitemaps is not judged by half a word", () => {
    assert.deepEqual(names(["tageblatt.xml", "2025-06-03"], ["post_tag.xml", "2025-06-03"]), ["tageblatt.xml"]);
  });
  it("among sitemaps is what is named news, but no newsletter", () => {
    assert.deepEqual(names(["posts.xml", "2025-06-03"], ["newsletters.xml"], ["sitemap_news.xml"]), [
      "sitemap_news.xml",
    ]);
  });
  it("among sitemaps of one date is what the name dates last", () => {
    const at = "2025-06-03";
    assert.deepEqual(names(["s-2024-12.xml", at], ["s-2025-06.xml", at], ["s-2025-05.xml", at]).at(0), "s-2025-06.xml");
    assert.deepEqual(names(["s-2024-12.xml"], ["s-2025-06.xml"], ["s-2025-05.xml"]), ["s-2025-06.xml"]);
  });
  it("among sitemaps without dates may be the first or the last", () => {
    assert.deepEqual(names(...Array.from({ length: 12 }, (_, at): [string] => [`s-${at + 1}.xml`])), [
      "s-12.xml",
      "s-1.xml",
    ]);
  });

  const links = (paths: string[], most: number): string[] =>
    newestUrls(
      parse(`<urlset>${paths.map((path) => `<url><loc>https://q.example/${path}</loc></url>`).join("")}</urlset>`).urls,
      most,
    ).map(({ link }) => link.slice("https://q.example/".length));
  it("among addresses without dates is at either end", () => {
    assert.deepEqual(links(["a", "b", "c", "d", "e"], 3), ["a", "b", "e"]);
  });
  it("among addresses is told by the dates within them", () => {
    assert.deepEqual(links(["2025/06/01/a", "2025/06/03/b", "about", "2025/06/02/c"], 3), [
      "2025/06/03/b",
      "2025/06/02/c",
      "2025/06/01/a",
    ]);
  });
  it("is not an old page that was touched", () => {
    const order = newestUrls(parse(fixture("plain.ru.xml")).urls, 5).map(({ link }) => link);
    assert.match(order.at(-1) ?? "", /2019\/02\/11/);
  });
});
