import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { createWordpressAdapter } from "#content/wordpress/adapter";
import { FeedError } from "#core/errors";
import type { Validators } from "#core/model";
import { describeContentAdapter } from "#tests/contract/content-adapter";
import type { openWebServer } from "./web-server.ts";
import { openScenes } from "./web-stage.ts";

interface Post {
  id: number;
  title: string;
  date: string;
  modified?: string;
}

const escape = (text: string): string => text.replaceAll("&", "&#038;").replaceAll("<", "&lt;");

const written = ({ id, title, date, modified = date }: Post) => ({
  id,
  status: "publish",
  link: `/story/${id}`,
  title: { rendered: escape(title) },
  date_gmt: date,
  modified_gmt: modified,
});

/** Answers like WordPress does: two orders, pages, changes since a time. */
function wordpress(posts: Post[], request: IncomingMessage, response: ServerResponse): void {
  const query = new URL(request.url ?? "", "http://x").searchParams;
  const by = (post: Post): string => (query.get("orderby") === "modified" ? (post.modified ?? post.date) : post.date);
  const after = query.get("modified_after");
  const found = posts
    .filter((post) => !after || new Date(`${post.modified ?? post.date}Z`) > new Date(after))
    .sort((a, b) => by(b).localeCompare(by(a)));
  const size = Number(query.get("per_page"));
  const start = (Number(query.get("page") ?? 1) - 1) * size;
  response.setHeader("content-type", "application/json").setHeader("x-wp-totalpages", Math.ceil(found.length / size));
  response.end(JSON.stringify(found.slice(start, start + size).map(written)));
}

const isRoot = (request: IncomingMessage): boolean => /\/wp-json\/\?|rest_route=\/&/.test(request.url ?? "");

const numbered = (titles: string[]): Post[] =>
  titles.map((title, index) => ({
    id: 100 - index,
    title,
    date: `2025-06-03T08:00:${String(59 - index).padStart(2, "0")}`,
  }));

/** Serves these posts as a site does. */
const serveWith =
  (server: Awaited<ReturnType<typeof openWebServer>>) =>
  (posts: Post[]): void =>
    server.answer((request, response) => {
      if (isRoot(request)) response.end(JSON.stringify({ name: "The Quay", gmt_offset: 0 }));
      else if (!/wp-json|rest_route/.test(request.url ?? "")) response.writeHead(404).end();
      else if (request.url?.startsWith("/wp-json/wp/v2/posts") && /orderby=date/.test(request.url))
        wordpress(posts, request, response.setHeader("etag", '"v1"'));
      else wordpress(posts, request, response);
    });

async function openStage() {
  const stage = await openScenes({ create: createWordpressAdapter, path: "" }, (server) => ({
    articles: ({ titles }) => serveWith(server)(numbered(titles)),
    unchanged: () =>
      server.answer((request, response) => {
        if (request.headers["if-none-match"] === '"v1"') response.writeHead(304).end();
        else if (/modified_after/.test(request.url ?? "")) wordpress([], request, response);
        else wordpress(numbered(["Read anew"]), request, response);
      }),
    moved: ({ titles }) =>
      server.answer((request, response) => {
        if (request.url?.startsWith("/new/")) wordpress(numbered(titles), request, response);
        else response.writeHead(301, { location: `/new${request.url}` }).end();
      }),
  }));
  return { ...stage, serve: serveWith(stage.server) };
}

describeContentAdapter("wordpress", openStage);

async function openSite(t: TestContext) {
  const stage = await openStage();
  t.after(stage.close);
  const asked = (): string[] => stage.server.requests.splice(0).map(({ url }) => url ?? "");
  return {
    ...stage,
    asked,
    async read(validators: Validators = {}, url = stage.url) {
      const result = await stage.adapter.fetch({ url, validators }, t.signal);
      assert(result.kind === "fetched", result.kind);
      return { ...result, titles: result.articles.map(({ title }) => title) };
    },
  };
}
const busy = (count: number): Post[] =>
  Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    title: `Story ${index + 1}`,
    date: new Date(Date.UTC(2025, 5, 1, 0, index)).toISOString().slice(0, 19),
  }));

