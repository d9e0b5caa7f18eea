import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { isUnconfigured, readConfig, settingNames } from "#src/config";

const enough = { TELEGRAM_BOT_TOKEN: "123456:ABC-DEF", FEEDS: "https://news.example/feed" };

test(".env.example documents exactly the settings there are, in their order", () => {
  const example = readFileSync(path.resolve(import.meta.dirname, "../.env.example"), "utf8");
  const documented = [...example.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]);
  assert.deepEqual(documented, [...settingNames]);
  for (const name of settingNames) {
    assert.match(example, new RegExp(`(^#.*\\n)+${name}=$`, "m"), `${name} has a comment above it and no value`);
  }
});

test("the least settings give the documented defaults", () => {
  const { config } = readConfig(enough);
  assert.ok(config);
  assert.deepEqual(config.telegram, {
    token: "123456:ABC-DEF",
    apiRoot: "https://api.telegram.org",
    admins: [],
    chats: [],
    perSecond: 30,
  });
  assert.equal(config.whatsapp, null);
  assert.equal(config.feedIntervalMs, 120_000);
  assert.equal(config.firstRun, "none");
  assert.deepEqual(config.allowPrivateHosts, []);
  assert.deepEqual([config.dataDir, config.host, config.port, config.databaseUrl], ["./data", "127.0.0.1", 8080, null]);
});

test("every problem is told at once, in words to act on", () => {
  const { config, problems } = readConfig({
    TELEGRAM_BOT_TOKEN: "secret-token",
    TELEGRAM_ADMINS: "@someone",
    TELEGRAM_CHATS: "my group",
    TELEGRAM_RATE: "fast",
    WHATSAPP: "maybe",
    WHATSAPP_ADMINS: "call me",
    FEEDS: "news.example/feed",
    FEED_INTERVAL: "120",
    FIRST_RUN: "some",
    DATABASE_URL: "mysql://root:secret-password@host/db",
    PORT: "70000",
    PUBLIC_URL: "crier",
    TIMEZONE: "Mars/Olympus",
    LOG_LEVEL: "loud",
  });
  assert.equal(config, null);
  const told = problems.map(({ setting }) => setting);
  for (const name of [
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_ADMINS",
    "TELEGRAM_CHATS",
    "TELEGRAM_RATE",
    "WHATSAPP",
    "WHATSAPP_ADMINS",
  ]) {
    assert.ok(told.includes(name), name);
  }
  for (const name of [
    "FEEDS",
    "FEED_INTERVAL",
    "FIRST_RUN",
    "DATABASE_URL",
    "PORT",
    "PUBLIC_URL",
    "TIMEZONE",
    "LOG_LEVEL",
  ]) {
    assert.ok(told.includes(name), name);
  }
  const words = JSON.stringify(problems);
  assert.ok(!words.includes("secret-token") && !words.includes("secret-password"), "secrets are not repeated");
  assert.match(words, /2m/);
});

test("a bot and a feed must be there", () => {
  const { problems } = readConfig({ FEED_INTERVAL: "5s" });
  assert.deepEqual(problems.map(({ setting }) => setting).sort(), ["FEEDS", "TELEGRAM_BOT_TOKEN"]);
});

test("lists take commas, line ends and JSON; feeds keep commas inside an address", () => {
  const { config } = readConfig({
    ...enough,
    WHATSAPP: "on",
    TELEGRAM_CHATS: "-1001, @harbour_bell 42",
    WHATSAPP_GROUPS: "Harbour Bell News, חדשות הנמל\nThird group",
    FEEDS: "https://a.example/x,y.xml, https://b.example/feed https://c.example/",
    WHATSAPP_ADMINS: "+972 50-123-4567, 447700900123",
  });
  assert.ok(config?.telegram && config.whatsapp);
  assert.deepEqual(config.telegram.chats, ["-1001", "@harbour_bell", "42"]);
  assert.deepEqual(config.whatsapp.groups, ["Harbour Bell News", "חדשות הנמל", "Third group"]);
  assert.deepEqual(
    config.feeds,
    ["https://a.example/x,y.xml", "https://b.example/feed", "https://c.example/"].map((address) => ({
      kind: "feed",
      address,
    })),
  );
  assert.deepEqual(
    readConfig({ ...enough, WHATSAPP: "on", WHATSAPP_GROUPS: '["One, two"]' }).config?.whatsapp?.groups,
    ["One, two"],
  );
});

