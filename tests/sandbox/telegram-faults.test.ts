import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { FaultRule } from "#src/sandbox/telegram/index";
import { telegramWorld } from "./telegram-world.ts";

async function failing(t: TestContext, rule: FaultRule) {
  const world = await telegramWorld(t);
  const chat_id = world.telegram.addPerson({ name: "Noa", started: true }).id;
  world.telegram.fault(rule);
  const photo = "https://news.example/harbour.jpg";
  return {
    ...world,
    chat_id,
    send: () => world.post("sendMessage", { chat_id, text: "x" }),
    sendPhoto: (given = photo) => world.post("sendPhoto", { chat_id, photo: given }),
  };
}

for (const [kind, arrives] of [
  ["reset-before", false],
  ["reset-after", true],
] as const) {
  test(`${kind}: the connection breaks, and the message has ${arrives ? "" : "not "}arrived`, async (t) => {
    const { send, telegram } = await failing(t, { kind, times: 1 });
    await assert.rejects(send(), TypeError);
    assert.equal(telegram.ledger().length, arrives ? 1 : 0);
    assert.equal((await send()).status, 200);
  });
}

test("a gateway's page, a failing server, a refused token and a limit on demand", async (t) => {
  const { send, telegram } = await failing(t, { kind: "html502", times: 1 });
  const gateway = await send();
  assert.deepEqual([gateway.status, gateway.headers.get("content-type")], [502, "text/html"]);
  assert.match(await gateway.text(), /^<html>/);
  telegram.fault({ kind: "http500", times: 1 });
  telegram.fault({ kind: "401", times: 1 });
  telegram.fault({ kind: "429", retryAfter: 7, times: 1 });
  const answers = [await send(), await send(), await send()];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [500, 401, 429],
  );
  assert.equal(answers[2]?.headers.get("retry-after"), "7");
  assert.equal(telegram.ledger().length, 0);
  assert.equal((await send()).status, 200);
});

test("slow: it is done late", async (t) => {
  const { send } = await failing(t, { kind: "slow", ms: 60, times: 1 });
  const before = performance.now();
  assert.equal((await send()).status, 200);
  assert.ok(performance.now() - before >= 55);
});

test("half-open: nothing is done and nothing is said; the stop ends it", { timeout: 20_000 }, async (t) => {
  const { send, telegram, post } = await failing(t, { kind: "half-open", times: 1 });
  const silent = send().then(
    () => "answered",
    () => "broken",
  );
  while (telegram.counts().calls === 0) await new Promise(setImmediate);
  assert.equal((await post("getMe")).status, 200);
  assert.equal(telegram.ledger().length, 0);
  await telegram.stop();
  assert.equal(await silent, "broken");
});

test("photo-refused: only pictures by their address, and only those that are meant", async (t) => {
  const { send, sendPhoto, telegram } = await failing(t, { kind: "photo-refused", picture: "gone" });
  assert.equal((await send()).status, 200);
  assert.equal((await sendPhoto()).status, 200);
  const refused = await sendPhoto("https://news.example/gone.jpg");
  assert.equal(refused.status, 400);
  const { description } = (await refused.json()) as { description: string };
  assert.equal(description, "Bad Request: wrong type of the web page content");
  telegram.clearFaults();
  assert.equal((await sendPhoto("https://news.example/gone.jpg")).status, 200);
});

test("a rule strikes its method and chat only, polls only where it names them", async (t) => {
  const { send, telegram, post, chat_id } = await failing(t, { kind: "401", method: "sendPhoto" });
  telegram.fault({ kind: "401", chat: 42 });
  assert.equal((await send()).status, 200);
  telegram.clearFaults();
  telegram.fault({ kind: "401", chat: Number(chat_id) });
  assert.equal((await send()).status, 401);
  telegram.fault({ kind: "401" });
  assert.equal((await post("getMe")).status, 401);
  assert.equal((await post("getUpdates")).status, 200);
  telegram.fault({ kind: "401", method: "getupdates" });
  assert.equal((await post("getUpdates")).status, 401);
});
