import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { conditionalHeaders, freshnessOf, plainHeaders, retryAfterOf } from "#content/shared/headers";
import { loopback, openStage } from "./http-stage.ts";

const now = new Date("2026-03-02T08:00:00Z");
const day = 24 * 60 * 60_000;

describe("what a server says of time", () => {
  it("is read from Cache-Control, and from Expires without it", () => {
    const cases: [headers: Record<string, string>, ms: number | undefined][] = [
      [{}, undefined],
      [{ "cache-control": "max-age=60" }, 60_000],
      [{ "cache-control": "public, s-maxage=5, max-age=60" }, 60_000],
      [{ "cache-control": "s-maxage=300" }, undefined],
      [{ "cache-control": 'MAX-AGE = "120", immutable' }, 120_000],
      [{ "cache-control": "max-age=60, no-cache" }, undefined],
      [{ "cache-control": "no-store,max-age=60", expires: "Mon, 02 Mar 2026 09:00:00 GMT" }, undefined],
      [{ "cache-control": "max-age=60, x-no-cache-please" }, 60_000],
      [{ "cache-control": "max-age=-1" }, undefined],
      [{ "cache-control": "max-age=soon" }, undefined],
      [{ "cache-control": "max-age=0" }, 0],
      [{ "cache-control": "max-age=31536000, immutable" }, day],
      [{ "cache-control": `max-age=${"9".repeat(400)}` }, day],
      [{ "cache-control": "max-age=600", age: "200" }, 400_000],
      [{ "cache-control": "max-age=600", age: "9000" }, 0],
      [{ "cache-control": "max-age=600", age: "-5" }, 600_000],
      [{ "cache-control": "max-age=600", age: "old" }, 600_000],
      [{ expires: "Mon, 02 Mar 2026 08:10:00 GMT" }, 600_000],
      [{ expires: "Mon, 02 Mar 2026 08:10:00 GMT", date: "Mon, 02 Mar 2026 08:05:00 GMT" }, 300_000],
      [{ expires: "Mon, 02 Mar 2026 08:10:00 GMT", date: "nonsense", age: "60" }, 540_000],
      [{ expires: "Mon, 02 Mar 2026 08:10:00 GMT", "cache-control": "max-age=60" }, 60_000],
      [{ expires: "Thu, 01 Jan 1970 00:00:00 GMT" }, 0],
      [{ expires: "0" }, 0],
      [{ expires: "-1" }, 0],
      [{ expires: "Wed, 02 Mar 2039 08:10:00 GMT" }, day],
    ];
    for (const [headers, ms] of cases) assert.equal(freshnessOf(headers, now), ms, JSON.stringify(headers));
  });

  it("is read from Retry-After", () => {
    const cases: [value: string, ms: number | undefined][] = [
      ["90", 90_000],
      [" 1.5 ", 1500],
      ["0", 0],
      ["-5", undefined],
      ["soon", undefined],
      ["", undefined],
      ["90 minutes", undefined],
      ["Mon, 02 Mar 2026 08:01:00 GMT", 60_000],
      ["Monday, 02-Mar-26 08:01:00 GMT", 60_000],
      ["Mon, 02 Mar 2026 07:00:00 GMT", 0],
      ["99999999999999999999", day],
      ["Mon, 02 Mar 2099 08:00:00 GMT", day],
      ["2026-13-45", undefined],
    ];
    for (const [value, ms] of cases) assert.equal(retryAfterOf({ "retry-after": value }, now), ms, value);
    assert.equal(retryAfterOf({}, now), undefined);
  });
});

describe("validators", { timeout: 20_000 }, () => {
  it("go back to the server as they came", async (t) => {
    const { server, http } = await openStage(t);
    server.answer((request, response) => {
      const same = request.headers["if-none-match"] === request.headers["x-etag"];
      response.writeHead(same ? 304 : 200).end();
    });
    for (const etag of ['"abc"', 'W/"abc"', "abc", "W/abc", '""', '"a b,c"', '"\xe9t\xe9"', "*"]) {
      const answer = await http.get(server.url, {
        signal: t.signal,
        validators: { etag, lastModified: "yesterday, or so" },
      });
      assert.equal(server.requests.at(-1)?.headers["if-none-match"], etag);
      assert.equal(server.requests.at(-1)?.headers["if-modified-since"], "yesterday, or so");
      assert.equal(answer.status, 200);
    }
  });

  it("that no header can hold are left out", () => {
    for (const bad of ["", "a\r\nx: y", "\u05d0", "x".repeat(2000)]) {
      assert.deepEqual(conditionalHeaders({ etag: bad, lastModified: bad }), {});
    }
  });

  it("of a packed answer are sent as Apache knows them, too", () => {
    for (const [etag, sent] of [
      ['"5e-64a-gzip"', '"5e-64a-gzip", "5e-64a"'],
      ['W/"5e-64a-br"', 'W/"5e-64a-br", W/"5e-64a"'],
      ['"gzip"', '"gzip"'],
      ['"-gzip"', '"-gzip"'],
    ] as const) {
      assert.deepEqual(conditionalHeaders({ etag }), { "if-none-match": sent });
    }
  });
});

describe("headers", { timeout: 20_000 }, () => {
  it("are sent and read", async (t) => {
    const { server, http } = await openStage(t, {
      ...loopback,
      userAgent: "Crier/0.1 (+https://news.example)",
      clock: { now: () => now },
    });
    const answerWith = (headers: Record<string, string | string[]>) => {
      server.answer((_, response) => response.writeHead(200, headers).end());
      return http.get(server.url, { signal: t.signal, accept: "text/xml" });
    };
    assert.equal((await answerWith({ "retry-after": "90" })).retryAfterMs, 90_000);
    assert.equal((await answerWith({ "retry-after": "Mon, 02 Mar 2026 08:01:00 GMT" })).retryAfterMs, 60_000);
    assert.equal((await answerWith({ "retry-after": "soon" })).retryAfterMs, undefined);
    assert.equal((await answerWith({ "cache-control": ["public", "max-age=60"] })).maxAgeMs, 60_000);
    const { headers } = await answerWith({
      link: ["<https://hub.example/>; rel=hub", "<https://news.example/feed>; rel=self"],
      "X-Twice": ["first", "second"],
    });
    assert.equal(headers.link, "<https://hub.example/>; rel=hub, <https://news.example/feed>; rel=self");
    assert.equal(headers["x-twice"]?.split(", ").at(-1), "second");
    const asked = server.requests[0]?.headers;
    assert.equal(asked?.["user-agent"], "Crier/0.1 (+https://news.example)");
    assert.equal(asked?.accept, "text/xml");
    assert.equal(asked?.["accept-encoding"], "gzip, deflate, br, zstd");
  });

  it("sent twice count once, but for lists", () => {
    assert.deepEqual(
      plainHeaders({ etag: ['"1"', '"2"'], "content-encoding": ["deflate", "gzip"], vary: ["a", "b"], age: undefined }),
      { etag: '"2"', "content-encoding": "deflate, gzip", vary: "a, b" },
    );
  });
});
