import type { Client, GroupChat, MessageMedia, Message as SentMessage } from "whatsapp-web.js";
import { SendError } from "#core/errors";
import type { ChatRef, Message, Receipt } from "#core/model";
import type { Clock, Log } from "#core/ports";
import { type Ask, createChanging, type Submit } from "./changing.ts";
import { toSendError } from "./errors.ts";
import { isBrief, renderWhatsApp } from "./format.ts";
import { platform } from "./groups.ts";
import { ownAddresses } from "./people.ts";

export type FetchPicture = (url: string, signal: AbortSignal) => Promise<{ bytes: Uint8Array; type: string }>;

export interface SendingDeps {
  clock: Clock;
  log: Log;
  /** Absent: articles go without their pictures. */
  fetchPicture: FetchPicture | undefined;
  /** The longest that a send, an edit or a recall may take; after it the outcome is unknown. */
  callTimeoutMs: number;
  /** A call broke, or was not answered: the next one would fare no better. */
  onBroken(): void;
}

/** What a WhatsApp client does with messages. All throw SendError only. */
export interface Sending {
  send(client: Client, chat: ChatRef, message: Message): Promise<Receipt>;
  /** Past WhatsApp's window a correction is an answer that quotes the message. */
  edit(client: Client, chat: ChatRef, receipt: Receipt, message: Message): Promise<Receipt>;
  recall(client: Client, receipt: Receipt): Promise<void>;
  /** Resolves when no call is under way. */
  idle(): Promise<void>;
}

const pictureMs = 10_000;
/** What WhatsApp shows as a picture. */
const largestPicture = 5 * 1024 * 1024;
const pictureTypes = ["image/jpeg", "image/png", "image/webp"];
/** The library's number for a message that WhatsApp refused. */
const refused = -1;

export function createSending({ clock, log, fetchPicture, callTimeoutMs, onBroken }: SendingDeps): Sending {
  const deadline = (): number => clock.now().getTime() + callTimeoutMs;

  /** Runs a call of the library until `endsAt`; whatever goes wrong becomes a SendError. */
  const ask: Ask = async (endsAt, call) => {
    const timer = new AbortController();
    const late = clock.sleep(Math.max(1, endsAt - clock.now().getTime()), timer.signal).then((): never => {
      throw new SendError(
        "unknown",
        "WhatsApp's page did not answer in time. The message may or may not have arrived.",
      );
    });
    // Nobody waits for it once the call has ended.
    late.catch(() => undefined);
    try {
      return await Promise.race([call(), late]);
    } catch (error) {
      const failure = toSendError(error);
      if (failure.reason === "unknown" || failure.reason === "temporary") onBroken();
      throw failure;
    } finally {
      timer.abort();
    }
  };

  const mediaFor = async (message: Message, address: string | null): Promise<MessageMedia | null> => {
    if (message.kind === "notice" && message.picture) return toMedia(message.picture, "image/png");
    if (!address || !fetchPicture) return null;
    try {
      const { bytes, type } = await fetchPicture(address, AbortSignal.timeout(pictureMs));
      if (pictureTypes.includes(type) && bytes.length <= largestPicture) return await toMedia(bytes, type);
      log.info({ platform, type, bytes: bytes.length }, "a picture that WhatsApp would not show: sent as text");
    } catch (err) {
      log.info({ platform, err }, "a picture could not be had: sent as text");
    }
    return null;
  };

  const send = async (client: Client, chat: ChatRef, message: Message): Promise<Receipt> => {
    const endsAt = deadline();
    const { payload } = renderWhatsApp(message, chat.address);
    const media = await mediaFor(message, payload.media);
    // Without its picture an article shows its link's.
    const linkPreview = !media && (payload.options.linkPreview || payload.media !== null);
    const messageId = await submit(client, chat, payload.content, { linkPreview, ...(media ? { media } : {}) }, endsAt);
    return { messageId, chatId: payload.chatId, ...(isBrief(message) ? { template: "brief" } : {}) };
  };

  const submit: Submit = async (client, chat, content, options, endsAt) => {
    const sent: SentMessage | undefined | null = await ask(endsAt, () =>
      client.sendMessage(chat.address, content, { ...options, sendSeen: false, waitUntilMsgSent: true }),
    );
    if (!sent) throw await explainSilence(client, chat, endsAt);
    if (Number(sent.ack) === refused) throw await explainRefusal(client, chat, endsAt);
    return sent.id._serialized;
  };

  /** The library found no message to show for the call: there is no such chat, or the message went by unseen. */
  const explainSilence = async (client: Client, chat: ChatRef, endsAt: number): Promise<SendError> => {
    const isKnown = await ask(endsAt, () => client.getChatById(chat.address)).then(
      (found: unknown) => Boolean(found),
      // What there was no time to ask says nothing against the group.
      () => clock.now().getTime() >= endsAt,
    );
    if (chat.kind === "group" && !isKnown)
      return new SendError("gone", "WhatsApp knows no such group for this number.");
    return new SendError(
      "unknown",
      "WhatsApp did not show the message after it was sent. It may or may not have arrived.",
    );
  };

  /** WhatsApp takes a message into a group from members only, and where its admins say so from admins only. */
  const explainRefusal = async (client: Client, chat: ChatRef, endsAt: number): Promise<SendError> => {
    const rejected = new SendError(
      "rejected",
      "WhatsApp refused the message: in this group perhaps only admins may write.",
    );
    if (chat.kind !== "group") return new SendError("rejected", "WhatsApp refused the message.");
    try {
      const group = (await ask(endsAt, () => client.getChatById(chat.address))) as GroupChat;
      const own = await ask(endsAt, () => ownAddresses(client));
      const isMember = group.participants.some(({ id }) => own.includes(id._serialized));
      return isMember ? rejected : new SendError("gone", "The number is no longer in this group.");
    } catch {
      return rejected;
    }
  };

  const { edit, recall } = createChanging({ clock, ask, deadline, submit });

  const underWay = new Set<Promise<unknown>>();
  const count = <T>(call: Promise<T>): Promise<T> => {
    underWay.add(call);
    const drop = (): void => void underWay.delete(call);
    call.then(drop, drop);
    return call;
  };

  return {
    send: (...given) => count(send(...given)),
    edit: (...given) => count(edit(...given)),
    recall: (...given) => count(recall(...given)),
    idle: async () => void (await Promise.allSettled(underWay)),
  };
}

async function toMedia(bytes: Uint8Array, type: string): Promise<MessageMedia> {
  const { default: whatsapp } = await import("whatsapp-web.js");
  return new whatsapp.MessageMedia(type, Buffer.from(bytes).toString("base64"), `picture.${type.split("/")[1]}`);
}
