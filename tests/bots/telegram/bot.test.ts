import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { inspect } from "node:util";
import { createTelegramBot, type TelegramBotOptions } from "#bots/telegram/bot";
import { identifyTelegram } from "#bots/telegram/identify";
import type { Article, ChatRef } from "#core/model";
import type { Bot, BotEvent, Clock } from "#core/ports";
import { systemClock } from "#src/clock";
import { createMemoryLog } from "#tests/fakes/log";
import { type StubApi, type StubCall, stubApi } from "./stub-api.ts";

const token = "123456:AAsecretSECRETsecret";
const group: ChatRef = { platform: "telegram", address: "-1001", kind: "group" };

/** Waits a hundredth of the time: pauses and deadlines pass quickly, in their order. */
const fastClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => systemClock.sleep(ms / 100, signal),
};

/** The same, but for the first second: chats are looked up before the start is over. */
const patientClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => systemClock.sleep(ms > 1_000 ? ms / 100 : ms, signal),
};

interface World {
  bot: Bot;
  api: StubApi;
  events: BotEvent[];
  log: ReturnType<typeof createMemoryLog>;
  /** The inbox throws while this is above zero, and counts it down. */
  refusals: number;
  /** Resolves with the first event that fits, told or yet to be told. */
  told(fits: (event: BotEvent) => boolean): Promise<BotEvent>;
  callsOf(method: string): StubCall[];
}

type Answers = Record<string, (call: StubCall, count: number) => void>;

/** A bot whose other end answers each method as the test says: `count` is how often the method was called before. */
async function worldOf(t: TestContext, answers: Answers, options: Partial<TelegramBotOptions> = {}): Promise<World> {
  const counts = new Map<string, number>();
  const standard: Answers = {
    getMe: (call) => call.ok({ id: 1, is_bot: true, first_name: "Crier", username: "crier_bot" }),
    // A poll that nothing comes to: it ends with the test.
    getUpdates: () => {},
    setMyCommands: (call) => call.ok(true),
  };
  const api = await stubApi(t, (call) => {
    const count = counts.get(call.method) ?? 0;
    counts.set(call.method, count + 1);
    const answer = answers[call.method] ?? standard[call.method];
    if (answer) answer(call, count);
    else call.refuse(404, "Not Found: method not found");
  });
  const events: BotEvent[] = [];
  const watchers = new Set<() => void>();
  const log = createMemoryLog();
  const bot = createTelegramBot({
    token,
    apiRoot: api.root,
    admins: ["77"],
    chats: [],
    perSecond: 30,
    log,
    clock: fastClock,
    commands: [
      { name: "latest", summary: "The newest articles", adminOnly: false },
      { name: "stop", summary: "Get no more", adminOnly: false },
      { name: "broadcast", summary: "Say it to all", adminOnly: true },
    ],
    ...options,
  });
  t.after(() => bot.stop());
  const world: World = {
    bot,
    api,
    events,
    log,
    refusals: 0,
    callsOf: (method) => api.calls.filter((call) => call.method === method),
    told(fits) {
      const { promise, resolve } = Promise.withResolvers<BotEvent>();
      const look = (): void => {
        const found = events.find(fits);
        if (found) resolve(found);
      };
      watchers.add(look);
      look();
      return promise.finally(() => watchers.delete(look));
    },
  };
  await bot.start(async (event) => {
    if (event.kind !== "health" && world.refusals > 0) {
      world.refusals -= 1;
      throw new Error("The store is away.");
    }
    events.push(event);
    for (const look of watchers) look();
  });
  return world;
}

const isReady = (event: BotEvent): boolean => event.kind === "health" && event.health.state === "ready";
const isCommand = (event: BotEvent): boolean => event.kind === "command";
const commandUpdate = (id: number, change: object = {}) => ({
  update_id: id,
  message: {
    message_id: id,
    date: 1,
    text: "/latest",
    chat: { id: 5, type: "private", first_name: "Reader" },
    from: { id: 5, is_bot: false, first_name: "Reader" },
    ...change,
  },
});
/** Gives the updates out as the Bot API does: those from the offset on, and holds a poll that has none. */
const updatesOf =
  (...updates: { update_id: number }[]) =>
  (call: StubCall): void => {
    const open = updates.filter(({ update_id: id }) => id >= Number(call.fields.offset ?? 0));
    if (open.length > 0) call.ok(open);
  };

