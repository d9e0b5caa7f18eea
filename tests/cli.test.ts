import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, suite, test } from "node:test";
import { hookFeed } from "#src/hook-feed";
import { createLog } from "#src/log";
import { startTelegramSimulator, type TelegramSimulator } from "#src/sandbox/telegram/index";
import { openStore } from "#store/open";
import { createPlace, openFeedServer, type Place, rss } from "#tests/journeys/crier";

/** The command line as a process of its own: what it says and with which code it ends. */
suite("the command line", { timeout: 120_000 }, () => {
  let place: Place;
  let telegram: TelegramSimulator;
  let feeds: Awaited<ReturnType<typeof openFeedServer>>;

  const run = async (
    args: string[],
    env: Record<string, string> = {},
  ): Promise<{ code: number | null; said: string }> => {
    const crier = place.run(args, env);
    return { code: await crier.exited, said: crier.said() };
  };
  const live = (): Record<string, string> => ({
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.apiRoot,
    FEEDS: feeds.put(
      "/feed",
      "application/rss+xml",
      rss([{ title: "One", summary: "S.", link: "https://bell.example/1" }]),
    ),
    ALLOW_PRIVATE_HOSTS: "127.0.0.1",
    PORT: "0",
  });

  before(async () => {
    place = await createPlace();
    telegram = await startTelegramSimulator();
    feeds = await openFeedServer();
  });
  after(async () => {
    await place.remove();
    await telegram.stop();
    await feeds.close();
  });

  test("asked for nothing or for something unknown, it says what there is", async () => {
    const nothing = await run([]);
    assert.equal(nothing.code, 2);
    assert.match(nothing.said, /start .*\n.*sandbox/);
    const unknown = await run(["toString"]);
    assert.equal(unknown.code, 2);
    assert.match(unknown.said, /no command "toString"/);
    assert.equal((await run(["--help"])).code, 0);
  });

  test("wrong settings end it with every problem at once, and no secret in the words", async () => {
    const { code, said } = await run(["start"], {
      TELEGRAM_BOT_TOKEN: "my-secret",
      FEED_INTERVAL: "soon",
      PORT: "x",
      CHROME_PATH: "/no/such/browser",
    });
    assert.equal(code, 2);
    for (const name of ["TELEGRAM_BOT_TOKEN", "FEED_INTERVAL", "PORT", "FEEDS", "CHROME_PATH"])
      assert.match(said, new RegExp(`^  ${name} `, "m"));
    assert.match(said, /5 settings need you/);
    assert.ok(!said.includes("my-secret"));
    const sandbox = await run(["start"], { PORT: "x" });
    assert.equal(sandbox.code, 2);
    assert.match(sandbox.said, /^ {2}PORT must be/m);
  });

  test("settings stand in .env, and the environment wins", async () => {
    const elsewhere = await createPlace();
    writeFileSync(
      path.join(elsewhere.folder, ".env"),
      `${Object.entries(live())
        .map(([name, value]) => `${name}=${value}`)
        .join("\n")}\nFEED_INTERVAL=never\n`,
    );
    const wrong = elsewhere.run(["check"], {});
    assert.equal(await wrong.exited, 2);
    assert.match(wrong.said(), /FEED_INTERVAL/);
    const right = elsewhere.run(["check"], { FEED_INTERVAL: "1m" });
    assert.equal(await right.exited, 0, right.said());
    await elsewhere.remove();
  });

  test("check tells what is configured and what answers", async () => {
    const store = await openStore({ dataDir: place.dataDir, log: createLog("silent") });
    await store.feeds.add(hookFeed, new Date());
    await store.close();
    const good = await run(["check"], live());
    assert.equal(good.code, 0, good.said);
    assert.match(good.said, /Telegram +ok +@/);
    assert.match(good.said, /"The Harbour Bell", 1 article/);
    assert.match(good.said, /All is well\./);
    const bad = await run(["check"], {
      ...live(),
      TELEGRAM_BOT_TOKEN: "999:wrong",
      FEEDS: "http://127.0.0.1:9/feed",
      DATABASE_URL: "postgres://u:hidden-word@127.0.0.1:9/x",
    });
    assert.equal(bad.code, 1);
    assert.match(bad.said, /Telegram +BAD +Telegram refused the token/);
    assert.match(bad.said, /127\.0\.0\.1:9.*refuses connections/);
    assert.match(bad.said, /3 of 4 need you/);
    assert.ok(!bad.said.includes("hidden-word"));
    assert.equal((await run(["check"])).code, 0);
  });

  test("render prints the message, and with --json what the platform is sent", async () => {
    const file = path.join(place.folder, "article.json");
    writeFileSync(
      file,
      JSON.stringify({
        title: "5 < 6 & *more*",
        kicker: "Sums",
        summary: "All of it.",
        url: "https://bell.example/a?b=1&c=2",
        source: "The Bell",
        topics: ["Town hall"],
      }),
    );
    const telegramText = await run(["render", "--to", "telegram", file]);
    assert.equal(
      telegramText.said,
      '<i>Sums</i>\n<b>5 &lt; 6 &amp; *more*</b>\n\nAll of it.\n\n<a href="https://bell.example/a?b=1&amp;c=2">Read on The Bell</a>\n#Town_hall\n',
    );
    const payload = JSON.parse((await run(["render", "--to", "whatsapp", "--json", file])).said);
    assert.equal(payload.method, "sendMessage");
    assert.match(payload.payload.content, /^_Sums_\n\*5 < 6/);
    assert.ok(payload.payload.content.endsWith("\nhttps://bell.example/a?b=1&c=2"));
    assert.equal((await run(["render", "--to", "fax", file])).code, 2);
    assert.equal((await run(["render", "--to", "telegram", path.join(place.folder, "not-there")])).code, 2);
    writeFileSync(file, '{"title":"","url":"javascript:alert(1)"}');
    const refused = await run(["render", "--to", "telegram", file]);
    assert.equal(refused.code, 2);
    assert.match(refused.said, /title:.*\n.*url:/);
  });

  test("render prints a digest, too, and says which of its articles is none", async () => {
    const file = path.join(place.folder, "digest.json");
    const digest = {
      at: "2026-11-24T18:00:00+02:00",
      zone: "Asia/Jerusalem",
      sections: [{ topic: "Harbour", articles: [{ title: "Ferry late", url: "https://bell.example/1" }] }],
      more: 2,
    };
    writeFileSync(file, JSON.stringify(digest));
    assert.equal(
      (await run(["render", "--to", "telegram", file])).said,
      '<b>Your news, Tuesday 18:00</b>\n\n<b>Harbour</b>\n• <a href="https://bell.example/1">Ferry late</a>\n\nAnd 2 more\n',
    );
    assert.match(
      (await run(["render", "--to", "whatsapp", file])).said,
      /1\. Ferry late\nhttps:\/\/bell\.example\/1\n/,
    );
    const sections = [{ articles: [{ title: "Good" }, { summary: "No title" }, digest] }];
    writeFileSync(file, JSON.stringify({ ...digest, zone: "Mars", sections }));
    const refused = await run(["render", "--to", "telegram", file]);
    assert.equal(refused.code, 2);
    assert.match(refused.said, /zone: must be a time zone/);
    writeFileSync(file, JSON.stringify({ ...digest, sections }));
    const wrong = (await run(["render", "--to", "telegram", file])).said;
    assert.match(wrong, /sections\.0\.articles\.1\S*: .*\n.*sections\.0\.articles\.2: must be an article/);
  });

  test("a taken port is said in words", async () => {
    const first = place.run(["start"], live());
    while (!first.said().includes("/healthz")) await new Promise((resolve) => setTimeout(resolve, 20));
    const port = new URL(/http:\/\/\S+healthz/.exec(first.said())?.[0] ?? "").port;
    const health = await (await fetch(`http://127.0.0.1:${port}/healthz`)).json();
    assert.equal((health as { bots: { platform: string }[] }).bots[0]?.platform, "telegram");
    const elsewhere = { ...live(), DATA_DIR: path.join(place.folder, "another") };
    const second = await run(["start"], { ...elsewhere, PORT: port });
    assert.equal(second.code, 1);
    assert.match(second.said, new RegExp(`Port ${port} on 127.0.0.1 is taken`));
    const third = await run(["start"], { ...live(), PORT: "0" });
    assert.equal(third.code, 1, "two on one folder would send everything twice");
    assert.match(third.said, /already/);
    assert.match(third.said, new RegExp(String(first.child.pid)));
    assert.equal(await first.end("SIGTERM"), 0, first.said());
  });
});
