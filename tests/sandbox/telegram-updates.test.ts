import assert from "node:assert/strict";
import { test } from "node:test";
import { telegramWorld } from "./telegram-world.ts";

interface Update {
  update_id: number;
  message?: { text?: string; new_chat_members?: object[]; left_chat_member?: object };
  channel_post?: { text: string; from?: object };
  callback_query?: { id: string; data: string; message: { message_id: number } };
  my_chat_member?: { old_chat_member: { status: string }; new_chat_member: { status: string } };
}

const textsOf = (updates: Update[]) => updates.map(({ message }) => message?.text);

test("unconfirmed updates come again; an offset confirms what is below it", async (t) => {
  const { telegram, call } = await telegramWorld(t);
  const noa = telegram.addPerson({ name: "Noa" }).id;
  for (const text of ["one", "two", "three", "four"]) telegram.say(noa, noa, text);
  const first = await call<Update[]>("getUpdates", { limit: 2 });
  assert.deepEqual(textsOf(first), ["one", "two"]);
  assert.deepEqual(await call("getUpdates", { limit: 2 }), first);
  const offset = (first[1]?.update_id ?? 0) + 1;
  assert.deepEqual(textsOf(await call("getUpdates", { offset })), ["three", "four"]);
  assert.deepEqual(textsOf(await call("getUpdates", { offset: -1 })), ["four"]);
  // The rest is forgotten, not only passed over.
  assert.deepEqual(textsOf(await call("getUpdates")), ["four"]);
  const ids = first.map(({ update_id }) => update_id);
  assert.equal((ids[1] ?? 0) - (ids[0] ?? 0), 1);
});

test("a poll waits for the first update, and no longer than it asked", async (t) => {
  const { telegram, call } = await telegramWorld(t);
  const noa = telegram.addPerson({ name: "Noa" }).id;
  const poll = call<Update[]>("getUpdates", { timeout: 15 });
  // The poll stands once another call was answered behind it on the loopback.
  await call("getMe");
  telegram.say(noa, noa, "awaited");
  assert.deepEqual(textsOf(await poll), ["awaited"]);
  const offset = -1;
  const last = await call<Update[]>("getUpdates", { offset });
  assert.deepEqual(await call("getUpdates", { offset: (last[0]?.update_id ?? 0) + 1, timeout: 1 }), []);
});

test("a second poll ends the older one", async (t) => {
  const { telegram, refused, call, post } = await telegramWorld(t);
  const polls = [0, 1].map(() => post("getUpdates", { timeout: 15 }));
  const ended = await Promise.race(polls.map(async (poll, index) => ({ index, status: (await poll).status })));
  assert.equal(ended.status, 409);
  const noa = telegram.addPerson({ name: "Noa" }).id;
  telegram.say(noa, noa, "/start");
  assert.deepEqual(
    (await Promise.all(polls)).map(({ status }, index) => (index === ended.index ? status === 409 : status === 200)),
    [true, true],
  );
  const text = (await (await polls[ended.index])?.json()) as { description: string };
  assert.equal(
    text.description,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
  );
  await call("setWebhook", { url: "https://news.example/hook" });
  assert.deepEqual(await refused("getUpdates"), {
    error_code: 409,
    description:
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
  });
});

test("a webhook must be one that Telegram would call", async (t) => {
  const { telegram, call, refusal } = await telegramWorld(t);
  const hook = (url: string, secret_token?: string) => refusal("setWebhook", { url, secret_token });
  assert.equal(await hook("http://news.example/"), "bad webhook: An HTTPS URL must be provided for webhook");
  assert.match(await hook("https://news.example:81/"), /only on ports 80, 88, 443 or 8443$/);
  assert.equal(await hook("https://news.example/", "a b"), "secret token contains unallowed characters");
  const noa = telegram.addPerson({ name: "Noa" }).id;
  telegram.say(noa, noa, "/start");
  await call("setWebhook", { url: "https://news.example/hook", allowed_updates: ["message"] });
  const info = await call<{ url: string; pending_update_count: number; allowed_updates: string[] }>("getWebhookInfo");
  assert.deepEqual(
    [info.url, info.pending_update_count, info.allowed_updates],
    ["https://news.example/hook", 1, ["message"]],
  );
  await call("deleteWebhook", { drop_pending_updates: true });
  assert.deepEqual(await call("getUpdates"), []);
});

