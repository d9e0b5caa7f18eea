import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseFeed } from "#content/feed/parse";

const parse = (text: string) => parseFeed(Buffer.from(text), { url: "https://quay.example/feed", contentType: null });
const titles = (text: string): string[] => parse(text).articles.map(({ title }) => title);
const rss = (items: string): string => `<rss version="2.0"><channel><title>Quay</title>${items}</channel></rss>`;
const item = (title: string, more = ""): string => `<item><title>${title}</title><guid>${title}</guid>${more}</item>`;

describe("broken XML", () => {
  const cases: [what: string, text: string, expected: string[]][] = [
    ["a declaration twice", `<?xml version="1.0"?>\n<?xml version="1.0"?>${rss(item("One"))}`, ["One"]],
    ["a script's warning first", `<br />\n<b>Warning</b>: x<br />\n${rss(item("One"))}`, ["One"]],
    ["a DOCTYPE of another kind", `<!DOCTYPE html PUBLIC "-//X" "http://x.example/">${rss(item("One"))}`, ["One"]],
    ["ampersands", rss(item("Fish & chips &c; R&D")), ["Fish & chips &c; R&D"]],
    ["HTML's entities", rss(item("Caf&eacute; &hellip; &nbsp;open")), ["Café … open"]],
    [
      "brackets that are words",
      rss(item("3 < 5, I <3 it, a <b and c") + item("Two")),
      ["3 < 5, I <3 it, a <b and c", "Two"],
    ],
    ["an end misspelt", rss(`<item><title>One</titel><link>/1</link></item>${item("Two")}`), ["One", "Two"]],
    ["an end forgotten", rss(`<item><title>One<link>/1</link></item>${item("Two")}`), ["One", "Two"]],
    ["items without an end", rss("<item><title>One</title><item><title>Two</title>"), ["One", "Two"]],
    ["ends that end nothing", rss(`</p></item>${item("One")}</item></div>${item("Two")}`), ["One", "Two"]],
    ["no quotes", rss("<item><title>One</title><enclosure url=https://quay.example/1.mp3 length=1/></item>"), ["One"]],
    ["capitals", rss(item("One")).toUpperCase(), ["ONE"]],
    ["prefixes that nobody declared", rss("<item><dc:title>One</dc:title></item>"), ["One"]],
    ["CDATA escaped", rss(item("&lt;![CDATA[One]]&gt;")), ["One"]],
    ["a text cut in two", rss(item("<![CDATA[One]]> and <![CDATA[two]]>")), ["One and two"]],
    ["no end at all", rss(item("One") + item("Two")).replace(/<\/channel.*/, ""), ["One", "Two"]],
    ["the last title cut", rss(item("One") + item("Two")).replace(/wo<.*/, ""), ["One"]],
    [
      "the last text cut",
      rss(item("One") + item("Two", "<description><![CDATA[<p>And")).replace(/<\/item><\/ch.*/, ""),
      ["One", "Two"],
    ],
    ["a comment without an end", rss(`${item("One")}<!-- ${item("Two")}`), ["One"]],
    ["items beside the channel", `<rss><channel><title>Q</title></channel>${item("One")}</rss>`, ["One"]],
    ["a channel alone", `<channel><title>Q</title>${item("One")}</channel>`, ["One"]],
    [
      "markup naked in a text",
      rss(item("One", "<description><p>a<br>b<p>c</description>") + item("Two")),
      ["One", "Two"],
    ],
  ];
  for (const [what, text, expected] of cases) {
    it(`keeps every item: ${what}`, () => assert.deepEqual(titles(text), expected));
  }

  it("gives the text up to where it broke, not what follows it", () => {
    const [first] = parse(
      rss("<item><description>Rain <b>today</b><link>https://quay.example/1</link></item>"),
    ).articles;
    assert.equal(first?.title, "Rain today");
    assert.equal(first?.url, "https://quay.example/1");
  });

  it("puts a DOCTYPE's own short texts in place once, and none within another", () => {
    const text = `<!DOCTYPE rss [<!ENTITY paper "The Quay &#38; Pier"><!ENTITY twice "&paper;&paper;"><!ENTITY file SYSTEM "file:///etc/hostname">]>${rss(item("&paper; &twice;&file;"))}`;
    assert.deepEqual(titles(text), ["The Quay & Pier &twice;&file;"]);
  });
});

describe("ids", () => {
  const entry = (title: string, link: string, guid: string): string =>
    `<item><title>${title}</title><link>${link}</link><guid isPermaLink="false">${guid}</guid></item>`;

  it("that all items share lose no article, and stay the same at each reading", () => {
    const text = rss(entry("A", "/a", "same") + entry("B", "/b", "same") + entry("C", "/b", "same"));
    const [first, again] = [parse(text).articles, parse(text).articles];
    assert.deepEqual(
      first.map(({ title }) => title),
      ["A", "B", "C"],
    );
    assert.equal(new Set(first.map(({ sourceId }) => sourceId)).size, 3);
    assert.deepEqual(first, again);
    const alone = parse(rss(entry("A", "/a", ""))).articles;
    assert.equal(first[0]?.sourceId, alone[0]?.sourceId);
  });

  it("of an item that stands there twice are given once", () => {
    const articles = parse(
      rss(entry("A", "/a", "1") + entry("B", "/b", "2") + entry("A", "/a?utm_source=x", "1")),
    ).articles;
    assert.deepEqual(
      articles.map(({ sourceId }) => sourceId),
      ["1", "2"],
    );
  });

  it("are kept short and clean", () => {
    const [long, dirty] = parse(rss(entry("A", "/a", "x".repeat(2000)) + entry("B", "/b", "a\u0001b"))).articles;
    assert.match(long?.sourceId ?? "", /^id:[0-9a-f]{40}$/);
    assert.equal(dirty?.sourceId, "ab");
  });
});
