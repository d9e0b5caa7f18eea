import { TelegramError } from "telegraf";
import { SendError } from "#core/errors";

/** Nothing was written to the wire: the call can be made again. */
export class CallNotSent extends Error {
  constructor(cause: unknown) {
    super("Telegram cannot be reached.", { cause });
    this.name = "CallNotSent";
  }
}

/** The request was written and no answer came that counts: it may have been carried out. */
export class CallLost extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "CallLost";
  }
}

/** What to do where the token is refused. */
export const tokenRefused = "Telegram refused the token: make a new one with @BotFather and set TELEGRAM_BOT_TOKEN.";

/** The token is not, or no longer, a bot's. A malformed one gets a bare 404. */
export const isTokenRefused = (cause: unknown): boolean =>
  cause instanceof TelegramError && (cause.code === 401 || (cause.code === 404 && !isUnknownMethod(cause)));

/** The other end does not know the method. */
export const isUnknownMethod = (cause: unknown): boolean =>
  cause instanceof TelegramError && /method not found/i.test(cause.description) && [400, 404, 501].includes(cause.code);

/** An edit that changes nothing: the message says it already. */
export const isUnchanged = (cause: unknown): boolean => describes(cause, /message is not modified/i);

/** A recall of a message that is not there any more. */
export const isDeletedAlready = (cause: unknown): boolean => describes(cause, /message to delete not found/i);

/** Telegram, or the chat, does not take the picture; the same words without it may be taken. */
export const isPictureRefused = (cause: unknown): boolean =>
  toSendError(cause).reason === "rejected" &&
  !describes(cause, /message thread not found|topic|caption|parse entities/i);

/** How long Telegram asks to wait; undefined where it does not. */
export function retryAfterOf(cause: unknown): number | undefined {
  if (!(cause instanceof TelegramError) || (cause.code !== 429 && cause.code !== 420)) return undefined;
  const seconds = cause.parameters?.retry_after;
  return typeof seconds === "number" && seconds > 0 ? seconds * 1000 : 1_000;
}

/** Says what the sender of a message should do about an error of the Bot API or of the wire. */
export function toSendError(cause: unknown): SendError {
  if (cause instanceof SendError) return cause;
  if (cause instanceof CallNotSent) return new SendError("temporary", `${cause.message} Crier tries again.`, { cause });
  if (cause instanceof TelegramError) return refusal(cause);
  const what = cause instanceof CallLost ? cause.message : "The call to Telegram failed in an unknown way.";
  return new SendError("unknown", `${what} The message may or may not have arrived.`, { cause });
}

function refusal(cause: TelegramError): SendError {
  const retryAfterMs = retryAfterOf(cause);
  if (retryAfterMs !== undefined) {
    return new SendError("rate-limited", `Telegram asks for a pause of ${Math.ceil(retryAfterMs / 1000)} s.`, {
      retryAfterMs,
      cause,
    });
  }
  const movedTo = cause.parameters?.migrate_to_chat_id;
  if (movedTo !== undefined) {
    return new SendError("moved", "The group became a supergroup and has a new id.", {
      movedTo: String(movedTo),
      cause,
    });
  }
  const said = sayable(cause.description);
  if (isTokenRefused(cause)) return new SendError("temporary", tokenRefused, { cause });
  if (cause.code === 403) return new SendError("gone", `The chat is closed to the bot: ${said}.`, { cause });
  if (cause.code === 400 && isChatUnknown(cause)) {
    return new SendError("gone", "Telegram knows no such chat: it was deleted, or the bot is not in it.", { cause });
  }
  if (cause.code >= 400 && cause.code < 500) {
    return cause.code === 409
      ? new SendError("temporary", `Telegram is not ready: ${said}.`, { cause })
      : new SendError("rejected", `Telegram refused the message: ${said}.`, { cause });
  }
  return new SendError("unknown", `Telegram failed (${cause.code}). The message may or may not have arrived.`, {
    cause,
  });
}

/** The chat does not exist for this bot. */
export const isChatUnknown = (cause: unknown): boolean =>
  describes(
    cause,
    /chat not found|PEER_ID_INVALID|CHANNEL_INVALID|chat_id is empty|user not found|group chat was deactivated/i,
  );

const describes = (cause: unknown, pattern: RegExp): boolean =>
  cause instanceof TelegramError && pattern.test(cause.description);

/** Telegram's words without what they quote, which may be the message's. */
function sayable(description: string): string {
  const words = description.replace(/^[A-Z][a-z]+( [A-Z][a-z]+)*: /, "").replace(/"[^"]*"/g, '"…"');
  return words.replace(/\.+$/, "").slice(0, 200) || "no reason given";
}
