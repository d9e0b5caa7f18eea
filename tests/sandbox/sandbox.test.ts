import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { parseRssFeed } from "feedsmith";
import { readConfig } from "#src/config";
import { startSandbox } from "#src/sandbox/index";
import { createMemoryLog } from "#tests/fakes/log";

const bounded = { timeout: 30_000 };

async function open(context: TestContext, options: Partial<Parameters<typeof startSandbox>[0]> = {}) {
  const log = createMemoryLog();
  const sandbox = await startSandbox({ host: "127.0.0.1", port: 0, withWhatsApp: false, log, ...options });
  context.after(() => sandbox.stop());
  return sandbox;
}

test("its settings are whole and right for a real Crier, with WhatsApp and without", bounded, async (context) => {
  const { env } = await open(context);
  const { config, problems } = readConfig(env);
  assert.deepEqual(problems, []);
  assert.equal(config?.whatsapp, null);
  assert.equal(config?.telegram?.chats.length, 1);
  assert.equal(config?.feedIntervalMs, 2000);

  const both = await open(context, { withWhatsApp: true });
  const { whatsapp } = readConfig(both.env).config ?? {};
  assert.ok((whatsapp?.browserArgs.length ?? 0) > 0);
  assert.equal(whatsapp?.groups.length, 1);
  assert.equal(whatsapp?.admins.length, 1);
});

test("Telegram answers at once, and the feed's first article follows the first reading", bounded, async (context) => {
  const { env } = await open(context, { everyMs: 20 });
  const me = await (await fetch(`${env.TELEGRAM_API_ROOT}/bot${env.TELEGRAM_BOT_TOKEN}/getMe`)).json();
  assert.equal((me as { ok: boolean }).ok, true);
  const read = async () => parseRssFeed(await (await fetch(env.FEEDS ?? "")).text()).items?.length ?? 0;
  assert.equal(await read(), 2);
  while ((await read()) < 3) await new Promise((resolve) => setImmediate(resolve));
});

test("the page asks for patience until Crier runs, and shows both phones then", bounded, async (context) => {
  const sandbox = await open(context);
  assert.match(sandbox.url, /^http:\/\/127\.0\.0\.1:\d+\/sandbox$/);
  const early = await fetch(sandbox.url);
  assert.equal(early.status, 503);
  assert.match(await early.text(), /Crier is starting/);
  await sandbox.serve({ ledger: async () => [], status: () => ({ telegram: "ready" }) });
  const page = await (await fetch(sandbox.url)).text();
  assert.match(page, /Harbour Bell News/);
  assert.match(page, /connected/);
  assert.match(page, /Noa <small>reader/);
});

test("a port that is taken is named, with what to do", bounded, async (context) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  context.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  await assert.rejects(open(context, { port }), { message: new RegExp(`Port ${port} .* Set PORT`) });
});
