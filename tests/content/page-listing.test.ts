import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { it, test } from "node:test";
import { createListingAdapter, parseListing } from "#content/page/listing";
import { FeedError } from "#core/errors";
import { describeContentAdapter } from "#tests/contract/content-adapter";
import { workedMs } from "#tests/fakes/cpu";
import { openWebStage } from "./web-stage.ts";

const fixture = (name: string): Buffer =>
  readFileSync(path.join(import.meta.dirname, "../fixtures/pages", `${name}.html`));
const parse = (page: string | Uint8Array, selector?: string) =>
  parseListing(typeof page === "string" ? Buffer.from(page) : page, {
    url: "https://quay.example/news",
    contentType: "text/html",
    ...(selector ? { selector } : {}),
  });
const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const listing = (titles: string[]): string =>
  `<!doctype html><html><head><title>The Quay</title></head><body><nav><a href="/sport">Sport</a></nav><main>${titles
    .map((title, index) => `<article><h2><a href="/story/${index}">${escape(title)}</a></h2></article>`)
    .join("")}</main></body></html>`;

const openStage = () => openWebStage({ create: createListingAdapter, path: "/news", document: listing });

describeContentAdapter("listing", openStage);

it("reads a listing whose server sends no validators, and asks for pages", { timeout: 10_000 }, async (t) => {
  const stage = await openStage();
  t.after(stage.close);
  stage.server.answer((_, response) => response.setHeader("cache-control", "max-age=600").end(listing(["One story"])));
  const result = await stage.adapter.fetch({ url: stage.url, validators: {} }, t.signal);
  assert(result.kind === "fetched");
  assert.deepEqual(result.validators, {});
  assert.equal(result.freshForMs, 600_000);
  assert.equal(result.title, "The Quay");
  assert.match(stage.server.requests[0]?.headers.accept ?? "", /^text\/html/);
});

it("takes the links that the newsroom's selector finds", { timeout: 10_000 }, async (t) => {
  const stage = await openStage();
  t.after(stage.close);
  stage.server.answer((_, response) => response.end('<div class="x"><a href="/a">A</a></div><a href="/b">B</a>'));
  const result = await stage.adapter.fetch({ url: stage.url, validators: {}, rules: { selector: ".x" } }, t.signal);
  assert(result.kind === "fetched");
  assert.deepEqual(
    result.articles.map(({ url, title }) => [url, title]),
    [[`${stage.server.url}/a`, "A"]],
  );
});

test("an English front page: the stories, each once, and nothing else", () => {
  const { title, articles } = parse(fixture("listing-english"));
  assert.equal(title, "The Quay | News from the harbour");
  assert.deepEqual(
    articles.map((article) => [article.url, article.title]),
    [
      ["https://quay.example/2025/09/14/regatta-won-by-a-baker", "Baker wins the harbour regatta"],
      ["https://quay.example/2025/09/13/new-crane-arrives", "The new crane arrives, by night and in the rain"],
      ["https://quay.example/2025/09/12/ferry", "Ferry off until Monday"],
    ],
  );
  const [regatta, crane] = articles;
  assert.equal(regatta?.kicker, "Regatta");
  assert.equal(regatta?.summary, "Elsa Brandt took the cup in a boat that her grandfather built behind the shop.");
  assert.equal(regatta?.image, "https://quay.example/img/regatta.jpg");
  assert.equal(regatta?.publishedAt?.toISOString(), "2025-09-14T13:00:00.000Z");
  assert.equal(regatta?.source, "The Quay");
  assert.equal(regatta?.language, "en");
  assert.equal(crane?.image, null);
  assert.equal(crane?.summary, "Forty people and one dog came to watch it being lifted off.");
});

test("a Hebrew front page without headings, its links told by their words and numbers", () => {
  const { articles } = parse(fixture("listing-hebrew"));
  assert.deepEqual(
    articles.map((article) => article.title.replace(/\u200f/g, "")),
    [
      "המעבורת לכפר הים חוזרת לפעול אחרי שנתיים",
      "שוק הדגים יעבור לרציף הדרומי עד סוף הקיץ",
      "הופסקה אספקת המים בשכונת המגדלור",
    ],
  );
  assert.deepEqual(
    articles.map((article) => article.breaking),
    [false, false, true],
  );
  assert.equal(articles[0]?.publishedAt?.toISOString().slice(0, 10), "2026-03-04");
  assert.equal(articles[2]?.kicker, "מבזק");
});

test("Arabic and Russian headlines are headlines too", () => {
  const words = ["افتتاح مكتبة الميناء بعد ترميمها", "Маяк на северном молу снова зажгли"];
  const page = `<ul class="news">${words.map((title, index) => `<li><a href="/n/2026/0${index + 1}/1234${index}">${title}</a></li>`).join("")}</ul>`;
  assert.deepEqual(
    parse(page).articles.map((article) => article.title),
    words,
  );
});

test("a publishing tool's own class names hide no article", () => {
  const page = ["post-1 post tag-sea category-news", "gs-c-promo overflow-hidden"].map(
    (name, index) => `<div class="${name}"><h3><a href="/a/story-number-${index}">A story of the sea</a></h3></div>`,
  );
  assert.equal(parse(page.join("")).articles.length, 2);
});

test("a selector may find links, what holds them, or what lies in them", () => {
  const page = '<div class="c"><a href="/1"><h3>One</h3></a></div><div class="c"><a href="/2"><h3>Two</h3></a></div>';
  for (const selector of ["a", ".c", "h3", "div.c > a h3"]) {
    assert.deepEqual(
      parse(page, selector).articles.map(({ url, title }) => [url, title]),
      [
        ["https://quay.example/1", "One"],
        ["https://quay.example/2", "Two"],
      ],
      selector,
    );
  }
});

test("a listing on which nothing is found says what to do", () => {
  const says = (words: RegExp) => (error: unknown) =>
    error instanceof FeedError && error.reason === "not-a-feed" && words.test(error.message);
  assert.throws(() => parse("<p>Welcome"), says(/give a CSS selector/));
  assert.throws(() => parse(""), says(/give a CSS selector/));
  assert.throws(() => parse(listing(["One"]), ".nothing"), says(/selector "\.nothing" finds no link/));
  assert.throws(() => parse(listing(["One"]), "div[["), says(/is not a CSS selector/));
});

test("hostile listings end within bounds", { timeout: 60_000 }, () => {
  const link = (index: number): string =>
    `<a href="/news/${index}/words-of-a-story">Words of a story, number ${index}</a>`;
  const links = Array.from({ length: 20_000 }, (_, index) => link(index)).join("");
  for (const page of [
    links,
    `${'<div class="a b c">'.repeat(150)}${links}`,
    "<a href=/x/1234-a-b-c>w ".repeat(40_000),
  ]) {
    const started = workedMs();
    try {
      assert.ok(parse(page).articles.length <= 100);
    } catch (error) {
      assert(error instanceof FeedError);
    }
    assert.ok(workedMs() - started < 10_000);
  }
});
