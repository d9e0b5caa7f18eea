import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ArticleFile, readArticleFile } from "#content/push/article-file";
import { callbackOf, reachableBase } from "#content/push/callback";
import { leaseFrom } from "#content/push/lease";
import { isSignedBy, readSignature } from "#content/push/signature";

const read = (json: unknown): ArticleFile => {
  const result = readArticleFile(json);
  assert.ok(!("problems" in result), JSON.stringify(result));
  return result;
};
const problems = (json: unknown): string[] => {
  const result = readArticleFile(json);
  return "problems" in result ? result.problems.map(({ path }) => path) : [];
};

describe("an article handed in", () => {
  it("needs a title, or a url whose page says it", () => {
    assert.equal(read({ title: "Ferry" }).isBare, false);
    assert.equal(read({ url: "https://bell.example/a" }).isBare, true);
    assert.deepEqual(problems({ summary: "Only this." }), ["title"]);
    assert.deepEqual(problems({ title: " <b></b> " }), ["title"]);
  });

  it("is known by its id, else by its link without what changes nothing, else by its title", () => {
    const idOf = (json: unknown): string => read(json).article.sourceId;
    assert.equal(idOf({ id: " a 1", title: "x" }), " a 1");
    assert.equal(idOf({ id: 42, title: "x" }), "42");
    assert.equal(
      idOf({ title: "x", url: "https://bell.example/a?utm_source=b" }),
      idOf({ url: "https://bell.example/a" }),
    );
    assert.notEqual(idOf({ title: "x" }), idOf({ title: "y" }));
    assert.ok(idOf({ url: `https://bell.example/${"a".repeat(4000)}` }).length < 100);
  });

  it("comes out as plain text, written as text or as HTML", () => {
    const { article } = read({
      title: "Q&amp;A: <em>what</em> now\u202e?",
      kicker: " <p>Port</p> ",
      summary: "<p>One.</p><p>Two.</p>",
      text: "<h2>Head</h2><p>One &lt; two.</p><script>alert(1)</script>",
      authors: ["<b>Noa</b>", "", "Noa"],
      source: "The&nbsp;Bell",
    });
    assert.equal(article.title, "Q&A: what now?");
    assert.equal(article.kicker, "Port");
    assert.equal(article.summary, "One. Two.");
    assert.equal(article.text, "Head\n\nOne < two.");
    assert.deepEqual(article.authors, ["Noa"]);
    assert.equal(article.source, "The Bell");
  });

  it("is a clean article or a list of problems in words, whatever it is made of", () => {
    const odd: unknown[] = [
      undefined,
      null,
      "",
      " ",
      0,
      -1,
      1e300,
      true,
      [],
      {},
      [[]],
      ["x", 5],
      { toString: 1 },
      "א".repeat(5000),
      "\0",
      "\ud800",
      "<img src=x onerror=alert(1)>",
      "javascript:alert(1)",
      "https://",
      "http://[",
      "https://bell.example/ \n a",
      "//bell.example",
      "data:text/html,x",
      "2026-13-01T00:00:00Z",
      "2026-03-01T00:00:00+02:00",
      "he",
      "x-private",
      "__proto__",
      "1".repeat(2_000_000),
    ];
    const fields =
      "id url title kicker summary text image authors source topics language publishedAt updatedAt breaking retracted".split(
        " ",
      );
    let seed = 20260301;
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    let good = 0;
    for (let run = 0; run < 2_000; run++) {
      const json = Object.fromEntries(
        fields.filter(() => next(8) === 0).map((field) => [field, odd[next(odd.length)]]),
      );
      if (next(2) === 0) json.title = "Ferry";
      const result = readArticleFile(json);
      if ("problems" in result) {
        assert.ok(result.problems.length > 0);
        for (const { path, problem } of result.problems) {
          assert.match(path, /^[a-zA-Z]+(?:\.\d+)?$/);
          assert.match(problem, /^(?:must|is missing)/);
        }
        continue;
      }
      good += 1;
      const { article } = result;
      for (const link of [article.url, article.image])
        assert.ok(link === null || /^https?:\/\/[^\s/]/.test(link), String(link));
      const texts = [
        article.sourceId,
        article.title,
        article.kicker,
        article.summary,
        article.source,
        ...article.topics,
      ];
      for (const text of texts) assert.doesNotMatch(text ?? "", /[\0-\x08\x0e-\x1f]|\p{Cs}/u);
      for (const date of [article.publishedAt, article.updatedAt]) assert.ok(!date || !Number.isNaN(date.getTime()));
    }
    assert.ok(good > 100, `${good} good ones`);
    for (const json of odd) assert.ok("problems" in readArticleFile(json));
  });
});

