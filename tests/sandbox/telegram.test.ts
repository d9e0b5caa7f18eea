import assert from "node:assert/strict";
import { test } from "node:test";
import { formOf, pngOf, type Refusal, type Result, telegramWorld } from "./telegram-world.ts";

const photo = "https://news.example/harbour.jpg";
const dayMs = 24 * 60 * 60_000;

test("a wrong token and an unknown method are told apart", async (t) => {
  const { post, call, refused, telegram } = await telegramWorld(t, { token: "123:abc", botUsername: "harbour_bot" });
  const told = async (token: string) => {
    const { description } = (await (await post("getMe", {}, token)).json()) as Refusal;
    return description;
  };
  assert.equal(await told("123:abd"), "Unauthorized");
  assert.equal(await told("0123:abc"), "Unauthorized: invalid token specified");
  assert.equal(await told("123abc"), "Unauthorized: invalid token specified");
  assert.equal((await post("getMe", {}, "123:abd")).status, 401);
  assert.deepEqual(await refused("sendWishes"), { error_code: 404, description: "Not Found: method not found" });
  assert.equal((await refused("toString")).error_code, 404);
  const me = await call<{ id: number; username: string }>("GETME");
  assert.deepEqual([me.id, me.username], [123, "harbour_bot"]);
  const byAddress = await fetch(`${telegram.apiRoot}/bot123:abc/getme`);
  assert.equal(byAddress.status, 200);
  const statuses = ["/", "//", "/bot123:abc", "/bot%zz/getMe"].map(
    async (path) => (await fetch(telegram.apiRoot + path)).status,
  );
  assert.deepEqual(await Promise.all(statuses), [404, 404, 404, 401]);
});

test("parameters come as JSON, as a form, in the address or in parts", async (t) => {
  const { telegram, call, post, refusal } = await telegramWorld(t);
  const chat = telegram.addPerson({ name: "Noa", started: true }).id;
  await call("sendMessage", { chat_id: chat, text: "as JSON" });
  await call("sendMessage", new URLSearchParams({ chat_id: chat, text: "as a form" }));
  await call("sendMessage", formOf({ chat_id: chat, text: "in parts", link_preview_options: '{"is_disabled":true}' }));
  const query = new URLSearchParams({ chat_id: chat, text: "in the address" });
  assert.equal((await post(`sendMessage?${query}`)).status, 200);
  const lines = telegram.ledger().map(({ text, method, chat: where }) => [method, String(where), text]);
  const texts = ["as JSON", "as a form", "in parts", "in the address"];
  assert.deepEqual(
    lines,
    texts.map((text) => ["sendMessage", chat, text]),
  );
  assert.equal(await refusal("sendMessage", { text: "x" }), "chat_id is empty");
  const broken = await fetch(`${telegram.apiRoot}/bot${telegram.token}/sendMessage`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{",
  });
  assert.equal(broken.status, 400);
  await broken.body?.cancel();
});

test("a private chat opens when its person writes, and closes when they block or leave", async (t) => {
  const { telegram, call, refused } = await telegramWorld(t);
  const noa = telegram.addPerson({ name: "Noa", username: "noa" });
  const send = { chat_id: noa.id, text: "Hello" };
  const told = async (payload: object = send) => Object.values(await refused("sendMessage", payload));
  assert.deepEqual(await told(), [403, "Forbidden: bot can't initiate conversation with a user"]);
  assert.deepEqual(telegram.phone.chats(), []);
  telegram.phone.say(noa.id, noa.id, "/start");
  await call("sendMessage", send);
  assert.deepEqual(telegram.phone.chats(), [{ id: noa.id, title: "Noa", kind: "private" }]);
  telegram.block(noa.id);
  assert.deepEqual(await told(), [403, "Forbidden: bot was blocked by the user"]);
  telegram.unblock(noa.id);
  await call("sendMessage", send);
  telegram.deactivate(noa.id);
  assert.deepEqual(await told(), [403, "Forbidden: user is deactivated"]);
  assert.deepEqual(await told({ ...send, chat_id: "@noa" }), [400, "Bad Request: chat not found"]);
  assert.deepEqual(await told({ ...send, chat_id: 4242 }), [400, "Bad Request: chat not found"]);
});

