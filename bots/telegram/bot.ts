import type { UserFromGetMe } from "telegraf/types";
import { SendError } from "#core/errors";
import type { ChatRef, Message, Receipt } from "#core/model";
import type { Bot, BotEvent, Clock, Inbox, Log } from "#core/ports";
import { targetOf } from "./address.ts";
import { createClient } from "./client.ts";
import {
  isDeletedAlready,
  isPictureRefused,
  isTokenRefused,
  isUnchanged,
  tokenRefused,
  toSendError,
} from "./errors.ts";
import { type Call, isBrief, renderTelegram, renderTelegramEdit } from "./format.ts";
import { createHealth } from "./health.ts";
import { pauseMs, poll } from "./polling.ts";
import { createSettingsChats } from "./settings-chats.ts";
import { createSurface } from "./surface.ts";
import { platform } from "./updates.ts";

export interface TelegramBotOptions {
  token: string;
  /** Where the Bot API stands: "https://api.telegram.org". */
  apiRoot: string;
  /** User ids. */
  admins: string[];
  /** Chat ids, private ones too, or @names: subscribed from the start. */
  chats: string[];
  /** Messages a second over all chats: 30 where nothing is paid for. */
  perSecond: number;
  log: Log;
  clock: Clock;
  /** What Telegram shows in its menu of commands. */
  commands: readonly { name: string; summary: string; adminOnly: boolean }[];
}

/** Telegram: more than one message a second into one chat ends in a 429. */
const chatIntervalMs = 1_000;
/** Telegram: 20 messages a minute into one group. */
const groupPerMinute = 20;
/** Telegram fetches an article's picture before it answers. */
const callTimeoutMs = 30_000;
/** Sockets for what is not a send: the poll, and questions about chats and members. */
const otherConnections = 4;
/** The chats of the settings are looked up this long before they are taken as they stand. */
const firstLookMs = 1_000;
/** Sends under way get this long to end. */
const graceMs = 10_000;
const refusedPauseMs = 60_000;