describe("a WordPress site", { timeout: 20_000 }, () => {
  it("is named once", async (t) => {
    const { serve, read, asked } = await openSite(t);
    serve(numbered(["One"]));
    const first = await read();
    assert.equal(first.title, "The Quay");
    assert.equal(first.articles[0]?.source, "The Quay");
    asked();
    assert.equal((await read()).title, "The Quay");
    assert.equal(asked().length, 1);
  });

  it("shows what is new and what was changed since the last read", async (t) => {
    const { serve, read } = await openSite(t);
    const posts = busy(30);
    serve(posts);
    const { validators } = await read();
    assert.equal(validators.lastModified, "Sun, 01 Jun 2025 00:29:00 GMT");
    const corrected = posts.map((post) =>
      post.id === 3 ? { ...post, title: "Story 3, corrected", modified: "2025-06-01T01:00:00" } : post,
    );
    // Written before the last read, published by the clock after it.
    const scheduled = { id: 99, title: "By the clock", date: "2025-06-01T00:58:00", modified: "2025-06-01T00:10:00" };
    serve([...corrected, scheduled]);
    const second = await read(validators);
    assert.equal(second.titles[0], "By the clock");
    assert(second.titles.includes("Story 3, corrected"));
    assert.equal(second.validators.lastModified, "Sun, 01 Jun 2025 01:00:00 GMT");
  });

  it("is told when only an older story changed", async (t) => {
    const { server, serve, read } = await openSite(t);
    serve(busy(30));
    const { validators } = await read();
    server.answer((request, response) => {
      if (request.headers["if-none-match"]) response.writeHead(304).end();
      else if (isRoot(request)) response.end("{}");
      else
        wordpress(
          [{ id: 1, title: "Story 1, corrected", date: "2025-06-01T00:00:00", modified: "2025-06-01T02:00:00" }],
          request,
          response,
        );
    });
    const second = await read(validators);
    assert.deepEqual(second.titles, ["Story 1, corrected"]);
    assert.deepEqual(second.validators, { etag: '"v1"', lastModified: "Sun, 01 Jun 2025 02:00:00 GMT" });
  });

  it("is paged as far as there is news, and no further", async (t) => {
    const { serve, read, asked } = await openSite(t);
    serve(busy(200));
    const first = await read();
    assert.equal(first.articles.length, 100);
    asked();
    serve(busy(230));
    const second = await read(first.validators);
    assert.deepEqual(second.titles.slice(29, 31), ["Story 201", "Story 200"]);
    assert.equal(asked().filter((url) => /orderby=date/.test(url)).length, 2);
  });

  it("does not bring up an old story because it was touched", async (t) => {
    const { serve, read } = await openSite(t);
    serve(busy(30));
    const { validators } = await read();
    const old = { id: 900, title: "Ten years ago", date: "2015-06-01T00:00:00", modified: "2025-06-01T05:00:00" };
    serve([...busy(30), old]);
    assert(!(await read(validators)).titles.includes("Ten years ago"));
  });

  it("whose clock runs ahead is still asked for what changes before that", async (t) => {
    const { server, read } = await openSite(t);
    server.answer((request, response) => {
      response.setHeader("date", "Tue, 03 Jun 2025 08:00:00 GMT");
      wordpress(
        [{ id: 1, title: "One", date: "2025-06-03T07:00:00", modified: "2030-01-01T00:00:00" }],
        request,
        response,
      );
    });
    assert.equal((await read()).validators.lastModified, "Tue, 03 Jun 2025 08:00:00 GMT");
  });

  it("keeps its new articles when its changes cannot be read, and asks for those again", async (t) => {
    const { server, read } = await openSite(t);
    server.answer((request, response) => {
      if (/orderby=modified|&page=2/.test(request.url ?? "")) response.writeHead(500).end();
      else wordpress(busy(30), request, response);
    });
    const since = "Sun, 01 Jun 2025 00:00:00 GMT";
    const result = await read({ lastModified: since });
    assert.equal(result.articles.length, 20);
    assert.equal(result.validators.lastModified, since);
  });

  it("without pretty addresses is read by its route", async (t) => {
    const { server, read } = await openSite(t);
    server.answer((request, response) => {
      if (isRoot(request)) response.end('{"name":"Routed"}');
      else if (/rest_route=%2Fwp%2Fv2%2Fposts/.test(request.url ?? "")) wordpress(numbered(["One"]), request, response);
      else response.writeHead(404).end("<html>Not found</html>");
    });
    const result = await read();
    assert.deepEqual(result.titles, ["One"]);
    assert.equal(result.title, "Routed");
  });

  it("may be given as its root or as a list of its own", async (t) => {
    const { serve, read, asked, url } = await openSite(t);
    serve(numbered(["One"]));
    assert.deepEqual((await read({}, `${url}/wp-json`)).titles, ["One"]);
    asked();
    await read({}, `${url}/wp-json/wp/v2/posts?categories=5`);
    assert.match(asked()[0] ?? "", /^\/wp-json\/wp\/v2\/posts\?categories=5&per_page=20&/);
  });

  for (const [status, body] of [
    [401, '{"code":"rest_not_logged_in"}'],
    [403, '{"code":"rest_disabled"}'],
    [404, '{"code":"rest_no_route"}'],
    [200, "<!doctype html><title>Home</title>"],
  ] as const) {
    it(`whose API is closed is sent to its feed (${status})`, async (t) => {
      const { server, read } = await openSite(t);
      server.answer((_, response) => response.writeHead(status).end(body));
      await assert.rejects(read(), (error) => error instanceof FeedError && /\/feed\//.test(error.message));
    });
  }
});