describe("a lease", () => {
  const now = new Date("2026-03-01T12:00:00Z");
  const minutes = (seconds: string | undefined): number[] => {
    const { renewAt, expiresAt } = leaseFrom(now, seconds);
    return [renewAt, expiresAt].map((date) => (date.getTime() - now.getTime()) / 60_000);
  };

  it("is renewed at two thirds, an hour before its end at the latest, at half where it is short", () => {
    assert.deepEqual(minutes("864000"), [9_600, 14_400]);
    assert.deepEqual(minutes("10800"), [120, 180]);
    assert.deepEqual(minutes("9000"), [90, 150]);
    assert.deepEqual(minutes("7200"), [60, 120]);
    assert.deepEqual(minutes("600"), [5, 10]);
    assert.deepEqual(minutes("1"), [1, 1 / 60]);
  });

  it("ends before it is renewed only where it is shorter than a minute", () => {
    for (let seconds = 61; seconds < 40 * 86_400; seconds = Math.ceil(seconds * 1.3)) {
      const [renew = 0, end = 0] = minutes(String(seconds));
      assert.ok(renew < end, `${seconds} s`);
      assert.ok(renew >= end / 2 || renew === 1, `${seconds} s`);
    }
  });

  it("of no length that can be read counts as a day, and never as more than thirty", () => {
    for (const odd of [undefined, "", "0", "-1", "1.5", "NaN", "1e9", "9".repeat(40), "٣٦٠٠"]) {
      assert.deepEqual(minutes(odd), [960, 1_440], String(odd));
    }
    assert.deepEqual(minutes("999999999999"), [28_800, 43_200]);
  });
});

describe("a callback", () => {
  it("stands at an address that hubs can reach, or nowhere", () => {
    assert.equal(callbackOf(reachableBase("https://crier.example/") ?? "", "T"), "https://crier.example/websub/T");
    assert.equal(
      callbackOf(reachableBase("http://news.example:8443/crier") ?? "", "T"),
      "http://news.example:8443/crier/websub/T",
    );
    for (const own of [
      null,
      "",
      "crier.example",
      "ftp://crier.example",
      "http://localhost:8080",
      "https://crier.localhost",
      "http://127.3.2.1",
      "http://2130706433",
      "http://[::1]",
    ]) {
      assert.equal(reachableBase(own), null, String(own));
    }
  });
});

describe("a hub's signature", () => {
  it("is good over just these bytes, by each method of WebSub and no other", () => {
    const body = new TextEncoder().encode("שלום");
    // From: printf שלום | openssl dgst -sha256 -hmac key
    const known = "sha256=bc746d3fd9e8a781d240699da6ca32d897f890741c299b3515d3c113e2cb9623";
    assert.ok(isSignedBy("key", readSignature(known) ?? assert.fail(), body));
    assert.ok(isSignedBy("key", readSignature(known.toUpperCase()) ?? assert.fail(), body));
    assert.ok(!isSignedBy("Key", readSignature(known) ?? assert.fail(), body));
    assert.ok(!isSignedBy("key", readSignature(known) ?? assert.fail(), new TextEncoder().encode("שלום ")));
    for (const odd of [
      undefined,
      "",
      "sha256",
      "sha256=",
      "sha256=xyz",
      `md5=${"0".repeat(32)}`,
      `sha3=${"0".repeat(64)}`,
      `sha256=${"0".repeat(400)}`,
    ]) {
      assert.equal(readSignature(odd), null, String(odd).slice(0, 40));
    }
    assert.ok(!isSignedBy("key", readSignature(`sha256=${"0".repeat(40)}`) ?? assert.fail(), body), "a short digest");
  });
});