/** One Telegram bot. It works without a public address: it polls. */
export function createTelegramBot(options: TelegramBotOptions): Bot {
  const { token, apiRoot, admins, perSecond, commands, log, clock } = options;
  // Calls under way at a second a call, and a bound where the other end is slow.
  const concurrency = Math.min(256, Math.max(16, perSecond));
  const client = createClient({ token, apiRoot, connections: concurrency + otherConnections, callTimeoutMs, clock });
  const stopping = new AbortController();
  const { signal } = stopping;
  let inbox: Inbox | undefined;
  let telling: Promise<void> = Promise.resolve();
  let working: Promise<unknown> = Promise.resolve();
  let stopped: Promise<void> | undefined;

  /** One event after the other; rejects where the inbox does. */
  const tell = (event: BotEvent): Promise<void> => {
    const told = telling.then(() => (signal.aborted ? undefined : inbox?.(event)));
    telling = told.catch(() => undefined);
    return told;
  };
  const health = createHealth((now) => {
    tell({ kind: "health", health: now }).catch((err: unknown) =>
      log.error({ platform, err }, "the bot's health could not be told"),
    );
  });
  const settings = createSettingsChats({ client, chats: options.chats, tell, health, clock, log });
  const handle = createSurface({
    client,
    admins,
    commands,
    isNamed: settings.names,
    onPresent: settings.found,
    tell,
    clock,
    log,
  });

  /** Asks who the bot is until Telegram says it. */
  const connect = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        const me = await client.call("getMe", {}, { signal });
        client.telegraf.botInfo = me as UserFromGetMe;
        health.connected();
        return;
      } catch (err) {
        if (signal.aborted) return;
        const isRefused = isTokenRefused(err);
        if (isRefused) health.blocked(tokenRefused);
        log.warn(
          { platform, failures: failures + 1, err },
          isRefused ? tokenRefused : "Telegram does not answer; it is tried again",
        );
        await clock.sleep(isRefused ? refusedPauseMs : pauseMs(failures), signal);
      }
    }
  };

  const showCommands = async (): Promise<void> => {
    const { telegram } = client.telegraf;
    const shown = commands.map(({ name, summary, adminOnly }) => ({
      command: name,
      description: summary.slice(0, 256),
      adminOnly,
    }));
    const pick = (all: boolean) =>
      shown.filter(({ adminOnly }) => all || !adminOnly).map(({ command, description }) => ({ command, description }));
    const menus = [
      telegram.setMyCommands(pick(false)),
      ...admins.map((id) => telegram.setMyCommands(pick(true), { scope: { type: "chat", chat_id: Number(id) } })),
    ];
    for (const menu of await Promise.allSettled(menus)) {
      if (menu.status === "rejected") log.warn({ platform, err: menu.reason }, "a menu of commands could not be set");
    }
  };

  const work = async (): Promise<void> => {
    await connect();
    if (signal.aborted) return;
    await Promise.all([poll({ client, handle, health, clock, log }, signal), showCommands()]);
  };

  const call = ({ method, payload }: Call, message: Message, deadlineMs: number): Promise<unknown> =>
    client.call(method, payload, { picture: message.kind === "notice" ? message.picture : undefined, deadlineMs });

  /** Runs the calls of a send, edit or recall, within one deadline for all of them; whatever goes wrong becomes a SendError. */
  const attempt = async <T>(calls: (leftMs: () => number) => Promise<T>): Promise<T> => {
    const endsAt = clock.now().getTime() + callTimeoutMs;
    try {
      return await calls(() => Math.max(1, endsAt - clock.now().getTime()));
    } catch (error) {
      if (isTokenRefused(error)) health.blocked(tokenRefused);
      throw toSendError(error);
    }
  };

  return {
    platform,
    commandMark: "/",
    limits: { perSecond, chatIntervalMs, groupPerMinute, concurrency, callTimeoutMs },
    adminChats: admins.map((address): ChatRef => ({ platform, address, kind: "private" })),
    health: health.health,

    async start(given) {
      if (inbox || stopped) return;
      inbox = given;
      const looked = settings.lookUp(signal);
      const logged = (err: unknown): void => log.error({ platform, err }, "the Telegram bot failed");
      working = Promise.all([work().catch(logged), looked.then(() => settings.keepLooking(signal)).catch(logged)]);
      const timer = new AbortController();
      await Promise.race([looked, clock.sleep(firstLookMs, timer.signal)]);
      timer.abort();
      await settings.takeAsTheyStand().catch((err: unknown) => {
        log.error({ platform, err }, "a chat of the settings could not be recorded; it is tried again");
      });
    },

    send: (chat, message) =>
      attempt(async (leftMs) => {
        const first = renderTelegram(message, chat.address);
        try {
          return receiptOf(await call(first, message, leftMs()), first, chat, message);
        } catch (error) {
          if (message.kind !== "article" || first.method !== "sendPhoto" || !isPictureRefused(error)) throw error;
          log.info({ platform, chat: chat.address, err: error }, "the picture was refused: sent as text");
        }
        const second = renderTelegram(message, chat.address, "text");
        return receiptOf(await call(second, message, leftMs()), second, chat, message);
      }),

    edit: (chat, receipt, message) =>
      attempt(async (leftMs) => {
        const address = placeOf(chat, receipt);
        try {
          await call(renderTelegramEdit(message, address, receipt), message, leftMs());
        } catch (error) {
          if (!isUnchanged(error)) throw error;
        }
        return receipt;
      }),

    recall: (chat, receipt) =>
      attempt(async () => {
        const { chat_id } = targetOf(placeOf(chat, receipt));
        try {
          await client.telegraf.telegram.deleteMessage(chat_id, Number(receipt.messageId));
        } catch (error) {
          if (!isDeletedAlready(error)) throw error;
        }
      }),

    // The Bot API has no way to ask for a message by anything that was known before it was sent.
    async find() {
      return "unknowable";
    },

    stop() {
      stopped ??= (async () => {
        stopping.abort();
        health.stopped();
        // What is told from now on is told again at the next start: its update was not confirmed.
        await Promise.all([working, client.close(graceMs)]);
        await telling;
      })();
      return stopped;
    },
  };
}

/** The chat that holds a sent message. One that moved since holds it no longer: its ids there are other messages'. */
function placeOf(chat: ChatRef, receipt: Receipt): string {
  const [address = ""] = chat.address.split(":");
  const { chatId = address } = receipt;
  if (/^-?\d+$/.test(address) && chatId !== address) {
    throw new SendError("rejected", "The message stayed behind when its group moved to a new id.");
  }
  return chatId;
}

function receiptOf(sent: unknown, { method }: Call, { address }: ChatRef, message: Message): Receipt {
  const { message_id: id, chat } = Object(sent);
  if (!Number.isSafeInteger(id))
    throw new SendError("unknown", "Telegram took the message but did not say under which id.");
  const chatId = String(chat?.id ?? targetOf(address).chat_id);
  const form = method === "sendPhoto" ? "photo" : "text";
  return { messageId: String(id), form, chatId, ...(isBrief(message) ? { template: "brief" } : {}) };
}
