import { createBroadcaster } from "#core/broadcast";
import { commands } from "#core/commands/index";
import { createCourier } from "#core/deliver";
import { createDesk } from "#core/desk";
import { createDigester } from "#core/digester";
import { createInbox } from "#core/inbox";
import { createTally } from "#core/meter";
import { meteredBot } from "#core/metered";
import { meteredStore } from "#core/metered-store";
import type { Bot, BotEvent, Log, Store } from "#core/ports";
import { tellAdmins } from "#core/tell";
import { openStore } from "#store/open";
import { createBots } from "../bots/index.ts";
import { systemClock } from "./clock.ts";
import { type Config, deskOf } from "./config.ts";
import { serveConsole } from "./console/serve.ts";
import { createIntake } from "./intake.ts";
import { createPairing } from "./pairing.ts";
import { createSabbaths } from "./sabbath.ts";
import { createSchedule } from "./schedule.ts";
import { holdPlace, startUpkeep } from "./upkeep.ts";
import { createWatch } from "./watch.ts";

/** A running Crier. */
export interface Crier {
  readonly store: Store;
  readonly bots: readonly Bot[];
  /** Where its own pages are. */
  readonly url: string;
  /** Ends what is under way (10 s at most for sends), closes bots, store and pages. */
  stop(): Promise<void>;
}

export interface Surroundings {
  log: Log;
  /** Writes for the person who started Crier. */
  print(text: string): void;
  /** The browser for WhatsApp. */
  chromePath: string | null;
  /** Accounts on platforms of one's own, in place of those that the settings ask for. */
  bots?: readonly Bot[];
}

/** Deliveries written in one transaction when a message fans out: the store stalls the process for some 10 ms each. */
const fanOutChunk = 5_000;

/**
 * Joins the parts and starts them: store, content adapters, bots, schedule, pages.
 *
 * @throws Error in words, when the store cannot be opened or the port is taken
 */
export async function startCrier(config: Config, surroundings: Surroundings): Promise<Crier> {
  const { log, print, chromePath } = surroundings;
  const clock = systemClock;
  const tally = createTally();
  const held = await holdPlace(config, log, clock.now());
  const opened = await openStore({
    dataDir: config.dataDir,
    log,
    ...(config.databaseUrl ? { databaseUrl: config.databaseUrl } : {}),
  }).catch(async (error: unknown) => {
    await held.release();
    throw error;
  });
  const store = meteredStore(opened, tally);
  const stopping = new AbortController();
  const { signal } = stopping;
  const tell = async (key: string, text: string): Promise<void> => {
    await tellAdmins({ store, clock, admins }, key, text);
    onQueued();
  };
  const intake = createIntake({
    config,
    store,
    meter: tally,
    clock,
    log,
    signal,
    onQueued: () => onQueued(),
    tellAdmins: tell,
  });
  const asked =
    surroundings.bots ?? createBots({ config, chromePath, fetchPicture: intake.fetchPicture, commands, log, clock });
  const bots = asked.map((bot) => meteredBot(bot, tally, clock));
  const admins = bots.flatMap((bot) => bot.adminChats);

  const couriers = bots.map((bot) =>
    createCourier({ store, bot, clock, log, timeZone: config.timeZone, tellAdmins: tell }),
  );
  const wakeAll = (): void => {
    for (const courier of couriers) courier.wake();
  };
  let fanningOut = false;
  let isAsked = false;
  /** Something was queued: the couriers look at once, and the rest of a long fan-out follows chunk by chunk. */
  const onQueued = (): void => {
    wakeAll();
    isAsked = true;
    if (fanningOut || signal.aborted) return;
    fanningOut = true;
    void (async () => {
      try {
        // What was queued while the last chunk was being written asks once more.
        while (isAsked && !signal.aborted) {
          isAsked = false;
          while (!signal.aborted && !(await store.outbox.fanOut(fanOutChunk, clock.now()))) wakeAll();
        }
      } catch (err) {
        log.error({ err }, "a message could not be fanned out");
      } finally {
        fanningOut = false;
      }
      wakeAll();
    })();
  };

  const watch = createWatch({ config, store, tally, bots, admins, clock, log, onQueued });

  const { timeZone } = config;
  const sabbaths = createSabbaths();
  const desk = deskOf(config);
  const paces = bots.map(({ platform, limits }) => ({ platform, ...limits }));
  const newsroom = { timeZone, sabbaths, desk, paces };
  const broadcaster = createBroadcaster({ store, clock, log, timeZone, onQueued, tellAdmins: tell });
  const digester = createDigester({ store, clock, log, zone: timeZone, sabbaths, onQueued, tellAdmins: tell });
  const editors = createDesk({ store, clock, log, timeZone, settings: desk, admins, onQueued });
  const herald = bots.find((bot) => bot.platform === "telegram") ?? null;
  const pairing = createPairing({ herald, log, print });
  const listen = (bot: Bot): ((event: BotEvent) => Promise<void>) => {
    const mark = bot.commandMark;
    const inbox = createInbox({ store, commands, mark, newsroom, clock, log, onQueued, tellAdmins: tell });
    return async (event) => {
      await inbox(event);
      if (event.kind !== "health") return;
      log.info({ platform: bot.platform, state: event.health.state }, "bot health");
      if (bot === herald) await pairing.retry();
      else await pairing.update(event.health);
    };
  };

  const schedule = createSchedule({ timeZone, clock, log });
  const running: Promise<void>[] = [];
  let pages: Awaited<ReturnType<typeof serveConsole>> | null = null;

  const stop = async (): Promise<void> => {
    if (signal.aborted) return;
    stopping.abort();
    await schedule.stop();
    await Promise.allSettled(running);
    await Promise.allSettled(bots.map((bot) => bot.stop()));
    await pages?.close();
    await intake.close();
    await store.close();
    await held.release();
  };

  try {
    const routes = [...watch.routes, ...intake.routes];
    pages = await serveConsole({ host: config.host, port: config.port, log, routes });
    await store.feeds.configure(config.feeds, clock.now());
    // The chats named in the settings are subscribed before the first feed is read: they receive everything from the start.
    await Promise.all(bots.map((bot) => bot.start(listen(bot))));
    // Plans of hours may have run out meanwhile: nothing goes out before it is known where it is quiet.
    await digester.run(signal);
    running.push(...couriers.map((courier) => courier.run(signal)));
    onQueued();
    await broadcaster.runDue(signal);
    schedule.ring("broadcasts", "* * * * * *", () => broadcaster.runDue(signal));
    schedule.ring("digests", "* * * * * *", () => digester.run(signal));
    await editors.runDue(signal);
    schedule.ring("desk", "* * * * * *", () => editors.runDue(signal));
    watch.start(schedule, signal);
    startUpkeep(schedule, { store, clock, log, keepDays: config.keepDays }, signal);
    await intake.start(schedule);
  } catch (error) {
    await stop();
    throw error;
  }
  return { store, bots, url: pages.url, stop };
}
