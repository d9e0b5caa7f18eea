import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, type TestContext, test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { type Browser, chromium, type Page } from "playwright-core";
import { startNewsroom } from "#src/sandbox/newsroom";
import { createSandboxPage } from "#src/sandbox/web/app";
import type { LedgerLine, PageDeps } from "#src/sandbox/web/deps";
import { findChromium } from "../../src/setup.mjs";
import { createMemoryLog } from "../fakes/log.ts";
import { createFakePhone } from "../fakes/phone.ts";

const bounded = { timeout: 60_000 };
const group = "telegram-100";
const phoneSize = { width: 390, height: 844 };
let browser: Browser;

before(async () => {
  const executablePath = findChromium(process.env);
  assert.ok(executablePath, "no Chromium was found");
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
after(() => browser.close());

/** The page between a real newsroom and phones in memory. */
async function serve(context: TestContext, change: Partial<PageDeps> = {}) {
  const newsroom = await startNewsroom({ everyMs: 1000, autoplay: false });
  const telegram = createFakePhone("telegram");
  const whatsapp = createFakePhone("whatsapp");
  const lines: LedgerLine[] = [];
  const log = createMemoryLog();
  const app: Hono = createSandboxPage({
    newsroom,
    phones: { telegram, whatsapp },
    ledger: async () => lines,
    status: () => ({ telegram: "ready", whatsapp: "starting" }),
    subscribed: async () => 3,
    timeZone: "UTC",
    host: "127.0.0.1",
    log,
    ...change,
  });
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tabs: Tab[] = [];
  context.after(async () => {
    for (const { page, complaints } of tabs) {
      await page.close();
      assert.deepEqual(complaints, []);
    }
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await newsroom.stop();
    assert.deepEqual(log.lines, []);
  });
  /** Opens a tab, whose console must stay silent: a refused script or style would speak there. */
  const open = async (path = "/", options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", ...options });
    const complaints: string[] = [];
    tabs.push({ page, complaints });
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.setDefaultTimeout(10_000);
    const isLive = options.javaScriptEnabled === false ? null : page.waitForResponse(/\/sandbox\/live$/);
    await page.goto(url + path);
    await isLive;
    return page;
  };
  return { url, app, open, newsroom, telegram, whatsapp, lines };
}

interface Tab {
  page: Page;
  complaints: string[];
}

const bubbles = (page: Page, platform: string) => page.locator(`#${platform} .pane:not([hidden]) .bubble`);

test("what arrives on a phone is seen at once, as text and never as markup", bounded, async (context) => {
  const { url, open, telegram } = await serve(context);
  const page = await open();
  assert.equal(new URL(page.url()).pathname, "/sandbox");
  const hostile = `<img src=x onerror="document.title='taken'"> & </li>`;
  telegram.post(group, [
    { text: hostile, bold: true },
    { text: "\nhere", link: "javascript:alert(1)" },
    { text: "there", link: "https://bell.example/?a=1&b=2" },
  ]);
  const bubble = bubbles(page, "telegram").last();
  await bubble.getByText(hostile).waitFor();
  assert.equal(await bubble.locator("b").textContent(), hostile);
  assert.deepEqual(await bubble.locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("href"))), [
    "https://bell.example/?a=1&b=2",
  ]);
  assert.equal(await page.title(), "Crier’s sandbox");
});

test("a message is edited, and then deleted, where it stands", bounded, async (context) => {
  const { open, whatsapp } = await serve(context);
  const message = whatsapp.post("whatsapp-100", [{ text: "The fare is 12 crowns" }]);
  const page = await open("/sandbox");
  whatsapp.change(message, { runs: [{ text: "The fare is 21 crowns" }], editedAt: new Date() });
  await bubbles(page, "whatsapp").getByText("The fare is 21 crowns").waitFor();
  assert.equal(await bubbles(page, "whatsapp").count(), 1);
  assert.equal(await bubbles(page, "whatsapp").locator(".edited").textContent(), "Edited");
  whatsapp.change(message, { runs: [], deleted: true });
  await bubbles(page, "whatsapp").getByText("This message was deleted").waitFor();
});

