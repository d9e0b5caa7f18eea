import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { request } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { readArticleFile } from "#content/push/article-file";
import { FeedError } from "#core/errors";
import type { Article } from "#core/model";
import type { Taken } from "#src/console/hand-in";
import { hookRoutes } from "#src/console/hooks";
import { serveConsole } from "#src/console/serve";
import { createVirtualClock } from "#tests/fakes/clock";
import { createMemoryLog } from "#tests/fakes/log";

const secret = "a-secret-of-the-newsroom-17";

/** Keeps articles by their ids as the store does, one request after the other; fails on request. */
function createDesk() {
  const kept = new Map<string, Article>();
  const retracted = new Set<string>();
  let calls = 0;
  let failures = 0;
  let last: Promise<unknown> = Promise.resolve();
  const takeOne = (article: Article): Taken => {
    const { sourceId } = article;
    const known = kept.get(sourceId);
    if (article.topics.includes("advertisement"))
      return { sourceId, verdict: "left out", why: "The feed's rules leave it out." };
    kept.set(sourceId, article);
    if (!known) return { sourceId, verdict: "new", why: null };
    return { sourceId, verdict: known.title === article.title ? "known" : "changed", why: null };
  };
  return {
    kept,
    retracted,
    calls: () => calls,
    failNext() {
      failures += 1;
    },
    take(articles: Article[], takenBack: string[]): Promise<Taken[]> {
      const turn = last.then(async () => {
        calls += 1;
        await new Promise((resolve) => setImmediate(resolve));
        if (failures-- > 0) throw new Error("disk full at /secret/path");
        failures = 0;
        const back = takenBack.filter((id) => kept.has(id) && !retracted.has(id));
        for (const id of back) retracted.add(id);
        return [...articles.map(takeOne), ...back.map((sourceId): Taken => ({ sourceId, verdict: "retracted" }))];
      });
      last = turn.catch(() => {});
      return turn;
    },
  };
}

async function openHook(t: TestContext, given: string | null = secret) {
  const clock = createVirtualClock();
  const log = createMemoryLog();
  const desk = createDesk();
  const stopping = new AbortController();
  let reads = 0;
  const pages = await serveConsole({
    host: "127.0.0.1",
    port: 0,
    log,
    routes: [
      hookRoutes({
        secret: given,
        async read(json) {
          reads += 1;
          return readArticleFile(json);
        },
        async complete(article) {
          if (article.url?.endsWith("/gone")) throw new FeedError("http-status", `${article.url} is not there.`);
          if (article.url?.endsWith("/broken")) throw new TypeError("a fault of Crier's own");
          if (article.url?.endsWith("/mute")) return article;
          return { ...article, sourceId: "the page's own", title: "כותרת מן הדף", text: "גוף הידיעה." };
        },
        take: desk.take,
        clock,
        log,
        signal: stopping.signal,
      }),
    ],
  });
  t.after(() => pages.close());
  const url = `${pages.url}/hooks/articles`;
  const post = async (body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", ...headers },
      body: body as string,
    });
    const text = await answer.text();
    const said = (text.startsWith("{") ? JSON.parse(text) : { text }) as {
      articles?: { id: string; url: string | null; verdict: string; why?: string }[];
      problems?: { path: string; problem: string }[];
      text?: string;
    };
    return { status: answer.status, headers: answer.headers, ...said };
  };
  const hand = (article: unknown, headers?: Record<string, string>) => post(JSON.stringify(article), headers);
  const sign = (
    body: string | Uint8Array,
    at = clock.now().getTime() / 1000,
    key = secret,
  ): Record<string, string> => ({
    authorization: "",
    "x-crier-timestamp": String(Math.floor(at)),
    "x-crier-signature": `sha256=${createHmac("sha256", key)
      .update(`${Math.floor(at)}.`)
      .update(body)
      .digest("hex")}`,
  });
  return { clock, log, desk, url, base: pages.url, post, hand, sign, reads: () => reads };
}

const paths = ({ problems }: { problems?: { path: string }[] }) => problems?.map(({ path }) => path);

