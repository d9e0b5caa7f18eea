import type { Params } from "./params.ts";
import { ApiError } from "./wire.ts";

/** Telegram: a poll waits no longer than this. */
const mostSeconds = 50;
/** Telegram keeps an update for a day. */
const keptMs = 24 * 60 * 60_000;

const known = [
  "message",
  "edited_message",
  "channel_post",
  "edited_channel_post",
  "callback_query",
  "my_chat_member",
  "chat_member",
  "inline_query",
  "chosen_inline_result",
  "shipping_query",
  "pre_checkout_query",
  "poll",
  "poll_answer",
  "message_reaction",
  "message_reaction_count",
  "chat_join_request",
  "chat_boost",
  "removed_chat_boost",
] as const;
type UpdateKind = (typeof known)[number];

const notByDefault: readonly UpdateKind[] = ["chat_member", "message_reaction", "message_reaction_count"];
const byDefault = known.filter((kind) => !notByDefault.includes(kind));

interface Update {
  update_id: number;
  [kind: string]: unknown;
}

export interface Updates {
  push(kind: UpdateKind, content: object): void;
  /** Waits as long as asked for the first update; unconfirmed ones come again. `gone` aborts with the caller. */
  poll(params: Params, gone: AbortSignal): Promise<Update[]>;
  /** `allowed_updates` of a call: kept until another call changes them. */
  allow(params: Params): void;
  allowed(): readonly UpdateKind[];
  pending(): number;
  forget(): void;
  /** Ends the poll that waits, in the words of the conflict. */
  interrupt(conflict: string): void;
  close(): void;
}

export function createUpdates(now: () => number): Updates {
  let queue: { update: Update; at: number }[] = [];
  let allowed: readonly UpdateKind[] = byDefault;
  // Real ones begin anywhere.
  let next = 100_000_001;
  let waiting: { wake(): void; end(error: ApiError | null): void } | null = null;

  const fresh = () => {
    queue = queue.filter(({ at }) => at > now() - keptMs);
    return queue;
  };
  const confirm = (offset: number): void => {
    if (offset < 0) queue = queue.slice(offset);
    else queue = queue.filter(({ update }) => update.update_id >= offset);
  };
  const allow = (params: Params): void => {
    const asked = params.json("allowed_updates");
    if (!Array.isArray(asked)) return;
    const wanted = known.filter((kind) => asked.includes(kind));
    allowed = wanted.length > 0 ? wanted : byDefault;
  };

  const interrupt = (conflict: string): void => waiting?.end(new ApiError(409, `Conflict: ${conflict}`));

  return {
    interrupt,
    push(kind, content) {
      if (!allowed.includes(kind)) return;
      queue.push({ update: { update_id: next, [kind]: content }, at: now() });
      next += 1;
      waiting?.wake();
    },

    async poll(params, gone) {
      interrupt("terminated by other getUpdates request; make sure that only one bot instance is running");
      allow(params);
      confirm(params.integer("offset") ?? 0);
      const asked = params.integer("limit") ?? 100;
      const limit = asked >= 1 && asked <= 100 ? asked : 100;
      const seconds = Math.min(mostSeconds, Math.max(0, params.integer("timeout") ?? 0));
      if (fresh().length === 0 && seconds > 0) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, seconds * 1_000);
        const wake = (): void => resolve();
        const own = { wake, end: (error: ApiError | null) => (error ? reject(error) : resolve()) };
        waiting = own;
        gone.addEventListener("abort", wake, { once: true });
        await promise.finally(() => {
          clearTimeout(timer);
          gone.removeEventListener("abort", wake);
          if (waiting === own) waiting = null;
        });
      }
      return fresh()
        .slice(0, limit)
        .map(({ update }) => update);
    },

    allow,
    allowed: () => allowed,
    pending: () => fresh().length,
    forget() {
      queue = [];
    },
    close() {
      waiting?.end(null);
    },
  };
}
