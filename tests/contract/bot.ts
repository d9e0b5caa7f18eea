import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { SendError, type SendReason } from "#core/errors";
import type { Article, ChatRef, Message, Style } from "#core/model";
import type { Bot, BotEvent } from "#core/ports";
import { textOf } from "#core/spans";

/** One of the bot's messages as the chat's people see it, its marks read. */
interface ShownMessage {
  text: string;
  picture: boolean;
  edited: boolean;
}

/** A platform with a bot on it, and the people at the other end. Chats are apart from each other: none is used for two things. */
export interface BotWorld {
  /** Not started yet. */
  bot: Bot;
  /** The admin's private chat, a reader's, and a group with both in it; the bot can post into each. */
  chats: { admin: ChatRef; reader: ChatRef; group: ChatRef };
  /** The bot's messages that stand in a chat, oldest first. */
  shown(chat: ChatRef): ShownMessage[] | Promise<ShownMessage[]>;
  /** A person writes into a chat. */
  say(chat: ChatRef, person: "admin" | "reader", text: string): void | Promise<void>;
  /** Makes the next send into the answered chat end with this reason; only what the platform knows. */
  fail: Partial<Record<SendReason, () => ChatRef | Promise<ChatRef>>>;
  /** The admin adds the bot to a new group; absent where the platform cannot tell. */
  invite?(): ChatRef | Promise<ChatRef>;
  /** The bot is removed from a group. */
  remove?(chat: ChatRef): void | Promise<void>;
  /** A picture that the platform can load. */
  pictureUrl: string;
  /** Whether an event that the inbox refused is told again. */
  tellsAgain: boolean;
  close(): Promise<void>;
}

const article: Article = {
  sourceId: "contract-1",
  url: "https://news.example/2026/budget?a=1&b=2",
  title: "Cabinet approves <the> budget & rises",
  kicker: "Politics",
  summary: "The cabinet approved the budget at dawn. Ministers left without a word.",
  text: null,
  image: null,
  authors: [],
  source: "The Crier",
  topics: [],
  language: "en",
  publishedAt: null,
  updatedAt: null,
  breaking: false,
};
const say = (change: Partial<Article> = {}, correctedAt?: string, style?: Style): Message => ({
  kind: "article",
  article: { ...article, ...change },
  ...(correctedAt ? { correctedAt } : {}),
  ...(style ? { style } : {}),
});
const notice = (text: string): Message => ({ kind: "notice", spans: [{ text }] });

/** The smallest PNG that shows something: one dark pixel. */
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

const boundMs = 60_000;

