import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { createCourier } from "#core/deliver";
import { systemClock } from "#src/clock";
import { openStore } from "#store/open";
import { createFakeBot } from "#tests/fakes/bot";
import { createMemoryLog } from "#tests/fakes/log";
import { article } from "#tests/fakes/newsroom";

/**
 * Runs a newsroom on a small disk of its own and fills that while articles come and go out; gives the room back and lets
 * it go on. Says as JSON what the chats hold in the end, and why articles could not be written meanwhile.
 */
const [folder = ""] = process.argv.slice(2);
const clock = systemClock;
const log = createMemoryLog();
const store = await openStore({ dataDir: path.join(folder, "data"), log });
await store.feeds.configure([{ kind: "fake", address: "https://bell.example/feed" }], clock.now());
const feed = (await store.feeds.list())[0]?.id ?? 0;
const bot = createFakeBot({ clock, limits: { callTimeoutMs: 100, concurrency: 3 }, finds: "truth" });
const addresses = ["ada", "ben", "cleo"];
for (const address of addresses) {
  const { chat } = await store.chats.open({ platform: "fake", address, kind: "private" }, null, clock.now());
  await store.subscriptions.begin(chat.id, clock.now());
}
const publish = (title: string): Promise<void> =>
  store.transaction(async (tx) => {
    const text = "What the harbour master said. ".repeat(5_000);
    const { id } = await tx.articles.add(feed, article(title, { text }), { link: null, terms: [] }, clock.now());
    const message = { key: `article:${id}`, lane: "article", kind: "article", action: "send", article: id } as const;
    await tx.outbox.add(message, "subscribed", clock.now());
  });
/** As a feed is read again when a read could not be written down. */
const publishInTime = async (title: string, refused: () => void): Promise<void> => {
  for (let tries = 0; tries < 1_000; tries += 1) {
    try {
      return await publish(title);
    } catch (error) {
      told.add(error instanceof Error ? error.message : String(error));
      refused();
      await clock.sleep(20);
    }
  }
};
const told = new Set<string>();
const isQuiet = async (): Promise<boolean> =>
  (await store.outbox.counts()).every(({ state }) => state !== "pending" && state !== "sending");
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (const deadline = Date.now() + 40_000; Date.now() < deadline; await clock.sleep(20)) if (await holds()) return;
  throw new Error("Waited in vain.");
};

const stop = new AbortController();
await bot.start(async () => {});
const courier = createCourier({ store, bot, clock, log, timeZone: "UTC", tellAdmins: async () => {} });
const running = courier.run(stop.signal);
await publish("Before");
courier.wake();
await until(isQuiet);

const filler = path.join(folder, "filler");
/** Takes all room that is left, to the last byte. */
const fill = (): void => {
  const file = openSync(filler, "a");
  for (let size = 65_536; size >= 1; ) {
    try {
      writeSync(file, Buffer.alloc(size));
    } catch {
      size = Math.floor(size / 2);
    }
  }
  closeSync(file);
};
const titles = Array.from({ length: 30 }, (_, at) => `Article ${at}`);
for (const title of titles.slice(0, 10)) await publish(title);
courier.wake();
fill();
let refusals = 0;
const later = (async () => {
  for (const title of titles.slice(10)) await publishInTime(title, () => void (refusals += 1));
})();
await until(() => refusals >= 5);
rmSync(filler, { force: true });
await later;
courier.wake();
await until(isQuiet);
stop.abort();
await running;
const states = Object.fromEntries((await store.outbox.counts()).map(({ state, count }) => [state, count]));
await store.close();
const shown = Object.fromEntries(addresses.map((address) => [address, bot.shown(address).map(({ text }) => text)]));
process.stdout.write(JSON.stringify({ states, shown, told: [...told], titles: ["Before", ...titles] }));
