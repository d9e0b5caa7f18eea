import type { Client, MessageSendOptions, Message as SentMessage } from "whatsapp-web.js";
import { SendError } from "#core/errors";
import type { ChatRef, Message, Receipt, Style } from "#core/model";
import type { Clock } from "#core/ports";
import { correctionOf } from "./correction-text.ts";
import { renderWhatsApp } from "./format.ts";

/** Runs a call of the library until `endsAt`; whatever goes wrong becomes a SendError. */
export type Ask = <T>(endsAt: number, call: () => Promise<T>) => Promise<T>;

/** Sends a text into a chat; the id of the message. @throws SendError */
export type Submit = (
  client: Client,
  chat: ChatRef,
  content: string,
  options: MessageSendOptions,
  endsAt: number,
) => Promise<string>;

export interface ChangingDeps {
  clock: Clock;
  ask: Ask;
  /** When a call that begins now has to be over. */
  deadline(): number;
  submit: Submit;
}

/** WhatsApp: a message can be edited for 15 minutes. */
const editWindowMs = 15 * 60_000;
/** WhatsApp: a message can be deleted for everyone for about two days. */
const recallWindowMs = 48 * 3_600_000;
/** Own messages of a chat among which its answers to one of them are sought, newest first. */
const mostLookedAt = 50;

/** What becomes of messages that were sent. To do any of it twice is to do it once. */
export function createChanging({ clock, ask, deadline, submit }: ChangingDeps) {
  const isWithin = ({ timestamp }: SentMessage, ms: number): boolean => clock.now().getTime() - timestamp * 1000 <= ms;

  const held = (client: Client, receipt: Receipt, endsAt: number): Promise<SentMessage | null> =>
    ask(endsAt, () => client.getMessageById(receipt.messageId));

  const rewrite = async (message: SentMessage, content: string, endsAt: number): Promise<void> => {
    // The library's way with a preview there fails where the page has none.
    const after: SentMessage | null = await ask(endsAt, () => message.edit(content, { linkPreview: false }));
    if (!after) throw new SendError("rejected", "WhatsApp did not let the message be corrected.");
  };

  /** What answers a message by Crier itself, oldest first. */
  const answersTo = async (client: Client, { id }: SentMessage, chatId: string, endsAt: number) => {
    const chat = await ask(endsAt, () => client.getChatById(chatId));
    const own = await ask(endsAt, () => chat.fetchMessages({ limit: mostLookedAt, fromMe: true }));
    return own.filter(({ type, rawData }) => type !== "revoked" && quotedIn(rawData) === id.id);
  };

  return {
    /** Past its window a correction is an answer that quotes the message; the last one about a story is kept up to date. */
    async edit(client: Client, chat: ChatRef, receipt: Receipt, message: Message): Promise<Receipt> {
      const endsAt = deadline();
      const before = await held(client, receipt, endsAt);
      if (!before || before.type === "revoked")
        throw new SendError("rejected", "The message is no longer there to be corrected.");
      const { chatId = chat.address } = receipt;
      // What was sent brief stays brief, whatever the chat wants by now.
      const style: Style = receipt.template === "brief" ? { template: "brief" } : {};
      const { content } = renderWhatsApp({ ...message, style }, chatId).payload;
      if (before.body === content) return receipt;
      if (isWithin(before, editWindowMs)) {
        await rewrite(before, content, endsAt);
        return receipt;
      }
      const correction = correctionOf({ ...message, style });
      if (!correction) throw new SendError("rejected", "WhatsApp lets a message be corrected for 15 minutes only.");
      const { text, address } = correction;
      const answers = await answersTo(client, before, chatId, endsAt);
      // It was sent before, and the answer to the call was lost.
      if (answers.some(({ body }) => body === text)) return receipt;
      const last = answers.findLast(({ body }) => address !== null && body.endsWith(`\n${address}`));
      if (last && isWithin(last, editWindowMs)) {
        await rewrite(last, text, endsAt);
      } else if (last || !isSaid({ ...message, style }, before.body)) {
        const options = { linkPreview: false, quotedMessageId: receipt.messageId };
        await submit(client, { ...chat, address: chatId }, text, options, endsAt);
      }
      return receipt;
    },

    async recall(client: Client, receipt: Receipt): Promise<void> {
      const endsAt = deadline();
      const before = await held(client, receipt, endsAt);
      if (!before || before.type === "revoked") return;
      // Later the library would delete it for this number alone.
      if (!isWithin(before, recallWindowMs)) {
        throw new SendError("rejected", "WhatsApp lets a message be taken back for two days only.");
      }
      const isAnswered = receipt.chatId !== undefined && !isWithin(before, editWindowMs);
      const answers = isAnswered ? await answersTo(client, before, receipt.chatId ?? "", endsAt) : [];
      // The message comes last: what is cut off in between is done anew, and finds the rest.
      for (const message of [...answers, before]) await ask(endsAt, () => message.delete(true));
    },
  };
}

/** What a message says by now stands there already: nobody needs an answer that tells it. */
function isSaid(message: Message, body: string): boolean {
  const uncorrected = uncorrectedOf(message);
  if (!uncorrected) return false;
  // An earlier correction left its mark.
  const linesOf = (text: string): string[] => text.replaceAll(" ✏️", "").split("\n");
  const lines = new Set(linesOf(body));
  return linesOf(renderWhatsApp(uncorrected, "").payload.content).every((line) => lines.has(line));
}

/** The message as if it were sent now; null for what takes something back. */
function uncorrectedOf(message: Message): Message | null {
  if (message.kind === "article") {
    const { correctedAt: _, ...rest } = message;
    return rest;
  }
  if (message.kind !== "digest") return message;
  const { corrected, ...rest } = message;
  return corrected?.isWithdrawn ? null : rest;
}

/** Which message one quotes. */
const quotedIn = (raw: object): string | null =>
  "quotedStanzaID" in raw && typeof raw.quotedStanzaID === "string" ? raw.quotedStanzaID : null;
