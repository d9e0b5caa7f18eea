import { FeedError } from "#core/errors";
import type { FeedId } from "#core/model";
import type { Clock, Log, PushStore, PushSubscription } from "#core/ports";
import type { HttpAnswer, HttpGet } from "../shared/http.ts";
import { headline } from "../shared/text.ts";
import { callbackOf } from "./callback.ts";
import { after, leaseFrom, pauseMs, refusalMs, wishedSeconds } from "./lease.ts";
import { createMemory } from "./memory.ts";

interface HandshakeDeps {
  http: Pick<HttpGet, "post">;
  pushes: PushStore;
  clock: Pick<Clock, "now">;
  log: Log;
  /** The callbacks' address before their token. */
  base: string;
}

/** Asking hubs for push and answering what they ask back. */
export interface Handshake {
  /** Asks the hubs whose subscriptions are due, a hundred at most. Never rejects. */
  renewDue(signal: AbortSignal): Promise<void>;
  /** Answers a hub that asks whether a subscription, or its end, is meant: only what was asked for is confirmed. */
  verify(token: string, query: Readonly<Record<string, string>>): Promise<{ status: 200 | 404; body: string }>;
  /** Asks a hub to end a subscription that is no longer kept. Never rejects. */
  leave(subscription: PushSubscription, signal: AbortSignal): Promise<void>;
  /** A feed's next request counts as its first. */
  reset(feedId: FeedId): void;
}

/** Hubs asked at once, and how often that is repeated while more are due. */
const batch = 10;
const mostBatches = 10;
const longestChallenge = 2_000;
/** A hub may lose the answer to its verification and ask once more: it is answered the same for so long. */
const repeatMs = 10 * 60_000;

const notFound = { status: 404, body: "No such subscription was asked for." } as const;

export function createHandshake({ http, pushes, clock, log, base }: HandshakeDeps): Handshake {
  /** Requests to a feed's hub since it last verified one. */
  const tries = new Map<FeedId, number>();
  const confirmed = createMemory();
  const ended = createMemory();
  let isRenewing = false;

  const request = (mode: string, { hub, topic, token }: PushSubscription, signal: AbortSignal, more = {}) =>
    http.post(hub, {
      signal,
      form: { "hub.mode": mode, "hub.topic": topic, "hub.callback": callbackOf(base, token), ...more },
    });

  const ask = async (subscription: PushSubscription, signal: AbortSignal): Promise<void> => {
    const { feedId, token, secret } = subscription;
    const about = { feed: feedId, hub: hostOf(subscription) };
    const before = tries.get(feedId) ?? 0;
    tries.set(feedId, before + 1);
    const renewAt = after(clock.now(), pauseMs(before));
    // Written before it is sent: some hubs verify before they answer.
    await pushes.save({ ...subscription, state: "asked", renewAt });
    let change: Partial<PushSubscription>;
    try {
      const answer = await request("subscribe", subscription, signal, {
        "hub.lease_seconds": String(wishedSeconds),
        "hub.secret": secret,
      });
      const { status } = answer;
      if (status >= 200 && status < 300) {
        log.debug({ ...about, status }, "hub asked for push");
        return;
      }
      change = isRefusal(answer)
        ? refusal(clock.now())
        : { renewAt: notBefore(answer.retryAfterMs, renewAt, clock.now()) };
      log.warn({ ...about, status, again: change.renewAt }, "the hub did not take the request for push");
    } catch (err) {
      const askedMs = err instanceof FeedError ? err.retryAfterMs : undefined;
      // Stopped midway: asked again as soon as Crier runs again.
      change = { renewAt: signal.aborted ? clock.now() : notBefore(askedMs, renewAt, clock.now()) };
      if (!signal.aborted) log.warn({ ...about, again: change.renewAt, err }, "the hub could not be asked for push");
    }
    const current = await pushes.byToken(token);
    if (current?.state === "asked") await pushes.save({ ...current, ...change });
  };

  const deny = async (subscription: PushSubscription, reason: string | undefined): Promise<void> => {
    const change = refusal(clock.now());
    await pushes.save({ ...subscription, ...change, expiresAt: null });
    log.warn(
      {
        feed: subscription.feedId,
        hub: hostOf(subscription),
        again: change.renewAt,
        reason: headline(reason ?? "").slice(0, 200),
      },
      "the hub denied push: the feed is read as if it had none",
    );
  };

  return {
    async renewDue(signal) {
      if (isRenewing) return;
      isRenewing = true;
      try {
        for (let round = 0; round < mostBatches && !signal.aborted; round++) {
          const due = await pushes.due(clock.now(), batch);
          await Promise.all(due.map((subscription) => ask(subscription, signal)));
          if (due.length < batch) return;
        }
      } catch (err) {
        log.error({ err }, "push could not be renewed");
      } finally {
        isRenewing = false;
      }
    },

    async verify(token, query) {
      const { "hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge } = query;
      if (topic === undefined) return notFound;
      const now = clock.now();
      const isChallenge = challenge !== undefined && challenge !== "" && challenge.length <= longestChallenge;
      const answer = isChallenge ? ({ status: 200, body: challenge } as const) : notFound;
      if (mode === "unsubscribe") return ended.holds(token, topic, now) ? answer : notFound;

      const subscription = await pushes.byToken(token);
      if (subscription?.topic !== topic) return notFound;
      const { feedId, state } = subscription;
      if (mode === "denied") {
        if (state !== "refused") await deny(subscription, query["hub.reason"]);
        return { status: 200, body: "" };
      }
      if (mode !== "subscribe" || !isChallenge) return notFound;
      if (state === "active" && confirmed.holds(token, topic, now)) return answer;
      if (state !== "asked") return notFound;
      const lease = leaseFrom(now, query["hub.lease_seconds"]);
      await pushes.save({ ...subscription, ...lease, state: "active" });
      confirmed.keep(token, topic, after(now, repeatMs));
      tries.delete(feedId);
      log.info({ feed: feedId, hub: hostOf(subscription), until: lease.expiresAt }, "push is on");
      return answer;
    },

    async leave(subscription, signal) {
      tries.delete(subscription.feedId);
      ended.keep(subscription.token, subscription.topic, after(clock.now(), refusalMs));
      try {
        await request("unsubscribe", subscription, signal);
      } catch (err) {
        log.debug({ feed: subscription.feedId, hub: hostOf(subscription), err }, "the hub was not told to end push");
      }
    },

    reset(feedId) {
      tries.delete(feedId);
    },
  };
}

const hostOf = ({ hub }: PushSubscription): string => new URL(hub).host;

const refusal = (now: Date): Pick<PushSubscription, "state" | "renewAt"> => ({
  state: "refused",
  renewAt: after(now, refusalMs),
});

/** The hub will not have it: of the client errors these three alone pass with time. */
const isRefusal = ({ status }: HttpAnswer): boolean =>
  status >= 400 && status < 500 && ![408, 425, 429].includes(status);

/** A hub in trouble may ask for a longer pause than ours, up to a day. */
function notBefore(retryAfterMs: number | undefined, renewAt: Date, now: Date): Date {
  const asked = after(now, Math.min(retryAfterMs ?? 0, refusalMs));
  return asked > renewAt ? asked : renewAt;
}