for (const kind of ["group", "supergroup", "channel"] as const) {
  test(`a ${kind} says why the bot may not post`, async (t) => {
    const { telegram, call, refused } = await telegramWorld(t);
    const sam = telegram.addPerson({ name: "Sam" });
    const chat = telegram.addGroup({ title: "Harbour", kind, by: sam.id, username: "harbour" });
    const send = { chat_id: "@Harbour", text: "x" };
    const told = async () => Object.values(await refused("sendMessage", send));
    assert.deepEqual(await told(), [403, `Forbidden: bot is not a member of the ${kind} chat`]);
    telegram.addBot(chat, sam.id);
    await call("sendMessage", send);
    telegram.removeBot(chat, sam.id);
    assert.deepEqual(await told(), [403, `Forbidden: bot was kicked from the ${kind} chat`]);
    assert.equal((await refused("getChat", { chat_id: chat })).error_code, 403);
    telegram.addBot(chat, sam.id);
    await call("leaveChat", { chat_id: chat });
    assert.deepEqual(await told(), [403, `Forbidden: bot is not a member of the ${kind} chat`]);
  });
}

test("a group that grew says where it went", async (t) => {
  const { telegram, call, refused } = await telegramWorld(t);
  const old = telegram.addGroup({ title: "Harbour", botIsMember: true });
  const grown = telegram.migrate(old);
  assert.deepEqual(await refused("sendMessage", { chat_id: old, text: "x" }), {
    error_code: 400,
    description: "Bad Request: group chat was upgraded to a supergroup chat",
    parameters: { migrate_to_chat_id: grown },
  });
  await call("sendMessage", { chat_id: grown, text: "x" });
  telegram.deactivate(grown);
  assert.equal(
    (await refused("sendMessage", { chat_id: grown, text: "x" })).description,
    "Forbidden: the group chat was deleted",
  );
  const updates = await call<{ message?: { chat: { id: number }; migrate_to_chat_id?: number } }[]>("getUpdates");
  assert.deepEqual(
    updates.map(({ message }) => [message?.chat.id, message?.migrate_to_chat_id]),
    [
      [old, grown],
      [grown, undefined],
    ],
  );
  assert.deepEqual(
    telegram.phone.chats().map(({ id }) => id),
    [String(grown)],
  );
});

test("a forum's topics must be there; the General one is left out", async (t) => {
  const { telegram, call, refusal } = await telegramWorld(t);
  const forum = telegram.addGroup({ title: "Forum", kind: "forum", botIsMember: true });
  const topic = telegram.addTopic(forum);
  const sent = await call<Result & { message_thread_id?: number }>("sendMessage", {
    chat_id: forum,
    message_thread_id: topic,
    text: "x",
  });
  assert.equal(sent.message_thread_id, topic);
  for (const message_thread_id of [1, topic + 50])
    assert.equal(
      await refusal("sendMessage", { chat_id: forum, message_thread_id, text: "x" }),
      "message thread not found",
    );
});

test("message numbers: private chats and groups count together, a supergroup for itself", async (t) => {
  const { telegram, call } = await telegramWorld(t);
  const people = ["Noa", "Sam"].map((name) => telegram.addPerson({ name, started: true }).id);
  const group = telegram.addGroup({ title: "Small", botIsMember: true });
  const supers = ["A", "B"].map((title) => telegram.addGroup({ title, kind: "supergroup", botIsMember: true }));
  const ids = [];
  for (const chat_id of [...people, group, ...supers])
    ids.push((await call("sendMessage", { chat_id, text: "x" })).message_id);
  assert.deepEqual(ids, [1, 2, 3, 1, 1]);
});

test("an edit must change something that is the bot's own and there", async (t) => {
  const { telegram, call, refusal } = await telegramWorld(t);
  const noa = telegram.addPerson({ name: "Noa" }).id;
  const theirs = telegram.say(noa, noa, "Hi");
  const { message_id } = await call("sendMessage", { chat_id: noa, text: "<b>x</b>", parse_mode: "HTML" });
  const edit = { chat_id: noa, message_id, text: "<strong>x</strong>", parse_mode: "HTML" };
  const same =
    "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";
  assert.equal(await refusal("editMessageText", edit), same);
  assert.equal((await call("editMessageText", { ...edit, text: "y" })).text, "y");
  assert.equal(await refusal("editMessageText", { ...edit, message_id: 999 }), "message to edit not found");
  assert.equal(await refusal("editMessageText", { ...edit, message_id: theirs }), "message can't be edited");
  assert.equal(
    await refusal("editMessageCaption", { ...edit, caption: "y" }),
    "there is no caption in the message to edit",
  );
  const reply_markup = { inline_keyboard: [[{ text: "Go", callback_data: "go" }]] };
  await call("editMessageReplyMarkup", { chat_id: noa, message_id, reply_markup });
  assert.equal(await refusal("editMessageReplyMarkup", { chat_id: noa, message_id, reply_markup }), same);
  const [line] = telegram.ledger();
  assert.deepEqual([line?.text, line?.edited, line?.deleted], ["y", true, false]);
  assert.equal(telegram.phone.messages(noa)[1]?.editedAt instanceof Date, true);
});

