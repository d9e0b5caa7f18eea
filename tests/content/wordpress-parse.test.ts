import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { listAddresses, listOf, pageAddress, rootAddress } from "#content/wordpress/address";
import { readPosts, readSite, toArticle } from "#content/wordpress/parse";
import { FeedError } from "#core/errors";

const file = readFileSync(new URL("../fixtures/wordpress/posts.json", import.meta.url));
const base = "https://namal.example/wp-json/wp/v2/posts";
const site = { name: "הנמל היומי", offsetMs: 3 * 3_600_000 };
const read = (input: string | Uint8Array): unknown[] =>
  readPosts(typeof input === "string" ? Buffer.from(input) : input, { url: base, contentType: "application/json" });
const articles = (input: string | Uint8Array) => read(input).flatMap((post) => toArticle(post, site, base) ?? []);
const only = (post: object) => toArticle({ id: 1, title: { rendered: "T" }, ...post }, site, base);

describe("posts", () => {
  const [ferry, gulls, arabic, ...more] = articles(file);

  it("are read whole", () => {
    assert.deepEqual(ferry, {
      sourceId: "wp:4711",
      url: "https://namal.example/%D7%9E%D7%A2%D7%91%D7%95%D7%A8%D7%AA/",
      title: "המעבורת “גלית” חזרה & יצאה 🚢",
      kicker: null,
      summary: "אחרי שלושה ימי סערה.",
      text: "השירות יפעל כרגיל מהבוקר.\n\nהקברניט: “הים נרגע”.",
      image: "https://namal.example/1536.jpg",
      authors: ["נעמה לב"],
      source: "הנמל היומי",
      topics: ["מבזקים", "ים & חוף"],
      language: "he-il",
      publishedAt: new Date("2025-06-03T05:05:00Z"),
      updatedAt: new Date("2025-06-03T06:30:00Z"),
      breaking: true,
    });
  });

  it("are read as far as they go: times by the site's clock, the author and words from other plugins", () => {
    assert.equal(gulls?.url, "https://namal.example/2025/06/chaiki/");
    assert.deepEqual(gulls?.publishedAt, new Date("2025-06-02T20:00:00Z"));
    assert.deepEqual(gulls?.updatedAt, new Date("2025-06-02T20:00:00Z"));
    assert.deepEqual(gulls?.authors, ["Ирина Волкова"]);
    assert.equal(gulls?.summary, "Весна в порту наступила.");
    assert.equal(gulls?.image, "https://namal.example/img/gull.jpg");
  });

  it("without a headline get their first sentence", () => {
    assert.equal(arabic?.title, "عادت العبّارة إلى العمل.");
    assert.equal(arabic?.language, "ar");
  });

  it("that are drafts, protected or no posts are no articles", () => assert.deepEqual(more, []));

  it("take the lead where the excerpt is only the body's first words", () => {
    const lead = "<p>The ferry left at noon and came back by night, with nobody on board but the captain.</p>";
    const post = { content: { rendered: lead }, excerpt: { rendered: "<p>The ferry left at noon [&hellip;]</p>" } };
    assert.match(only(post)?.summary ?? "", /nobody on board but the captain\.$/);
  });

  it("name several authors where a plugin knows them", () => {
    const terms = [
      [
        { taxonomy: "author", name: "Ada" },
        { taxonomy: "author", name: "Bo" },
        { taxonomy: "author", name: "ada" },
      ],
    ];
    assert.deepEqual(only({ _embedded: { author: [{ name: "desk" }], "wp:term": terms } })?.authors, ["Ada", "Bo"]);
  });

  it("never show what is no picture", () => {
    const film = [{ mime_type: "video/mp4", source_url: "https://namal.example/film.mp4" }];
    assert.equal(only({ _embedded: { "wp:featuredmedia": film } })?.image, null);
    assert.equal(only({ jetpack_featured_media_url: "javascript:alert(1)" })?.image, null);
  });

  it("are found behind and before what PHP wrote", () => {
    const warning = "<br />\n<b>Notice</b>: Undefined index [0] in {closure} on line <b>3</b><br />\n";
    assert.equal(articles(`\ufeff${warning}${file.toString()}\n<!-- cached [today] -->`).length, 0 + 3);
    assert.deepEqual(read(`${warning}[]`), []);
  });

  it("are told from everything else", () => {
    for (const text of [
      "",
      "{}",
      '{"code":"rest_disabled"}',
      "null",
      "[1",
      "Hello [ there ] {",
      "[".repeat(5_000_000),
      '{"a":['.repeat(1_000_000),
    ]) {
      assert.throws(
        () => read(text),
        (error) => error instanceof FeedError && error.reason === "not-a-feed" && /\/feed\//.test(error.message),
      );
    }
  });

  it("of any form break nothing", () => {
    const odd = [1, "x", [], {}, { id: 1 }, { id: Number.NaN }, { id: 2, title: { rendered: 5 }, _embedded: "x" }];
    const embedded = {
      author: {},
      "wp:term": [null, {}, [null, 1]],
      "wp:featuredmedia": [{ media_details: { sizes: [1, null] } }],
    };
    for (const post of odd) assert.equal(toArticle(post, site, base), null);
    assert.equal(only({ link: 5, _embedded: embedded, yoast_head_json: [], date_gmt: {} })?.sourceId, "wp:1");
  });
});

