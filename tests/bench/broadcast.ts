/** One article to 600 private Telegram chats at 30 messages a second: Crier as its own process, beside telegraf alone with a wait at each 429. */
import { Telegraf, TelegramError } from "telegraf";
import { startTelegramSimulator, type TelegramSimulator } from "#src/sandbox/telegram/index";
import { createPlace, openFeedServer, rss, until } from "../journeys/crier.ts";
import { show } from "./figures.ts";

const chats = 600;
const bound = 180_000;
/** telegraf's sends under way at once. */
const inFlight = 64;
const story = { title: "The bridge is open", summary: "Traffic runs again.", link: "https://bell.example/bridge" };

type Limiter = "soft" | "block";

async function openWorld(limiter: Limiter): Promise<{ telegram: TelegramSimulator; ids: string[] }> {
  const telegram = await startTelegramSimulator({ limiter });
  const ids = Array.from(
    { length: chats },
    (_, index) => telegram.addPerson({ name: `Reader ${index}`, started: true }).id,
  );
  return { telegram, ids };
}

function report(what: string, telegram: TelegramSimulator, ids: string[]): void {
  const arrived = telegram.ledger().filter(({ text }) => text.includes(story.title));
  const times = arrived.map(({ at }) => at);
  const seconds = (Math.max(...times) - Math.min(...times)) / 1000;
  const lost = ids.filter((id) => !arrived.some(({ chat }) => String(chat) === id)).length;
  const doubled = arrived.length - new Set(arrived.map(({ chat }) => chat)).size;
  show(
    what,
    `${seconds.toFixed(2)} s, ${telegram.counts().refused429} x 429, ${lost} lost, ${doubled} doubled`,
    "20.0 s, 0, 0, 0",
  );
}

async function crier(limiter: Limiter): Promise<void> {
  const { telegram, ids } = await openWorld(limiter);
  const feeds = await openFeedServer();
  const place = await createPlace();
  const running = place.run(["start"], {
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.apiRoot,
    TELEGRAM_CHATS: ids.join(","),
    FEEDS: feeds.put("/feed", "application/rss+xml", rss([])),
    FEED_INTERVAL: "1s",
    ALLOW_PRIVATE_HOSTS: "127.0.0.1",
    PORT: "0",
  });
  await until("the feed is read", () => feeds.readsOf("/feed") >= 3, bound);
  // Looking up the chats of the settings counts as calls: the limit is full again after a moment.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  feeds.put("/feed", "application/rss+xml", rss([story]));
  await until("all have it", () => telegram.ledger().length >= chats, bound);
  report(`Crier, ${limiter} limiter`, telegram, ids);
  await running.end("SIGTERM");
  await place.remove();
  await feeds.close();
  await telegram.stop();
}

async function telegrafAlone(limiter: Limiter): Promise<void> {
  const { telegram, ids } = await openWorld(limiter);
  const bot = new Telegraf(telegram.token, { telegram: { apiRoot: telegram.apiRoot } });
  const waiting = [...ids];
  const begun = performance.now();
  const send = async (id: string): Promise<void> => {
    while (performance.now() - begun < bound) {
      try {
        await bot.telegram.sendMessage(id, story.title);
        return;
      } catch (error) {
        if (!(error instanceof TelegramError) || error.code !== 429) throw error;
        await new Promise((resolve) => setTimeout(resolve, (error.parameters?.retry_after ?? 1) * 1000));
      }
    }
  };
  const work = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await send(id);
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  report(`telegraf, waits at a 429, ${limiter} limiter`, telegram, ids);
  await telegram.stop();
}

for (const limiter of ["soft", "block"] as const) {
  await crier(limiter);
  await telegrafAlone(limiter);
}