test("browser arguments may hold spaces", () => {
  const rules = "--host-resolver-rules=MAP web.whatsapp.com:443 127.0.0.1:5001,MAP * ~NOTFOUND,EXCLUDE 127.0.0.1";
  const spki = "--ignore-certificate-errors-spki-list=abc=";
  for (const value of [
    `${rules} ${spki}`,
    `${rules}\n${spki}`,
    `"${rules}" "${spki}"`,
    JSON.stringify([rules, spki]),
    `${rules.replace("=", '="')}" ${spki}`,
  ]) {
    assert.deepEqual(
      readConfig({ ...enough, WHATSAPP: "on", WHATSAPP_BROWSER_ARGS: value }).config?.whatsapp?.browserArgs,
      [rules, spki],
      value,
    );
  }
  assert.equal(
    readConfig({ ...enough, WHATSAPP_BROWSER_ARGS: "no-sandbox" }).problems[0]?.setting,
    "WHATSAPP_BROWSER_ARGS",
  );
  assert.equal(readConfig({ ...enough, WHATSAPP_BROWSER_ARGS: "[oops" }).problems[0]?.setting, "WHATSAPP_BROWSER_ARGS");
});

test("times take their unit", () => {
  const ms = (value: string) => readConfig({ ...enough, FEED_INTERVAL: value }).config?.feedIntervalMs;
  assert.deepEqual([ms("5s"), ms("2m"), ms("1h"), ms("1.5m")], [5_000, 120_000, 3_600_000, 90_000]);
  assert.deepEqual([ms("0s"), ms("2d"), ms("-5s")], [undefined, undefined, undefined]);
});

test("a secret may come from a file", () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "crier-config-")), "token");
  writeFileSync(file, "99:from-file\n");
  const { TELEGRAM_BOT_TOKEN: _, ...rest } = enough;
  assert.equal(readConfig({ ...rest, TELEGRAM_BOT_TOKEN_FILE: file }).config?.telegram?.token, "99:from-file");
  assert.equal(
    readConfig({ ...rest, TELEGRAM_BOT_TOKEN_FILE: `${file}-not` }).problems[0]?.setting,
    "TELEGRAM_BOT_TOKEN_FILE",
  );
});

test("where nothing says what to do, Crier is unconfigured", () => {
  assert.equal(isUnconfigured({}), true);
  assert.equal(isUnconfigured({ PORT: "0", HOST: "127.0.0.1", TIMEZONE: "UTC", FEEDS: "" }), true);
  assert.equal(isUnconfigured({ FEEDS: "https://a.example/" }), false);
  assert.equal(isUnconfigured({ TELEGRAM_BOT_TOKEN_FILE: "/run/token" }), false);
});

test("a feed's kind stands before its address", () => {
  const { config } = readConfig({
    ...enough,
    FEEDS: "sitemap:https://a.example/news.xml, wordpress:https://b.example folder:./posts listing:http://c.example/x",
  });
  assert.deepEqual(config?.feeds, [
    { kind: "sitemap", address: "https://a.example/news.xml" },
    { kind: "wordpress", address: "https://b.example" },
    { kind: "folder", address: path.resolve("posts") },
    { kind: "listing", address: "http://c.example/x" },
  ]);
  const wrong = readConfig({ ...enough, FEEDS: "folder: gopher:https://a.example/" });
  assert.deepEqual(
    wrong.problems.map(({ setting }) => setting),
    ["FEEDS"],
  );
});

test("links are looked at each ten minutes, as often as the settings say, or never", () => {
  const intervalOf = (value?: string) =>
    readConfig({ ...enough, ...(value ? { LINK_INTERVAL: value } : {}) }).config?.linkIntervalMs;
  assert.deepEqual([intervalOf(), intervalOf("30m"), intervalOf("off")], [600_000, 1_800_000, null]);
});

test("a secret is one that a header can carry, and that nobody guesses", () => {
  const secretsOf = (secret: string) => readConfig({ ...enough, HOOK_SECRET: secret, METRICS_TOKEN: secret });
  const { config } = secretsOf("0123456789abcdef");
  assert.deepEqual([config?.hookSecret, config?.metricsToken], ["0123456789abcdef", "0123456789abcdef"]);
  assert.equal(readConfig(enough).config?.metricsToken, null);
  for (const bad of ["short", "a secret of seven words or more", "сказочный-секрет-редакции"]) {
    const { problems } = secretsOf(bad);
    assert.deepEqual(
      problems.map(({ setting }) => setting),
      ["HOOK_SECRET", "METRICS_TOKEN"],
    );
    assert.ok(!JSON.stringify(problems).includes(bad), "the secret is not repeated");
  }
});

test("the past is kept for 90 days or as long as the settings say, a week at least", () => {
  const daysOf = (value?: string) => readConfig({ ...enough, ...(value ? { KEEP_DAYS: value } : {}) });
  assert.deepEqual([daysOf().config?.keepDays, daysOf("365").config?.keepDays], [90, 365]);
  for (const wrong of ["6", "1.5", "for ever"]) {
    assert.match(daysOf(wrong).problems[0]?.problem ?? "", /must be a whole number from 7 to 36500/);
  }
});
