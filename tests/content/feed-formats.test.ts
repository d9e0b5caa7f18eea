import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseFeed } from "#content/feed/parse";

const parse = (text: string) => parseFeed(Buffer.from(text), { url: "https://quay.example/feed", contentType: null });
const only = (text: string) => {
  const [article] = parse(text).articles;
  assert(article);
  return article;
};
const rss = (inside: string): string =>
  `<rss version="2.0" xmlns:c="http://purl.org/rss/1.0/modules/content/" xmlns:m="http://search.yahoo.com/mrss" xmlns:d="http://purl.org/dc/elements/1.1/" xmlns:pod="http://www.itunes.com/DTDs/Podcast-1.0.dtd"><channel><title>Quay</title><link>https://quay.example/</link>${inside}</channel></rss>`;
const atom = (inside: string): string =>
  `<feed xmlns="http://www.w3.org/2005/Atom"><title>Quay</title>${inside}</feed>`;

describe("a body and a summary", () => {
  it("are told apart", () => {
    const article = only(
      rss(
        "<item><title>t</title><description>Brief.</description><c:encoded><![CDATA[<h2>t</h2><p>First &amp; one.</p><figure><img src='/p.jpg'><figcaption>By us</figcaption></figure><p>Second.</p><p>The post <a>t</a> appeared first on <a>Quay</a>.</p>]]></c:encoded></item>",
      ),
    );
    assert.equal(article.summary, "Brief.");
    assert.equal(article.text, "First & one.\n\nSecond.");
    assert.equal(article.image, "https://quay.example/p.jpg");
  });
  it("are one where the feed has one", () => {
    assert.equal(only(rss("<item><title>t</title><description>Brief.</description></item>")).text, null);
    const same = only(rss("<item><title>t</title><description>Same.</description><c:encoded>Same.</c:encoded></item>"));
    assert.deepEqual([same.summary, same.text], ["Same.", null]);
    const content = only(atom("<entry><title>t</title><content>All of it.</content></entry>"));
    assert.deepEqual([content.summary, content.text], ["All of it.", "All of it."]);
  });
  it("are told by their length where a whole article is called a description", () => {
    const paragraphs = Array.from(
      { length: 30 },
      (_, n) => `<p>Paragraph ${n}, in which the boat goes out to sea again.</p>`,
    );
    const article = only(
      rss(`<item><title>t</title><description><![CDATA[${paragraphs.join("")}]]></description></item>`),
    );
    assert.equal(article.text?.split("\n\n").length, 30);
    assert((article.summary ?? "").length < 400);
  });
  it("stay within bounds", () => {
    const article = only(
      rss(`<item><title>t</title><c:encoded><![CDATA[${"<p>word</p>".repeat(100_000)}]]></c:encoded></item>`),
    );
    assert((article.text ?? "").length <= 64 * 1024);
  });
});

describe("authors", () => {
  const cases: [inside: string, authors: string[]][] = [
    ["<author>ann@quay.example (Ann Pier)</author>", ["Ann Pier"]],
    ["<author>Ann Pier &lt;ann@quay.example&gt;</author>", ["Ann Pier"]],
    ["<author>ann@quay.example</author>", []],
    ["<author>ann@quay.example</author><d:creator>Ann Pier</d:creator>", ["Ann Pier"]],
    ["<d:creator><![CDATA[By Ann Pier]]></d:creator><d:creator>Ben Dock</d:creator>", ["Ann Pier", "Ben Dock"]],
    ["<d:creator>מאת: רות ים</d:creator>", ["רות ים"]],
    ["<pod:author>The Desk</pod:author>", ["The Desk"]],
    ['<m:credit role="author">Ann Pier</m:credit><m:credit role="photographer">Cam</m:credit>', ["Ann Pier"]],
  ];
  for (const [inside, authors] of cases) {
    it(`${inside.slice(0, 70)}: ${authors.join(" and ") || "nobody"}`, () =>
      assert.deepEqual(only(rss(`<item><title>t</title>${inside}</item>`)).authors, authors));
  }
  it("of the feed stand for those of an entry, and those of its source before them", () => {
    const feed = parse(
      atom(
        "<author><name>The Desk</name></author><entry><title>a</title></entry><entry><title>b</title><source><author><name>Ben</name></author></source></entry><entry><title>c</title><author><name>Cy</name><email>cy@quay.example</email></author></entry>",
      ),
    );
    assert.deepEqual(
      feed.articles.map(({ authors }) => authors),
      [["The Desk"], ["Ben"], ["Cy"]],
    );
  });
});

