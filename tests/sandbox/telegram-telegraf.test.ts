import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Telegraf, TelegramError } from "telegraf";
import { pngOf, telegramWorld } from "./telegram-world.ts";

suite("real telegraf works against it", { timeout: 30_000 }, () => {
  test("it polls, hears a command and a press, answers and edits", async (t) => {
    const { telegram } = await telegramWorld(t);
    const noa = telegram.addPerson({ name: "Noa" }).id;
    const bot = new Telegraf(telegram.token, { telegram: { apiRoot: telegram.apiRoot } });
    const done = Promise.withResolvers<void>();
    bot.catch(done.reject);
    bot.start(async (ctx) => {
      const { message_id } = await ctx.reply("<b>Topics</b>", {
        parse_mode: "HTML",
        reply_markup: { inline_keyboard: [[{ text: "Politics", callback_data: "topic:politics" }]] },
      });
      telegram.press(noa, message_id, noa, "topic:politics");
    });
    bot.action("topic:politics", async (ctx) => {
      await ctx.answerCbQuery("Saved");
      await ctx.editMessageText("Politics it is");
      done.resolve();
    });
    const polling = bot.launch({ dropPendingUpdates: false });
    telegram.say(noa, noa, "/start");
    await done.promise;
    bot.stop();
    await polling;
    const [command, answer] = telegram.phone.messages(noa);
    assert.equal(command?.author?.name, "Noa");
    assert.deepEqual(answer?.runs, [{ text: "Politics it is" }]);
    assert.ok(answer?.editedAt);
  });

  test("it uploads a picture, loads it again, and reads a refusal", async (t) => {
    const { telegram } = await telegramWorld(t);
    const noa = telegram.addPerson({ name: "Noa", started: true }).id;
    const api = new Telegraf(telegram.token, { telegram: { apiRoot: telegram.apiRoot } }).telegram;
    const source = Buffer.from(await pngOf(64, 48).arrayBuffer());
    const sent = await api.sendPhoto(noa, { source }, { caption: "Harbour" });
    const link = await api.getFileLink(sent.photo[0]?.file_id ?? "");
    assert.deepEqual(Buffer.from(await (await fetch(link)).arrayBuffer()), source);
    telegram.fault({ kind: "429", retryAfter: 7, times: 1 });
    const refusal = await api.sendMessage(noa, "x").catch((error: unknown) => error);
    assert.ok(refusal instanceof TelegramError);
    assert.deepEqual([refusal.code, refusal.parameters?.retry_after], [429, 7]);
  });
});
