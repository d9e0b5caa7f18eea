import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allowList, isPublic } from "#content/shared/address";
import { createHttp } from "#content/shared/http";
import { named, openStage, redirectTo, refused } from "./http-stage.ts";
import { openWebServer } from "./web-server.ts";

describe("addresses", () => {
  it("tells private addresses from public ones", () => {
    const isPrivate =
      "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:a00:1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd12::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 nonsense";
    for (const address of isPrivate.split(" ")) assert.equal(isPublic(address), false, address);
    for (const address of [
      "8.8.8.8",
      "172.32.0.1",
      "100.128.0.1",
      "2606:4700::1111",
      "2a00:1450::1",
      "::ffff:8.8.8.8",
      // Networks of IPv6 alone reach IPv4 by it.
      "64:ff9b::8.8.8.8",
    ]) {
      assert.equal(isPublic(address), true, address);
    }
  });

  it("knows hosts by name, address and port", () => {
    const isAllowed = allowList(["Intranet", "127.0.0.1:8080", "[0:0::1]", "[fd00::2]:81"]);
    assert(
      isAllowed("intranet", "80") &&
        isAllowed("127.0.0.1", "8080") &&
        isAllowed("[::1]", "9") &&
        isAllowed("fd00::2", "81"),
    );
    assert(!isAllowed("127.0.0.1", "80") && !isAllowed("fd00::2", "80") && !isAllowed("intranet.example", "80"));
  });
});

