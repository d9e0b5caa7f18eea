import assert from "node:assert/strict";
import { test } from "node:test";
import { formOf, pngOf, telegramWorld } from "./telegram-world.ts";

test("an uploaded picture can be loaded again, and only with the token", async (t) => {
  const { telegram, call, refusal } = await telegramWorld(t);
  const chat_id = telegram.addPerson({ name: "Noa", started: true }).id;
  const picture = pngOf(640, 480);
  const sent = await call("sendPhoto", formOf({ chat_id, photo: picture }));
  const file_id = sent.photo?.[0]?.file_id;
  const file = await call<{ file_path: string; file_size: number }>("getFile", { file_id });
  assert.equal(file.file_size, picture.size);
  const load = (token: string) => fetch(`${telegram.apiRoot}/file/bot${token}/${file.file_path}`);
  const loaded = await load(telegram.token);
  assert.deepEqual(Buffer.from(await loaded.arrayBuffer()), Buffer.from(await picture.arrayBuffer()));
  assert.equal((await load("1:x")).status, 401);
  assert.equal(await refusal("getFile", { file_id: "x" }), "invalid file_id");
  assert.equal(await refusal("getFile"), "file_id not specified");
});

test("arrivals are counted by what stands in a text, behind a link or on a button", async (t) => {
  const { telegram, call } = await telegramWorld(t);
  const chat_id = telegram.addPerson({ name: "Noa", started: true }).id;
  const key = "https://news.example/1";
  const other = telegram.addGroup({ title: "Harbour", kind: "supergroup", botIsMember: true });
  await call("sendMessage", { chat_id, text: `<a href="${key}">Read on</a>`, parse_mode: "HTML" });
  await call("sendMessage", { chat_id, text: `See ${key}` });
  const reply_markup = { inline_keyboard: [[{ text: "Read on", url: key }]] };
  const { message_id } = await call("sendMessage", { chat_id, text: "x", reply_markup });
  await call("sendMessage", { chat_id: other, text: key });
  assert.equal(telegram.arrivals(chat_id, key), 3);
  assert.equal(telegram.arrivals(other, key), 1);
  await call("deleteMessage", { chat_id, message_id });
  assert.equal(telegram.arrivals(chat_id, key), 2);
  assert.deepEqual(
    telegram.ledger().map(({ links }) => links),
    [[key], [key], [key], [key]],
  );
});

test("a caption's raw length is told of as a text's", async (t) => {
  const { telegram, refusal } = await telegramWorld(t);
  const chat_id = telegram.addPerson({ name: "Noa", started: true }).id;
  const send = { chat_id, photo: "https://news.example/a.jpg" };
  assert.equal(await refusal("sendPhoto", { ...send, caption: "x".repeat(32_769) }), "text is too long");
  telegram.fault({ kind: "photo-unreachable", picture: "news.example", times: 1 });
  assert.equal(await refusal("sendPhoto", send), "failed to get HTTP URL content");
});

test("setting a webhook ends the poll that waits", async (t) => {
  const { call, post } = await telegramWorld(t);
  const polls = [0, 1].map(async (index) => {
    const response = await post("getUpdates", { timeout: 15 });
    return { index, description: ((await response.json()) as { description: string }).description };
  });
  // When one has ended the other, it waits.
  const ended = await Promise.race(polls);
  await call("setWebhook", { url: "https://bot.example/hook" });
  const other = await polls[1 - ended.index];
  assert.equal(other?.description, "Conflict: terminated by setWebhook request");
});