test(
  "right-to-left text runs from the right, and a picture comes from the page's own address",
  bounded,
  async (context) => {
    const { url, open, newsroom, telegram } = await serve(context);
    while (newsroom.publishNext());
    const hebrew = newsroom.articles().find(({ language, picture }) => language === "he" && picture);
    assert.ok(hebrew);
    telegram.post(group, [{ text: hebrew.title }], { picture: hebrew.picture });
    const page = await open();
    const bubble = bubbles(page, "telegram").last();
    assert.equal(
      await bubble
        .locator(".text")
        .evaluate((text) => text.ownerDocument.defaultView?.getComputedStyle(text).direction),
      "rtl",
    );
    const picture = bubble.locator("img.picture");
    await picture.scrollIntoViewIfNeeded();
    const width = await page.evaluate(
      "(async (image) => { await image.decode(); return image.naturalWidth; })(document.querySelector('.picture'))",
    );
    assert.equal(width, 800);
    assert.equal(new URL((await picture.getAttribute("src")) ?? "", url).origin, url);
  },
);

test("an answer shows what it quotes", bounded, async (context) => {
  const { open, whatsapp } = await serve(context);
  whatsapp.post("whatsapp-100", [{ text: "It is 14 crowns" }], { quoted: "The fare is <12> crowns" });
  const page = await open();
  const bubble = bubbles(page, "whatsapp").last();
  assert.equal(await bubble.locator(".quoted").textContent(), "The fare is <12> crowns");
  assert.match((await bubble.locator(".text").textContent()) ?? "", /^It is 14 crowns/);
});

test("a preview card shows the newsroom's article under the page's own address", bounded, async (context) => {
  const { url, open, newsroom, telegram } = await serve(context);
  const article = newsroom.publish({ title: "A quiet day", summary: "Nothing happened." });
  telegram.post(group, [{ text: "Read" }], { preview: { link: article.url, title: null, large: true, above: true } });
  const page = await open();
  const card = bubbles(page, "telegram").locator(".preview");
  assert.equal(await card.getAttribute("href"), new URL(article.url).pathname);
  assert.match((await card.textContent()) ?? "", /The Harbour Bell.*A quiet day/s);
  const answer = await fetch(new URL(new URL(article.url).pathname, url));
  assert.match(await answer.text(), /Nothing happened\./);
  assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
});

test("a visitor speaks as reader and as editor, by keyboard alone", bounded, async (context) => {
  const { open, telegram, whatsapp } = await serve(context);
  const page = await open();
  await page.getByLabel("Message to Harbour Bell News").first().focus();
  await page.keyboard.type("Good morning <all>");
  await page.keyboard.press("Enter");
  await bubbles(page, "telegram").getByText("Good morning <all>").waitFor();
  await page.locator("#whatsapp .pane:not([hidden])").getByLabel("Sam editor").focus();
  await page.keyboard.press("Space");
  await page.locator("#whatsapp .pane:not([hidden]) [name=text]").focus();
  await page.keyboard.type("!help");
  await page.keyboard.press("Enter");
  await bubbles(page, "whatsapp").getByText("!help").waitFor();
  assert.deepEqual(
    [...telegram.messages(group), ...whatsapp.messages("whatsapp-100")].map(({ author, runs }) => [
      author?.name,
      runs[0]?.text,
    ]),
    [
      ["Noa", "Good morning <all>"],
      ["Sam", "!help"],
    ],
  );
});

