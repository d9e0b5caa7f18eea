import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { createTelegramBot } from "#bots/telegram/bot";
import type { Article, ChatRef, Message } from "#core/model";
import type { Bot, BotEvent, Clock } from "#core/ports";
import { systemClock } from "#src/clock";
import { startTelegramSimulator, type TelegramSimulator } from "#src/sandbox/telegram/index";
import { createMemoryLog } from "#tests/fakes/log";
import { createHostile } from "./hostile.ts";

interface World {
  simulator: TelegramSimulator;
  bot: Bot;
  group: ChatRef;
  told(fits: (event: BotEvent) => boolean): Promise<void>;
}

async function worldOf(t: TestContext, clock: Clock = systemClock): Promise<World> {
  const simulator = await startTelegramSimulator({ limiter: "off", strict16: true });
  const room = simulator.addGroup({ title: "Readers", kind: "supergroup", botIsMember: true });
  const bot = createTelegramBot({
    token: simulator.token,
    apiRoot: simulator.apiRoot,
    admins: [],
    chats: [],
    perSecond: 30,
    log: createMemoryLog(),
    clock,
    commands: [{ name: "stop", summary: "Get no more articles here", adminOnly: false }],
  });
  t.after(async () => {
    await bot.stop();
    await simulator.stop();
  });
  const events: BotEvent[] = [];
  const watchers = new Set<() => void>();
  await bot.start(async (event) => {
    events.push(event);
    for (const look of watchers) look();
  });
  const told: World["told"] = (fits) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => (events.some(fits) ? resolve() : undefined);
    watchers.add(look);
    look();
    return promise.finally(() => watchers.delete(look));
  };
  await told((event) => event.kind === "health" && event.health.state === "ready");
  return { simulator, bot, group: { platform: "telegram", address: String(room), kind: "group" }, told };
}

const article: Article = {
  sourceId: "1",
  url: "https://news.example/1",
  title: "Cabinet approves the budget",
  kicker: "Politics",
  summary: "The cabinet approved the budget.",
  image: null,
  source: "JFeed",
  topics: ["Politics"],
  language: "en",
  publishedAt: null,
  breaking: false,
};

suite("the bot against a strict Bot API", { timeout: 60_000 }, () => {
  test("no text of any message is refused", async (t) => {
    const { simulator, bot, group } = await worldOf(t);
    const next = createHostile(19_480_514);
    for (let round = 0; round < 300; round += 1) {
      const message = next();
      if (message.kind === "notice") delete message.picture;
      await bot.send(group, message, `h:${round}`);
    }
    assert.equal(simulator.ledger().length, 300);
  });

  test("an edit of any message to any other of its kind is taken", async (t) => {
    const { bot, group } = await worldOf(t);
    const next = createHostile(7);
    const kinds = new Map<string, { message: Message; receipt: Awaited<ReturnType<Bot["send"]>> }>();
    for (let round = 0; round < 60; round += 1) {
      const message = next();
      if (message.kind === "notice") delete message.picture;
      const held = kinds.get(message.kind);
      if (held) await bot.edit(group, held.receipt, message);
      else kinds.set(message.kind, { message, receipt: await bot.send(group, message, `h:${round}`) });
    }
    assert.equal(kinds.size, 3);
  });

  test("readers see the dress and the large preview above the text", async (t) => {
    const { simulator, bot, group } = await worldOf(t);
    await bot.send(group, { kind: "article", article }, "a:1");
    const [shown] = simulator.phone.messages(group.address);
    assert.deepEqual(shown?.preview, { link: article.url, title: null, large: true, above: true });
    const dressOf = (text: string) => shown?.runs.find((run) => run.text.includes(text));
    assert.equal(dressOf("Cabinet approves")?.bold, true);
    assert.equal(dressOf("Politics")?.italic, true);
    assert.equal(dressOf("Read on JFeed")?.link, article.url);
  });

  test("a bold word of a command arrives bold in the broadcast that it makes", async (t) => {
    const { simulator, bot, group, told } = await worldOf(t);
    const person = simulator.addPerson({ name: "Noa" });
    simulator.say(person.id, person.id, "/start@crier_sandbox_bot 👋 really", [
      { type: "bot_command", offset: 0, length: 24 },
      { type: "bold", offset: 28, length: 6 },
    ]);
    let spans: Extract<BotEvent, { kind: "command" }>["spans"] = [];
    await told((event) => {
      if (event.kind === "command") spans = event.spans;
      return event.kind === "command";
    });
    await bot.send(group, { kind: "broadcast", spans, signature: "JFeed" }, "b:1");
    const runs = simulator.phone.messages(group.address)[0]?.runs ?? [];
    assert.deepEqual(runs.slice(0, 2), [{ text: "👋 " }, { text: "really", bold: true }]);
  });

  for (const kind of ["reset-before", "reset-after", "html502", "http500"] as const) {
    test(`a send that meets ${kind} is of unknown outcome and is not made again`, async (t) => {
      const { simulator, bot, group } = await worldOf(t);
      simulator.fault({ kind, method: "sendMessage", times: 1 });
      await assert.rejects(bot.send(group, { kind: "article", article }, "a:1"), { reason: "unknown" });
      assert.equal(simulator.ledger().length, kind === "reset-after" ? 1 : 0);
      await bot.send(group, { kind: "article", article }, "a:2");
      assert.equal(simulator.ledger().length, kind === "reset-after" ? 2 : 1);
    });
  }

  test("commands are heard through resets, failures and a second poller", async (t) => {
    const quick: Clock = { now: systemClock.now, sleep: (ms, signal) => systemClock.sleep(ms / 50, signal) };
    const { simulator, told } = await worldOf(t, quick);
    const person = simulator.addPerson({ name: "Noa" });
    // Ends the bot's own poll with a 409, and goes away.
    const other = await fetch(`${simulator.apiRoot}/bot${simulator.token}/getUpdates`);
    await other.arrayBuffer();
    for (const kind of ["html502", "reset-before", "reset-after", "429"] as const) {
      simulator.fault({ kind, method: "getUpdates", times: 1 });
    }
    simulator.say(person.id, person.id, "/latest");
    await told((event) => event.kind === "command" && event.name === "latest");
  });
});
