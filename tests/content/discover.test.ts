import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it, type TestContext } from "node:test";
import { createDiscover } from "#content/discover/index";
import { createFeedAdapter } from "#content/feed/adapter";
import { createHttp } from "#content/shared/http";
import { createSitemapAdapter } from "#content/sitemap/adapter";
import { createWordpressAdapter } from "#content/wordpress/adapter";
import { FeedError } from "#core/errors";
import type { Article } from "#core/model";
import type { ContentAdapter } from "#core/ports";
import { openWebServer } from "./web-server.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/discover/${name}`, import.meta.url), "utf8");

/** A file, or where its address leads. */
type Served = string | { to: string; status?: number } | { body: string; headers: Record<string, string> };

async function openSite(t: TestContext, files: Record<string, Served>, more: ContentAdapter[] = []) {
  const server = await openWebServer((request, response) => {
    const file = files[request.url ?? ""];
    if (file === undefined) response.writeHead(404, { "content-type": "text/html" }).end("<!doctype html>Not here");
    else if (typeof file === "string") response.end(file.replaceAll("{site}", server.url));
    else if ("to" in file) response.writeHead(file.status ?? 301, { location: file.to }).end();
    else response.writeHead(200, file.headers).end(file.body);
  });
  const http = createHttp({ allowPrivateHosts: ["127.0.0.1"], timeoutMs: 5000, pauseMs: 0 });
  t.after(() => Promise.all([http.close(), server.close()]));
  const adapters = [createFeedAdapter(http), createSitemapAdapter(http), createWordpressAdapter(http), ...more];
  const discover = createDiscover({ http, adapters });
  return {
    url: server.url,
    asked: (): string[] => server.requests.map(({ url }) => url ?? ""),
    /** What was found, its address without the server's. */
    find: async (address: string) => {
      const { found } = await discover(address, t.signal);
      return found.map((one) => ({ ...one, address: one.address.replace(server.url, "") }));
    },
    discover,
  };
}
const rss = (title: string, ...days: number[]): string =>
  `<rss version="2.0"><channel><title>${title}</title><link>{site}/</link>${days
    .map(
      (day) =>
        `<item><title>${title} ${day}</title><link>{site}/${encodeURIComponent(title)}/${day}</link><pubDate>${new Date(Date.UTC(2025, 5, day)).toUTCString()}</pubDate></item>`,
    )
    .join("")}</channel></rss>`;
const page = (head: string, body = ""): string =>
  `<!doctype html><html><head>${head}</head><body>${body}</body></html>`;
const news = `<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{site}/a</loc><n:news><n:title>A</n:title></n:news></url></urlset>`;
const addresses = (found: { address: string }[]): string[] => found.map(({ address }) => address);