test("allowed updates stay until they are changed; an empty list is the default", async (t) => {
  const { telegram, call } = await telegramWorld(t);
  const noa = telegram.addPerson({ name: "Noa", started: true }).id;
  await call("getUpdates", { allowed_updates: ["my_chat_member"] });
  telegram.say(noa, noa, "unheard");
  await call("getUpdates");
  telegram.block(noa);
  assert.deepEqual(
    (await call<Update[]>("getUpdates")).map(({ my_chat_member: change }) => change?.new_chat_member.status),
    ["kicked"],
  );
  await call("getUpdates", { offset: -1, allowed_updates: [] });
  telegram.say(noa, noa, "heard");
  const heard = await call<Update[]>("getUpdates");
  // Who writes again has unblocked the bot.
  assert.deepEqual(
    heard.slice(1).map(({ message, my_chat_member: change }) => message?.text ?? change?.new_chat_member.status),
    ["member", "heard"],
  );
});

test("coming into a chat, rising in it and being put out are told", async (t) => {
  const { telegram, call } = await telegramWorld(t);
  const sam = telegram.addPerson({ name: "Sam" }).id;
  const group = telegram.addGroup({ title: "Harbour", kind: "supergroup", by: sam });
  telegram.addBot(group, sam);
  telegram.promoteBot(group, sam);
  telegram.removeBot(group, sam);
  const told = (await call<Update[]>("getUpdates")).map(({ my_chat_member: change, message }) => {
    if (change) return `${change.old_chat_member.status} > ${change.new_chat_member.status}`;
    return message?.new_chat_members ? "joined" : message?.left_chat_member ? "left" : "?";
  });
  assert.deepEqual(told, ["left > member", "joined", "member > administrator", "administrator > kicked", "left"]);
  assert.deepEqual(telegram.phone.messages(String(group)), []);
});

test("in a group the bot hears commands to it and answers to it, as an admin everything", async (t) => {
  const { telegram, call } = await telegramWorld(t, { botUsername: "harbour_bot" });
  const sam = telegram.addPerson({ name: "Sam" }).id;
  const group = telegram.addGroup({ title: "Harbour", kind: "supergroup", by: sam, botIsMember: true });
  for (const text of ["hello", "/stop", "/stop@Harbour_Bot", "/stop@other_bot", "so /stop"])
    telegram.say(group, sam, text);
  telegram.promoteBot(group, sam);
  telegram.say(group, sam, "hello again");
  const texts = textsOf(await call<Update[]>("getUpdates")).filter(Boolean);
  assert.deepEqual(texts, ["/stop", "/stop@Harbour_Bot", "hello again"]);
  const channel = telegram.addGroup({ title: "Wire", kind: "channel", by: sam, botIsMember: true });
  telegram.say(channel, sam, "posted");
  const [post] = await call<Update[]>("getUpdates", { offset: -1 });
  assert.deepEqual([post?.channel_post?.text, post?.channel_post?.from], ["posted", undefined]);
});

test("a press waits for one answer", async (t) => {
  const { telegram, call, refusal } = await telegramWorld(t);
  const noa = telegram.addPerson({ name: "Noa", started: true }).id;
  const reply_markup = { inline_keyboard: [[{ text: "Go", callback_data: "go" }]] };
  const { message_id } = await call("sendMessage", { chat_id: noa, text: "x", reply_markup });
  telegram.press(noa, message_id, noa, "go");
  const [update] = await call<Update[]>("getUpdates");
  assert.deepEqual([update?.callback_query?.data, update?.callback_query?.message.message_id], ["go", message_id]);
  const callback_query_id = update?.callback_query?.id;
  await call("answerCallbackQuery", { callback_query_id });
  assert.equal(
    await refusal("answerCallbackQuery", { callback_query_id }),
    "query is too old and response timeout expired or query ID is invalid",
  );
});

test("a message's watcher hears of each change until it stops", async (t) => {
  const { telegram, call } = await telegramWorld(t);
  const noa = telegram.addPerson({ name: "Noa" }).id;
  const heard: string[] = [];
  const stop = telegram.phone.watch(({ id, author, editedAt, deleted }) => {
    heard.push(`${id} ${author?.name ?? "Crier"}${editedAt ? " edited" : ""}${deleted ? " deleted" : ""}`);
  });
  telegram.phone.say(noa, noa, "/start");
  const { message_id } = await call("sendMessage", { chat_id: noa, text: "x" });
  await call("editMessageText", { chat_id: noa, message_id, text: "y" });
  await call("deleteMessage", { chat_id: noa, message_id });
  stop();
  telegram.phone.say(noa, noa, "/stop");
  assert.deepEqual(heard, ["1 Noa", "2 Crier", "2 Crier edited", "2 Crier edited deleted"]);
});
