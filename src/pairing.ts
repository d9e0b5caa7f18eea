import type { Receipt } from "#core/model";
import type { Bot, BotHealth, Log } from "#core/ports";
import { plain } from "#core/spans";

const words =
  "WhatsApp wants to be linked: on the phone of the newsroom's number open Linked devices, Link a device, and scan this.";

/** One that stands by can: to send needs no lease where it is not the outbox's turn. */
const canSend = (bot: Bot): boolean => ["ready", "degraded", "standby"].includes(bot.health().state);

/**
 * Shows the code that links a WhatsApp number: drawn in the terminal, and as a picture in the private chats of
 * Telegram's admins, where each new code replaces the one before. A code lives for seconds, so it never enters the outbox.
 */
export function createPairing({ herald, log, print }: { herald: Bot | null; log: Log; print(text: string): void }) {
  const shown = new Map<string, Receipt>();
  let newest: string | null = null;
  let working = Promise.resolve();

  const showAdmins = async (qr: string): Promise<void> => {
    if (!herald || !canSend(herald) || qr !== newest) return;
    const { default: qrcode } = await import("qrcode");
    const message = {
      kind: "notice" as const,
      spans: [plain(words)],
      picture: new Uint8Array(await qrcode.toBuffer(qr, { width: 512, margin: 3 })),
    };
    for (const chat of herald.adminChats) {
      const before = shown.get(chat.address);
      try {
        shown.set(
          chat.address,
          before ? await herald.edit(chat, before, message) : await herald.send(chat, message, "pairing"),
        );
      } catch (err) {
        log.warn({ platform: herald.platform, err }, "the code to link WhatsApp could not be sent to an admin");
      }
    }
  };

  /** The picture of a used code goes away. */
  const clear = async (): Promise<void> => {
    for (const chat of herald?.adminChats ?? []) {
      const receipt = shown.get(chat.address);
      shown.delete(chat.address);
      if (receipt) await herald?.recall(chat, receipt).catch(() => {});
    }
  };

  return {
    /** Tells of the WhatsApp bot's health; safe to call with the same one again. */
    async update(health: BotHealth): Promise<void> {
      const qr = health.state === "blocked" ? (health.qr ?? null) : null;
      if (qr === newest) return;
      newest = qr;
      if (qr) {
        const { default: qrcode } = await import("qrcode");
        print(`\n${await qrcode.toString(qr, { type: "terminal", small: true })}\n${words}\n`);
      }
      working = working.then(() => (qr ? showAdmins(qr) : clear()));
      await working;
    },
    /** The herald became ready: shows the admins a code that still waits. */
    async retry(): Promise<void> {
      const qr = newest;
      if (!qr || shown.size > 0) return;
      working = working.then(() => showAdmins(qr));
      await working;
    },
  };
}
