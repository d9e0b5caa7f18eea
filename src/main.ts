import { createBroadcaster } from "#core/broadcast";
import { commands } from "#core/commands/index";
import { createCourier } from "#core/deliver";
import { createDesk } from "#core/desk";
import { createDigester } from "#core/digester";
import { createInbox } from "#core/inbox";
import { createLeasedBot } from "#core/leased-bot";
import { createTally } from "#core/meter";
import { meteredBot } from "#core/metered";
import { meteredStore } from "#core/metered-store";
import type { Bot, BotEvent, Log, Store } from "#core/ports";
import { tellAdmins } from "#core/tell";
import { openStore } from "#store/open";
import { type Account, listAccounts } from "../bots/index.ts";
import { systemClock } from "./clock.ts";
import { type Config, deskOf } from "./config.ts";
import { serveConsole } from "./console/serve.ts";
import { createIntake } from "./intake.ts";
import { createPairing } from "./pairing.ts";
import { createLeases, type Place, takePlace } from "./place.ts";
import { createSabbaths } from "./sabbath.ts";
import { createSchedule } from "./schedule.ts";
import { startUpkeep } from "./upkeep.ts";
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
  accounts?: readonly Account[];
}

/** Deliveries written in one transaction when a message fans out: the store stalls the process for some 10 ms each. */
const fanOutChunk = 5_000;
/** What another Crier queued is found after so long where no word of it arrives. */
const sharedIdleMs = 1_000;

/**
 * Joins the parts and starts them: store, content adapters, bots, schedule, pages.
 *
 * @throws Error in words, when the store cannot be opened or the port is taken
 */
export async function startCrier(config: Config, surroundings: Surroundings): Promise<Crier> {
  const { log, print, chromePath } = surroundings;
  const clock = systemClock;
  const tally = createTally();
  const ears = new EventTarget();
  const place = await takePlace(config, {
    log,
    now: clock.now(),
    // Null: any of them may have been said unheard.
    heard: (word) => {
      for (const said of word ? [word] : (["queued", "left"] as const)) ears.dispatchEvent(new Event(said));
    },
  });
  const opened = await openOwn(config, place, log).catch(async (error: unknown) => {
    await place.release();
    throw error;
  });
  const store = meteredStore(opened, tally);
  const leaseOf = createLeases({ store, place, ears, clock, log });
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
  const accounts =
    surroundings.accounts ??
    listAccounts({ config, chromePath, fetchPicture: intake.fetchPicture, commands, log, clock });
  const seats = accounts.map(({ platform, about, needsPerson, open }) => {
    const lease = leaseOf(`bot:${platform}`, about, needsPerson);
    return { lease, bot: meteredBot(createLeasedBot({ open, lease, log }), tally, clock) };
  });
  const bots = seats.map(({ bot }) => bot);
  const admins = bots.flatMap((bot) => bot.adminChats);

  const idle = place.isShared ? { idleMs: sharedIdleMs } : {};
  const couriers = seats.map((seat) =>
    createCourier({ ...seat, store, clock, log, timeZone: config.timeZone, tellAdmins: tell, ...idle }),
  );
  const wakeAll = (): void => {
    for (const courier of couriers) courier.wake();
  };
  ears.addEventListener("queued", wakeAll);
  let fanningOut = false;
  let isAsked = false;
  /** Writes the rest of long fan-outs, chunk by chunk. */
  const fanOut = async (): Promise<void> => {
    isAsked = true;
    if (fanningOut || signal.aborted) return;
    fanningOut = true;
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
  };
  /** Something was queued: the couriers look at once, here and elsewhere. */
  const onQueued = (): void => {
    wakeAll();
    place.tell("queued");
    void fanOut().then(wakeAll);
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

  const schedule = createSchedule({ timeZone, clock, log, lease: leaseOf("schedule", "") });
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
    await place.release();
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
    schedule.ring("broadcasts", "* * * * * *", (during) => broadcaster.runDue(during), "once");
    schedule.ring("digests", "* * * * * *", (during) => digester.run(during), "once");
    await editors.runDue(signal);
    schedule.ring("desk", "* * * * * *", (during) => editors.runDue(during), "once");
    // What a process that died was fanning out.
    if (place.isShared) schedule.ring("fan-out", "* * * * * *", fanOut, "once");
    watch.start(schedule, signal);
    startUpkeep(schedule, { store, clock, log, keepDays: config.keepDays });
    await intake.start(schedule);
  } catch (error) {
    await stop();
    throw error;
  }
  return { store, bots, url: pages.url, stop };
}

/** Opens the store; what ended processes held is free where no other one runs. */
async function openOwn({ dataDir, databaseUrl }: Config, place: Place, log: Log): Promise<Store> {
  const store = await openStore({ dataDir, log, ...(databaseUrl ? { databaseUrl } : {}) });
  try {
    if (place.isAlone) await store.leases.clear();
    await place.open();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
