import { createHash } from "node:crypto";
import type { Bot, Clock, Log } from "#core/ports";
import { createTelegramBot } from "./telegram/bot.ts";
import { createWhatsAppBot } from "./whatsapp/bot.ts";
import { openProfile } from "./whatsapp/profile.ts";

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

/** A bot account of the settings. */
export interface Account {
  platform: string;
  /** Tells it from others of its platform, and gives nothing away. */
  about: string;
  /** True where it cannot work on this machine before a person has done something: others come first. */
  needsPerson(): boolean;
  /** Makes its bot, which does nothing before its start. */
  open(): Bot;
}

/** The accounts that the settings name: one line each. */
export function listAccounts({ config, chromePath, fetchPicture, commands, log, clock }: BotsOptions): Account[] {
  const { telegram, whatsapp, dataDir } = config;
  const accounts: Account[] = [];
  const add = (platform: string, name: string, open: () => Bot, needsPerson = () => false): void => {
    const about = createHash("sha256").update(name).digest("hex").slice(0, 16);
    accounts.push({ platform, about, needsPerson, open });
  };
  // A bot's number stays when its token is changed.
  if (telegram)
    add("telegram", telegram.token.split(":", 1)[0] ?? "", () =>
      createTelegramBot({ ...telegram, commands, log, clock }),
    );
  // Which number it is shows only in the browser; whether it is linked here, its folder does.
  if (whatsapp && chromePath) {
    const open = (): Bot => createWhatsAppBot({ ...whatsapp, dataDir, chromePath, fetchPicture, log, clock });
    add("whatsapp", "", open, () => !openProfile(dataDir).isLinked());
  }
  return accounts;
}