test("what is older than two days stays", async (t) => {
  let at = Date.now();
  const { telegram, call, refusal } = await telegramWorld(t, { now: () => at });
  const noa = telegram.addPerson({ name: "Noa", started: true }).id;
  const group = telegram.addGroup({ title: "Harbour", kind: "supergroup", botIsMember: true });
  const send = async (chat_id: string | number) => ({
    chat_id,
    message_id: (await call("sendMessage", { chat_id, text: "x" })).message_id,
  });
  const [young, inGroup, privately] = [await send(noa), await send(group), await send(noa)];
  at += 2 * dayMs - 1;
  assert.equal(await call("deleteMessage", young), true);
  assert.equal(await refusal("deleteMessage", young), "message to delete not found");
  assert.equal(await refusal("editMessageText", { ...young, text: "y" }), "message to edit not found");
  at += 2;
  assert.equal(await refusal("deleteMessage", inGroup), "message can't be deleted");
  assert.equal(await refusal("deleteMessage", privately), "message can't be deleted for everyone");
  const { message_id } = await send(noa);
  assert.equal(await call("deleteMessages", { chat_id: noa, message_ids: [message_id, 999] }), true);
  const tooMany = { chat_id: noa, message_ids: Array(101).fill(1) };
  assert.equal(await refusal("deleteMessages", tooMany), "too many message identifiers specified");
  assert.deepEqual(
    telegram.ledger().map(({ deleted }) => deleted),
    [true, false, false, true],
  );
  assert.deepEqual(telegram.phone.messages(noa)[0]?.runs, []);
});

test("a photo comes by its address, as a known file or as an upload", async (t) => {
  const { telegram, call, refusal, refused } = await telegramWorld(t);
  const chat_id = telegram.addPerson({ name: "Noa", started: true }).id;
  await call("sendPhoto", { chat_id, photo, caption: "<i>Harbour</i>", parse_mode: "HTML" });
  const uploaded = await call("sendPhoto", formOf({ chat_id, photo: pngOf(640, 480), caption: "Own" }));
  const file = uploaded.photo?.[0];
  assert.equal(file?.width, 640);
  await call("sendPhoto", { chat_id, photo: file?.file_id });
  await call("sendPhoto", formOf({ chat_id, photo: "attach://here", here: pngOf(640, 480) }));
  const pictures = telegram.phone.messages(chat_id).map(({ picture }) => picture?.slice(0, 20));
  const own = "data:image/png;base6";
  assert.deepEqual(pictures, [photo.slice(0, 20), own, own, own]);
  assert.equal(telegram.ledger()[0]?.photo, photo);

  const told = (given: string) => refusal("sendPhoto", { chat_id, photo: given });
  assert.equal(await told("ftp://news.example/x.jpg"), "wrong HTTP URL specified");
  assert.equal(await told("harbour.jpg"), "wrong file identifier/HTTP URL specified");
  assert.equal(await told(""), "there is no photo in the request");
  const upload = (given: Blob) => refusal("sendPhoto", formOf({ chat_id, photo: given }));
  assert.equal(await upload(new Blob(["<html>"])), "IMAGE_PROCESS_FAILED");
  assert.equal(await upload(pngOf(9_000, 1_001)), "PHOTO_INVALID_DIMENSIONS");
  assert.equal(await upload(pngOf(210, 10)), "PHOTO_INVALID_DIMENSIONS");
  assert.match(
    await upload(new Blob([new Uint8Array(10_485_761)])),
    /^file of size 10485761 bytes is too big for a photo;/,
  );
  const long = await refused("sendPhoto", { chat_id, photo, caption: "👋".repeat(1_025) });
  assert.equal(long.description, "Bad Request: message caption is too long");
  await call("sendPhoto", { chat_id, photo, caption: "👋".repeat(1_024) });
});

test("a photo can be exchanged, and its caption, but it has no text", async (t) => {
  const { telegram, call, refusal } = await telegramWorld(t);
  const chat_id = telegram.addPerson({ name: "Noa", started: true }).id;
  const { message_id } = await call("sendPhoto", { chat_id, photo, caption: "One" });
  const at = { chat_id, message_id };
  assert.equal(await refusal("editMessageText", { ...at, text: "x" }), "there is no text in the message to edit");
  assert.equal((await call("editMessageCaption", { ...at, caption: "Two" })).caption, "Two");
  const media = { type: "photo", media: photo, caption: "Two" };
  assert.match(await refusal("editMessageMedia", { ...at, media }), /^message is not modified/);
  await call("editMessageMedia", { ...at, media: { ...media, media: `${photo}?2` } });
  assert.equal(telegram.ledger()[0]?.photo, `${photo}?2`);
});

