import { TelegramError } from "telegraf";
import type { ChatFromGetChat } from "telegraf/types";
import type { ChatRef } from "#core/model";
import type { BotEvent, Clock, Log } from "#core/ports";
import type { Client } from "./client.ts";
import { isChatUnknown, isUnknownMethod } from "./errors.ts";
import type { HealthBook } from "./health.ts";
import { chatRef, platform, titleOf } from "./updates.ts";

export interface SettingsChatsDeps {
  client: Client;
  /** Ids and @names. */
  chats: readonly string[];
  /** Resolves when the event is safe. */
  tell(event: BotEvent): Promise<void>;
  health: HealthBook;
  clock: Clock;
  log: Log;
}

/** The chats that the settings name: subscribed from the start, whether Telegram answers or not. */
export interface SettingsChats {
  /** Looks each chat up once and tells of those that are there. */
  lookUp(signal: AbortSignal): Promise<void>;
  /** Tells of those that no look has settled yet, as the settings write them: what is sent there waits. */
  takeAsTheyStand(): Promise<void>;
  /** Looks again for what was not found, until nothing is missing or the signal is aborted. */
  keepLooking(signal: AbortSignal): Promise<void>;
  /** True for a chat that the settings name. */
  names(chat: { id: number; username?: string | undefined }): boolean;
  /** The bot came into a chat by itself: nothing is missing there any more. */
  found(chat: { id: number; username?: string | undefined }): void;
}

type Found = { chat: ChatRef; title: string | null; movedFrom?: ChatRef };
/** `missing`: Telegram does not know it. `unsure`: nothing can be said yet. */
type Look = Found | "missing" | "unsure";

const missingPauseMs = 3 * 60_000;
const unsurePauseMs = 5_000;

export function createSettingsChats({ client, chats, tell, health, clock, log }: SettingsChatsDeps): SettingsChats {
  const open = new Set(chats);
  const settled = new Set<string>();
  let isSure = true;

  const getChat = async (id: string | number): Promise<ChatFromGetChat> => client.telegraf.telegram.getChat(id);

  const look = async (named: string): Promise<Look> => {
    try {
      const chat = await getChat(named);
      return { chat: chatRef(chat), title: titleOf(chat) };
    } catch (error) {
      const movedTo = error instanceof TelegramError ? error.parameters?.migrate_to_chat_id : undefined;
      if (movedTo !== undefined) return { chat: bare(String(movedTo)), title: null, movedFrom: bare(named) };
      if (isChatUnknown(error) || (error instanceof TelegramError && error.code === 403)) return "missing";
      log.debug({ platform, chat: named, err: error }, "a chat of the settings could not be looked up");
      // An id is enough to post; a name is only where the other end can do no better.
      return isName(named) && !isUnknownMethod(error) ? "unsure" : { chat: bare(named), title: null };
    }
  };

  const settle = async (named: string): Promise<void> => {
    const found = await look(named);
    if (found === "unsure") {
      isSure = false;
      return;
    }
    settled.add(named);
    if (found === "missing") {
      health.trouble(`chat ${named}`, missingWords(named));
      log.warn({ platform, chat: named }, missingWords(named));
      return;
    }
    const { chat, title, movedFrom } = found;
    // It may have been told as it stands; what waits there goes to the id.
    if (isName(named) && chat.address !== named) await tell({ kind: "migrated", chat: bare(named), to: chat.address });
    if (movedFrom) {
      log.warn(
        { platform, chat: named, to: chat.address },
        "a chat of the settings has a new id: change TELEGRAM_CHATS",
      );
      await tell({ kind: "migrated", chat: movedFrom, to: chat.address });
    }
    await tell({ kind: "joined", id: `settings:${named}`, chat, title, by: null });
    close(named);
  };

  const close = (named: string): void => {
    open.delete(named);
    health.trouble(`chat ${named}`, null);
  };

  const lookUp = async (signal: AbortSignal): Promise<void> => {
    isSure = true;
    const looks = [...open].map(async (named) => {
      try {
        if (!signal.aborted) await settle(named);
      } catch (err) {
        isSure = false;
        log.error({ platform, chat: named, err }, "a chat of the settings could not be recorded; it is tried again");
      }
    });
    await Promise.all(looks);
  };

  const namesFor = (chat: { id: number; username?: string | undefined }): string[] => {
    const name = chat.username ? `@${chat.username.toLowerCase()}` : null;
    return chats.filter((named) => named === String(chat.id) || named.toLowerCase() === name);
  };

  return {
    lookUp,
    async takeAsTheyStand() {
      for (const named of open) {
        if (settled.has(named)) continue;
        await tell({ kind: "joined", id: `settings:${named}`, chat: bare(named), title: null, by: null });
      }
    },
    async keepLooking(signal) {
      while (open.size > 0 && !signal.aborted) {
        await clock.sleep(isSure ? missingPauseMs : unsurePauseMs, signal);
        await lookUp(signal);
      }
    },
    names: (chat) => namesFor(chat).length > 0,
    found: (chat) => namesFor(chat).forEach(close),
  };
}

const isName = (named: string): boolean => named.startsWith("@");

/** A chat known by nothing but its id. Groups are paced the slowest, so that is what an unknown one counts as. */
const bare = (named: string): ChatRef => ({
  platform,
  address: named,
  kind: /^\d+$/.test(named) ? "private" : "group",
});

const missingWords = (named: string): string =>
  /^\d+$/.test(named)
    ? `Telegram does not let the bot write to ${named}: that person must send /start to the bot first.`
    : `Telegram does not know the chat ${named} or the bot is not in it: add the bot there, or change TELEGRAM_CHATS.`;