describe("private addresses", { timeout: 20_000 }, () => {
  /** Each is this machine or a network that only it can see. */
  const forms =
    "127.0.0.1 127.0.0.1. 127.1 127.0.1 2130706433 017700000001 0x7f000001 0x7f.1 0177.0.0.1 0x7f.0.0.0x1 %31%32%37.0.0.1 127%2e0.0.1 １２７.0.0.1 127。0。0。1 ①②⑦.0.0.1 0.0.0.0 0 00.0x0 10.0.0.1 172.16.0.1 192.168.0.1 169.254.169.254 0xa9fea9fe 100.64.0.1 192.0.0.1 198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 4294967295 [::] [::1] [0:0:0:0:0:0:0:1] [::127.0.0.1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:a9fe:a9fe] [64:ff9b::127.0.0.1] [64:ff9b:1::127.0.0.1] [2002:7f00:1::] [2001:0:4136:e378:8000:63bf:3fff:fdd2] [fc00::1] [fd00:ec2::254] [fe80::1] [fec0::1] [ff02::1] [2001:db8::1] [100::1]".split(
      " ",
    );

  it("are refused however they are written", async (t) => {
    const { server, get } = await openStage(t, { allowPrivateHosts: [] });
    for (const host of forms) {
      await assert.rejects(
        get("/", `http://${host}:${server.port}/`),
        refused("refused", /is a private address: name .* in ALLOW_PRIVATE_HOSTS/),
        host,
      );
    }
    for (const host of ["localhost", "LOCALHOST"]) {
      await assert.rejects(
        get("/", `http://${host}:${server.port}/`),
        refused("refused", /localhost leads to (127\.0\.0\.1|::1), a private/),
      );
    }
    assert.equal(server.requests.length, 0);
  });

  it("are refused however a redirect writes them", async (t) => {
    const { server, get } = await openStage(t, named("news.test"));
    for (const host of forms) {
      // A header is bytes: these are in UTF-8.
      redirectTo(server, `http://${Buffer.from(host).toString("latin1")}:${server.port}/inside`);
      await assert.rejects(get("/", `http://news.test:${server.port}/`), refused("refused", /a private address/), host);
    }
    assert(server.requests.every(({ url }) => url === "/"));
  });

  it("are refused whatever a name leads to", async (t) => {
    let address = "";
    const { server, get } = await openStage(t, {
      allowPrivateHosts: [],
      resolve: async () => [{ address, family: address.includes(":") ? 6 : 4 }],
    });
    for (const to of "127.0.0.1 0.0.0.0 169.254.169.254 ::1 :: ::ffff:127.0.0.1 64:ff9b::7f00:1 fe80::1%lo fd00::1".split(
      " ",
    )) {
      address = to;
      for (const host of ["evil.test", "evil.test.", "localhost."]) {
        await assert.rejects(
          get("/", `http://${host}:${server.port}/`),
          refused("refused", /(?:evil\.test|localhost)\.? leads to .+, a private address/),
          to,
        );
      }
    }
    assert.equal(server.requests.length, 0);
  });

  it("are refused behind a name and after a redirect", async (t) => {
    const { server, get } = await openStage(t, {
      allowPrivateHosts: ["news.test"],
      resolve: async () => [{ address: "127.0.0.1", family: 4 }],
    });
    await assert.rejects(
      get("/", `http://evil.test:${server.port}/`),
      refused("refused", /evil\.test leads to 127\.0\.0\.1/),
    );
    for (const target of [
      server.url,
      `http://evil.test:${server.port}/`,
      `http://[::ffff:127.0.0.1]:${server.port}/`,
    ]) {
      redirectTo(server, target);
      await assert.rejects(get("/", `http://news.test:${server.port}/`), refused("refused", /private address/), target);
    }
    assert(server.requests.every((request) => request.headers.host?.startsWith("news.test")));
  });

  it("gain nothing from a name that changes its answer: what was judged is what is connected to", async (t) => {
    const asked: string[] = [];
    const answering = (allowPrivateHosts: string[]) =>
      openStage(t, {
        allowPrivateHosts,
        resolve: async (host) => {
          asked.push(host);
          return [{ address: asked.length === 1 ? "127.0.0.1" : "127.0.0.9", family: 4 }];
        },
      });
    const { server, get } = await answering(["news.test"]);
    server.answer((_, response) => response.setHeader("connection", "close").end("first"));
    await get("/", `http://news.test:${server.port}/`);
    assert.equal(asked.length, 1);
    // Each new connection asks, and judges, anew.
    await assert.rejects(get("/", `http://news.test:${server.port}/`), refused("unreachable", /refuses connections/));
    assert.equal(asked.length, 2);
    const strict = await answering([]);
    await assert.rejects(strict.get("/", `http://news.test:${server.port}/`), refused("refused", /127\.0\.0\.9/));
    assert.equal(asked.length, 3);
    assert.equal(server.requests.length, 1);
  });

  it("among public ones are left out", async (t) => {
    const { server, get } = await openStage(t, {
      allowPrivateHosts: [],
      resolve: async () => [
        { address: "10.0.0.1", family: 4 },
        { address: "::1", family: 6 },
      ],
    });
    await assert.rejects(get("/", `http://mixed.test:${server.port}/`), refused("refused", /10\.0\.0\.1/));
  });

  it("pass when they are named with their port", async (t) => {
    const server = await openWebServer((_, response) => response.end("hello"));
    const http = createHttp({ allowPrivateHosts: [`127.0.0.1:${server.port}`] });
    t.after(() => Promise.all([http.close(), server.close()]));
    const answer = await http.get(server.url, { signal: t.signal });
    assert.equal(Buffer.from(answer.bytes).toString(), "hello");
  });
});

describe("a host with two addresses", { timeout: 20_000 }, () => {
  it("is reached by the one that lives", async (t) => {
    const { server, get } = await openStage(t, {
      allowPrivateHosts: ["half.test"],
      resolve: async () => [
        { address: "::1", family: 6 },
        { address: "127.0.0.1", family: 4 },
      ],
    });
    server.answer((_, response) => response.end("alive"));
    assert.equal(Buffer.from((await get("/", `http://half.test:${server.port}/`)).bytes).toString(), "alive");
  });

  it("is said to be down when none does", async (t) => {
    const { server, get } = await openStage(t, {
      allowPrivateHosts: ["down.test"],
      resolve: async () => [
        { address: "127.0.0.7", family: 4 },
        { address: "127.0.0.8", family: 4 },
      ],
    });
    await assert.rejects(
      get("/", `http://down.test:${server.port}/`),
      refused("unreachable", /down\.test:\d+ refuses connections/),
    );
  });
});
