import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { startTelegramSimulator, type TelegramSimulator } from "#src/sandbox/telegram/index";
import { createPlace, openFeedServer, type Place, type RunningCrier, rss, until } from "#tests/journeys/crier";
import { createDatabase, run, type TestDatabase } from "#tests/store/database";

const waitMs = 120_000;
/** From the death of the bot's owner to the first message of the next one. */
const takeoverMs = 15_000;
const crierCount = 4;
const feedCount = 4;
/** A chat gets a message a second at most. */
const readers = 20;
const publishMs = 2_000;

interface Health {
  state: string;
  bots: { platform: string; state: string }[];
}

const database = await createDatabase();
if ("missing" in database) {
  test("several processes on one database", { skip: database.missing }, () => {});
} else {
  after(database.drop);
  severalProcesses(database);
}

/** Four Criers on one PostgreSQL database, while four feeds publish all the time. */
function severalProcesses({ url }: TestDatabase): void {
  suite("several processes on one database", { timeout: 470_000 }, () => {
    let telegram: TelegramSimulator;
    let feeds: Awaited<ReturnType<typeof openFeedServer>>;
    let places: Place[] = [];
    const criers: (RunningCrier | undefined)[] = [];
    let chats: string[] = [];
    const addresses = Array.from({ length: feedCount }, (_, index) => `/feed-${index}`);
    const published: string[] = [];
    /** What was under way when the owner was killed. */
    let inDoubt = 0;
    let publishing: NodeJS.Timeout | undefined;

    const publish = (): void => {
      const at = published.length;
      published.push(
        `Story number ${at} of the ${["harbour", "market", "bridge", "school", "river", "forest"][at % 6]}, told by ${words(at)}`,
      );
      addresses.forEach((address, index) => {
        const own = published.filter((_, story) => story % feedCount === index).toReversed();
        const items = own.slice(0, 30).map((title) => ({
          title,
          summary: "What there is to say.",
          link: `https://bell.example/${encodeURIComponent(title)}`,
        }));
        feeds.put(address, "application/rss+xml", rss(items));
      });
    };
    const start = async (index: number): Promise<void> => {
      const place = places[index];
      assert.ok(place);
      const crier = place.run(["start"], {
        DATABASE_URL: url,
        TELEGRAM_BOT_TOKEN: telegram.token,
        TELEGRAM_API_ROOT: telegram.apiRoot,
        TELEGRAM_CHATS: chats.join(","),
        FEEDS: addresses.map((address) => feeds.put(address, "application/rss+xml", rss([]))).join(" "),
        FEED_INTERVAL: "1s",
        FIRST_RUN: "all",
        LINK_INTERVAL: "off",
        ALLOW_PRIVATE_HOSTS: "127.0.0.1",
        PORT: "0",
        LOG_LEVEL: "info",
        TIMEZONE: "UTC",
      });
      criers[index] = crier;
      await until(`Crier ${index} runs`, () => crier.said().includes("Crier is running"), waitMs).catch(
        (cause: unknown) => {
          throw new Error(`Crier ${index} said: ${crier.said()}`, { cause });
        },
      );
    };
    const health = async (index: number): Promise<Health | null> => {
      const address = /Its health: (\S+)/.exec(criers[index]?.said() ?? "")?.[1];
      if (!address) return null;
      try {
        return (await (await fetch(address, { signal: AbortSignal.timeout(3_000) })).json()) as Health;
      } catch {
        return null;
      }
    };
    const botOf = async (index: number): Promise<string | undefined> => (await health(index))?.bots[0]?.state;
    /** Who runs the bot now. */
    const owners = async (): Promise<number[]> => {
      const states = await Promise.all(criers.map((_, index) => botOf(index)));
      return states.flatMap((state, index) => (state === "ready" ? [index] : []));
    };
    const owner = async (): Promise<number> => {
      let found: number[] = [];
      await until("one Crier runs the bot", async () => (found = await owners()).length === 1, waitMs);
      return found[0] ?? -1;
    };

    /** Times that each story arrived in each chat, by the platform's own book. */
    const arrivals = (): Map<string, number> => {
      const counted = new Map<string, number>();
      for (const { chat, text } of telegram.ledger()) {
        const story = published.find((title) => text.includes(title));
        if (story) counted.set(`${chat}: ${story}`, (counted.get(`${chat}: ${story}`) ?? 0) + 1);
      }
      return counted;
    };
    const arrived = (): number => telegram.ledger().length;
    const expected = (): string[] => chats.flatMap((chat) => published.map((story) => `${chat}: ${story}`));
    const counts = async (): Promise<Record<string, number>> => {
      const rows = await run(url, "select state, count(*)::int as count from deliveries group by state");
      return Object.fromEntries(rows.map(({ state, count }) => [String(state), Number(count)]));
    };
    /** Looks at all that has happened so far: nothing came twice. */
    const nothingDoubled = (): void =>
      assert.deepEqual(
        [...arrivals()].filter(([, count]) => count > 1),
        [],
        "nothing is doubled",
      );
    const newsArrives = async (): Promise<void> => {
      const before = arrived();
      await until("news arrives", () => arrived() > before, waitMs);
    };

    before(async () => {
      telegram = await startTelegramSimulator();
      feeds = await openFeedServer();
      places = await Promise.all(Array.from({ length: crierCount }, createPlace));
      chats = Array.from(
        { length: readers },
        (_, index) => telegram.addPerson({ name: `R ${index}`, started: true }).id,
      );
      await Promise.all(places.map((_, index) => start(index)));
      publishing = setInterval(publish, publishMs);
    });
    after(async () => {
      clearInterval(publishing);
      await Promise.all(criers.map((crier) => crier?.end("SIGKILL")));
      await Promise.all(places.map((place) => place.remove()));
      await telegram.stop();
      await feeds.close();
    });

    test("one runs the bot, the others stand by and say so", async () => {
      const running = await owner();
      for (const [index] of criers.entries()) {
        const { state, bots } = (await health(index)) ?? { state: "none", bots: [] };
        assert.deepEqual([state, bots[0]?.state], index === running ? ["ready", "ready"] : ["standby", "standby"]);
      }
      await newsArrives();
    });

    test("the bot's owner is killed: another one goes on within 15 s, and only what was under way is in doubt", async () => {
      const killed = await owner();
      await newsArrives();
      await criers[killed]?.end("SIGKILL");
      const killedAt = performance.now();
      criers[killed] = undefined;
      // What it had told the database by then is written.
      await pause(500);
      inDoubt = (await counts()).sending ?? 0;
      await newsArrives();
      const tookMs = performance.now() - killedAt;
      console.log(`# taken over after ${(tookMs / 1000).toFixed(1)} s, ${inDoubt} in doubt`);
      assert.ok(tookMs <= takeoverMs, `${tookMs} ms`);
      assert.equal((await counts()).unknown ?? 0, inDoubt);
      await start(killed);
      nothingDoubled();
    });

    test("one that stands by is killed, and a rolling restart of all: the bot has no other owner before its own stops", async () => {
      const running = await owner();
      const killed = (running + 1) % crierCount;
      await criers[killed]?.end("SIGKILL");
      criers[killed] = undefined;
      await newsArrives();
      assert.deepEqual(await owners(), [running]);
      await start(killed);
      for (const index of new Set([running, ...criers.keys()])) {
        assert.equal(await criers[index]?.end("SIGTERM"), 0, criers[index]?.said());
        await newsArrives();
        await start(index);
      }
      nothingDoubled();
      assert.equal((await counts()).unknown ?? 0, inDoubt, "nothing more is in doubt");
    });

    test("the owner stands still for 20 s: another one goes on, and what the first one hears late is written", async () => {
      const stopped = await owner();
      const child = criers[stopped]?.child;
      await newsArrives();
      child?.kill("SIGSTOP");
      try {
        const before = arrived();
        await pause(20_000);
        await until("another one goes on", () => arrived() > before + readers, waitMs);
      } finally {
        child?.kill("SIGCONT");
      }
      await until("the first one stands by", async () => (await botOf(stopped)) === "standby", waitMs);
      await newsArrives();
      nothingDoubled();
    });

    test("the server drops every connection, again and again: all go on", async () => {
      for (let round = 0; round < 4; round += 1) {
        await pause(700);
        await run(
          url,
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        );
      }
      await newsArrives();
      await until(
        "one runs the bot and the others stand by",
        async () => {
          const states = await Promise.all(criers.map((_, index) => botOf(index)));
          return states.toSorted().join() === ["ready", ...Array(crierCount - 1).fill("standby")].join();
        },
        waitMs,
      );
      nothingDoubled();
    });

    test("in the end each chat got each story once, but for what was under way at the kill", async () => {
      clearInterval(publishing);
      const all = expected().length;
      let last = {};
      await until(
        "all is decided",
        async () => {
          last = await counts();
          return isDeepStrictEqual(last, { sent: all - inDoubt, ...(inDoubt > 0 ? { unknown: inDoubt } : {}) });
        },
        waitMs * 2,
      ).catch((cause: unknown) => {
        throw new Error(`${JSON.stringify(last)} of ${all}, ${inDoubt} in doubt`, { cause });
      });
      nothingDoubled();
      const seen = arrivals();
      const missing = expected().filter((one) => !seen.has(one));
      assert.ok(missing.length <= inDoubt, `${missing.length} are missing, ${inDoubt} are in doubt`);
      console.log(
        `# ${published.length} stories to ${readers} chats: ${all} deliveries, ${inDoubt} in doubt, ${missing.length} missing`,
      );
    });
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Words that no other story has. */
const words = (at: number): string =>
  [...String(at)]
    .map((digit) => ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"][Number(digit)])
    .join(" and ");
