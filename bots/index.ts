import type { Bot, Clock, Log } from "#core/ports";
import { createTelegramBot } from "./telegram/bot.ts";
import { createWhatsAppBot } from "./whatsapp/bot.ts";

interface BotsOptions {
  config: {
    dataDir: string;
    telegram: { token: string; apiRoot: string; admins: string[]; chats: string[]; perSecond: number } | null;
    whatsapp: { browserArgs: string[]; admins: string[]; groups: string[] } | null;
  };
  /** The browser for WhatsApp; without one it stays off. */
  chromePath: string | null;
  fetchPicture(url: string, signal: AbortSignal): Promise<{ bytes: Uint8Array; type: string }>;
  commands: readonly { name: string; summary: string; adminOnly: boolean }[];
  log: Log;
  clock: Clock;
}

/** The bots that the settings ask for: one line each. */
export function createBots({ config, chromePath, fetchPicture, commands, log, clock }: BotsOptions): Bot[] {
  const { telegram, whatsapp, dataDir } = config;
  const bots: Bot[] = [];
  if (telegram) bots.push(createTelegramBot({ ...telegram, commands, log, clock }));
  if (whatsapp && chromePath)
    bots.push(createWhatsAppBot({ ...whatsapp, dataDir, chromePath, fetchPicture, log, clock }));
  return bots;
}
