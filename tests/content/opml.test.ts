import assert from "node:assert/strict";
import { test } from "node:test";
import { type OpmlFeed, readOpml } from "#content/opml/read";
import { writeOpml } from "#content/opml/write";
import { FeedError } from "#core/errors";
import { workedMs } from "#tests/fakes/cpu";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const now = new Date("2026-11-24T12:00:00Z");

test("folders become topics, and each feed is given once with all of its", () => {
  const { title, feeds, unreadable } = readOpml(
    bytes(`<?xml version="1.0"?><opml version="2.0"><head><title>Morning &amp; evening</title></head><body>
      <outline text="Sea"><outline text="Ports" title="The ports">
        <outline type="rss" text="Harbour &lt;b&gt;Bell&lt;/b&gt;" xmlUrl="https://bell.example/feed?a=1&amp;b=2" htmlUrl="https://bell.example"/>
      </outline><outline type="atom" title="Ferries" xmlUrl="https://ferry.example/atom"/></outline>
      <outline text="Town"><outline text="Again" xmlUrl="https://bell.example/feed?a=1&amp;b=2"/></outline>
      <outline text="https://plain.example/rss" xmlUrl="https://plain.example/rss"/>
      <outline type="link" text="A page" url="https://page.example"/>
      <outline type="rss" text="No address"/><outline text="Odd" xmlUrl="ftp://old.example/feed"/>
    </body></opml>`),
  );
  assert.equal(title, "Morning & evening");
  assert.deepEqual(feeds, [
    { address: "https://bell.example/feed?a=1&b=2", title: "Harbour Bell", topics: ["Sea", "Ports", "Town"] },
    { address: "https://ferry.example/atom", title: "Ferries", topics: ["Sea"] },
    { address: "https://plain.example/rss", title: null, topics: [] },
  ]);
  assert.deepEqual(unreadable, ["No address", "ftp://old.example/feed"]);
});

test("careless lists are read", () => {
  const addresses = (text: string | Uint8Array): string[] =>
    readOpml(typeof text === "string" ? bytes(text) : text).feeds.map(({ address }) => address);
  assert.deepEqual(addresses('<OPML><BODY><OUTLINE TEXT="A" XMLURL="http://a.example/x"/></BODY></OPML>'), [
    "http://a.example/x",
  ]);
  assert.deepEqual(
    addresses(
      '<opml><body><outline text="R & D" xmlurl="http://a.example/?x=1&y=2"><outline text=b xmlUrl=http://b.example/',
    ),
    ["http://a.example/?x=1&y=2"],
  );
  assert.deepEqual(
    addresses('junk\n\n<outline text="A" xmlUrl=" feed:https://a.example/f "/><outline xmlUrl="feed://b.example/f"/>'),
    ["https://a.example/f", "http://b.example/f"],
  );
  assert.deepEqual(addresses('<opml><body><outline type="rss" url="a.example/feed"/></body></opml>'), [
    "http://a.example/feed",
  ]);
  assert.deepEqual(addresses("<opml version='1.0'><head/><body></body></opml>"), []);
});

test("lists in other encodings are read", () => {
  const list = (name: string, encoding: string): string =>
    `<?xml version="1.0" encoding="${encoding}"?><opml><body><outline text="${name}" xmlUrl="https://a.example/"/></body></opml>`;
  const titleIn = (from: Uint8Array): string | null | undefined => readOpml(from).feeds[0]?.title;
  assert.equal(titleIn(Buffer.from(`\ufeff${list("חדשות הנמל", "utf-8")}`)), "חדשות הנמל");
  assert.equal(titleIn(Buffer.from(`\ufeff${list("أخبار الميناء", "utf-16")}`, "utf16le")), "أخبار الميناء");
  const russian = Buffer.from(list("???", "windows-1251"), "latin1");
  russian.set([0xcf, 0xee, 0xf0], russian.indexOf("???"));
  assert.equal(titleIn(russian), "Пор");
});