describe("a site", () => {
  it("tells its name and clock", () => {
    assert.deepEqual(readSite(Buffer.from('{"name":"Tom &amp; Bo","gmt_offset":"-3.5"}'), null), {
      name: "Tom & Bo",
      offsetMs: -12_600_000,
    });
    assert.deepEqual(readSite(Buffer.from("<html>"), null), { name: null, offsetMs: 0 });
  });
});

describe("addresses", () => {
  const lists: [given: string, lists: string[]][] = [
    [
      "https://s.example",
      ["https://s.example/wp-json/wp/v2/posts", "https://s.example/?rest_route=%2Fwp%2Fv2%2Fposts"],
    ],
    [
      "https://s.example/blog/feed/#x",
      ["https://s.example/blog/wp-json/wp/v2/posts", "https://s.example/blog/?rest_route=%2Fwp%2Fv2%2Fposts"],
    ],
    ["https://s.example/wp-json/", ["https://s.example/wp-json/wp/v2/posts"]],
    ["https://s.example/wp-json/wp/v2/news?categories=5", ["https://s.example/wp-json/wp/v2/news?categories=5"]],
    ["https://s.example/?rest_route=/", ["https://s.example/?rest_route=%2Fwp%2Fv2%2Fposts"]],
  ];
  for (const [given, expected] of lists) it(`of ${given}`, () => assert.deepEqual(listAddresses(given), expected));

  it("of a page keep what the person asked for, and lead back", () => {
    for (const list of [
      "https://s.example/wp-json/wp/v2/posts?categories=5&per_page=50",
      "https://s.example/?rest_route=%2Fwp%2Fv2%2Fposts",
    ]) {
      const page = pageAddress(list, { orderby: "modified", page: 2, modifiedAfter: new Date("2025-06-03T05:05:00Z") });
      assert.match(page, /modified_after=2025-06-03T05%3A05%3A00Z/);
      assert.equal(listOf(page), list);
    }
  });

  it("of the root", () => {
    assert.equal(
      rootAddress("https://s.example/en/wp-json/wp/v2/posts?categories=5"),
      "https://s.example/en/wp-json/?_fields=name,gmt_offset",
    );
    assert.equal(
      rootAddress("https://s.example/?rest_route=%2Fwp%2Fv2%2Fposts"),
      "https://s.example/?rest_route=/&_fields=name,gmt_offset",
    );
    assert.equal(rootAddress("https://api.example/wp/v2/sites/s.example/posts"), null);
  });
});
