import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type TelegramWorld, telegramWorld } from "./telegram-world.ts";

/** A simulator whose time stands until it is moved. */
async function standing(t: TestContext, limiter: "soft" | "block") {
  const time = { at: Date.parse("2026-03-01T12:00:00Z") };
  const world = await telegramWorld(t, { limiter, now: () => time.at });
  const people = Array.from(
    { length: 40 },
    (_, index) => world.telegram.addPerson({ name: `Reader ${index}`, started: true }).id,
  );
  return { ...world, time, people };
}

/** 0 where it passed, else the seconds to wait. */
async function waitOf(
  { post }: TelegramWorld,
  chat_id: string | number | undefined,
  method = "sendMessage",
  more = {},
) {
  const response = await post(method, { chat_id, text: `${Math.random()}`, ...more });
  const { parameters } = (await response.json()) as { parameters?: { retry_after: number } };
  assert.equal(response.ok, parameters === undefined);
  return parameters?.retry_after ?? 0;
}

test("a 429 is to the letter", async (t) => {
  const { post, call, people, telegram } = await standing(t, "soft");
  const chat_id = people[0];
  for (let sent = 0; sent < 3; sent += 1) await call("sendMessage", { chat_id, text: "x" });
  const response = await post("sendMessage", { chat_id, text: "x" });
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("retry-after"), "1");
  assert.equal(
    await response.text(),
    '{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1","parameters":{"retry_after":1}}',
  );
  assert.deepEqual(telegram.counts(), { calls: 4, refused429: 1 });
  assert.equal(telegram.ledger().length, 3);
});

test("one chat takes three at once and one a second", async (t) => {
  const world = await standing(t, "soft");
  const [noa] = world.people;
  const burst = [];
  for (let sent = 0; sent < 5; sent += 1) burst.push(await waitOf(world, noa));
  assert.deepEqual(burst, [0, 0, 0, 1, 1]);
  world.time.at += 999;
  assert.equal(await waitOf(world, noa), 1);
  world.time.at += 1;
  assert.equal(await waitOf(world, noa), 0);
  assert.equal(await waitOf(world, noa), 1);
});

test("all chats together take thirty a second", async (t) => {
  const world = await standing(t, "soft");
  const waits = await Promise.all(world.people.map((chat) => waitOf(world, chat)));
  assert.equal(waits.filter((wait) => wait === 0).length, 30);
  world.time.at += 100;
  const later = await Promise.all(world.people.slice(30).map((chat) => waitOf(world, chat)));
  assert.equal(later.filter((wait) => wait === 0).length, 3);
});

test("what is paid for takes a thousand a second", async (t) => {
  const world = await standing(t, "soft");
  const paid = (chat: string) => waitOf(world, chat, "sendMessage", { allow_paid_broadcast: true });
  const waits = await Promise.all(world.people.map(paid));
  assert.equal(Math.max(...waits), 0);
});

test("a group takes twenty a minute, edits and each picture of an album among them", async (t) => {
  const world = await standing(t, "soft");
  const group = world.telegram.addGroup({ title: "Harbour", botIsMember: true });
  const photo = { type: "photo", media: "https://news.example/harbour.jpg" };
  const { message_id } = await world.call("sendMessage", { chat_id: group, text: "x" });
  for (let edited = 0; edited < 9; edited += 1) {
    world.time.at += 1_000;
    assert.equal(await waitOf(world, group, "editMessageText", { message_id }), 0);
  }
  world.time.at += 1_000;
  assert.equal(await waitOf(world, group, "sendMediaGroup", { media: Array(10).fill(photo) }), 0);
  world.time.at += 20_000;
  // Twenty within the last half minute: the first falls out a minute after it was sent.
  assert.equal(await waitOf(world, group), 30);
  assert.equal(await waitOf(world, world.people[0]), 0);
  world.time.at += 30_000;
  assert.equal(await waitOf(world, group), 0);
  assert.equal(await waitOf(world, group), 1);
});

test("what is not a message has no limit", async (t) => {
  const world = await standing(t, "soft");
  for (let asked = 0; asked < 50; asked += 1) await world.call("getChat", { chat_id: world.people[0] });
});

test("the limiter that punishes refuses the whole bot for five seconds, counting down", async (t) => {
  const world = await standing(t, "block");
  const [noa, sam] = world.people;
  for (let sent = 0; sent < 3; sent += 1) assert.equal(await waitOf(world, noa), 0);
  assert.equal(await waitOf(world, noa), 5);
  assert.equal(await waitOf(world, sam), 5);
  world.time.at += 3_500;
  assert.equal(await waitOf(world, sam), 2);
  world.time.at += 1_499;
  assert.equal(await waitOf(world, sam), 1);
  world.time.at += 1;
  assert.equal(await waitOf(world, sam), 0);
  assert.equal(world.telegram.counts().refused429, 4);
});
