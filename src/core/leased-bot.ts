import { aborted } from "#core/aborted";
import type { Lease } from "#core/lease";
import type { Bot, BotHealth, Inbox, Log } from "#core/ports";

/**
 * A bot that runs in one process at a time: while another one has the lease it stands by, and its account is touched by
 * nobody here. `open` makes the bot anew for each term.
 */
export function createLeasedBot({ open, lease, log }: { open(): Bot; lease: Lease; log: Log }): Bot {
  let bot = open();
  const { platform, limits, commandMark, adminChats } = bot;
  const stopping = new AbortController();
  const { signal } = stopping;
  let isOn = false;
  let working: Promise<void> | null = null;

  const health = (): BotHealth => {
    if (isOn) return bot.health();
    if (signal.aborted) return { state: "stopped" };
    const stranger = lease.stranger() !== null;
    return stranger ? { state: "standby", detail: strangerWords(platform) } : { state: "standby" };
  };

  /** Runs the bot in each term; `settled` is called when it runs or another one does. */
  const work = async (inbox: Inbox, settled: () => void): Promise<void> => {
    const tell = (): Promise<void> =>
      inbox({ kind: "health", health: health() }).catch((err: unknown) =>
        log.error({ platform, err }, "that the bot stands by could not be told"),
      );
    while (!signal.aborted) {
      const term = await lease.next(signal, settled);
      if (!term) return;
      try {
        isOn = true;
        await bot.start(inbox);
        settled();
        await aborted(AbortSignal.any([signal, term.lost]));
      } finally {
        await bot.stop();
        isOn = false;
        if (!signal.aborted) bot = open();
        // Whoever is next begins when nothing of this one is under way any more.
        await term.end();
      }
      if (!signal.aborted) await tell();
    }
  };

  return {
    platform,
    limits,
    commandMark,
    adminChats,
    health,
    start(inbox) {
      return new Promise((resolve, reject) => {
        working = work(inbox, resolve);
        working.then(resolve, (error: unknown) => {
          log.error({ platform, err: error }, "the bot failed");
          reject(error);
        });
      });
    },
    send: (...given) => bot.send(...given),
    edit: (...given) => bot.edit(...given),
    recall: (...given) => bot.recall(...given),
    find: (...given) => bot.find(...given),
    async stop() {
      stopping.abort();
      await working?.catch(() => {});
      await bot.stop();
    },
  };
}

const strangerWords = (platform: string): string =>
  `Another account sends on ${platform} for this database. Give every Crier on it the same one, or a database of its own.`;