describe("Atom", () => {
  it("0.3 says by a mode how its texts are written", () => {
    const article = only(
      `<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title mode="base64">UXVheQ==</title><entry><title mode="escaped" type="text/html">&lt;b&gt;Boat&lt;/b&gt; &amp;amp; sea</title><issued>2025-06-04T07:00:00Z</issued><modified>2025-06-04T08:00:00Z</modified><content mode="xml" type="application/xhtml+xml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>two</p></div></content></entry></feed>`,
    );
    assert.equal(article.title, "Boat & sea");
    assert.equal(article.source, "Quay");
    assert.equal(article.text, "One\n\ntwo");
    assert.deepEqual(article.publishedAt, new Date("2025-06-04T07:00:00Z"));
    assert.deepEqual(article.updatedAt, new Date("2025-06-04T08:00:00Z"));
  });
  it("1.0 says by a type what they are", () => {
    const title = (text: string): string => only(atom(`<entry>${text}<id>x</id></entry>`)).title;
    assert.equal(title('<title type="text">The &lt;b&gt; element</title>'), "The <b> element");
    assert.equal(title('<title type="html">The &lt;b&gt;bold&lt;/b&gt; one</title>'), "The bold one");
    assert.equal(
      title(
        '<title type="xhtml"><h:div xmlns:h="http://www.w3.org/1999/xhtml">The <h:b>bold</h:b> &lt;one&gt;</h:div></title>',
      ),
      "The bold <one>",
    );
  });
  it("resolves each link within its own base", () => {
    const [one, two] = parse(
      `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://quay.example/a/"><entry xml:base="b/"><title>1</title><link href="1"/></entry><entry><title>2</title><link xml:base="https://other.example/" href="2"/></entry></feed>`,
    ).articles;
    assert.equal(one?.url, "https://quay.example/a/b/1");
    assert.equal(two?.url, "https://other.example/2");
  });
  it("may be written with a prefix, or carry no namespace", () => {
    assert.equal(
      only('<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>t</a:title></a:entry></a:feed>').title,
      "t",
    );
    assert.equal(only("<feed><entry><title>t</title></entry></feed>").title, "t");
  });
  it("takes entries back, unless they came back since", () => {
    const feed = parse(
      atom(
        '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="urn:1" when="2025-06-04T00:00:00Z"/><at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="urn:2" when="2025-06-04T00:00:00Z"/><entry><id>urn:1</id><title>gone</title><updated>2025-06-03T00:00:00Z</updated></entry><entry><id>urn:2</id><title>back</title><updated>2025-06-05T00:00:00Z</updated></entry>',
      ),
    );
    assert.deepEqual(feed.retracted, ["urn:1"]);
    assert.deepEqual(
      feed.articles.map(({ title }) => title),
      ["back"],
    );
  });
});

describe("other forms", () => {
  it("CDF", () => {
    const article = only(
      '<CHANNEL HREF="https://quay.example/"><TITLE>Quay</TITLE><ITEM HREF="/1" LASTMOD="2025-06-04"><TITLE>t</TITLE><ABSTRACT>Brief.</ABSTRACT></ITEM></CHANNEL>',
    );
    assert.equal(article.url, "https://quay.example/1");
    assert.equal(article.summary, "Brief.");
    assert.deepEqual(article.updatedAt, new Date("2025-06-04T00:00:00Z"));
  });
  it("RSS 0.90 in RDF, its image's title aside", () => {
    const feed = parse(
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/"><image><title>no</title></image><channel><title>Quay</title></channel><item><title>t</title><link>https://quay.example/1</link></item></rdf:RDF>',
    );
    assert.equal(feed.title, "Quay");
    assert.deepEqual(
      feed.articles.map(({ title }) => title),
      ["t"],
    );
  });
  it("JSON Feed with numbers for ids, one author or several, and gaps", () => {
    const { articles, hub } = parse(
      JSON.stringify({
        title: "Quay",
        feed_url: "https://quay.example/feed.json",
        hubs: [{ type: "WebSub", url: "https://hub.example/" }],
        items: [
          { id: 7, title: "One", content_html: "<p>Whole.</p><p>Text.</p>", author: { name: "Ann" } },
          null,
          {
            id: "8",
            content_text: "Two <b> of it",
            authors: [{ name: "Ben" }, { name: "Cy" }],
            date_modified: "2025-06-04",
          },
        ],
      }),
    );
    assert.deepEqual(
      articles.map(({ sourceId, title, authors }) => [sourceId, title, authors]),
      [
        ["7", "One", ["Ann"]],
        ["8", "Two <b> of it", ["Ben", "Cy"]],
      ],
    );
    assert.equal(articles[0]?.text, "Whole.\n\nText.");
    assert.deepEqual(hub, { url: "https://hub.example/", topic: "https://quay.example/feed.json" });
  });
  it("FeedBurner, past its counter", () => {
    const article = only(
      rss(
        '<item xmlns:f="http://rssnamespace.org/feedburner/ext/1.0"><title>t</title><link>https://burner.example/~r/1</link><f:origLink>https://quay.example/1</f:origLink></item>',
      ),
    );
    assert.equal(article.url, "https://quay.example/1");
  });
  it("a guid that is a link, whole or from the root of the site", () => {
    const urls = parse(
      rss(
        '<item><title>1</title><guid>https://quay.example/1</guid></item><item><title>2</title><guid isPermaLink="true">/2</guid></item><item><title>3</title><guid isPermaLink="false">https://quay.example/3</guid></item><item><title>4</title><guid>4</guid></item>',
      ),
    ).articles.map(({ url }) => url);
    assert.deepEqual(urls, ["https://quay.example/1", "https://quay.example/2", null, null]);
  });
  it("a namespace on the wrong element", () => {
    assert.equal(
      only('<rss xmlns="http://www.w3.org/2005/Atom"><channel><item><title>t</title></item></channel></rss>').title,
      "t",
    );
    assert.equal(
      only(rss('<item><title>t</title><x:title xmlns:x="https://x.example/">no</x:title></item>')).title,
      "t",
    );
  });
});