describe("the webhook's articles", () => {
  it("takes one article and says what became of it, once and for all", async (t) => {
    const { desk, hand } = await openHook(t);
    const article = {
      id: 17,
      title: "המעבורת חוזרת לפעול &amp; <b>מוקדם</b>",
      url: "https://bell.example/ferry?utm_source=cms#top",
      summary: "<p>השירות מתחדש הבוקר.</p>",
      text: "פסקה אחת.\n\nפסקה שנייה.",
      authors: ["נועה לוי"],
      topics: ["תחבורה", "תחבורה"],
      language: "iw",
      publishedAt: "2026-03-01T14:00:00+02:00",
      updatedAt: "2026-03-01T14:05:00+02:00",
      breaking: true,
      somethingElse: { deep: [1] },
    };
    const first = await hand(article);
    assert.equal(first.status, 202);
    assert.deepEqual(first.articles, [{ id: "17", url: "https://bell.example/ferry", verdict: "new" }]);
    assert.deepEqual(desk.kept.get("17"), {
      sourceId: "17",
      url: "https://bell.example/ferry",
      title: "המעבורת חוזרת לפעול & מוקדם",
      kicker: null,
      summary: "השירות מתחדש הבוקר.",
      text: "פסקה אחת.\n\nפסקה שנייה.",
      image: null,
      authors: ["נועה לוי"],
      source: "bell.example",
      topics: ["תחבורה"],
      language: "he",
      publishedAt: new Date("2026-03-01T12:00:00Z"),
      updatedAt: new Date("2026-03-01T12:05:00Z"),
      breaking: true,
    });
    assert.equal((await hand(article)).articles?.[0]?.verdict, "known");
    assert.equal((await hand({ ...article, title: "Ferry is back" })).articles?.[0]?.verdict, "changed");
    assert.equal(desk.kept.size, 1);
  });

  it("takes a hundred at once, in order, each with its own verdict", async (t) => {
    const { desk, hand } = await openHook(t);
    const articles = Array.from({ length: 100 }, (_, at) => ({ id: `a${at}`, title: `Новость ${at}` }));
    const all = await hand({ articles });
    assert.deepEqual(
      all.articles?.map(({ id }) => id),
      articles.map(({ id }) => id),
    );
    assert.equal(desk.calls(), 1, "durable together");
    const tooMany = await hand({ articles: [...articles, { title: "one more" }] });
    assert.equal(tooMany.status, 422);
    assert.deepEqual(tooMany.problems, [{ path: "articles", problem: "must be a list of 1 to 100 articles" }]);
    for (const bad of [[], "x", null, { 0: {} }]) assert.deepEqual(paths(await hand({ articles: bad })), ["articles"]);
  });

  it("counts the last of an article that comes twice in a request", async (t) => {
    const { desk, hand } = await openHook(t);
    const { articles } = await hand({
      articles: [
        { id: "1", title: "Old" },
        { id: "1", title: "New" },
      ],
    });
    assert.deepEqual(
      articles?.map(({ verdict }) => verdict),
      ["new", "new"],
    );
    assert.equal(desk.kept.get("1")?.title, "New");
  });

  it("takes an article once, however many hands hold it out at once", async (t) => {
    const { desk, hand, sign } = await openHook(t);
    const article = { id: "flood", title: "عاجل: السفينة وصلت" };
    const body = JSON.stringify(article);
    const answers = await Promise.all([
      ...Array.from({ length: 30 }, () => hand(article)),
      ...Array.from({ length: 30 }, (_, at) => hand(article, { ...sign(body, 1_772_366_400 + at), authorization: "" })),
    ]);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
    assert.equal(answers.filter(({ articles }) => articles?.[0]?.verdict === "new").length, 1);
    assert.equal(desk.kept.size, 1);
  });

  it("names every field that is wrong, and takes nothing then", async (t) => {
    const { desk, hand } = await openHook(t);
    const wrong = await hand({
      articles: [
        { title: "well" },
        { title: 5, url: "javascript:alert(1)", topics: ["a", 1], publishedAt: "yesterday", breaking: "yes" },
        "no article",
        { kicker: "only this" },
      ],
    });
    assert.equal(wrong.status, 422);
    assert.deepEqual(paths(wrong), [
      "articles.1.title",
      "articles.1.url",
      "articles.1.topics.1",
      "articles.1.publishedAt",
      "articles.1.breaking",
      "articles.2",
      "articles.3.title",
    ]);
    for (const { problem } of wrong.problems ?? []) assert.match(problem, /^(?:must|is missing)/);
    assert.equal(desk.calls(), 0);
    assert.deepEqual(paths(await hand({ id: "\u0000", language: "!!", image: "x", title: " " })), [
      "title",
      "id",
      "image",
      "language",
    ]);
    for (const nothing of [null, 1, "text", [], true]) assert.equal((await hand(nothing)).status, 422);
  });

  it("reads the page of an article of which only the address came", async (t) => {
    const { desk, hand } = await openHook(t);
    const { articles } = await hand({ url: "https://bell.example/ferry", breaking: true });
    const [article] = [...desk.kept.values()];
    assert.equal(article?.title, "כותרת מן הדף");
    assert.equal(article?.text, "גוף הידיעה.");
    assert.equal(article?.breaking, true);
    assert.deepEqual(articles, [{ id: article?.sourceId, url: "https://bell.example/ferry", verdict: "new" }]);
    assert.equal((await hand({ url: "https://bell.example/ferry" })).articles?.[0]?.verdict, "known");
  });

  it("leaves out an article whose page cannot be read, and no other", async (t) => {
    const { desk, hand } = await openHook(t);
    const mixed = await hand({
      articles: [
        { url: "https://bell.example/gone" },
        { title: "Well" },
        { url: "https://bell.example/mute" },
        { url: "https://bell.example/ferry" },
      ],
    });
    assert.equal(mixed.status, 202);
    assert.deepEqual(
      mixed.articles?.map(({ verdict }) => verdict),
      ["left out", "new", "left out", "new"],
    );
    assert.equal(mixed.articles?.[0]?.why, "https://bell.example/gone is not there.");
    assert.match(mixed.articles?.[2]?.why ?? "", /no headline/);
    assert.equal(desk.kept.size, 2);
    const alone = await hand({ url: "https://bell.example/gone" });
    assert.equal(alone.status, 422);
    assert.deepEqual(alone.problems, [{ path: "url", problem: "https://bell.example/gone is not there." }]);
  });

  it("says why rules left an article out", async (t) => {
    const { hand } = await openHook(t);
    const { articles } = await hand({ id: "ad", title: "Buy", topics: ["advertisement"] });
    assert.deepEqual(articles, [{ id: "ad", url: null, verdict: "left out", why: "The feed's rules leave it out." }]);
  });

  it("takes an article back by its id or its address", async (t) => {
    const { desk, hand } = await openHook(t);
    await hand({
      articles: [
        { id: "1", title: "One" },
        { title: "Two", url: "https://bell.example/two" },
      ],
    });
    const { articles } = await hand({
      articles: [
        { id: "1", retracted: true },
        { url: "https://bell.example/two?utm_medium=x", retracted: true },
        { id: "never", title: "Never", retracted: true },
      ],
    });
    assert.deepEqual(
      articles?.map(({ verdict }) => verdict),
      ["retracted", "retracted", "left out"],
    );
    assert.match(articles?.[2]?.why ?? "", /no such article/);
    assert.equal(desk.retracted.size, 2);
    assert.deepEqual(paths(await hand({ title: "Which?", retracted: true })), ["id"]);
  });
});

