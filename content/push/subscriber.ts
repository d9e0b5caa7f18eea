import { randomBytes } from "node:crypto";
import type { FeedId } from "#core/model";
import type { Clock, Log, PushStore } from "#core/ports";
import { unpack } from "../shared/body.ts";
import type { HttpGet } from "../shared/http.ts";
import { absolute } from "../shared/url.ts";
import { reachableBase } from "./callback.ts";
import { createHandshake, type Handshake } from "./handshake.ts";
import { isSignedBy, readSignature } from "./signature.ts";

/** What a hub sent for a feed: its document, whole or the news alone; null where the feed is to be read at once instead. */
export interface Push {
  feedId: FeedId;
  content: { bytes: Uint8Array; contentType: string | null } | null;
}

interface SubscriberDeps {
  http: Pick<HttpGet, "post">;
  pushes: PushStore;
  clock: Pick<Clock, "now">;
  log: Log;
  /** Under which address the world reaches Crier (PUBLIC_URL); without one that a hub can reach there is no push. */
  callbackBase: string | null;
}

/** Crier as a WebSub subscriber (W3C Recommendation of 23 January 2018): one subscription for each feed that names a hub. */
export interface Subscriber extends Pick<Handshake, "renewDue" | "verify"> {
  /** Keeps a feed's subscription in step with the hub that its last full read named; null when it named none. */
  offer(feedId: FeedId, hub: { url: string; topic: string } | null): Promise<void>;
  /**
   * Takes what a hub sends. `read` gives the body's raw bytes, null where they are too many: it is called only for a
   * running subscription and a signed request. A wrong signature is answered like a right one, and ignored.
   */
  receive(
    token: string,
    headers: Readonly<Record<string, string>>,
    read: () => Promise<Uint8Array | null>,
  ): Promise<{ status: 202 | 410 | 413; push?: Push }>;
  /** True while push can be relied on: verified, its lease running, and nothing since then that speaks against it. */
  isLive(feedId: FeedId, now: Date): Promise<boolean>;
  /** A read found news that push had not brought: the feed is not live until its hub delivers again. */
  missed(feedId: FeedId): void;
  /** Ends a removed feed's subscription. The hub is told as well as can be; its later pushes are answered with 410. */
  forget(feedId: FeedId, signal: AbortSignal): Promise<void>;
}

/** A pushed document unpacked: what `createHttp` allows a feed. */
const mostBytes = 10 * 1024 * 1024;
/** A topic is an address, and goes back to the hub as the feed wrote it. */
const topicShape = /^[^\s\p{Cc}\p{Cs}]{1,2000}$/u;

export function createSubscriber({ http, pushes, clock, log, callbackBase }: SubscriberDeps): Subscriber {
  const base = reachableBase(callbackBase);
  const handshake = createHandshake({ http, pushes, clock, log, base: base ?? "" });
  /** Feeds whose hub left out news, or does not sign as it should. */
  const doubted = new Set<FeedId>();

  return {
    verify: handshake.verify,

    async renewDue(signal) {
      if (base) await handshake.renewDue(signal);
    },

    async offer(feedId, hub) {
      if (!base) return;
      const known = await pushes.byFeed(feedId);
      const url = absolute(hub?.url, null);
      if (!hub || !url || url.length > 2000 || !topicShape.test(hub.topic)) {
        if (known) await pushes.remove(feedId);
        return;
      }
      if (known?.hub === url && known.topic === hub.topic) return;
      handshake.reset(feedId);
      doubted.delete(feedId);
      await pushes.save({
        feedId,
        hub: url,
        topic: hub.topic,
        token: randomBytes(24).toString("base64url"),
        secret: randomBytes(32).toString("hex"),
        state: "asked",
        renewAt: clock.now(),
        expiresAt: null,
      });
    },

    async receive(token, headers, read) {
      const subscription = await pushes.byToken(token);
      if (!subscription?.expiresAt || subscription.expiresAt <= clock.now()) return { status: 410 };
      const { feedId, secret } = subscription;
      const about = { feed: feedId, hub: new URL(subscription.hub).host };
      const signature = readSignature(headers["x-hub-signature"]);
      const body = signature ? await read() : new Uint8Array();
      if (!body) return { status: 413 };
      if (!signature || !isSignedBy(secret, signature, body)) {
        // Said once: whoever knows the address could fill the log.
        if (!doubted.has(feedId)) log.warn(about, "a push without the right signature was ignored");
        doubted.add(feedId);
        return { status: 202 };
      }
      doubted.delete(feedId);
      try {
        const bytes = await unpack(body, headers["content-encoding"] ?? "", mostBytes, `The hub ${about.hub}`);
        log.debug({ ...about, bytes: bytes.byteLength }, "pushed");
        // A hub may say no more than that there is news.
        const content = bytes.byteLength > 0 ? { bytes, contentType: headers["content-type"] ?? null } : null;
        return { status: 202, push: { feedId, content } };
      } catch (err) {
        log.warn({ ...about, err }, "a push could not be unpacked: the feed is read instead");
        return { status: 202, push: { feedId, content: null } };
      }
    },

    async isLive(feedId, now) {
      if (!base || doubted.has(feedId)) return false;
      const subscription = await pushes.byFeed(feedId);
      // While it is asked for anew, the old lease runs on.
      return Boolean(subscription?.expiresAt && subscription.expiresAt > now && subscription.state !== "refused");
    },

    missed(feedId) {
      doubted.add(feedId);
    },

    async forget(feedId, signal) {
      handshake.reset(feedId);
      doubted.delete(feedId);
      const subscription = await pushes.byFeed(feedId);
      if (!subscription) return;
      await pushes.remove(feedId);
      if (base && subscription.expiresAt) await handshake.leave(subscription, signal);
    },
  };
}