test("a private chat begins with one button, and counts what arrives out of sight", bounded, async (context) => {
  const { url, open, telegram } = await serve(context);
  const page = await open();
  const tab = page.locator("#telegram .chats a", { hasText: "Noa" });
  await tab.click();
  await page.getByRole("button", { name: "Say /start" }).click();
  await bubbles(page, "telegram").getByText("/start").waitFor();
  assert.match(page.url(), /telegram=telegram-7/);
  telegram.post(group, [{ text: "One" }]);
  telegram.post(group, [{ text: "Two" }]);
  const badge = page.locator("#telegram .chats a", { hasText: "Harbour Bell News" }).locator(".badge");
  await badge.getByText("2", { exact: true }).waitFor();
  await page.locator("#telegram .chats a", { hasText: "Harbour Bell News" }).click();
  assert.equal(await badge.isVisible(), false);
  assert.equal(await bubbles(page, "telegram").count(), 2);
});

test("the desk publishes, breaks, corrects and broadcasts; the ledger fills", bounded, async (context) => {
  const { open, newsroom, telegram, lines } = await serve(context);
  const page = await open();
  const articles = page.locator("#desk .articles li");
  assert.equal(await articles.count(), 2);
  await page.getByRole("button", { name: "Publish next" }).click();
  await articles.nth(2).waitFor();
  await page.getByRole("button", { name: "Break a story" }).click();
  await articles.nth(3).waitFor();
  assert.match((await articles.first().textContent()) ?? "", /Breaking/);

  const first = articles.nth(1);
  await first.locator("summary").click();
  await first.getByLabel("Headline").fill("Ferry sails at noon");
  await first.getByRole("button", { name: "Publish correction" }).click();
  await articles.getByText("Ferry sails at noon").waitFor();
  assert.equal(newsroom.articles()[1]?.title, "Ferry sails at noon");

  await page.getByText("Write a story of your own").click();
  await page.locator(".own [name=title]").fill("Mine");
  await page.locator(".own [name=summary]").fill("My own words.");
  await page.getByRole("button", { name: "Publish story" }).click();
  await articles.nth(4).waitFor();
  assert.equal(newsroom.articles()[0]?.title, "Mine");

  await page.getByLabel("Broadcast, as the editor").fill("Good evening");
  await page.getByRole("button", { name: "Broadcast to 3 chats" }).click();
  await page.getByText("Sam told Crier to broadcast it.").waitFor();
  assert.deepEqual(
    telegram.messages("telegram-8").map(({ author, runs }) => [author?.name, runs[0]?.text]),
    [
      ["Sam", "/broadcast Good evening"],
      ["Sam", "/broadcast send"],
    ],
  );

  const line = { id: 1, title: "Mine", chat: "Harbour Bell News", platform: "telegram", reason: null };
  lines.push({ ...line, state: "pending", delayMs: null });
  await page.locator("#ledger tbody tr", { hasText: "pending" }).waitFor();
  lines[0] = { ...line, state: "sent", delayMs: 1260 };
  await page.locator("#ledger tbody tr", { hasText: /sent.*1\.3 s/ }).waitFor();
  assert.equal(await page.locator("#ledger tbody tr").count(), 1);
});

test("what somebody is writing stays when the newsroom goes on", bounded, async (context) => {
  const { open, newsroom } = await serve(context);
  const page = await open();
  const first = page.locator("#desk .articles li").first();
  const { slug } = newsroom.articles()[0] ?? { slug: "" };
  await first.locator("summary").click();
  await first.getByLabel("Headline").fill("Half a headl");
  newsroom.publishNext();
  newsroom.correct(slug, { title: "Corrected elsewhere" });
  await page.locator("#desk .articles li").nth(2).waitFor();
  assert.equal(await page.locator(`li[data-key="${slug}"]`).getByLabel("Headline").inputValue(), "Half a headl");
});

test("without the script, links open chats and forms come back to them", bounded, async (context) => {
  const { url, open, telegram } = await serve(context);
  const page = await open("/sandbox", { javaScriptEnabled: false });
  await page.locator("#telegram .chats a", { hasText: "Sam" }).click();
  await page.locator("#telegram .pane:not([hidden]) [name=text]").fill("/help");
  await page.locator("#telegram .pane:not([hidden]) .send").click();
  await bubbles(page, "telegram").getByText("/help").waitFor();
  assert.match(page.url(), /telegram=telegram-8/);
  assert.equal(telegram.messages("telegram-8").length, 1);
});