describe("discovery", { timeout: 30_000 }, () => {
  it("finds what a page links to, comments last, and says how fresh it is", async (t) => {
    const { url, find } = await openSite(t, {
      "/": fixture("front.he.html"),
      "/%D7%97%D7%93%D7%A9%D7%95%D7%AA/feed": fixture("news.he.rss.xml"),
      "/comments/feed/": rss("תגובות", 4),
      "/old.xml": rss("Old", 1).replaceAll("2025", "2019"),
    });
    const found = await find(url);
    assert.deepEqual(addresses(found), ["/%D7%97%D7%93%D7%A9%D7%95%D7%AA/feed", "/old.xml", "/comments/feed/"]);
    assert.deepEqual(found[0], {
      kind: "feed",
      address: "/%D7%97%D7%93%D7%A9%D7%95%D7%AA/feed",
      title: "הנמל היומי",
      articles: 3,
      newestAt: new Date("2025-06-03T05:00:00Z"),
      perDay: 2,
      language: "he",
      hub: false,
    });
  });

  it("takes a feed's own address for what it is", async (t) => {
    const { url, find, asked } = await openSite(t, { "/news.xml": rss("Quay", 2, 3), "/map.xml": news });
    assert.deepEqual(addresses(await find(`${url}/news.xml`)), ["/news.xml"]);
    assert(asked().every((path) => path === "/news.xml"));
    const [sitemap] = await find(`${url}/map.xml`);
    assert.equal(sitemap?.kind, "sitemap");
    assert.equal(sitemap?.address, "/map.xml");
  });

  it("keeps the address that was typed unless it has moved for good", async (t) => {
    const { url, find } = await openSite(t, {
      "/moved": { to: "/home.xml" },
      "/today": { to: "/home.xml", status: 302 },
      "/home.xml": rss("Quay", 2),
    });
    assert.deepEqual(addresses(await find(`${url}/moved`)), ["/home.xml"]);
    assert.deepEqual(addresses(await find(`${url}/today`)), ["/today"]);
  });

  it("needs no scheme", async (t) => {
    const { url, find } = await openSite(t, { "/rss.xml": rss("Quay", 2) });
    assert.deepEqual(addresses(await find(` ${url.replace("http://", "")}/rss.xml `)), ["/rss.xml"]);
    assert.deepEqual(addresses(await find(url.replace("http:", "feed:") + "/rss.xml")), ["/rss.xml"]);
    assert.deepEqual(addresses(await find(`feed:${url}/rss.xml`)), ["/rss.xml"]);
  });

  it("follows the site to where it lives", async (t) => {
    const { url, find, discover } = await openSite(t, {
      "/": { to: "/en/" },
      "/en/": page('<base href="/en/deep/"><link rel="alternate" type="application/atom+xml" href="../news.atom">'),
      "/en/news.atom": rss("Quay", 2),
    });
    assert.deepEqual(addresses(await find(url)), ["/en/news.atom"]);
    assert.equal((await discover(url, t.signal)).site, `${url}/en/`);
  });

  it("tells twins once", async (t) => {
    const { url, find } = await openSite(t, {
      "/": page(
        ["/feed", "/feed/", "/feed?utm_source=x", "/rss2"]
          .map((href) => `<link rel=alternate type=application/rss+xml href="${href}">`)
          .join(""),
      ),
      "/feed": rss("Quay", 2, 3),
      "/feed/": rss("Quay", 2, 3),
      "/rss2": rss("Quay", 3, 2),
    });
    assert.deepEqual(addresses(await find(url)), ["/feed"]);
  });

  it("sees links in HTTP's header and links for readers, but nobody else's feeds", async (t) => {
    const other = '<a href="https://elsewhere.example/feed">x</a><a href="/feedback">y</a><a href="/img/rss.png">z</a>';
    const { url, find, asked } = await openSite(t, {
      "/": {
        body: page("", `${other}<a href="/rss/city.xml">RSS</a>`),
        headers: {
          link: '</a,b>; rel=preload, </said.xml>; rel="alternate"; type="application/rss+xml"',
          "content-type": "text/html",
        },
      },
      "/said.xml": rss("Said", 2),
      "/rss/city.xml": rss("City", 2),
    });
    assert.deepEqual(addresses(await find(url)), ["/said.xml", "/rss/city.xml"]);
    assert(!asked().some((path) => /feedback|png/.test(path)));
  });

  it("reads the page that lists the feeds", async (t) => {
    const { url, find } = await openSite(t, {
      "/": page("", '<a href="/rss">Our feeds</a>'),
      "/rss": page("", '<a href="/rss/city.xml">City</a><a href="/rss/sea.xml">Sea</a>'),
      "/rss/city.xml": rss("City", 2),
      "/rss/sea.xml": rss("Sea", 2),
    });
    assert.deepEqual(addresses(await find(url)), ["/rss/city.xml", "/rss/sea.xml"]);
  });

  it("looks at the usual places when nothing is linked, and no further than needed", async (t) => {
    const { url, find, asked } = await openSite(t, {
      "/": page(""),
      "/rss.xml": rss("Quay", 2),
      "/feed.xml": rss("Quay", 2),
    });
    assert.deepEqual(addresses(await find(url)), ["/rss.xml"]);
    assert(!asked().includes("/feed.xml"));
  });

  it("puts the feed of the section that was asked for before the site's", async (t) => {
    const { url, find } = await openSite(t, {
      "/спорт": page(""),
      [encodeURI("/спорт")]: page(
        '<link rel="alternate" type="application/rss+xml" href="/feed"><link rel="alternate" type="application/rss+xml" href="/спорт/feed">',
      ),
      "/feed": rss("Все", 2, 3),
      [encodeURI("/спорт/feed")]: rss("Спорт", 2),
    });
    assert.deepEqual(addresses(await find(`${url}/спорт`)), [encodeURI("/спорт/feed"), "/feed"]);
  });

  it("finds a section's feed on the front page when the section links none", async (t) => {
    const { url, find } = await openSite(t, {
      "/city": page(""),
      "/": page('<link rel="alternate" type="application/rss+xml" href="/all.xml">'),
      "/all.xml": rss("All", 2),
    });
    assert.deepEqual(addresses(await find(`${url}/city`)), ["/all.xml"]);
  });

  it("finds sitemaps by robots.txt, those for news first, and at their usual places", async (t) => {
    const named = await openSite(t, {
      "/": page(""),
      "/robots.txt":
        "User-agent: *\r\nSITEMAP: {site}/pages.xml\r\n  Sitemap:/map-news.xml\r\nSitemap: nonsense://x\r\n",
      "/map-news.xml": news,
      "/pages.xml": "<urlset><url><loc>{site}/ferry-runs-again</loc></url></urlset>",
    });
    assert.deepEqual(addresses(await named.find(named.url)), ["/map-news.xml", "/pages.xml"]);
    const unnamed = await openSite(t, { "/": page(""), "/news-sitemap.xml": news });
    assert.deepEqual(addresses(await unnamed.find(unnamed.url)), ["/news-sitemap.xml"]);
  });

  it("finds WordPress by its mark, and without one when there is nothing else", async (t) => {
    const posts = JSON.stringify([
      { id: 5, title: { rendered: "نورس" }, link: "/n", date_gmt: "2025-06-03T05:00:00", lang: "ar" },
    ]);
    const api = {
      "/wp-json/wp/v2/posts?per_page=20&orderby=date&order=desc&_embed=author%2Cwp%3Afeaturedmedia%2Cwp%3Aterm": posts,
    };
    const marked = await openSite(t, {
      ...api,
      "/": page(
        '<link rel="https://api.w.org/" href="/wp-json/"><link rel="alternate" type="application/rss+xml" href="/feed/">',
      ),
      "/feed/": rss("Quay", 2),
    });
    const found = await marked.find(marked.url);
    assert.deepEqual(
      found.map(({ kind, address, language }) => [kind, address, language]),
      [
        ["feed", "/feed/", null],
        ["wordpress", "/", "ar"],
      ],
    );
    const bare = await openSite(t, { ...api, "/": page("") });
    assert.deepEqual(
      (await bare.find(bare.url)).map(({ kind }) => kind),
      ["wordpress"],
    );
  });

  it("proposes a listing when there is nothing else and one can be read", async (t) => {
    const article: Article = {
      sourceId: "1",
      url: "https://q.example/1",
      title: "One",
      kicker: null,
      summary: null,
      text: null,
      image: null,
      authors: [],
      source: "q.example",
      topics: [],
      language: null,
      publishedAt: null,
      updatedAt: null,
      breaking: false,
    };
    const listing: ContentAdapter = {
      kind: "listing",
      fetch: async () => ({ kind: "fetched", title: "Page", articles: [article], validators: {} }),
    };
    const bare = await openSite(t, { "/": page("") }, [listing]);
    assert.deepEqual(
      (await bare.find(bare.url)).map(({ kind }) => kind),
      ["listing"],
    );
    const better = await openSite(t, { "/": page(""), "/feed": rss("Quay", 2) }, [listing]);
    assert.deepEqual(
      (await better.find(better.url)).map(({ kind }) => kind),
      ["feed"],
    );
  });

  it("says what it looked at when there is nothing, within a bounded number of requests", async (t) => {
    const many = Array.from({ length: 300 }, (_, at) => `<a href="/rss/${at}.xml">x</a>`).join("");
    for (const body of ["", many]) {
      const { url, find, asked } = await openSite(t, { "/city/today": page("", body) });
      await assert.rejects(
        find(`${url}/city/today`),
        (error) =>
          error instanceof FeedError && error.reason === "not-a-feed" && /robots\.txt.* selector/.test(error.message),
      );
      assert(asked().length <= 26, `${asked().length} requests`);
    }
  });

  it("says who stands between when the site tests for robots", async (t) => {
    const { url, find } = await openSite(t, {
      "/": page("<title>Just a moment...</title><script>window._cf_chl_opt={}</script>"),
    });
    await assert.rejects(find(url), (error) => error instanceof FeedError && /Cloudflare.*robots/.test(error.message));
  });

  it("says what is wrong with an address that cannot be opened", async (t) => {
    const { discover } = await openSite(t, {});
    await assert.rejects(
      discover("http://10.0.0.1/", t.signal),
      (error) => error instanceof FeedError && error.reason === "refused",
    );
    for (const typed of ["", "ftp://x.example", "not an address", "javascript:alert(1)"]) {
      await assert.rejects(discover(typed, t.signal), FeedError);
    }
  });

  it("stops when it is told to", async (t) => {
    const { url, discover } = await openSite(t, { "/": page("") });
    const stop = new AbortController();
    const search = discover(url, stop.signal);
    setImmediate(() => stop.abort());
    await assert.rejects(search, FeedError);
  });

  it("is not held up by a page made to", { timeout: 10_000 }, async (t) => {
    const deep = page("", `${"<b>".repeat(300_000)}${"</i>".repeat(300_000)}`);
    const { url, find } = await openSite(t, { "/": deep, "/feed": rss("Quay", 2) });
    assert.deepEqual(addresses(await find(url)), ["/feed"]);
  });
});
