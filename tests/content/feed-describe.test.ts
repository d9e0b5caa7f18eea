import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeFeed } from "#content/feed/describe";
import { FeedError } from "#core/errors";

const told = (text: string, url = "https://quay.example/feed") =>
  describeFeed(Buffer.from(text), { url, contentType: null });

describe("a feed as its document says it", () => {
  it("has every item in its place, nothing judged", () => {
    const feed = told(
      `<rss version="2.0"><channel><title>Quay</title><link>https://quay.example/</link><language>en-GB</language>
        <item><title>One</title><link>/1</link><guid>a</guid><pubDate>Wed, 04 Jun 2025 07:30:00 GMT</pubDate><author>ann@quay.example (Ann Pier)</author><description>&lt;p&gt;Short.&lt;/p&gt;&lt;img src="/p.jpg"&gt;</description></item>
        <item><title>One</title><link>/1</link><guid>a</guid></item>
        <item><pubDate>never</pubDate></item>
      </channel></rss>`,
    );
    assert.equal(feed.title, "Quay");
    assert.equal(feed.link, "https://quay.example/");
    assert.equal(feed.language, "en-gb");
    assert.equal(feed.items.length, 3);
    assert.deepEqual(feed.items[0], {
      title: "One",
      link: "https://quay.example/1",
      id: "a",
      published: "2025-06-04T07:30:00.000Z",
      updated: "2025-06-04T07:30:00.000Z",
      author: "Ann Pier",
      summary: "Short.",
      content: "Short.",
      image: "https://quay.example/p.jpg",
    });
    assert.equal(feed.items[2]?.published, null);
    assert.equal(feed.items[2]?.id, null);
  });

  it("leaves links as they are written when it does not know to what they are relative", () => {
    const text = "<rss><channel><title>Q</title><item><title>t</title><link>story/1</link></item></channel></rss>";
    assert.equal(told(text, "").items[0]?.link, "story/1");
    assert.equal(told(text).items[0]?.link, "https://quay.example/story/1");
  });

  it("tells summary from body, and published from updated", () => {
    const [item] = told(
      `<feed xmlns="http://www.w3.org/2005/Atom"><title>Q</title><author><name>The Quay Desk</name></author><entry><title>t</title><id>/e/1</id>
        <published>2025-06-04T07:00:00Z</published><updated>2025-06-04T09:00:00Z</updated>
        <summary>Brief.</summary><content type="html">&lt;p&gt;Long &amp;amp; whole.&lt;/p&gt;&lt;p&gt;And more.&lt;/p&gt;</content></entry></feed>`,
    ).items;
    assert.equal(item?.summary, "Brief.");
    assert.equal(item?.content, "Long & whole.\n\nAnd more.");
    assert.equal(item?.published, "2025-06-04T07:00:00.000Z");
    assert.equal(item?.updated, "2025-06-04T09:00:00.000Z");
    assert.equal(item?.author, "The Quay Desk");
    assert.equal(item?.id, "https://quay.example/e/1");
  });

  it("is refused in words when it is none", () =>
    assert.throws(
      () => told("<opml/>", ""),
      (error) => error instanceof FeedError && /^The document is/.test(error.message),
    ));
});
