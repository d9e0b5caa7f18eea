import assert from "node:assert/strict";
import { it } from "node:test";
import type { ContentAdapter } from "#core/ports";
import { describeContentAdapter } from "#tests/contract/content-adapter";
import { createAdapters } from "../../content/index.ts";
import { openWebStage } from "./web-stage.ts";

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

const rss = (titles: string[]): string =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>The Quay</title><link>/</link>${titles
    .map((title, index) => `<item><title>${escape(escape(title))}</title><link>/story/${index}</link></item>`)
    .join("")}</channel></rss>`;

const openStage = () =>
  openWebStage({
    create: (http) => createAdapters({ http })[0] as ContentAdapter,
    path: "/feed",
    document: rss,
    headers: { "content-type": "application/rss+xml" },
    unchangedHeaders: { "cache-control": "max-age=300" },
    // As newsrooms run it.
    pauseMs: 500,
  });

describeContentAdapter("feed", openStage);

it("keeps the longest of what server and feed say of their freshness", { timeout: 10_000 }, async (t) => {
  const stage = await openStage();
  t.after(stage.close);
  const feed = (ttl: string) => `<rss version="2.0"><channel><title>Q</title>${ttl}</channel></rss>`;
  const cases: [ttl: string, cacheControl: string, expected: number | undefined][] = [
    ["<ttl>10</ttl>", "max-age=60", 600_000],
    ["<ttl>1</ttl>", "public, max-age=3600", 3_600_000],
    ["", "no-cache, max-age=3600", undefined],
  ];
  for (const [ttl, cacheControl, expected] of cases) {
    stage.server.answer((_, response) => response.setHeader("cache-control", cacheControl).end(feed(ttl)));
    const result = await stage.adapter.fetch({ url: stage.url, validators: {} }, t.signal);
    assert(result.kind === "fetched");
    assert.equal(result.freshForMs, expected);
  }
});

it("asks with the validators that it was given, and for feeds", { timeout: 10_000 }, async (t) => {
  const stage = await openStage();
  t.after(stage.close);
  stage.play({ kind: "unchanged" });
  const validators = { etag: '"v1"', lastModified: "Tue, 03 Jun 2025 08:00:00 GMT" };
  assert.deepEqual(await stage.adapter.fetch({ url: stage.url, validators }, t.signal), {
    kind: "unchanged",
    freshForMs: 300_000,
  });
  const asked = stage.server.requests[0]?.headers;
  assert.equal(asked?.["if-modified-since"], validators.lastModified);
  assert.match(asked?.accept ?? "", /application\/rss\+xml/);
});

it("names the hub of its headers before the feed's own, and what was taken back", { timeout: 10_000 }, async (t) => {
  const stage = await openStage();
  t.after(stage.close);
  const feed = `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>Q</title>
    <link rel="hub" href="https://own-hub.example/"/><link rel="self" href="/self"/><at:deleted-entry ref="urn:1" when="2025-06-04T00:00:00Z"/></feed>`;
  const cases: [header: string | undefined, hub: object][] = [
    [undefined, { url: "https://own-hub.example/", topic: `${stage.server.url}/self` }],
    [
      '<https://hub.example/>; rel="hub", <https://quay.example/topic>; rel=self; type="text/xml"',
      { url: "https://hub.example/", topic: "https://quay.example/topic" },
    ],
    [
      '<https://quay.example/>; rel="alternate"',
      { url: "https://own-hub.example/", topic: `${stage.server.url}/self` },
    ],
  ];
  for (const [header, hub] of cases) {
    stage.server.answer((_, response) => (header ? response.setHeader("link", header) : response).end(feed));
    const result = await stage.adapter.fetch({ url: stage.url, validators: {} }, t.signal);
    assert(result.kind === "fetched");
    assert.deepEqual(result.hub, hub);
    assert.deepEqual(result.retracted, ["urn:1"]);
  }
});
