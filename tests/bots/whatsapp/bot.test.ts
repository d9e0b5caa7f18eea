import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, suite, test } from "node:test";
import { createWhatsAppBot, type WhatsAppBotOptions } from "#bots/whatsapp/bot";
import { SendError } from "#core/errors";
import type { Article, ChatRef, Message } from "#core/model";
import type { Bot, BotEvent } from "#core/ports";
import { systemClock } from "#src/clock";
import { startWhatsAppSimulator, type WhatsAppSimulator } from "#src/sandbox/whatsapp/simulator";
import { type BotWorld, describeBot } from "#tests/contract/bot";
import { createMemoryLog } from "#tests/fakes/log";
import { findChromium } from "../../../src/setup.mjs";
import { digestOf, inDigest } from "../digest.ts";

const chromePath = findChromium(process.env);
const skip = chromePath === null && "no Chromium was found: install it or set CHROME_PATH";
const editorNumber = "972501111111";
const ref = (address: string): ChatRef => ({
  platform: "whatsapp",
  address,
  kind: address.endsWith("@g.us") ? "group" : "private",
});

/** A 1x1 PNG for every address that does not say 404. */
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

async function openPictures(): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const isMissing = request.url?.includes("404");
    response.writeHead(isMissing ? 404 : 200, { "content-type": "image/png" }).end(isMissing ? "" : pixel);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/lead.png` };
}

const fetchPicture = async (url: string, signal: AbortSignal) => {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return { bytes: new Uint8Array(await answer.arrayBuffer()), type: "image/png" };
};

const botFor = (simulator: WhatsAppSimulator, dataDir: string, change: Partial<WhatsAppBotOptions> = {}): Bot =>
  createWhatsAppBot({
    dataDir,
    chromePath: chromePath ?? "",
    browserArgs: simulator.browserArgs,
    admins: [`+${editorNumber}`],
    groups: [],
    fetchPicture,
    log: createMemoryLog(),
    clock: systemClock,
    ...change,
  });

/** Processes whose command line names the folder. */
function processesOf(folder: string): string[] {
  const lines = execFileSync("ps", ["-eo", "pid,stat,command"], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => line.includes(folder) && !/^\s*\d+\s+Z/.test(line) && !line.includes("ps -eo"));
}

const pidOfBrowser = (folder: string): number => {
  const main = processesOf(folder).find((line) => !line.includes("--type="));
  return Number(main?.trim().split(/\s+/)[0]);
};

async function until(what: string, holds: () => boolean, ms = 40_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function setup(): Promise<BotWorld> {
  const simulator = await startWhatsAppSimulator({ autoPair: true });
  const pictures = await openPictures();
  const dataDir = await mkdtemp(path.join(tmpdir(), "crier-wa-contract-"));
  const editor = simulator.addPerson({ number: editorNumber, name: "Edna", isAdmin: true, isHidden: true });
  const reader = simulator.addPerson({ number: "972502222222", name: "Reuven" });
  const group = simulator.addGroup({ title: "Harbour Bell News", admins: [editor.id], members: [reader.id] });
  const closed = simulator.addGroup({ title: "Admins only", admins: [editor.id], announce: true });
  const left = simulator.addGroup({ title: "Left behind", admins: [editor.id], crierIsMember: false });
  const slow = simulator.addGroup({ title: "Slow", admins: [editor.id] });
  return {
    bot: botFor(simulator, dataDir),
    chats: { admin: ref(editor.id), reader: ref(reader.id), group: ref(group) },
    shown: (chat) =>
      simulator.phone
        .messages(chat.address)
        .filter(({ author, deleted }) => author === null && !deleted)
        .map(({ runs, picture, editedAt }) => ({
          text: runs.map(({ text }) => text).join(""),
          picture: picture !== null,
          edited: editedAt !== null,
        })),
    say: (chat, person, text) => simulator.say(chat.address, person === "admin" ? editor.id : reader.id, text),
    fail: {
      rejected: () => ref(closed),
      gone: () => ref(left),
      unknown() {
        simulator.fault({ kind: "undefined-result", chat: slow, times: 1 });
        return ref(slow);
      },
    },
    invite: () => ref(simulator.addGroup({ title: "New group", admins: [editor.id] })),
    remove: (chat) => simulator.removeFromGroup(chat.address, editor.id),
    pictureUrl: pictures.url,
    tellsAgain: true,
    async close() {
      assert.deepEqual(simulator.missingModules(), []);
      await simulator.stop();
      pictures.server.close();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

if (!skip) describeBot("whatsapp", setup);

suite("WhatsApp's session", { skip, timeout: 240_000 }, () => {
  /** Waits a part of the time only. */
  const clockOf = (part: number) => ({
    now: systemClock.now,
    sleep: (ms: number, end?: AbortSignal) => systemClock.sleep(ms / part, end),
  });
  const brisk = clockOf(4);
  const hasty = clockOf(20);
  const unheard: unknown[] = [];
  const hear = (cause: unknown): void => void unheard.push(cause);
  let simulator: WhatsAppSimulator;
  let dataDir: string;
  let group: string;
  let bot: Bot;
  const events: BotEvent[] = [];
  const inbox = async (event: BotEvent): Promise<void> => void events.push(event);
  const isReady = (): boolean => bot.health().state === "ready";
  const say = (text: string) => bot.send(ref(group), { kind: "notice", spans: [{ text }] }, text);
  const arrived = (): string[] => simulator.ledger().map(({ text }) => text);

  before(async () => {
    process.on("unhandledRejection", hear);
    simulator = await startWhatsAppSimulator();
    dataDir = await mkdtemp(path.join(tmpdir(), "crier-wa-session-"));
    const editor = simulator.addPerson({ number: editorNumber, name: "Edna", isAdmin: true });
    group = simulator.addGroup({ title: "חדשות  הנמל", admins: [editor.id] });
    bot = botFor(simulator, dataDir, { groups: ["חדשות הנמל"], clock: brisk });
  });
  after(async () => {
    await bot.stop();
    await simulator.stop();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    process.off("unhandledRejection", hear);
    assert.deepEqual(unheard, []);
  });

  test("a code to scan is told; scanned, it is ready, and the settings' group is found by its name", async () => {
    await bot.start(inbox);
    assert.deepEqual(events[0], {
      kind: "joined",
      id: "settings:חדשות הנמל",
      chat: { platform: "whatsapp", address: "חדשות הנמל", kind: "group" },
      title: null,
      by: null,
    });
    await until("a code", () => bot.health().state === "blocked");
    const health = bot.health();
    assert.equal(health.state === "blocked" && health.qr, simulator.currentQr());
    await assert.rejects(say("too early"), (error) => error instanceof SendError && error.reason === "temporary");
    simulator.pair();
    await until("ready", isReady);
    assert.ok(events.some((event) => event.kind === "migrated" && event.to === group));
    await say("One");
    assert.deepEqual(arrived(), ["One"]);
  });

  test("a group of the settings that is not found yet keeps its messages waiting", async () => {
    const unknown = { platform: "whatsapp", address: "No such group", kind: "group" } as const;
    await assert.rejects(
      bot.send(unknown, { kind: "notice", spans: [{ text: "x" }] }, "k"),
      (error) => error instanceof SendError && error.reason === "temporary",
    );
  });

  test("a page that reloads under a message leaves it unknown, and comes back", async () => {
    simulator.fault({ kind: "delivered-then-reload", times: 1 });
    await assert.rejects(say("Two"), (error) => error instanceof SendError && error.reason === "unknown");
    await until("ready again", isReady);
    await say("Three");
    assert.deepEqual(arrived(), ["One", "Two", "Three"]);
  });

  test("a page that refuses a message leaves it unknown, and the session ready", async () => {
    simulator.fault({ kind: "send-rejects", times: 1 });
    await assert.rejects(say("Refused"), (error) => error instanceof SendError && error.reason === "unknown");
    await until("it has shown that it works", isReady);
  });

  test("offline or opened elsewhere, it waits, and goes on when it is back", async () => {
    simulator.setState("TIMEOUT");
    await until("the loss is seen", () => !isReady());
    await assert.rejects(say("Offline"), (error) => error instanceof SendError && error.reason === "temporary");
    simulator.setState("CONNECTED");
    await until("ready again", isReady);
    simulator.conflict();
    await until("the conflict is seen", () => !isReady());
    await until("the connection is taken back", isReady);
    await say("Back");
    assert.ok(arrived().includes("Back") && !arrived().includes("Offline"));
  });

  test("what is too old to be corrected or taken back is refused in words", async () => {
    const receipt = await say("Old");
    await simulator.age(receipt.messageId, 16 * 60_000);
    const isRefused = (error: unknown): boolean => error instanceof SendError && error.reason === "rejected";
    await assert.rejects(bot.edit(ref(group), receipt, { kind: "notice", spans: [{ text: "New" }] }), isRefused);
    await simulator.age(receipt.messageId, 48 * 3_600_000);
    await assert.rejects(bot.recall(ref(group), receipt), isRefused);
    assert.ok(arrived().includes("Old"));
  });

  test("too old to be edited, a story is corrected in an answer that quotes it, which is kept right", async () => {
    const story = inDigest("Ten arrested", { kicker: "Harbour" });
    const corrected = (title: string, at: string): Message => ({
      kind: "article",
      article: { ...story, title },
      correctedAt: at,
    });
    const shown = () =>
      simulator.phone
        .messages(group)
        .filter(({ deleted }) => !deleted)
        .map(({ runs, quoted }) => [runs.map(({ text }) => text).join(""), quoted] as const);
    const receipt = await bot.send(ref(group), { kind: "article", article: story }, "story");
    const before = shown();
    const [said = ""] = before.at(-1) ?? [];
    await simulator.age(receipt.messageId, 16 * 60_000);
    // Its words stand there already.
    await bot.edit(ref(group), receipt, corrected("Ten arrested", "14:01"));
    assert.deepEqual(shown(), before);
    const answer = (title: string, at: string) => `✏️ Corrected ${at}\n${title}\n\n${story.url}`;
    for (const _ of [1, 2]) await bot.edit(ref(group), receipt, corrected("Twelve arrested", "14:05"));
    assert.deepEqual(shown(), [...before, [answer("Twelve arrested", "14:05"), said]]);
    await say("Between");
    await bot.edit(ref(group), receipt, corrected("Ten arrested", "14:09"));
    assert.deepEqual(shown().slice(-2), [
      [answer("Ten arrested", "14:09"), said],
      ["Between", null],
    ]);
    // An answer that is too old to be edited is followed by another.
    const old = simulator.ledger().find(({ text }) => text.includes("14:09"))?.id ?? "";
    await simulator.age(old, 16 * 60_000);
    await bot.edit(ref(group), receipt, corrected("Nine arrested", "14:30"));
    assert.deepEqual(shown().at(-1), [answer("Nine arrested", "14:30"), said]);
    await bot.recall(ref(group), receipt);
    assert.deepEqual(shown(), [...before.slice(0, -1), ["Between", null]]);
  });

  test("too old to be edited, a digest is answered for each of its stories", async () => {
    const [one, two] = [inDigest("One"), inDigest("Two")];
    const digest = digestOf([{ topic: "Harbour", articles: [one, two] }]);
    const receipt = await bot.send(ref(group), digest, "digest");
    const sent = arrived().length;
    const now = (articles: Article[], article: Article, isWithdrawn = false): Message => ({
      ...digest,
      sections: [{ topic: "Harbour", articles }],
      corrected: { at: "14:05", article, isWithdrawn },
    });
    const onceMore = { ...one, title: "One more" };
    await bot.edit(ref(group), receipt, now([onceMore, two], onceMore));
    assert.match(arrived().at(-1) ?? "", /^\*Your news[\s\S]*1\. One more ✏️[\s\S]*✏️ Corrected 14:05$/);
    await simulator.age(receipt.messageId, 16 * 60_000);
    // A digest shows no summaries.
    await bot.edit(ref(group), receipt, now([onceMore, { ...two, summary: "It was." }], two));
    assert.equal(arrived().length, sent);
    const twice = { ...two, title: "Twice" };
    await bot.edit(ref(group), receipt, now([onceMore, twice], twice));
    for (const _ of [1, 2]) await bot.edit(ref(group), receipt, now([twice], onceMore, true));
    assert.deepEqual(arrived().slice(sent), [
      `✏️ Corrected 14:05\n*Twice*\n\n${two.url}`,
      "✏️ Withdrawn 14:05: One more",
    ]);
  });

  test("an answer of which nobody knows whether it came is not sent twice", async () => {
    const story = inDigest("Five held");
    const receipt = await bot.send(ref(group), { kind: "article", article: story }, "held");
    await simulator.age(receipt.messageId, 16 * 60_000);
    const correction: Message = { kind: "article", article: { ...story, title: "Six held" }, correctedAt: "14:05" };
    simulator.fault({ kind: "delivered-then-reload", times: 1 });
    await assert.rejects(
      bot.edit(ref(group), receipt, correction),
      (error) => error instanceof SendError && error.reason === "unknown",
    );
    await until("ready again", isReady);
    await bot.edit(ref(group), receipt, correction);
    assert.equal(arrived().filter((text) => text.includes("Six held")).length, 1);
  });

  test("a group of the settings that it was taken out of is told again when it is back", async () => {
    const told = (kind: string): number => events.filter((event) => event.kind === kind).length;
    const before = told("joined");
    simulator.removeFromGroup(group);
    await until("the leave is told", () => told("left") === 1);
    simulator.addToGroup(group);
    await until("the return is told", () => told("joined") > before);
    const last = events.findLast((event) => event.kind === "joined");
    assert.deepEqual(last?.kind === "joined" && [last.chat.address, last.by], [group, null]);
  });

  test("a browser that is killed is replaced, and the number is still linked", async () => {
    process.kill(pidOfBrowser(dataDir), "SIGKILL");
    await until("the loss is seen", () => !isReady());
    await until("ready again", isReady);
    await say("Four");
    assert.ok(arrived().includes("Four"));
  });

  test("unlinked from the phone, it asks to be linked anew, and works then", async () => {
    simulator.logoutFromPhone();
    await until("a new code", () => bot.health().state === "blocked");
    const first = pidOfBrowser(dataDir);
    simulator.setState("UNPAIRED_IDLE");
    await until("a fresh browser once the code has run out", () => {
      const health = bot.health();
      return health.state === "blocked" && pidOfBrowser(dataDir) !== first && health.qr === simulator.currentQr();
    });
    simulator.pair();
    await until("ready", isReady);
    await say("Five");
    assert.ok(arrived().includes("Five"));
  });

  test("stopped, no process is left; started again, the session is restored without a code", async () => {
    await bot.stop();
    assert.deepEqual(processesOf(dataDir), []);
    events.length = 0;
    bot = botFor(simulator, dataDir, { groups: ["חדשות הנמל"], clock: brisk });
    await bot.start(inbox);
    await until("ready", isReady);
    assert.ok(!events.some((event) => event.kind === "health" && event.health.state === "blocked"));
    await say("Six");
    assert.equal(arrived().filter((text) => text === "Six").length, 1);
  });

  test("stopped while its browser is being started, no process is left", async () => {
    await bot.stop();
    bot = botFor(simulator, dataDir, { clock: brisk });
    await bot.start(inbox);
    await until("Chromium starts", () => processesOf(dataDir).length > 0);
    await bot.stop();
    assert.deepEqual(processesOf(dataDir), []);
  });

  test("a page that cannot be opened ends its browser", async () => {
    const log = createMemoryLog();
    bot = botFor(simulator, dataDir, { browserArgs: ["--host-resolver-rules=MAP * ~NOTFOUND"], log, clock: brisk });
    await bot.start(inbox);
    await until("it is logged", () => log.lines.some(({ text }) => text.includes("could not be opened")));
    await bot.stop();
    assert.deepEqual(processesOf(dataDir), []);
  });

  test("a browser that fails again and again is a person's matter", async () => {
    bot = botFor(simulator, dataDir, { chromePath: "/bin/false", clock: hasty });
    await bot.start(inbox);
    await until("a person is asked", () => bot.health().state === "blocked");
    const health = bot.health();
    assert.match(health.state === "blocked" ? health.detail : "", /^WhatsApp Web could not be opened: /);
    await bot.stop();
  });

  test("a page that has synced before the library listened is woken", async () => {
    await bot.stop();
    simulator.fault({ kind: "early-sync" });
    bot = botFor(simulator, dataDir, { clock: hasty });
    await bot.start(inbox);
    await until("ready", isReady);
    simulator.clearFaults();
  });

  test("a page that does not answer leaves a message unknown, and is asked again when it answers", async () => {
    simulator.hang(4_000);
    await assert.rejects(say("Hung"), (error) => error instanceof SendError && error.reason === "unknown");
    assert.equal(bot.health().state, "starting");
    await until("it answers", isReady);
  });

  test("a page that crashes is replaced", async () => {
    for (const line of processesOf(dataDir)) {
      if (line.includes("--type=renderer")) process.kill(Number.parseInt(line, 10), "SIGKILL");
    }
    await until("the crash is seen", () => !isReady());
    await until("ready again", isReady);
    await say("After the crash");
    assert.ok(arrived().includes("After the crash"));
  });

  test("the browser of a Crier that was killed is ended by the next one", async () => {
    await bot.stop();
    const script = `
      import { createWhatsAppBot } from "#bots/whatsapp/bot";
      import { systemClock } from "#src/clock";
      const quiet = () => {};
      const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
      const bot = createWhatsAppBot({ ...JSON.parse(process.argv[1]), log, clock: systemClock });
      await bot.start(async (event) => {
        if (event.kind === "health") console.log(event.health.state);
      });`;
    const given = { dataDir, chromePath, browserArgs: simulator.browserArgs, admins: [], groups: [] };
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, JSON.stringify(given)], {
      cwd: path.resolve(import.meta.dirname, "../../.."),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk;
    });
    await until("the other Crier is ready", () => said.includes("ready"));
    const second = botFor(simulator, dataDir, { clock: brisk });
    await second.start(inbox);
    await until("the second is refused while the first lives", () => second.health().state === "blocked");
    const refusal = second.health();
    assert.match(refusal.state === "blocked" ? refusal.detail : "", /Another Crier/);
    await second.stop();
    const orphan = pidOfBrowser(dataDir);
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;
    assert.ok(processesOf(dataDir).length > 0, "the browser outlives the kill");
    bot = botFor(simulator, dataDir, { clock: brisk });
    await bot.start(inbox);
    await until("ready", isReady);
    assert.notEqual(pidOfBrowser(dataDir), orphan);
  });
});
