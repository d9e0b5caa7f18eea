import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { serveConsole } from "#src/console/serve";
import { createMemoryLog } from "#tests/fakes/log";

const local = { host: "127.0.0.1", port: 0 };

describe("the console", () => {
  it("says in words that there is nothing, with the headers of every answer", async (t) => {
    const pages = await serveConsole(local);
    t.after(() => pages.close());
    for (const path of ["/", "/websub/x", "/hooks/articles", "/%00", "/../etc/passwd", `/${"x".repeat(8000)}`]) {
      const answer = await fetch(pages.url + path);
      assert.equal(answer.status, 404, path);
      assert.equal(await answer.text(), "There is nothing at this address.");
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
      assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
      assert.equal(answer.headers.get("cache-control"), "no-store");
    }
  });

  it("leaves a page its own headers, and hides the fault of one that fails", async (t) => {
    const log = createMemoryLog();
    const pages = await serveConsole({
      ...local,
      log,
      routes: [
        (app) => void app.get("/page", (context) => context.text("a page", 200, { "cache-control": "max-age=60" })),
        (app) =>
          void app.get("/names/:name", () => {
            throw new Error("at /home/somebody/secret.ts");
          }),
      ],
    });
    t.after(() => pages.close());
    assert.equal((await fetch(`${pages.url}/page`)).headers.get("cache-control"), "max-age=60");
    const failed = await fetch(`${pages.url}/names/hidden`);
    assert.equal(failed.status, 500);
    assert.equal(failed.headers.get("x-content-type-options"), "nosniff");
    assert.equal(await failed.text(), "Crier failed at this. Its log says why.");
    assert.equal(log.lines.length, 1);
    const { err, ...fields } = log.lines[0]?.fields as { err: Error };
    assert.match(err.message, /secret\.ts/);
    assert.deepEqual(fields, { method: "GET", route: "/names/:name" });
  });

  it("answers what is under way before it closes", async () => {
    let begun = (): void => {};
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const pages = await serveConsole({
      ...local,
      routes: [
        (app) =>
          void app.get("/slow", async (context) => {
            begun();
            await new Promise((resolve) => setTimeout(resolve, 200));
            return context.text("done");
          }),
      ],
    });
    const asking = fetch(`${pages.url}/slow`).then((answer) => answer.text());
    await isBegun;
    const closing = pages.close();
    assert.equal(await asking, "done");
    await closing;
    await assert.rejects(fetch(`${pages.url}/slow`));
  });

  it("closes though a visitor neither speaks nor leaves", async () => {
    const pages = await serveConsole(local);
    const silent = connect(Number(new URL(pages.url).port), "127.0.0.1");
    silent.on("error", () => {});
    await new Promise((resolve) => silent.once("connect", resolve));
    silent.write("GET /page HTTP/1.1\r\nHost: x\r\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await pages.close();
    silent.destroy();
  });
});
