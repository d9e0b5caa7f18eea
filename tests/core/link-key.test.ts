import assert from "node:assert/strict";
import { test } from "node:test";
import { linkKey } from "#core/link-key";

/** Each row leads to one article. */
const same: Readonly<Record<string, string[]>> = {
  "scheme, host, port and slash": [
    "https://bell.example/2026/fire",
    "http://bell.example/2026/fire/",
    "https://www.bell.example:443/2026/fire",
    "http://m.bell.example:80/2026/fire",
    "https://mobile.bell.example//2026//fire",
    "https://BELL.example./2026/fire",
    "https://user:secret@bell.example/2026/fire",
    "https://bell.example/2026/fire/index.html",
    "https://bell.example/2026/x/../fire/default.aspx",
  ],
  "AMP in all its forms": [
    "https://bell.example/2026/fire?id=7",
    "https://amp.bell.example/2026/fire?id=7",
    "https://bell.example/2026/fire/amp?id=7",
    "https://bell.example/2026/fire/amp/?id=7",
    "https://bell.example/amp/2026/fire?id=7",
    "https://bell.example/2026/fire/amp.html?id=7",
    "https://bell.example/2026/fire?amp=1&id=7",
    "https://bell.example/2026/fire?amp&id=7",
    "https://bell.example/2026/fire?id=7&outputType=amp",
    "https://www.google.co.il/amp/s/www.bell.example/2026/fire?id=7",
    "https://bell-example.cdn.ampproject.org/c/s/bell.example/2026/fire?id=7&amp_js_v=0.1&usqp=x",
    "https://bell-example.cdn.ampproject.org/v/bell.example/2026/fire/amp?id=7#aoh=1",
  ],
  "AMP before an ending": ["https://bell.example/fire.html", "https://bell.example/fire.amp.html"],
  "a redirect of Google's": [
    "https://www.google.com/url?rct=j&sa=t&url=https://bell.example/fire&ct=ga",
    "https://bell.example/fire",
  ],
  "tracking and order of parameters": [
    "https://bell.example/story?id=5&page=2",
    "https://bell.example/story?page=2&id=5",
    "https://bell.example/story?utm_source=x&id=5&UTM_Medium=y&page=2&fbclid=abc",
    "https://bell.example/story?page=2&ref=homepage&id=5&from=rss&source=twitter-main",
    "https://bell.example/story?page=2&id=5&cmpid=7&xtor=RSS-1&at_medium=custom7&_ga=1.2&gaa_at=g",
    "https://bell.example/story?page=2&&id=5&#comments",
  ],
  "a way of writing": [
    "https://bell.example/חדשות/שריפה",
    "https://bell.example/%D7%97%D7%93%D7%A9%D7%95%D7%AA/%D7%A9%D7%A8%D7%99%D7%A4%D7%94",
    "https://bell.example/%d7%97%d7%93%d7%a9%d7%95%d7%aa/%d7%a9%d7%a8%d7%99%d7%a4%d7%94/",
  ],
  "composed and decomposed letters": ["https://bell.example/caf%C3%A9", "https://bell.example/cafe%CC%81"],
  "a host in its own script": ["https://חדשות.example/1", "https://xn--7dbee7eg.example/1"],
  "a plus and a space": [
    "https://bell.example/s?q=a+b%C3%A9",
    "https://bell.example/s?q=a%20b%C3%A9",
    "https://bell.example/s?q=a b%C3%A9",
  ],
  "bytes of another charset": ["https://bell.example/%f9%ec%e5%ed", "https://bell.example/%F9%EC%E5%ED"],
  "a session": ["https://bell.example/a;jsessionid=12AB?x=1", "https://bell.example/a?x=1&PHPSESSID=77"],
  "a route within one file": ["https://bell.example/#!/story/5", "http://www.bell.example/#!/story/5"],
};

for (const [what, links] of Object.entries(same)) {
  test(`one article: ${what}`, () => {
    const [first = "", ...rest] = links;
    const key = linkKey(first);
    assert.notEqual(key, null);
    for (const link of rest) assert.equal(linkKey(link), key, link);
  });
}

test("what identifies an article stays", () => {
  const links = [
    "https://bell.example/story",
    "https://bell.example/Story",
    "https://bell.example/story?id=5",
    "https://bell.example/story?id=6",
    "https://bell.example/?p=6",
    "https://bell.example/?article=6",
    "https://bell.example/story?ref=12345",
    "https://bell.example/story?m=202603",
    "https://bell.example:8080/story",
    "https://news.bell.example/story",
    "https://bell.example/amplifier",
    "https://bell.example/camp/story",
    "https://bell.example/a%2Fb",
    "https://bell.example/a/b",
    "https://bell.example/#!/story/5",
    "https://bell.example/#!/story/6",
    "https://m.co.uk/story",
    "https://amp.co.uk/story",
    "https://www.google.com/search?q=story",
  ];
  const keys = links.map(linkKey);
  assert.ok(!keys.includes(null), String(links[keys.indexOf(null)]));
  assert.equal(new Set(keys).size, links.length);
});

test("a home page, its languages and its standing sections name no article", () => {
  for (const link of [
    "https://bell.example",
    "https://bell.example/",
    "https://www.bell.example/index.html",
    "https://bell.example/?utm_source=rss",
    "https://bell.example/amp/",
    "https://bell.example/he/",
    "https://bell.example/en-gb",
    "https://bell.example/?lang=ru&page=2",
    "https://bell.example/news/#top",
    "https://bell.example/#",
  ]) {
    assert.equal(linkKey(link), null, link);
  }
});

test("what is no web link has no key, and nothing makes it throw", () => {
  for (const link of [
    "",
    "fire",
    "/2026/fire",
    "mailto:desk@bell.example",
    "javascript:alert(1)",
    "https://",
    "http://[::1",
    "ftp://bell.example/a",
  ]) {
    assert.equal(linkKey(link), null, link);
  }
  assert.equal(linkKey(`https://bell.example/${"a".repeat(5000)}`), null);
  const nested = `${"https://www.google.com/url?url=".repeat(60)}https://bell.example/a`;
  assert.equal(typeof linkKey(nested), "string");
  for (const odd of [
    "https://bell.example/%",
    "https://bell.example/?%=%&=&a==",
    "https://bell.example/\ud800",
    "https://www.google.com/amp/s/",
    "https://x.cdn.ampproject.org/c/s/",
  ]) {
    assert.doesNotThrow(() => linkKey(odd), odd);
  }
});

test("a key is the key of its own link", () => {
  for (const links of Object.values(same)) {
    const key = linkKey(links[0] ?? "");
    assert.equal(linkKey(`https://${key}`), key);
  }
});
