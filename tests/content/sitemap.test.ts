import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { createSitemapAdapter } from "#content/sitemap/adapter";
import { FeedError } from "#core/errors";
import type { Article } from "#core/model";
import { describeContentAdapter } from "#tests/contract/content-adapter";
import { openWebStage } from "./web-stage.ts";

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

const news = (titles: string[]): string =>
  `<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">${titles
    .map(
      (title, index) =>
        `<url><loc>/story/${index}</loc><news:news><news:title>${escape(escape(title))}</news:title></news:news></url>`,
    )
    .join("")}</urlset>`;

const openStage = () => openWebStage({ create: createSitemapAdapter, path: "/map.xml", document: news });

describeContentAdapter("sitemap", openStage);

/** Serves files by path; what is not there is a 404. */
async function openSite(t: TestContext, files: Record<string, string | Uint8Array>) {
  const stage = await openStage();
  t.after(stage.close);
  stage.server.answer((request, response) => {
    const file = files[request.url ?? ""];
    if (file === undefined) response.writeHead(404).end();
    else response.setHeader("etag", '"v1"').end(file);
  });
  return {
    asked: () => stage.server.requests.map(({ url }) => url),
    read: (path: string) => stage.adapter.fetch({ url: stage.server.url + path, validators: {} }, t.signal),
  };
}
const titles = (articles: Article[]): string[] => articles.map(({ title }) => title);
const index = (...children: [path: string, lastmod?: string][]): string =>
  `<sitemapindex>${children.map(([path, at]) => `<sitemap><loc>${path}</loc>${at ? `<lastmod>${at}</lastmod>` : ""}</sitemap>`).join("")}</sitemapindex>`;
const plain = (...urls: [path: string, lastmod?: string][]): string =>
  `<urlset>${urls.map(([path, at]) => `<url><loc>${path}</loc>${at ? `<lastmod>${at}</lastmod>` : ""}</url>`).join("")}</urlset>`;

describe("a sitemap index", { timeout: 20_000 }, () => {
  it("is followed to its newest children, packed or not", async (t) => {
    const { read, asked } = await openSite(t, {
      "/map.xml": index(["/old.xml", "2020-01-01"], ["/new.xml.gz", "2025-06-03"], ["/tags.xml", "2025-06-03"]),
      "/new.xml.gz": gzipSync(plain(["/ferry-runs-again", "2025-06-02"], ["/gulls-return", "2025-06-03"])),
    });
    const result = await read("/map.xml");
    assert(result.kind === "fetched");
    assert.deepEqual(titles(result.articles), ["Gulls return", "Ferry runs again"]);
    assert.deepEqual(asked(), ["/map.xml", "/new.xml.gz"]);
    assert.deepEqual(result.validators, { etag: '"v1"' });
  });

  it("that does not date its children is read whole each time", async (t) => {
    const { read } = await openSite(t, { "/map.xml": index(["/a.xml"]), "/a.xml": plain(["/ferry-runs"]) });
    const result = await read("/map.xml");
    assert(result.kind === "fetched");
    assert.deepEqual(result.validators, {});
  });

  it("loses nothing of the good children to a bad one, which is asked again", async (t) => {
    const { read } = await openSite(t, {
      "/map.xml": index(["/gone.xml", "2025-06-03"], ["/page.xml", "2025-06-03"], ["/good.xml", "2025-06-02"]),
      "/page.xml": "<html>Sorry</html>",
      "/good.xml": plain(["/ferry-runs-again"]),
    });
    const result = await read("/map.xml");
    assert(result.kind === "fetched");
    assert.deepEqual(titles(result.articles), ["Ferry runs again"]);
    assert.deepEqual(result.validators, {});
  });

  it("whose children all fail says why", async (t) => {
    const { read } = await openSite(t, { "/map.xml": index(["/gone.xml"]) });
    await assert.rejects(
      read("/map.xml"),
      (error) => error instanceof FeedError && /gone\.xml is not there/.test(error.message),
    );
  });

  it("ends, whatever leads where", async (t) => {
    const all = Array.from({ length: 30 }, (_, at): [string, string] => [`/part-${at}.xml`, "2025-06-03"]);
    const files = Object.fromEntries([
      ["/map.xml", index(...all)],
      ...all.map(([path]) => [path, index(...all, ["/map.xml"])]),
    ]);
    const { read, asked } = await openSite(t, files);
    const result = await read("/map.xml");
    assert(result.kind === "fetched");
    assert.deepEqual(result.articles, []);
    assert.equal(asked().length, 11);
    assert.equal(new Set(asked()).size, 11);
  });
});

describe("a plain sitemap", { timeout: 20_000 }, () => {
  it("gives articles, newest first, without home page and lists", async (t) => {
    const { read } = await openSite(t, {
      "/map.xml": readFileSync(new URL("../fixtures/sitemaps/plain.ru.xml", import.meta.url)),
    });
    const result = await read("/map.xml");
    assert(result.kind === "fetched");
    assert.deepEqual(titles(result.articles), ["Chajki vernulis", "Паром снова ходит", "Staryj mayak"]);
  });

  it("that goes back for years gives the newest", async (t) => {
    const many = Array.from({ length: 1000 }, (_, at): [string, string] => [
      `/story-number-${at}`,
      new Date(Date.UTC(2020, 0, 1 + at)).toISOString(),
    ]);
    const { read } = await openSite(t, { "/map.xml": plain(...many) });
    const result = await read("/map.xml");
    assert(result.kind === "fetched");
    assert.equal(result.articles.length, 200);
    assert.equal(result.articles[0]?.title, "Story number 999");
  });
});

it("a headline out of the address is marked as a guess, one that the sitemap gives is not", async (t) => {
  const stage = await openStage();
  t.after(stage.close);
  const first = async (title: string): Promise<Article | undefined> => {
    stage.server.answer((_, response) => response.end(news([title]).replace("/story/0", "/ferry-runs-again")));
    const result = await stage.adapter.fetch({ url: stage.url, validators: {} }, t.signal);
    return result.kind === "fetched" ? result.articles[0] : undefined;
  };
  const guessed = await first("");
  assert.deepEqual([guessed?.title, guessed?.titleIsGuess], ["Ferry runs again", true]);
  const given = await first("Ferry back in service");
  assert.deepEqual([given?.title, given?.titleIsGuess], ["Ferry back in service", undefined]);
});