describe("the webhook's door", () => {
  it("lets in by the secret alone", async (t) => {
    const { hand, desk, log, reads } = await openHook(t);
    const article = { title: "x" };
    for (const authorization of [
      "",
      "Bearer",
      "Bearer ",
      `Bearer ${secret}x`,
      `Basic ${secret}`,
      secret,
      "Bearer א".normalize(),
    ]) {
      const latin = Buffer.from(authorization).toString("latin1");
      const { status, headers, problems } = await hand(article, { authorization: latin });
      assert.equal(status, 401, authorization);
      assert.equal(headers.get("www-authenticate"), "Bearer");
      assert.match(problems?.[0]?.problem ?? "", /HOOK_SECRET/);
    }
    assert.equal(reads(), 0);
    assert.equal((await hand(article, { authorization: `bearer ${secret}` })).status, 202);
    assert.equal(desk.calls(), 1);
    assert.ok(!JSON.stringify(log.lines).includes(secret));
  });

  it("lets in by a signature over the time and the body", async (t) => {
    const { clock, post, sign } = await openHook(t);
    const body = JSON.stringify({ title: "הספינה הגיעה" });
    assert.equal((await post(body, sign(body))).status, 202);
    const now = clock.now().getTime() / 1000;
    const refused: [string, Record<string, string>][] = [
      ["another secret", sign(body, now, "guess")],
      ["another body", sign(`${body} `)],
      ["too old", sign(body, now - 301)],
      ["too new", sign(body, now + 301)],
      ["another time", { ...sign(body, now - 1), "x-crier-timestamp": String(now) }],
      ["no time", { ...sign(body), "x-crier-timestamp": "" }],
      ["a time that is none", { ...sign(body), "x-crier-timestamp": "1e9" }],
      ["no digest", { ...sign(body), "x-crier-signature": "sha256=" }],
      ["another method", { ...sign(body), "x-crier-signature": `sha1=${"0".repeat(40)}` }],
      ["a wrong one beside the right secret", { ...sign(body, now, "guess"), authorization: `Bearer ${secret}` }],
    ];
    for (const [what, headers] of refused) assert.equal((await post(body, headers)).status, 401, what);
    for (const at of [now - 300, now + 300]) assert.equal((await post(body, sign(body, at))).status, 202, String(at));
  });

  it("takes a signed request once, and again only when it came to nothing", async (t) => {
    const { clock, desk, post, sign } = await openHook(t);
    const body = JSON.stringify({ id: "1", title: "Once" });
    const headers = sign(body, clock.now().getTime() / 1000 + 300);
    desk.failNext();
    assert.equal((await post(body, headers)).status, 500);
    assert.equal((await post(body, headers)).status, 202);
    const again = await post(body, headers);
    assert.equal(again.status, 409);
    assert.match(again.problems?.[0]?.problem ?? "", /came before/);
    assert.equal(
      (
        await post(body, {
          ...headers,
          "x-crier-signature": headers["x-crier-signature"]?.toUpperCase().replace("SHA", "sha") ?? "",
        })
      ).status,
      409,
    );
    for (let minute = 0; minute < 10; minute++) {
      assert.equal((await post(body, headers)).status, 409, `after ${minute} minutes`);
      await post(body, sign(body));
      await clock.sleep(60_000);
    }
    await clock.sleep(1_000);
    assert.equal((await post(body, headers)).status, 401, "too old by then");
  });

  it("knows a signed request for as long as its time is good, whatever comes between", async (t) => {
    const { clock, post, sign } = await openHook(t);
    const body = JSON.stringify({ id: "1", title: "Once" });
    const minute = 60_000;
    assert.equal((await post(body, sign(body))).status, 202);
    await clock.sleep(8 * minute);
    const late = sign(body, clock.now().getTime() / 1000 + 300);
    assert.equal((await post(body, late)).status, 202);
    await clock.sleep(3 * minute);
    assert.equal((await post(body, sign(body))).status, 202);
    assert.equal((await post(body, late)).status, 409);
    await clock.sleep(6 * minute);
    assert.equal((await post(body, sign(body))).status, 202);
    assert.equal((await post(body, late)).status, 409);
  });

  it("shuts for a minute after twenty failures of one address", async (t) => {
    const { clock, hand } = await openHook(t);
    const article = { title: "x" };
    const from = (address: string, key = "guess") =>
      hand(article, { authorization: `Bearer ${key}`, "x-forwarded-for": `6.6.6.6, ${address}` });
    for (let time = 0; time < 20; time++) assert.equal((await from("203.0.113.5")).status, 401);
    const shut = await from("203.0.113.5", secret);
    assert.equal(shut.status, 429);
    assert.equal(shut.headers.get("retry-after"), "60");
    assert.equal((await from("203.0.113.6", secret)).status, 202, "others are not kept out");
    await clock.sleep(60_000);
    assert.equal((await from("203.0.113.5", secret)).status, 202);
  });

  it("is not there without a secret, and says so in the log at start", async (t) => {
    const { hand, log } = await openHook(t, null);
    assert.equal((await hand({ title: "x" })).status, 404);
    assert.equal(log.lines.filter(({ text }) => text.includes("HOOK_SECRET")).length, 1);
  });

  it("takes POST alone", async (t) => {
    const { url } = await openHook(t);
    for (const method of ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      const answer = await fetch(url, { method });
      assert.equal(answer.status, 405, method);
      assert.equal(answer.headers.get("allow"), "POST");
      assert.match(await answer.text(), /POST/);
    }
  });

  it("takes JSON in UTF-8 alone, unpacked, up to 1 MiB", async (t) => {
    const { post, sign, desk } = await openHook(t);
    const body = JSON.stringify({ title: "שלום" });
    assert.equal((await post(body, { "content-type": "text/plain" })).status, 415);
    assert.equal((await post(body, { "content-type": "application/x-www-form-urlencoded" })).status, 415);
    assert.equal((await post(gzipSync(body), { "content-encoding": "gzip" })).status, 415);
    assert.equal((await post("{")).status, 400);
    assert.equal((await post("")).status, 400);
    assert.equal((await post(Buffer.from('{"title":"\xe9"}', "latin1"))).status, 400);
    assert.equal((await post("[".repeat(500_000))).status, 400);
    assert.equal((await post(`${"[".repeat(200_000)}${"]".repeat(200_000)}`)).status, 422);
    const huge = JSON.stringify({ title: "x", text: "א".repeat(1024 * 1024) });
    assert.equal((await post(huge)).status, 413);
    assert.equal((await post(huge, sign(huge))).status, 413);
    assert.equal(desk.calls(), 0);
    assert.equal(
      (await post(`\ufeff${body}`, { "content-type": "application/vnd.newsroom+json; charset=utf-8" })).status,
      202,
    );
  });

  it("goes on after visitors who leave midway", async (t) => {
    const { url, hand, log } = await openHook(t);
    await new Promise<void>((resolve) => {
      const headers = {
        authorization: `Bearer ${secret}`,
        "content-type": "application/json",
        "content-length": "1000",
      };
      const sending = request(url, { method: "POST", headers });
      sending.on("error", () => resolve());
      sending.write("{");
      setTimeout(() => sending.destroy(), 50);
    });
    assert.equal((await hand({ title: "x" })).status, 202);
    assert.deepEqual(
      log.lines.filter(({ level }) => level === "error"),
      [],
    );
  });

  it("tells strangers nothing of a fault, and the log all", async (t) => {
    const { hand, desk, log } = await openHook(t);
    desk.failNext();
    const failed = await hand({ title: "x" });
    assert.equal(failed.status, 500);
    assert.equal(failed.text, "Crier failed at this. Its log says why.");
    assert.equal((await hand({ url: "https://bell.example/broken" })).status, 500);
    const errors = log.lines.filter(({ level }) => level === "error");
    assert.equal(errors.length, 2);
    assert.deepEqual(
      errors.map(({ fields }) => "route" in fields && fields.route),
      ["/hooks/articles", "/hooks/articles"],
    );
  });

  it("lets no other site's page in, whatever it holds", async (t) => {
    const { hand, base, desk } = await openHook(t);
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "https://evil.example" },
      { origin: "null" },
    ]) {
      assert.equal((await hand({ title: "x" }, headers as Record<string, string>)).status, 403);
    }
    assert.equal(desk.calls(), 0);
    assert.equal((await hand({ title: "x" }, { origin: base })).status, 202);
    assert.equal((await hand({ title: "x" }, { "sec-fetch-site": "same-origin" })).status, 202);
  });
});
