import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ParsedFeed, parseFeed } from "#content/feed/parse";
import { FeedError } from "#core/errors";
import { workedMs } from "#tests/fakes/cpu";

/** Parses, or is refused in words; anything else that is thrown is a fault. */
function attempt(bytes: Uint8Array): ParsedFeed | null {
  try {
    return parseFeed(bytes, { url: "https://hostile.example/feed", contentType: null });
  } catch (error) {
    assert(error instanceof FeedError, error instanceof Error ? error.stack : String(error));
    assert.equal(error.reason, "not-a-feed");
    return null;
  }
}

/** The same numbers at each run (mulberry32). */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const whole = `<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>שלום</title>
<item><title>One &amp; two</title><link>https://a.example/1</link><guid>1</guid><description><![CDATA[<p>x</p>]]></description><pubDate>Tue, 03 Jun 2025 08:00:00 GMT</pubDate></item></channel></rss>`;

describe("hostile bytes", { timeout: 60_000 }, () => {
  it("never end in anything but articles or words", () => {
    const random = createRandom(20250603);
    for (let round = 0; round < 400; round++) {
      attempt(Uint8Array.from({ length: random(300) }, () => random(256)));
      const damaged = Buffer.from(whole);
      for (let hits = 1 + random(8); hits > 0; hits--) damaged[random(damaged.length)] = random(256);
      const feed = attempt(damaged.subarray(0, random(4) ? damaged.length : random(damaged.length)));
      for (const article of feed?.articles ?? []) {
        assert.notEqual(article.title, "");
        assert(article.title.isWellFormed());
        assert.doesNotMatch(`${article.title}${article.summary}`, /[\0-\x08\x0b\x0c\x0e-\x1f]/);
        if (article.url) assert.match(article.url, /^https?:\/\//);
      }
    }
  });

  const repeat = (text: string, times: number): string => text.repeat(times);
  const item = (inside: string): string =>
    `<rss version="2.0"><channel><title>T</title><item>${inside}</item></channel></rss>`;
  const lol = Array.from({ length: 9 }, (_, level) => `<!ENTITY l${level + 1} "${repeat(`&l${level};`, 10)}">`).join(
    "",
  );
  const rdfItems = (count: number): string =>
    `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><items><rdf:Seq>${Array.from(
      { length: count },
      (_, n) => `<rdf:li rdf:resource="u${n}"/>`,
    ).join("")}</rdf:Seq></items></channel>${repeat('<item rdf:about="x"><title>t</title></item>', count)}</rdf:RDF>`;

  const cases: Record<string, string> = {
    "entities that multiply": `<!DOCTYPE rss [<!ENTITY l0 "lol">${lol}]>${item("<title>&l9;</title>")}`,
    "an entity that reads a file": `<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>${item("<title>&x;</title>")}`,
    "a DOCTYPE without an end": `<!DOCTYPE rss [${repeat("<!ENTITY a 'b'>", 50_000)}`,
    "elements in elements": item(repeat("<a>", 200_000)),
    "HTML in HTML": item(`<title>t</title><description><![CDATA[${repeat("<div><b>", 300_000)}]]></description>`),
    "brackets without an end": item(`<title>t</title><description><![CDATA[${repeat("<", 1_000_000)}]]></description>`),
    "tags without an end": item(`<title><![CDATA[${repeat("<b ", 500_000)}]]></title>`),
    "scripts without an end": item(`<title><![CDATA[${repeat("<script>", 300_000)}]]></title>`),
    "comments without an end": repeat("<!--", 500_000),
    "CDATA without an end": item(repeat("<title><![CDATA[", 200_000)),
    ampersands: item(`<title>${repeat("&", 2_000_000)}</title>`),
    "entities by number": item(`<title>${repeat("&#38;", 400_000)}</title>`),
    blanks: `${repeat(" ", 5_000_000)}x`,
    "blanks in a text": item(`<title>t</title><description>x${repeat(" ", 3_000_000)}y</description>`),
    "authors without end": item(`<title>t</title>${repeat(`<author>${repeat("a@", 248)}</author>`, 15_000)}`),
    "one long date": item(`<title>t</title><pubDate>${repeat("1:", 1_000_000)}</pubDate>`),
    "one long address": item(`<title>t</title><link>https://a.example/${repeat("a/../", 500_000)}</link>`),
    "many attributes": item(`<title ${Array.from({ length: 100_000 }, (_, n) => `a${n}="x"`).join(" ")}>t</title>`),
    "many categories": item(`<title>t</title>${repeat("<category>x</category>", 100_000)}`),
    "RDF with two long lists": rdfItems(60_000),
    "ends in other ends": item(`${repeat("<a><b>", 50_000)}${repeat("</a></c>", 50_000)}`),
    "items in items": repeat("<rss><channel><item><title>t</title>", 30_000),
    "names for names": `<rss ${Array.from({ length: 5000 }, (_, n) => `xmlns:p${n}="u${n}"`).join(" ")}><channel>${repeat('<item xmlns:q="v"><q:title>t</q:title></item>', 20_000)}</channel></rss>`,
    "one id for all": `<rss><channel>${Array.from({ length: 5000 }, (_, n) => `<item><title>t${n}</title><guid>x</guid></item>`).join("")}</channel></rss>`,
    "an entity again and again": `<!DOCTYPE rss [<!ENTITY a "${repeat("abc", 300)}">]>${item(`<title>${repeat("&a;", 200_000)}</title>`)}`,
    "pictures without an end": item(
      `<title>t</title><description><![CDATA[${repeat("<img src='/a.jpg'>", 100_000)}]]></description>`,
    ),
    "authors without an end": item(`<title>t</title><author>${repeat("a@b ", 200_000)}</author>`),
    "tombstones without an end": `<feed xmlns:at="http://purl.org/atompub/tombstones/1.0">${repeat('<at:deleted-entry ref="x"/>', 50_000)}</feed>`,
    "JSON in JSON": `{"version":"https://jsonfeed.org/version/1","title":"T","items":${repeat("[", 500_000)}`,
    "JSON with a prototype":
      '{"version":"https://jsonfeed.org/version/1","title":"T","__proto__":{"items":[]},"items":[{"id":"1","title":"t","constructor":{"name":"x"}}]}',
    "a sentence without an end": item(`<description>${repeat("a", 2_000_000)}</description>`),
    "read more, again and again": item(`<title>t</title><description>${repeat("Read more ", 200_000)}</description>`),
  };
  for (const [name, text] of Object.entries(cases)) {
    it(`are done with in time: ${name}`, { timeout: 60_000 }, () => {
      const bytes = Buffer.from(text);
      const started = workedMs();
      const feed = attempt(bytes);
      const spent = workedMs() - started;
      assert(spent < 5000, `took ${Math.round(spent)} ms`);
      const said = JSON.stringify(
        feed?.articles.map(({ title, summary, topics }) => ({ title, summary, topics })) ?? [],
      );
      assert(said.length < 500_000, `${said.length} characters came out`);
      assert.doesNotMatch(said, /root:|lollollol/);
    });
  }
});
