import type { Client, GroupNotification } from "whatsapp-web.js";
import type { Bot, BotEvent, BotLimits, Clock, Inbox, Log } from "#core/ports";
import { readCommand } from "./commands.ts";
import { notReady } from "./errors.ts";
import { createSettingsGroups, groupRef, isGroupId, platform } from "./groups.ts";
import { digitsOf, isAdmin, ownAddresses, personAddress, resolvePerson } from "./people.ts";
import { openProfile } from "./profile.ts";
import { createSending, type FetchPicture } from "./sending.ts";
import { createSession } from "./session.ts";

export interface WhatsAppBotOptions {
  /** The session is kept in its folder `whatsapp`. */
  dataDir: string;
  chromePath: string;
  /** More arguments for Chromium. */
  browserArgs: readonly string[];
  /** Phone numbers in any writing, with country code. */
  admins: readonly string[];
  /** Names or ids of groups: subscribed from the start. */
  groups: readonly string[];
  fetchPicture?: FetchPicture;
  log: Log;
  clock: Clock;
}

/**
 * WhatsApp documents no rate for it, and bans numbers that write like a machine: one message at a time and at most one
 * a second, and into a group no more than Telegram would allow.
 */
const limits: BotLimits = {
  perSecond: 1,
  chatIntervalMs: 1_000,
  groupPerMinute: 20,
  concurrency: 1,
  callTimeoutMs: 30_000,
};
/** Groups of the settings that were not found are looked for again this often. */
const searchMs = 5 * 60_000;
/** WhatsApp tells once: what could not be recorded is told again after pauses doubled from the first to the last. */
const firstRetryMs = 1_000;
const lastRetryMs = 30_000;
/** Calls under way get so long to end when Crier stops. */
const drainMs = 10_000;

/** One WhatsApp number, driven through WhatsApp Web in a browser. */
export function createWhatsAppBot(options: WhatsAppBotOptions): Bot {
  const { log, clock } = options;
  const admins = options.admins.map(digitsOf);
  const stopping = new AbortController();
  const { signal } = stopping;
  let inbox: Inbox | undefined;
  let telling: Promise<void> = Promise.resolve();
  let working: Promise<unknown> = Promise.resolve();
  let stopped: Promise<void> | undefined;

  const record = async (event: BotEvent): Promise<void> => {
    for (let pause = firstRetryMs; inbox && !signal.aborted; pause = Math.min(lastRetryMs, pause * 2)) {
      try {
        return await inbox(event);
      } catch (err) {
        log.error({ platform, event: event.kind, err }, "what WhatsApp told could not be recorded");
        // There will be a newer one.
        if (event.kind === "health") return;
        await clock.sleep(pause, signal);
      }
    }
  };
  /** One event after the other; resolves when it is recorded. */
  const tell = (event: BotEvent): Promise<void> => {
    telling = telling.then(() => record(event));
    return telling;
  };
  /** Runs what a listener of the library starts: its failures are nobody's else. */
  const listen = (what: string, work: () => Promise<void>): void => {
    work().catch((err: unknown) => log.warn({ platform, err }, what));
  };

  const settings = createSettingsGroups({ groups: options.groups, tell, log });

  const onJoin = async (client: Client, notice: GroupNotification): Promise<void> => {
    const own = await ownAddresses(client);
    if (!notice.recipientIds.some((id) => own.includes(id))) return;
    if (await settings.rejoin(client, notice.chatId)) return;
    const group = await notice.getChat();
    const id = await resolvePerson(client, notice.author ?? "");
    await tell({
      kind: "joined",
      id: serialized(notice.id) ?? `${notice.chatId}:${notice.timestamp}`,
      chat: groupRef(notice.chatId),
      title: group.name || null,
      // Who added Crier is one of the group's admins, or was allowed to by them.
      by: { id, isAdmin: isAdmin(id, admins), governsChat: true },
    });
  };

  const onLeave = async (client: Client, notice: GroupNotification): Promise<void> => {
    const gone = notice.recipientIds.length > 0 ? notice.recipientIds : [notice.author];
    const own = await ownAddresses(client);
    if (!gone.some((id) => own.includes(id))) return;
    await tell({ kind: "left", chat: groupRef(notice.chatId), why: "The number is no longer in this group." });
  };

  const session = createSession({
    profile: openProfile(options.dataDir),
    chromePath: options.chromePath,
    browserArgs: options.browserArgs,
    clock,
    log,
    onHealth: (health) => void tell({ kind: "health", health }),
    onReady: (client) => settings.find(client),
    onClient(client) {
      client.on("message", (message) =>
        listen("a message could not be read", async () => {
          const command = await readCommand(client, message, { admins, now: clock.now() });
          if (command) await tell(command);
        }),
      );
      client.on("group_join", (notice) => listen("a group could not be read", () => onJoin(client, notice)));
      client.on("group_leave", (notice) => listen("a group could not be read", () => onLeave(client, notice)));
      // A group may have got the name that the settings give it.
      client.on("group_update", () => listen("the groups could not be read", () => settings.find(client)));
    },
  });

  const sending = createSending({
    clock,
    log,
    fetchPicture: options.fetchPicture,
    callTimeoutMs: limits.callTimeoutMs,
    onBroken: session.doubt,
  });

  const openClient = (): Client => {
    if (signal.aborted) throw notReady();
    return session.client();
  };

  const keepSearching = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(searchMs, signal);
      if (signal.aborted || session.health().state !== "ready") continue;
      await settings
        .find(session.client())
        .catch((err: unknown) => log.warn({ platform, err }, "the groups could not be read"));
    }
  };

  return {
    platform,
    limits,
    commandMark: "!",
    adminChats: admins.map((digits) => ({ platform, address: personAddress(digits), kind: "private" as const })),
    health: session.health,

    async start(given) {
      if (inbox || stopped) return;
      inbox = given;
      await settings.tellAll();
      working = Promise.all([session.run(), keepSearching()]);
    },

    async send(chat, message) {
      const client = openClient();
      // A group that the settings name and WhatsApp has not shown yet: its messages wait.
      if (chat.kind === "group" && !isGroupId(chat.address)) throw notReady();
      return sending.send(client, chat, message);
    },
    async edit(chat, receipt, message) {
      return sending.edit(openClient(), chat, receipt, message);
    },
    async recall(_chat, receipt) {
      return sending.recall(openClient(), receipt);
    },
    async find(chat) {
      // Nothing was ever sent to a group that WhatsApp has not shown yet.
      if (chat.kind === "group" && !isGroupId(chat.address)) return "absent";
      return "unknowable";
    },

    stop() {
      stopped ??= (async () => {
        stopping.abort();
        const drained = new AbortController();
        await Promise.race([sending.idle(), clock.sleep(drainMs, drained.signal)]);
        drained.abort();
        session.stop();
        await working;
        await telling;
      })();
      return stopped;
    },
  };
}

/** The library types a notification's id as any object. */
const serialized = (id: object): string | null => ("_serialized" in id ? String(id._serialized) : null);