/** What every bot must do, whatever its platform: run over a simulated one. */
export function describeBot(name: string, setup: () => Promise<BotWorld>): void {
  suite(`the bot seam: ${name}`, { timeout: 5 * boundMs }, () => {
    let world: BotWorld;
    let bot: Bot;
    const events: BotEvent[] = [];
    const watchers = new Set<() => void>();
    let refusals = 0;

    const inbox = async (event: BotEvent): Promise<void> => {
      events.push(event);
      for (const look of watchers) look();
      if (event.kind !== "command" || refusals === 0) return;
      refusals -= 1;
      throw new Error("The store is away.");
    };
    /** The first event that fits, of those told already or yet to come. */
    const told = <Kind extends BotEvent["kind"]>(
      kind: Kind,
      fits: (event: Extract<BotEvent, { kind: Kind }>) => boolean,
    ): Promise<Extract<BotEvent, { kind: Kind }>> => {
      const { promise, resolve, reject } = Promise.withResolvers<Extract<BotEvent, { kind: Kind }>>();
      const isKind = (event: BotEvent): event is Extract<BotEvent, { kind: Kind }> => event.kind === kind;
      const look = (): void => {
        const found = events.filter(isKind).find(fits);
        if (found) resolve(found);
      };
      const timer = setTimeout(
        () => reject(new Error(`No ${kind} event came. Told: ${events.map((event) => event.kind)}`)),
        boundMs,
      );
      watchers.add(look);
      look();
      return promise.finally(() => {
        clearTimeout(timer);
        watchers.delete(look);
      });
    };
    const last = async (chat: ChatRef): Promise<ShownMessage> =>
      (await world.shown(chat)).at(-1) ?? assert.fail("nothing arrived");
    const failure = async (call: Promise<unknown>): Promise<SendError> => {
      const error = await call.then(
        () => assert.fail("the call did not fail"),
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof SendError, String(error));
      return error;
    };

    before(async () => {
      world = await setup();
      bot = world.bot;
      assert.equal(bot.health().state, "starting");
      await bot.start(inbox);
      if (bot.health().state !== "ready") await told("health", ({ health }) => health.state === "ready");
    });
    after(async () => {
      await bot?.stop();
      await world?.close();
    });

    test("it says what it is", () => {
      assert.equal(bot.health().state, "ready");
      assert.ok(bot.commandMark.length === 1 && bot.limits.perSecond > 0 && bot.limits.concurrency > 0);
      for (const chat of [...bot.adminChats, ...Object.values(world.chats)]) assert.equal(chat.platform, bot.platform);
      assert.equal(bot.adminChats[0]?.kind, "private");
    });

    test("an article arrives with all that it says, in the order that readers know", async () => {
      const receipt = await bot.send(world.chats.group, say(), "a:1");
      assert.ok(receipt.messageId);
      const { text } = await last(world.chats.group);
      const parts = ["Politics", "Cabinet approves <the> budget & rises", "The cabinet approved the budget at dawn."];
      const places = parts.map((part) => text.indexOf(part));
      assert.ok(
        places.every((place, index) => place >= 0 && place > (places[index - 1] ?? -1)),
        text,
      );
    });

    test("a breaking article says so on its first line", async () => {
      await bot.send(world.chats.group, say({ breaking: true }), "a:2");
      assert.match((await last(world.chats.group)).text, /^🔴 Breaking\n/);
    });

    test("an article in Hebrew arrives whole", async () => {
      const title = "הממשלה אישרה את התקציב 👋";
      await bot.send(
        world.chats.group,
        say({ title, language: "he", kicker: null, summary: "הישיבה ארכה עד הבוקר." }),
        "a:3",
      );
      const { text } = await last(world.chats.group);
      assert.ok(text.includes(title) && text.includes("הישיבה ארכה עד הבוקר."), text);
    });

    test("an article with a picture arrives as one message with both", async () => {
      const before = (await world.shown(world.chats.group)).length;
      await bot.send(world.chats.group, say({ image: world.pictureUrl }), "a:4");
      const shown = await world.shown(world.chats.group);
      assert.equal(shown.length, before + 1);
      assert.equal(shown.at(-1)?.picture, true);
      assert.match(shown.at(-1)?.text ?? "", /Cabinet approves <the> budget & rises/);
    });

    test("an article whose picture cannot be had arrives without it", async () => {
      const image = new URL("/no-such-picture-404.jpg", world.pictureUrl).href;
      await bot.send(world.chats.group, say({ image, title: "No picture" }), "a:5");
      const { text, picture } = await last(world.chats.group);
      assert.equal(picture, false);
      assert.match(text, /No picture/);
    });

    test("an article may say anything of any length", async () => {
      const hostile = "<b>&amp;*_~`[x](y)\u202E\u0000\uD800 👩‍👩‍👧‍👦 ".repeat(400);
      await bot.send(
        world.chats.group,
        say({ title: hostile, summary: hostile, kicker: hostile, source: hostile, topics: [hostile] }),
        "a:6",
      );
      assert.match((await last(world.chats.group)).text, /👩‍👩‍👧‍👦/);
    });

    test("a broadcast arrives signed, a notice as it stands", async () => {
      const spans = [{ text: "We are " }, { text: "open", bold: true }, { text: " again." }];
      await bot.send(world.chats.reader, { kind: "broadcast", spans, signature: "The Crier" }, "b:1");
      assert.match((await last(world.chats.reader)).text, /^We are open again\.[\s\S]*The Crier$/);
      await bot.send(world.chats.reader, notice("Here you are."), "n:1");
      assert.equal((await last(world.chats.reader)).text, "Here you are.");
    });

    test("a digest arrives with its topics and headlines, and is corrected where it stands", async () => {
      const articles = ["Ferry <late>", "Council meets", "הממשלה אישרה את התקציב"].map((title, index) => ({
        ...article,
        sourceId: title,
        title,
        language: index === 2 ? "he" : "en",
      }));
      const [ferry = article, ...others] = articles;
      const digest: Message = {
        kind: "digest",
        occasion: "hour",
        at: new Date("2026-11-24T16:00:00Z"),
        zone: "Asia/Jerusalem",
        sections: [
          { topic: "Harbour", articles: [ferry] },
          { topic: null, articles: others },
        ],
        more: 3,
      };
      const receipt = await bot.send(world.chats.reader, { ...digest, style: { silent: true } }, "d:1");
      const { text } = await last(world.chats.reader);
      const parts = ["Your news, Tuesday 18:00", "Harbour", ...articles.map(({ title }) => title), "And 3 more"];
      const places = parts.map((part) => text.indexOf(part));
      assert.ok(
        places.every((place, index) => place >= 0 && place > (places[index - 1] ?? -1)),
        text,
      );
      const corrected = { at: "18:20", article: ferry, isWithdrawn: true };
      const sections = [{ topic: null, articles: others }];
      await bot.edit(world.chats.reader, receipt, { ...digest, sections, corrected });
      const edited = await last(world.chats.reader);
      assert.equal(edited.edited, true);
      assert.ok(edited.text.endsWith("✏️ Withdrawn 18:20: Ferry <late>"), edited.text);
      assert.equal(edited.text.split("Ferry <late>").length, 2);
    });

    test("a notice can bring a picture of its own", async () => {
      await bot.send(world.chats.admin, { kind: "notice", spans: [{ text: "Scan this." }], picture: pixel }, "n:2");
      assert.deepEqual(await last(world.chats.admin), { text: "Scan this.", picture: true, edited: false });
    });

    test("messages stand in the order in which they were sent", async () => {
      for (const number of [1, 2, 3]) await bot.send(world.chats.reader, notice(`Line ${number}`), `n:3:${number}`);
      const shown = (await world.shown(world.chats.reader)).slice(-3).map(({ text }) => text);
      assert.deepEqual(shown, ["Line 1", "Line 2", "Line 3"]);
    });

    test("an edit changes the message that was sent, as often as it is made", async () => {
      const receipt = await bot.send(world.chats.group, say({ title: "Ten arrested" }), "a:7");
      await bot.send(world.chats.group, notice("After it."), "n:4");
      const corrected = say({ title: "Twelve arrested" }, "14:05");
      const again = await bot.edit(world.chats.group, receipt, corrected);
      await bot.edit(world.chats.group, again, corrected);
      const shown = (await world.shown(world.chats.group)).slice(-2);
      assert.match(shown[0]?.text ?? "", /Twelve arrested[\s\S]*14:05/);
      assert.equal(shown[0]?.edited, true);
      assert.equal(shown[1]?.text, "After it.");
    });

    test("an edit changes the words under a picture too", async () => {
      const receipt = await bot.send(world.chats.group, say({ image: world.pictureUrl, title: "First words" }), "a:8");
      await bot.edit(world.chats.group, receipt, say({ image: world.pictureUrl, title: "Second words" }, "14:06"));
      const { text, picture } = await last(world.chats.group);
      assert.match(text, /Second words/);
      assert.equal(picture, true);
    });

    test("a brief article is its headline and its link, and a kicker that is short", async () => {
      const summary = "לא נאמר כאן.";
      for (const [title, kicker] of [
        ["Cabinet approves <the> budget", "Politics"],
        ["הממשלה אישרה את התקציב", "פוליטיקה"],
      ] as const) {
        const change = { title, kicker, summary, image: world.pictureUrl, topics: ["budget"] };
        await bot.send(world.chats.group, say(change, undefined, { template: "brief" }), `s:1:${title}`);
        const { text, picture } = await last(world.chats.group);
        assert.equal(picture, false);
        assert.ok(text.includes(title) && text.includes(kicker) && !text.includes(summary), text);
        assert.ok(!text.includes("#") && !text.includes("\n\n"), text);
      }
      const kicker = "A kicker that goes on for longer than anybody reads";
      await bot.send(world.chats.group, say({ kicker, breaking: true }, undefined, { template: "brief" }), "s:2");
      const { text } = await last(world.chats.group);
      assert.ok(text.startsWith("🔴 Breaking\nCabinet approves") && !text.includes(kicker), text);
    });

    test("a correction keeps the style in which its message was sent", async () => {
      const brief: Style = { template: "brief" };
      const shortly = await bot.send(world.chats.group, say({ title: "Ten held" }, undefined, brief), "s:3");
      await bot.edit(world.chats.group, shortly, say({ title: "Twelve held", image: world.pictureUrl }, "14:07"));
      const short = await last(world.chats.group);
      assert.match(short.text, /Twelve held[\s\S]*14:07/);
      assert.ok(!short.text.includes("at dawn") && !short.picture, short.text);
      const inFull = { title: "Ten fled", image: world.pictureUrl };
      const fully = await bot.send(world.chats.group, say(inFull), "s:4");
      await bot.edit(world.chats.group, fully, say({ ...inFull, title: "Twelve fled" }, "14:08", brief));
      const full = await last(world.chats.group);
      assert.match(full.text, /Twelve fled[\s\S]*at dawn[\s\S]*14:08/);
      assert.equal(full.picture, true);
    });

    test("what was sent is found or cannot be known: it is never said to be absent", async () => {
      const receipt = await bot.send(world.chats.group, say({ title: "Found again" }), "f:1");
      const found = await bot.find(world.chats.group, "f:1", say({ title: "Found again" }));
      if (found !== "unknowable") assert.equal(Object(found).messageId, receipt.messageId);
      const never = await bot.find(world.chats.group, "f:2", say({ title: "Never sent" }));
      assert.ok(typeof never === "string", "what was never sent has no receipt");
    });

    test("a recalled message is gone, and recalling it again is no error", async () => {
      const receipt = await bot.send(world.chats.group, notice("Take me back."), "n:5");
      await bot.recall(world.chats.group, receipt);
      await bot.recall(world.chats.group, receipt);
      assert.ok((await world.shown(world.chats.group)).every(({ text }) => text !== "Take me back."));
    });

    const reasons: SendReason[] = ["rate-limited", "temporary", "unknown", "rejected", "gone", "moved"];
    for (const reason of reasons) {
      test(`a send that fails says what to do: ${reason}`, async (t) => {
        const provoke = world.fail[reason];
        if (!provoke) return t.skip("the platform does not know it");
        const chat = await provoke();
        const error = await failure(bot.send(chat, notice("Words that no error may repeat."), `f:${reason}`));
        assert.equal(error.reason, reason, error.message);
        if (reason === "rate-limited") assert.ok((error.retryAfterMs ?? 0) > 0);
        if (reason === "moved") assert.ok(error.movedTo);
        assert.doesNotMatch(error.message, /no error may repeat/);
      });
    }

    test("a command is told with its chat, its writer and what follows its name", async () => {
      await world.say(world.chats.reader, "reader", `${bot.commandMark}latest`);
      const asked = await told("command", ({ name }) => name === "latest");
      assert.deepEqual(
        { platform: asked.chat.platform, address: asked.chat.address },
        { platform: bot.platform, address: world.chats.reader.address },
      );
      assert.equal(asked.chat.kind, "private");
      assert.equal(asked.from.isAdmin, false);
      assert.equal(asked.from.governsChat, true);
      await world.say(world.chats.admin, "admin", `${bot.commandMark}Broadcast Two words\nand a line`);
      const order = await told("command", ({ name }) => name === "broadcast");
      assert.equal(order.from.isAdmin, true);
      assert.equal(textOf(order.spans), "Two words\nand a line");
      assert.notEqual(order.id, asked.id);
    });

    test("a command in a group is told of the group, and its members do not govern it", async () => {
      await world.say(world.chats.group, "reader", `${bot.commandMark}stop`);
      const { chat, from } = await told("command", ({ name }) => name === "stop");
      assert.deepEqual(
        { address: chat.address, kind: chat.kind },
        { address: world.chats.group.address, kind: "group" },
      );
      assert.equal(from.governsChat, false);
    });

    test("what people say to each other is not told", async () => {
      await world.say(world.chats.group, "reader", "Good morning");
      await world.say(world.chats.group, "reader", `${bot.commandMark}help`);
      await told("command", ({ name }) => name === "help");
      assert.ok(events.every((event) => event.kind !== "command" || !textOf(event.spans).includes("morning")));
    });

    test("an event that could not be kept is told again under the same id", async (t) => {
      if (!world.tellsAgain) return t.skip("the platform tells once");
      refusals = 1;
      await world.say(world.chats.reader, "reader", `${bot.commandMark}start`);
      const seen = (): BotEvent[] => events.filter((event) => event.kind === "command" && event.name === "start");
      await told("command", ({ name }) => name === "start" && seen().length > 1);
      assert.equal(new Set(seen().map((event) => (event.kind === "command" ? event.id : ""))).size, 1);
    });

    test("joining and leaving a chat are told", async (t) => {
      if (!world.invite || !world.remove) return t.skip("the platform does not tell");
      const chat = await world.invite();
      const joined = await told("joined", (event) => event.chat.address === chat.address);
      assert.equal(joined.by?.isAdmin, true);
      await world.remove(chat);
      await told("left", (event) => event.chat.address === chat.address);
      assert.equal((await failure(bot.send(chat, notice("Anybody?"), "f:left"))).reason, "gone");
    });

    test("stopped, it sends and tells nothing more, and may be stopped again", async () => {
      await bot.stop();
      await bot.stop();
      assert.equal(bot.health().state, "stopped");
      const before = events.length;
      const error = await failure(bot.send(world.chats.group, notice("Too late."), "f:stopped"));
      assert.equal(error.reason, "temporary");
      await world.say(world.chats.reader, "reader", `${bot.commandMark}late`);
      assert.ok((await world.shown(world.chats.group)).every(({ text }) => text !== "Too late."));
      assert.equal(events.length, before);
    });
  });
}
