/** What the sender of a message should do next. */
export type SendReason =
  /** The platform asks for a pause; nothing was sent. */
  | "rate-limited"
  /** Nothing was sent and the next try may succeed (connection refused, session not ready). */
  | "temporary"
  /** The answer was lost: the message may or may not have arrived. Never send it again unproven. */
  | "unknown"
  /** This message will never be accepted by this chat (bad markup, no right to post). */
  | "rejected"
  /** The chat is closed to the bot for good (blocked, kicked, deleted). */
  | "gone"
  /** The chat lives on under another address. */
  | "moved";

interface SendErrorDetails {
  /** How long to wait, when `rate-limited`. */
  retryAfterMs?: number;
  /** The new address, when `moved`. */
  movedTo?: string;
  cause?: unknown;
}

/** The only error that a bot's `send`, `edit` and `recall` throw. Its message is for people: no token, no phone number, no text of a message. */
export class SendError extends Error {
  readonly reason: SendReason;
  readonly retryAfterMs: number | undefined;
  readonly movedTo: string | undefined;

  constructor(reason: SendReason, message: string, details: SendErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "SendError";
    this.reason = reason;
    this.retryAfterMs = details.retryAfterMs;
    this.movedTo = details.movedTo;
  }
}

/** The delivery was ended, put back or claimed anew: what is to be written of it has been overtaken. */
export class NotUnderWay extends Error {
  constructor(id: number) {
    super(`Delivery ${id} is not under way.`);
    this.name = "NotUnderWay";
  }
}

/** Somebody else changed what this transaction had read: its work is to be run anew. */
export class Overtaken extends Error {
  constructor(id: number) {
    super(`Article ${id} was changed by somebody else meanwhile.`);
    this.name = "Overtaken";
  }
}

/** Why a feed could not be read: shown to operators as it stands. */
export type FeedReason = "unreachable" | "refused" | "timeout" | "too-large" | "http-status" | "not-a-feed";

/** The only error that a content adapter throws. Its message says what happened and what to do about it. */
export class FeedError extends Error {
  readonly reason: FeedReason;
  /** How long the source asked us to stay away (Retry-After). */
  readonly retryAfterMs: number | undefined;

  constructor(reason: FeedReason, message: string, details: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.name = "FeedError";
    this.reason = reason;
    this.retryAfterMs = details.retryAfterMs;
  }
}