const feeds: OpmlFeed[] = [
  { address: "https://bell.example/feed?a=1&b=%D7%A9", title: 'The "Bell" & <Co>', topics: [], kind: "feed" },
  {
    address: "https://bell.example/sitemap.xml",
    title: "חדשות &amp; עוד",
    topics: ["ים, נמל", "A / B"],
    kind: "sitemap",
  },
  { address: "/srv/posts/the  town", title: null, topics: ["ים, נמל", "A / B"], kind: "folder" },
  {
    address: "https://bell.example/news",
    title: "News",
    topics: ["Town"],
    kind: "listing",
    rules: {
      include: [{ words: ["ferry", 'say "no"'], languages: ["he", "en-gb"] }, { pattern: "a  b\\d+ & <c>\t/x" }],
      exclude: [{ topics: ["Opinion"], authors: ["Дана Леви"] }],
      topics: [{ topic: "Town", when: {} }],
      breaking: "never",
      selector: 'article > a[href^="/news/"]',
      pages: true,
      intervalMs: 30_000,
    },
  },
  { address: "https://plain.example/rss", title: null, topics: [] },
];

test("what Crier writes it reads back", () => {
  const written = writeOpml({ title: "The <Bell> & עיתון", feeds, now });
  const { title, feeds: read, unreadable } = readOpml(bytes(written));
  assert.equal(title, "The <Bell> & עיתון");
  assert.deepEqual(unreadable, []);
  const byAddress = (list: OpmlFeed[]): OpmlFeed[] => list.toSorted((a, b) => (a.address < b.address ? -1 : 1));
  assert.deepEqual(byAddress(read), byAddress(feeds));
  assert.equal(written.match(/<outline text="ים, נמל">/g)?.length, 1, "feeds of one folder lie in one");
  assert.deepEqual(readOpml(bytes(writeOpml({ title: "None", feeds: [], now }))).feeds, []);
});

test("rules that Crier did not write so are left out, and it is said", () => {
  const rules = [
    "{",
    '{"include":"all"}',
    '{"unknown":1}',
    '{"exclude":[{"words":[1]}]}',
    '{"intervalMs":0}',
    '{"topics":[{"topic":"x"}]}',
    `{"include":[{"pattern":"${"x".repeat(2000)}"}]}`,
  ];
  for (const json of rules) {
    const list = `<opml xmlns:crier="urn:crier:opml"><outline title="A" xmlUrl="https://a.example/" crier:kind="page" crier:rules="${json.replaceAll('"', "&quot;")}"/></opml>`;
    const [feed] = readOpml(bytes(list)).feeds;
    assert.equal(feed?.kind, "page");
    assert.equal(feed.rules, undefined, json);
    assert.match(feed.problem ?? "", /cannot be read/);
  }
  const foreign = `<opml><outline title="A" xmlUrl="https://a.example/" kind="folder" crier:kind="folder"/></opml>`;
  assert.equal(readOpml(bytes(foreign)).feeds[0]?.kind, undefined);
});

test("what is no list ends in words", () => {
  const failure = (from: Uint8Array | string): FeedError => {
    try {
      readOpml(typeof from === "string" ? bytes(from) : from);
    } catch (error) {
      assert(error instanceof FeedError, String(error));
      return error;
    }
    return assert.fail("it was read");
  };
  for (const text of ["", "\0\0\0", "{}", "<html><body>Not here</body></html>", "<rss><channel/></rss>"]) {
    assert.equal(failure(text).reason, "not-a-feed", text);
  }
  assert.match(failure("<html></html>").message, /export one as OPML/);
  assert.equal(failure(new Uint8Array(10 * 1024 * 1024 + 1)).reason, "too-large");
  const many = Array.from({ length: 10_001 }, (_, index) => `<outline xmlUrl="https://a.example/${index}"/>`).join("");
  assert.match(failure(`<opml>${many}</opml>`).message, /more than 10,000 feeds/);
});

test("lists made to be slow end within reason", () => {
  const began = workedMs();
  const mebibytes = (unit: string): Uint8Array => bytes(`<opml>${unit.repeat((9 * 1024 * 1024) / unit.length)}`);
  for (const unit of [
    '<outline text="a">',
    '<outline a="',
    "<outline",
    "&amp;",
    "<!--",
    "<![CDATA[",
    "<a>",
    "</a>",
    "<",
  ]) {
    try {
      readOpml(mebibytes(unit));
    } catch (error) {
      assert(error instanceof FeedError, `${unit}: ${String(error)}`);
    }
  }
  assert.ok(workedMs() - began < 20_000);
});
