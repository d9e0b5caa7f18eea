import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ChatMember, MessageEntity } from "telegraf/types";
import { readCommand } from "#bots/telegram/command-text";
import { commandOf, membershipChange } from "#bots/telegram/updates";

const spansOf = (text: string, entities: MessageEntity[]) => readCommand(text, entities, "crier_bot")?.spans;

suite("a command's text", () => {
  test("is named with or without the bot's own name, in any case", () => {
    for (const text of ["/latest", "/latest@crier_bot", "/LATEST@Crier_Bot", "/latest more"]) {
      assert.equal(readCommand(text, [], "crier_bot")?.name, "latest", text);
    }
    for (const text of [
      "/latest@other_bot",
      "latest",
      " /latest",
      "/usr/bin",
      "/",
      "/מה",
      "/latest,now",
      `/${"a".repeat(33)}`,
    ]) {
      assert.equal(readCommand(text, [], "crier_bot"), null, text);
    }
  });

  test("keeps its writer's dress, counted in UTF-16 units from the message's start", () => {
    const text = "/broadcast@crier_bot 👋 שלום to all example.com";
    const at = (part: string) => ({ offset: text.indexOf(part), length: part.length });
    assert.deepEqual(
      spansOf(text, [
        { type: "bot_command", offset: 0, length: 20 },
        { type: "bold", ...at("👋 שלום") },
        { type: "italic", ...at("שלום to") },
        { type: "text_link", ...at("all"), url: "https://news.example/" },
        { type: "url", ...at("example.com") },
      ]),
      [
        { text: "👋 ", bold: true },
        { text: "שלום", bold: true, italic: true },
        { text: " to", italic: true },
        { text: " " },
        { text: "all", link: "https://news.example/" },
        { text: " " },
        { text: "example.com", link: "https://example.com/" },
      ],
    );
  });

  test("keeps line ends inside, code and strike, and no link that is no web address", () => {
    const text = "/b one\ntwo three";
    assert.deepEqual(
      spansOf(text, [
        { type: "code", offset: 3, length: 3 },
        { type: "strikethrough", offset: 7, length: 3 },
        { type: "text_link", offset: 11, length: 5, url: "tg://resolve?domain=x" },
      ]),
      [{ text: "one", code: true }, { text: "\n" }, { text: "two", strike: true }, { text: " " }, { text: "three" }],
    );
  });

  test("survives entities that are wrong", () => {
    const entities: MessageEntity[] = [
      { type: "bold", offset: -5, length: 99 },
      { type: "italic", offset: 4, length: 1 },
      { type: "bold", offset: 900, length: 5 },
      { type: "code", offset: Number.NaN, length: 5 },
    ];
    const spans = spansOf("/b 👋\u0000x", entities) ?? [];
    assert.ok(spans.every(({ text }) => text.isWellFormed() && !text.includes("\u0000")));
    assert.ok(spans.every(({ bold }) => bold));
  });
});

suite("a message", () => {
  const base = { message_id: 1, date: 1, text: "/start", entities: [] };
  const reader = { id: 5, is_bot: false, first_name: "Reader" };
  const forum = { id: -1001, type: "supergroup", title: "Forum", is_forum: true };
  const commandIn = (change: object) => commandOf(Object({ ...base, ...change }), "crier_bot");

  test("in a forum's topic is answered there, a reply elsewhere is not", () => {
    assert.equal(
      commandIn({ from: reader, chat: forum, is_topic_message: true, message_thread_id: 7 })?.chat.address,
      "-1001:7",
    );
    assert.equal(commandIn({ from: reader, chat: forum, message_thread_id: 7 })?.chat.address, "-1001");
  });

  test("tells who speaks: a person, or the chat itself", () => {
    const inPrivate = commandIn({
      from: reader,
      chat: { id: 5, type: "private", first_name: "Re", last_name: "Ader" },
    });
    assert.deepEqual(inPrivate?.sender, { id: "5", isChat: false });
    assert.equal(inPrivate?.title, "Re Ader");
    const anonymous = { id: 1087968824, is_bot: true, first_name: "Group" };
    assert.deepEqual(commandIn({ from: anonymous, sender_chat: forum, chat: forum })?.sender, {
      id: "-1001",
      isChat: true,
    });
    const channel = { id: -1002, type: "channel", title: "News" };
    assert.deepEqual(commandIn({ sender_chat: channel, chat: channel })?.sender, { id: "-1002", isChat: true });
    assert.deepEqual(commandIn({ from: anonymous, sender_chat: channel, chat: forum })?.sender, {
      id: "-1002",
      isChat: false,
    });
  });

  test("that is not its sender's own word is no command", () => {
    assert.equal(commandIn({ from: reader, chat: forum, forward_origin: { type: "hidden_user" } }), null);
    assert.equal(commandIn({ from: reader, chat: forum, is_automatic_forward: true }), null);
    assert.equal(commandIn({ from: { ...reader, is_bot: true }, chat: forum }), null);
  });
});

suite("the bot's membership", () => {
  const change = (type: string, before: Partial<ChatMember>, after: Partial<ChatMember>) =>
    membershipChange(Object({ chat: { id: 1, type }, old_chat_member: before, new_chat_member: after }));

  test("begins when it could not be there before", () => {
    assert.deepEqual(change("group", { status: "left" }, { status: "member" }), { kind: "joined" });
    assert.deepEqual(change("supergroup", { status: "kicked" }, { status: "administrator" }), { kind: "joined" });
    assert.deepEqual(change("channel", { status: "left" }, { status: "administrator" }), { kind: "joined" });
  });

  test("goes on when its rights change, and when a reader takes a block back", () => {
    assert.equal(change("group", { status: "member" }, { status: "administrator" }), null);
    assert.equal(change("supergroup", { status: "restricted", is_member: true }, { status: "member" }), null);
    assert.equal(change("private", { status: "kicked" }, { status: "member" }), null);
  });

  test("ends when it is blocked, removed or gone", () => {
    assert.equal(change("private", { status: "member" }, { status: "kicked" })?.kind, "left");
    assert.equal(change("group", { status: "member" }, { status: "left" })?.kind, "left");
    assert.equal(change("supergroup", { status: "member" }, { status: "restricted", is_member: false })?.kind, "left");
  });
});