test("on a phone one part is seen at a time, and nothing is wider than the screen", bounded, async (context) => {
  const { open, whatsapp } = await serve(context);
  whatsapp.post("whatsapp-100", [{ text: `https://bell.example/${"long".repeat(60)}`, link: "https://bell.example/" }]);
  const page = await open("/sandbox", { viewport: phoneSize });
  const parts = ["desk", "telegram", "whatsapp", "ledger"];
  for (const [name, part] of [
    ["Telegram", "telegram"],
    ["Newsroom", "desk"],
    ["WhatsApp", "whatsapp"],
    ["Deliveries", "ledger"],
  ] as const) {
    await page.locator(".tabs a", { hasText: name }).click();
    for (const other of parts) assert.equal(await page.locator(`#${other}`).isVisible(), other === part, other);
    assert.equal(await page.evaluate("document.documentElement.scrollWidth"), phoneSize.width, name);
  }
});

test("where there is no browser for it, WhatsApp says what to do", bounded, async (context) => {
  const { open } = await serve(context, { phones: { telegram: createFakePhone("telegram"), whatsapp: null } });
  const page = await open();
  await page.locator("#whatsapp").getByText("CHROME_PATH").waitFor();
});

test("only the page itself may ask for something", bounded, async (context) => {
  const { url, app, newsroom } = await serve(context);
  const post = (headers: Record<string, string>) => app.request("/sandbox/publish", { method: "POST", headers });
  const own = new URL(url).host;
  const count = newsroom.articles().length;
  assert.equal((await post({ host: own })).status, 403);
  assert.equal((await post({ host: own, origin: "null" })).status, 403);
  assert.equal((await post({ host: own, origin: "https://evil.example" })).status, 403);
  assert.equal((await post({ host: "evil.example", origin: "http://evil.example" })).status, 421);
  assert.equal((await app.request("/sandbox", { headers: { host: "evil.example" } })).status, 421);
  assert.equal((await app.request("/sandbox", { headers: {} })).status, 421);
  assert.equal(newsroom.articles().length, count);
  assert.equal((await post({ host: own, origin: url })).status, 303);
  assert.equal(newsroom.articles().length, count + 1);
  for (const host of ["localhost:8080", "127.0.0.1", "[::1]:8080", "192.168.1.7:8080"])
    assert.equal((await app.request("/sandbox", { headers: { host } })).status, 200, host);
  const { headers } = await app.request("/sandbox", { headers: { host: own } });
  assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'.*script-src 'self';/);
  assert.doesNotMatch(headers.get("content-security-policy") ?? "", /unsafe/);
});

test("what is asked wrongly is answered in words", bounded, async (context) => {
  const { url, app, telegram } = await serve(context);
  const headers = { host: new URL(url).host, origin: url, accept: "application/json" };
  const ask = async (action: string, fields: Record<string, string>) => {
    const answer = await app.request(`/sandbox/${action}`, {
      method: "POST",
      headers,
      body: new URLSearchParams(fields),
    });
    return [answer.status, answer.status === 400 ? ((await answer.json()) as { note: string }).note : ""];
  };
  assert.deepEqual(await ask("say", { platform: "telegram", chat: group, person: "telegram-7", text: "  " }), [
    400,
    "Write something first.",
  ]);
  assert.deepEqual(await ask("say", { platform: "telegram", chat: "telegram-8", person: "telegram-7", text: "hi" }), [
    400,
    "Nobody of this name is in this chat.",
  ]);
  assert.equal((await ask("correct", { slug: "none", title: "A", summary: "B" }))[0], 400);
  assert.equal((await ask("story", { title: "x".repeat(300), summary: "B" }))[0], 400);
  assert.equal((await ask("constructor", {}))[0], 404);
  assert.equal(telegram.messages(group).length, 0);
});
