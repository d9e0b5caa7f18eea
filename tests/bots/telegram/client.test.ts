import assert from "node:assert/strict";
import { createServer } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { inspect } from "node:util";
import { Telegram } from "telegraf";
import { message } from "telegraf/filters";
import { type Client, createClient } from "#bots/telegram/client";
import { CallLost, CallNotSent, toSendError } from "#bots/telegram/errors";
import { systemClock } from "#src/clock";
import { stubApi } from "./stub-api.ts";

const token = "123456:AAsecretSECRETsecret";

function clientOf(
  t: TestContext,
  apiRoot: string,
  options: { connections?: number; callTimeoutMs?: number } = {},
): Client {
  const client = createClient({ token, apiRoot, connections: 8, callTimeoutMs: 5_000, clock: systemClock, ...options });
  t.after(() => client.close(0));
  return client;
}

const failure = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => assert.fail("the call did not fail"),
    (error: Error) => error,
  );

suite("the line to the Bot API", { timeout: 20_000 }, () => {
  test("a method's JSON goes out and its result comes back, under a root with a path too", async (t) => {
    const api = await stubApi(t, (call) => call.ok({ message_id: 7, text: "שלום 👋" }));
    const client = clientOf(t, `${api.root}/proxy/`);
    assert.deepEqual(await client.call("sendMessage", { chat_id: 5, text: "x" }), { message_id: 7, text: "שלום 👋" });
    assert.equal(api.calls[0]?.path, `/proxy/bot${token}/sendMessage`);
    assert.deepEqual(api.calls[0]?.fields, { chat_id: 5, text: "x" });
  });

  test("an upload keeps every parameter that is an object", async (t) => {
    const api = await stubApi(t, (call) => call.ok({}));
    const payload = {
      chat_id: 5,
      photo: "attach://picture",
      reply_parameters: { message_id: 3 },
      link_preview_options: { is_disabled: true },
      no: undefined,
    };
    await clientOf(t, api.root).call("sendPhoto", payload, { picture: new Uint8Array([137, 80, 78, 71]) });
    const { picture, ...fields } = api.calls[0]?.fields ?? {};
    assert.deepEqual(fields, {
      chat_id: "5",
      photo: "attach://picture",
      reply_parameters: '{"message_id":3}',
      link_preview_options: '{"is_disabled":true}',
    });
    assert.ok(picture instanceof Blob);
    assert.equal(picture.type, "image/png");
    assert.deepEqual([...new Uint8Array(await picture.arrayBuffer())], [137, 80, 78, 71]);
  });

  test("a refusal is telegraf's error, without the message in it", async (t) => {
    const api = await stubApi(t, (call) => call.refuse(429, "Too Many Requests: retry after 3", { retry_after: 3 }));
    const error = await failure(clientOf(t, api.root).call("sendMessage", { text: "the message's words" }));
    const { reason, retryAfterMs } = toSendError(error);
    assert.deepEqual({ reason, retryAfterMs }, { reason: "rate-limited", retryAfterMs: 3_000 });
    assert.doesNotMatch(inspect(error, { depth: 9 }), /the message's words/);
  });

  for (const [name, status, body] of [
    ["a captive portal's page", 200, "<html>log in</html>"],
    ["a gateway's page", 502, "<html>Bad Gateway</html>"],
    ["a server's failure in JSON", 500, '{"ok":false,"error_code":500,"description":"Internal Server Error"}'],
    ["JSON of somebody else", 200, '{"success":true}'],
    ["nothing", 200, ""],
  ] as const) {
    test(`${name} leaves the outcome unknown and never shows the token`, async (t) => {
      const api = await stubApi(t, ({ response }) => response.writeHead(status).end(body));
      const error = await failure(clientOf(t, api.root).call("sendMessage", {}));
      assert.ok(error instanceof CallLost);
      assert.equal(toSendError(error).reason, "unknown");
      assert.doesNotMatch(inspect(toSendError(error), { depth: 9 }), /AAsecret/);
    });
  }

  test("a refused connection sent nothing", async (t) => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve(Object(server.address()).port));
    });
    await new Promise((resolve) => server.close(resolve));
    const error = await failure(clientOf(t, `http://127.0.0.1:${port}`).call("sendMessage", {}));
    assert.ok(error instanceof CallNotSent);
    assert.equal(toSendError(error).reason, "temporary");
    assert.doesNotMatch(inspect(toSendError(error), { depth: 9 }), /AAsecret/);
  });

  test("a connection lost after the request leaves the outcome unknown, and nothing is sent twice", async (t) => {
    const api = await stubApi(t, ({ request }) => request.socket.resetAndDestroy());
    const error = await failure(clientOf(t, api.root).call("sendMessage", {}));
    assert.ok(error instanceof CallLost, inspect(error));
    assert.equal(api.calls.length, 1);
  });

  test("an answer cut short leaves the outcome unknown", async (t) => {
    const api = await stubApi(t, ({ response }) => {
      response.writeHead(200, { "content-length": "100" }).write('{"ok":true,');
      setImmediate(() => response.socket?.destroy());
    });
    assert.ok((await failure(clientOf(t, api.root).call("sendMessage", {}))) instanceof CallLost);
  });

  test("a connection that goes silent ends at the call's deadline", async (t) => {
    const api = await stubApi(t, () => {});
    const client = clientOf(t, api.root, { callTimeoutMs: 100 });
    const error = await failure(client.call("getUpdates", {}));
    assert.ok(error instanceof CallLost);
    assert.equal(toSendError(error).reason, "unknown");
  });

  test("sockets are bounded, and a call that got none by its deadline was not sent", async (t) => {
    const api = await stubApi(t, () => {});
    const client = clientOf(t, api.root, { connections: 2, callTimeoutMs: 5_000 });
    const held = [client.call("first", {}), client.call("second", {})];
    await api.reached(2);
    const error = await failure(client.call("third", {}, { deadlineMs: 50 }));
    assert.ok(error instanceof CallNotSent, inspect(error));
    for (const call of api.calls) call.ok(true);
    await client.close(1_000);
    assert.deepEqual(await Promise.all(held), [true, true]);
    assert.deepEqual(api.calls.map(({ method }) => method).sort(), ["first", "second"]);
    assert.equal(api.mostSockets(), 2);
  });

  test("an answer whose characters are split over packets arrives whole", async (t) => {
    const body = Buffer.from(JSON.stringify({ ok: true, result: "שלום 👋".repeat(50) }));
    const api = await stubApi(t, async ({ response }) => {
      response.writeHead(200);
      for (const byte of [body.subarray(0, 27), body.subarray(27, 28), body.subarray(28, 61), body.subarray(61)]) {
        response.write(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    assert.equal(await clientOf(t, api.root).call("getMe", {}), "שלום 👋".repeat(50));
  });

  test("closing waits for a call under way, then lets no other begin", async (t) => {
    const api = await stubApi(t, (call) => setImmediate(() => call.ok("done")));
    const client = clientOf(t, api.root);
    const call = client.call("sendMessage", {});
    await api.reached(1);
    await client.close(5_000);
    assert.equal(await call, "done");
    assert.ok((await failure(client.call("sendMessage", {}))) instanceof CallNotSent);
  });

  test("closing ends what does not end by itself", async (t) => {
    const api = await stubApi(t, () => {});
    const client = clientOf(t, api.root);
    const call = failure(client.call("sendMessage", {}));
    await api.reached(1);
    await client.close(10);
    assert.ok((await call) instanceof CallLost);
  });
});

suite("telegraf over that line", { timeout: 20_000 }, () => {
  const me = { id: 1, is_bot: true, first_name: "Crier", username: "crier_bot" };
  const text = {
    message_id: 1,
    date: 1,
    text: "hi",
    chat: { id: 5, type: "private", first_name: "R" },
    from: { id: 5, is_bot: false, first_name: "R" },
  };

  test("an update's own context calls over it too, and another bot's of the process does not", async (t) => {
    const api = await stubApi(t, (call) => call.ok({ message_id: 2 }));
    const original = Object.getPrototypeOf(Telegram.prototype).callApi;
    const { telegraf } = clientOf(t, api.root, { connections: 1 });
    telegraf.botInfo = Object(me);
    telegraf.on(message("text"), async (ctx) => {
      await Promise.all([
        ctx.reply("one"),
        ctx.telegram.sendMessage(5, "two"),
        telegraf.telegram.sendMessage(5, "three"),
      ]);
    });
    await telegraf.handleUpdate(Object({ update_id: 1, message: text }));
    assert.deepEqual(
      api.calls.map(({ fields }) => fields.text),
      ["one", "two", "three"],
    );
    assert.equal(api.mostSockets(), 1);
    assert.equal(Object.getPrototypeOf(Telegram.prototype).callApi, original);
    assert.equal(new Telegram("1:x").callApi, original);
  });

  test("a picture given by address is not fetched here", async (t) => {
    const api = await stubApi(t, (call) => call.ok({ message_id: 2 }));
    await clientOf(t, api.root).telegraf.telegram.sendPhoto(5, { url: `${api.root}/picture.jpg` });
    assert.deepEqual(
      api.calls.map(({ method }) => method),
      ["sendPhoto"],
    );
  });

  test("a handler's error reaches the caller and leaves the process alone", async (t) => {
    const { telegraf } = clientOf(t, "http://127.0.0.1:9");
    telegraf.botInfo = Object(me);
    telegraf.on(message("text"), () => {
      throw new Error("handler");
    });
    await assert.rejects(telegraf.handleUpdate(Object({ update_id: 1, message: text })), /handler/);
    assert.equal(process.exitCode, undefined);
  });
});