suite("receiving", { timeout: 30_000 }, () => {
  test("an API that is down at the start is waited for, and the settings' chats do not wait with it", async (t) => {
    const world = await worldOf(
      t,
      {
        getMe: (call, count) =>
          count < 3 ? call.request.socket.resetAndDestroy() : call.ok({ id: 1, username: "crier_bot" }),
        getChat: ({ request }) => request.socket.destroy(),
      },
      { chats: ["-1001", "5", "@news"] },
    );
    const joined = world.events.filter((event) => event.kind === "joined");
    assert.deepEqual(joined.map(({ chat, by }) => [chat.address, chat.kind, by]).sort(), [
      ["-1001", "group", null],
      ["5", "private", null],
      ["@news", "group", null],
    ]);
    await world.told(isReady);
    assert.equal(world.bot.health().state, "ready");
  });

  test("nothing that a poll can end in ends the polling", async (t) => {
    const faults: ((call: StubCall) => void)[] = [
      ({ response }) => response.writeHead(502).end("<html>Bad Gateway</html>"),
      ({ request }) => request.socket.resetAndDestroy(),
      ({ response }) => response.writeHead(200).end("<html>log in</html>"),
      (call) =>
        call.refuse(
          409,
          "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        ),
      (call) => call.refuse(401, "Unauthorized"),
      (call) => call.refuse(400, "Bad Request: whatever"),
      (call) => call.refuse(404, "Not Found"),
      (call) => call.refuse(429, "Too Many Requests: retry after 1", { retry_after: 1 }),
      (call) => call.ok({ no: "list" }),
      // Held without an end: a connection that was dropped on its way.
      () => {},
    ];
    const world = await worldOf(t, {
      getUpdates: (call, count) => (faults[count] ?? updatesOf(commandUpdate(9)))(call),
    });
    await world.told(isCommand);
    const states = world.events.flatMap((event) => (event.kind === "health" ? [event.health] : []));
    assert.ok(states.some((health) => health.state === "degraded" && /[Aa]nother program/.test(health.detail)));
    assert.ok(states.some((health) => health.state === "blocked" && /@BotFather/.test(health.detail)));
    assert.equal(world.bot.health().state, "ready");
    assert.doesNotMatch(inspect(world.log.lines, { depth: 9 }), /AAsecret/);
  });

  test("an update is confirmed only when it is safe, and told again under the same id until then", async (t) => {
    const world = await worldOf(t, { getUpdates: updatesOf(commandUpdate(9), commandUpdate(10, { text: "/stop" })) });
    world.refusals = 2;
    await world.told((event) => event.kind === "command" && event.name === "stop");
    const commands = world.events.filter((event) => event.kind === "command");
    assert.deepEqual(
      commands.map(({ id, name }) => [id, name]),
      [
        ["9.1", "latest"],
        ["10.1", "stop"],
      ],
    );
    await world.api.reached(world.api.calls.length + (world.callsOf("getUpdates").length < 2 ? 1 : 0));
    assert.deepEqual(
      world.callsOf("getUpdates").map(({ fields }) => fields.offset),
      [undefined, 11],
    );
  });

  test("an update that makes no sense is passed over", async (t) => {
    const odd = [
      { update_id: 1 },
      { update_id: 2, message: null },
      { update_id: 3, message: { text: "/latest" } },
      { update_id: 4, my_chat_member: { chat: null } },
    ];
    const world = await worldOf(t, { getUpdates: updatesOf(...odd, commandUpdate(9)) });
    await world.told(isCommand);
    assert.equal(world.events.filter(isCommand).length, 1);
  });

  test("a webhook that was set before is removed, with what waits there kept", async (t) => {
    let hasWebhook = true;
    const world = await worldOf(t, {
      getUpdates: (call) =>
        hasWebhook
          ? call.refuse(
              409,
              "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            )
          : updatesOf(commandUpdate(9))(call),
      deleteWebhook: (call) => {
        hasWebhook = false;
        call.ok(true);
      },
    });
    await world.told(isCommand);
    assert.equal(world.callsOf("deleteWebhook")[0]?.fields.drop_pending_updates, false);
  });

  test("a server that does not hold a poll is not asked in a spin", async (t) => {
    const world = await worldOf(t, { getUpdates: (call) => call.ok([]) });
    await world.told(isReady);
    await systemClock.sleep(200);
    const polls = world.callsOf("getUpdates").length;
    assert.ok(polls >= 2 && polls <= 25, `${polls} polls`);
  });

  test("a refused token is said in words to act on, and mended without a restart", async (t) => {
    const world = await worldOf(t, {
      getMe: (call, count) =>
        count === 0 ? call.refuse(401, "Unauthorized") : call.ok({ id: 1, username: "crier_bot" }),
    });
    await world.told(
      (event) =>
        event.kind === "health" &&
        event.health.state === "blocked" &&
        event.health.detail.includes("TELEGRAM_BOT_TOKEN"),
    );
    await world.told(isReady);
  });

  test("a group's own admins govern it, and it is asked once", async (t) => {
    const chat = { id: -1001, type: "supergroup", title: "Newsroom" };
    const from = (id: number) => ({ id, is_bot: false, first_name: "Person" });
    const world = await worldOf(t, {
      getUpdates: updatesOf(
        commandUpdate(1, { chat, from: from(5) }),
        commandUpdate(2, { chat, from: from(6) }),
        commandUpdate(3, { chat, from: from(5) }),
        commandUpdate(4, { chat, from: from(5), text: "/others" }),
        commandUpdate(5, { chat, from: { id: 1087968824, is_bot: true }, sender_chat: chat }),
        commandUpdate(6, { chat, from: from(7) }),
      ),
      getChatMember: (call) =>
        call.fields.user_id === 7
          ? call.refuse(400, "Bad Request: user not found")
          : call.ok({ status: call.fields.user_id === 5 ? "administrator" : "member", user: {} }),
    });
    await world.told((event) => event.kind === "command" && event.id === "6.1");
    const commands = world.events.filter((event) => event.kind === "command");
    assert.deepEqual(
      commands.map(({ from: person }) => person.governsChat),
      [true, false, true, false, true, false],
    );
    assert.deepEqual(
      world.callsOf("getChatMember").map(({ fields }) => fields.user_id),
      [5, 6, 7],
    );
  });

  test("a group that becomes a supergroup is told once, with its new id", async (t) => {
    const before = { id: -5, type: "group", title: "Old" };
    const after = { id: -1005, type: "supergroup", title: "Old" };
    const world = await worldOf(t, {
      getUpdates: updatesOf(
        commandUpdate(1, { text: undefined, chat: before, migrate_to_chat_id: -1005 }),
        commandUpdate(2, { text: undefined, chat: after, migrate_from_chat_id: -5 }),
        commandUpdate(3),
      ),
    });
    await world.told(isCommand);
    const migrated = world.events.filter((event) => event.kind === "migrated");
    assert.deepEqual(migrated, [
      { kind: "migrated", chat: { platform: "telegram", address: "-5", kind: "group" }, to: "-1005" },
    ]);
  });

  test("stopping in the middle of a poll is quick and confirms nothing that was not kept", async (t) => {
    const world = await worldOf(t, { getUpdates: updatesOf(commandUpdate(9)) });
    world.refusals = 1_000_000;
    await world.told(isReady);
    const began = Date.now();
    await world.bot.stop();
    assert.ok(Date.now() - began < 2_000);
    assert.ok(world.callsOf("getUpdates").every(({ fields }) => fields.offset === undefined));
    assert.equal(world.events.filter(isCommand).length, 0);
  });
});

suite("the chats of the settings", { timeout: 30_000 }, () => {
  test("are subscribed under the id and title that Telegram knows", async (t) => {
    const titles: Record<string, object> = {
      "-1001": { id: -1001, type: "supergroup", title: "Newsroom" },
      "@news": { id: -1002, type: "channel", title: "News" },
    };
    const world = await worldOf(
      t,
      { getChat: (call) => call.ok(titles[String(call.fields.chat_id)]) },
      { chats: ["-1001", "@news"], clock: patientClock },
    );
    const joined = world.events.flatMap((event) =>
      event.kind === "joined" ? [[event.chat.address, event.chat.kind, event.title, event.by]] : [],
    );
    assert.deepEqual(joined.sort(), [
      ["-1001", "group", "Newsroom", null],
      ["-1002", "channel", "News", null],
    ]);
  });

  test("that cannot be found are told of, and taken when they can be", async (t) => {
    const world = await worldOf(
      t,
      {
        getChat: (call, count) =>
          count < 2
            ? call.refuse(400, "Bad Request: chat not found")
            : call.ok({ id: call.fields.chat_id === "@news" ? -1002 : -1001, type: "channel", title: "News" }),
      },
      { chats: ["@news", "-1001"], clock: patientClock },
    );
    assert.deepEqual(
      world.events.filter((event) => event.kind === "joined"),
      [],
    );
    const isTold = (event: BotEvent): boolean =>
      event.kind === "health" && event.health.state === "degraded" && /@news.*TELEGRAM_CHATS/.test(event.health.detail);
    await world.told(isTold);
    await world.told(
      () =>
        world.bot.health().state === "ready" && world.events.filter((event) => event.kind === "joined").length === 2,
    );
  });

  test("are taken as they stand where the other end cannot look them up", async (t) => {
    const world = await worldOf(t, {}, { chats: ["@news", "-1001"] });
    const joined = world.events.flatMap((event) => (event.kind === "joined" ? [event.chat.address] : []));
    assert.deepEqual(joined.sort(), ["-1001", "@news"]);
  });

  test("are subscribed when the bot is brought in, by whomever", async (t) => {
    const chat = { id: -1001, type: "supergroup", title: "Newsroom" };
    const membership = {
      update_id: 3,
      my_chat_member: {
        chat,
        from: { id: 8, is_bot: false },
        date: 1,
        old_chat_member: { status: "left" },
        new_chat_member: { status: "member" },
      },
    };
    const world = await worldOf(
      t,
      {
        getChat: (call) => call.refuse(403, "Forbidden: bot is not a member of the supergroup chat"),
        getUpdates: updatesOf(membership),
      },
      { chats: ["-1001"], clock: patientClock },
    );
    const joined = await world.told((event) => event.kind === "joined");
    assert.ok(joined.kind === "joined" && joined.by === null && joined.title === "Newsroom");
    await world.told(isReady);
  });
});

suite("sending", { timeout: 30_000 }, () => {
  const article: Article = {
    sourceId: "1",
    url: "https://news.example/1",
    title: "Title",
    kicker: null,
    summary: null,
    text: null,
    image: "https://news.example/p.jpg",
    authors: [],
    source: "JFeed",
    topics: [],
    language: "en",
    publishedAt: null,
    updatedAt: null,
    breaking: false,
  };

  test("a refused picture is left out at once, and the receipt remembers it for the edit", async (t) => {
    const { bot, api, callsOf } = await worldOf(t, {
      sendPhoto: (call) => call.refuse(400, "Bad Request: wrong type of the web page content"),
      sendMessage: (call) => call.ok({ message_id: 4, chat: { id: -1001 } }),
      editMessageText: (call) =>
        call.refuse(
          400,
          "Bad Request: message is not modified: specified new message content and reply markup are exactly the same",
        ),
    });
    const receipt = await bot.send(group, { kind: "article", article }, "a:1");
    assert.deepEqual(receipt, { messageId: "4", form: "text", chatId: "-1001" });
    assert.equal(await bot.edit(group, receipt, { kind: "article", article, correctedAt: "14:05" }), receipt);
    assert.equal(callsOf("editMessageText")[0]?.fields.message_id, 4);
    assert.ok(api.calls.every(({ method }) => method !== "editMessageCaption"));
  });

  test("a receipt remembers that its message was brief, and the picture is left out from the start", async (t) => {
    const { bot, callsOf } = await worldOf(t, {
      sendMessage: (call) => call.ok({ message_id: 4, chat: { id: -1001 } }),
      editMessageText: (call) => call.ok({}),
    });
    const style = { template: "brief", silent: true } as const;
    const receipt = await bot.send(group, { kind: "article", article, style }, "a:1");
    assert.deepEqual(receipt, { messageId: "4", form: "text", chatId: "-1001", template: "brief" });
    assert.equal(callsOf("sendMessage")[0]?.fields.disable_notification, true);
    await bot.edit(group, receipt, { kind: "article", article: { ...article, title: "Won" }, correctedAt: "14:05" });
    const [edit] = callsOf("editMessageText");
    assert.match(String(edit?.fields.text), /^(<i>[^\n]*\n)?<b>Won<\/b>\n[^\n]*\n?✏️ Corrected 14:05$/);
  });

  test("a photo whose answer was lost is not sent again as text", async (t) => {
    const { bot, callsOf } = await worldOf(t, { sendPhoto: ({ response }) => response.writeHead(502).end("<html>") });
    await assert.rejects(bot.send(group, { kind: "article", article }, "a:1"), {
      name: "SendError",
      reason: "unknown",
    });
    assert.equal(callsOf("sendMessage").length, 0);
  });

  test("a picture of our own is uploaded, and exchanged by an edit", async (t) => {
    const { bot, callsOf } = await worldOf(t, {
      sendPhoto: (call) => call.ok({ message_id: 4, chat: { id: 77 } }),
      editMessageMedia: (call) => call.ok({}),
    });
    const admin: ChatRef = { platform: "telegram", address: "77", kind: "private" };
    const picture = new Uint8Array([137, 80]);
    const receipt = await bot.send(admin, { kind: "notice", spans: [{ text: "Scan" }], picture }, "n:1");
    await bot.edit(admin, receipt, { kind: "notice", spans: [{ text: "Scan again" }], picture });
    for (const method of ["sendPhoto", "editMessageMedia"])
      assert.ok(callsOf(method)[0]?.fields.picture instanceof Blob, method);
    const media = JSON.parse(String(callsOf("editMessageMedia")[0]?.fields.media));
    assert.deepEqual([media.media, media.caption], ["attach://picture", "Scan again"]);
  });

  test("a message of a group that moved since is not looked for under the new id", async (t) => {
    const { bot, api } = await worldOf(t, {});
    const receipt = { messageId: "4", form: "text", chatId: "-5" };
    await assert.rejects(bot.edit(group, receipt, { kind: "notice", spans: [{ text: "x" }] }), { reason: "rejected" });
    await assert.rejects(bot.recall(group, receipt), { reason: "rejected" });
    assert.ok(api.calls.every(({ method }) => !/edit|delete/.test(method)));
  });

  test("a refused token stops the sending until it is mended", async (t) => {
    const world = await worldOf(t, { sendMessage: (call) => call.refuse(401, "Unauthorized") });
    await world.told(isReady);
    await assert.rejects(world.bot.send(group, { kind: "notice", spans: [{ text: "x" }] }, "n:1"), {
      reason: "temporary",
    });
    assert.equal(world.bot.health().state, "blocked");
  });

  test("the menu of commands is the readers' for all and the whole one for admins", async (t) => {
    const world = await worldOf(t, {
      setMyCommands: (call) => (call.fields.scope ? call.refuse(400, "Bad Request: chat not found") : call.ok(true)),
    });
    await world.told(isReady);
    await world.api.reached(4);
    const menus = world.callsOf("setMyCommands").map(({ fields }) => [fields.scope, Object(fields.commands).length]);
    assert.deepEqual(menus, [
      [undefined, 2],
      [{ type: "chat", chat_id: 77 }, 3],
    ]);
    assert.equal(world.bot.health().state, "ready");
  });
});

test("a token's bot is named without reading its updates", { timeout: 10_000 }, async (t) => {
  const api = await stubApi(t, (call) =>
    call.path.includes("bad") ? call.refuse(401, "Unauthorized") : call.ok({ username: "crier_bot" }),
  );
  assert.deepEqual(await identifyTelegram({ token, apiRoot: api.root }), { good: true, username: "crier_bot" });
  const refused = await identifyTelegram({ token: "1:bad", apiRoot: api.root });
  assert.ok(!refused.good && /@BotFather/.test(refused.problem));
  const away = await identifyTelegram({ token, apiRoot: "http://127.0.0.1:9" });
  assert.ok(!away.good && /TELEGRAM_API_ROOT/.test(away.problem));
  assert.deepEqual(
    api.calls.map(({ method }) => method),
    ["getMe", "getMe"],
  );
});