test("an album's failing item is named, and the others are delivered", async (t) => {
  const { telegram, call, refusal } = await telegramWorld(t);
  const chat_id = telegram.addPerson({ name: "Noa", started: true }).id;
  const good = { type: "photo", media: photo };
  const sent = await call<Result[]>("sendMediaGroup", { chat_id, media: [{ ...good, caption: "One" }, good] });
  assert.equal(new Set(sent.map((message) => message.media_group_id)).size, 1);
  assert.equal(
    await refusal("sendMediaGroup", { chat_id, media: [good, { ...good, media: "x" }, good] }),
    'failed to send message #2 with the error message "wrong file identifier/HTTP URL specified"',
  );
  assert.equal(telegram.ledger().length, 4);
  assert.equal(
    await refusal("sendMediaGroup", { chat_id, media: Array(11).fill(good) }),
    "too many messages to send as an album",
  );
  await call("sendMediaGroup", formOf({ chat_id, media: '[{"type":"photo","media":"attach://a"}]', a: pngOf(9, 9) }));
});

test("messages are sent on with their source, or copied without", async (t) => {
  const { telegram, call, refusal } = await telegramWorld(t);
  const chat_id = telegram.addPerson({ name: "Noa", started: true }).id;
  const group = telegram.addGroup({ title: "Harbour", kind: "supergroup", botIsMember: true });
  const { message_id } = await call("sendPhoto", { chat_id, photo, caption: "One" });
  const from = { chat_id: group, from_chat_id: chat_id, message_id };
  const forwarded = await call("forwardMessage", from);
  assert.equal(forwarded.caption, "One");
  assert.ok(forwarded.forward_origin);
  assert.deepEqual(await call("copyMessage", { ...from, caption: "Two" }), { message_id: 2 });
  assert.equal(await refusal("copyMessage", { ...from, message_id: 99 }), "message to copy not found");
  assert.equal(await refusal("forwardMessage", { ...from, message_id: 99 }), "message to forward not found");
  assert.deepEqual(
    telegram.ledger().map(({ text, method }) => [method, text]),
    [
      ["sendPhoto", "One"],
      ["forwardMessage", "One"],
      ["copyMessage", "Two"],
    ],
  );
});

test("an answer needs what it answers, unless the call does without", async (t) => {
  const { telegram, call, refusal } = await telegramWorld(t);
  const chat_id = telegram.addPerson({ name: "Noa", started: true }).id;
  const send = { chat_id, text: "x", reply_parameters: { message_id: 9 } };
  assert.equal(await refusal("sendMessage", send), "message to be replied not found");
  await call("sendMessage", { ...send, reply_parameters: { message_id: 9, allow_sending_without_reply: true } });
});

test("members and admins are named, and pinning takes an admin", async (t) => {
  const { telegram, call, refusal } = await telegramWorld(t);
  const [sam, noa] = ["Sam", "Noa"].map((name) => telegram.addPerson({ name }).id);
  const chat_id = telegram.addGroup({
    title: "Harbour",
    kind: "supergroup",
    botIsMember: true,
    by: sam ?? "",
    admins: [],
  });
  const statusOf = async (user_id: string | undefined) => (await call("getChatMember", { chat_id, user_id })).status;
  assert.deepEqual([await statusOf(sam), await statusOf(noa)], ["creator", "member"]);
  const { message_id } = await call("sendMessage", { chat_id, text: "x" });
  const pin = { chat_id, message_id };
  assert.equal(await refusal("pinChatMessage", pin), "not enough rights to manage pinned messages in the chat");
  telegram.promoteBot(chat_id, sam ?? "");
  assert.equal((await call<object[]>("getChatAdministrators", { chat_id })).length, 2);
  await call("pinChatMessage", pin);
  assert.equal(await refusal("pinChatMessage", { ...pin, message_id: 99 }), "message to pin not found");
  const chat = await call<{ title: string; pinned_message: Result }>("getChat", { chat_id });
  assert.deepEqual([chat.title, chat.pinned_message.message_id], ["Harbour", message_id]);
});

test("a menu of commands is kept for each of its readers", async (t) => {
  const { call, refusal } = await telegramWorld(t);
  const commands = [{ command: "latest", description: "The newest articles" }];
  const scope = { type: "chat", chat_id: 7 };
  await call("setMyCommands", { commands });
  await call("setMyCommands", { commands: [...commands, { command: "broadcast", description: "To all" }], scope });
  assert.deepEqual(await call("getMyCommands"), commands);
  assert.equal((await call<object[]>("getMyCommands", { scope })).length, 2);
  await call("deleteMyCommands", { scope });
  assert.deepEqual(await call("getMyCommands", { scope }), []);
  const broken = (command: object) => refusal("setMyCommands", { commands: [{ ...commands[0], ...command }] });
  assert.equal(await broken({ command: "Latest!" }), "BOT_COMMAND_INVALID");
  assert.equal(await broken({ description: "x".repeat(257) }), "command description must not exceed 256 characters");
});
