import { SendError } from "#core/errors";

/** The page threw before anything of the message left: the library's own script was not loaded, or not yet again. */
const notBegun = /reading '(getChat|sendMessage|getMessageModel|WWebJS)'|WWebJS is not defined|window\.WWebJS/i;
/** WhatsApp knows nobody at this number. */
const nobodyThere = /No LID for user|invalid wid|is not a WhatsApp user/i;

/**
 * Says what the sender of a message should do about an error of the library, of puppeteer or of the page, thrown while
 * a call was under way. The page may have sent the message before the call broke: what is not known to be unsent is unknown.
 */
export function toSendError(cause: unknown): SendError {
  if (cause instanceof SendError) return cause;
  const words = cause instanceof Error ? cause.message : String(cause);
  if (notBegun.test(words)) {
    return new SendError("temporary", "WhatsApp's page was loading; nothing was sent. Crier tries again.", { cause });
  }
  if (nobodyThere.test(words)) return new SendError("gone", "Nobody is on WhatsApp under this address.", { cause });
  return new SendError(
    "unknown",
    "WhatsApp's page broke while the message was under way. It may or may not have arrived.",
    { cause },
  );
}

export const notReady = (): SendError =>
  new SendError("temporary", "WhatsApp is not connected; nothing was sent. Crier tries again when it is.");
