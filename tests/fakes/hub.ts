import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Clock } from "#core/ports";

/** What a hub keeps of a subscriber. */
interface Held {
  topic: string;
  callback: string;
  secret: string | null;
  expiresAt: number;
}

interface PublishOptions {
  contentType?: string;
  /** Null: unsigned. */
  method?: "sha1" | "sha256" | "sha384" | "sha512" | null;
  /** Instead of the subscriber's own. */
  secret?: string;
  /** Packed before it is signed: the signature is over what is sent. */
  gzip?: boolean;
}

export interface FakeHub {
  url: string;
  /** Requests so far, with their form's fields. */
  requests: Record<string, string>[];
  /** What subscribers answered to verifications. */
  verifications: { mode: string; status: number; body: string; wasEcho: boolean }[];
  subscribers(topic: string): Held[];
  /** The next requests are answered so, without anything more; "hang up" ends the connection instead. */
  failNext(answer: number | "hang up", times?: number, headers?: Record<string, string>): void;
  /** How the hub behaves from now on. */
  set(change: Partial<Behaviour>): void;
  /** Delivers to every subscriber of the topic, as WebSub has it; returns the statuses. One that answers 410 is dropped. */
  publish(topic: string, body: string | Uint8Array, options?: PublishOptions): Promise<number[]>;
  /** Asks a callback what a hub would ask, with any fields. */
  query(callback: string, fields: Record<string, string>): Promise<{ status: number; body: string; type: string }>;
  /** Ends a subscription on the hub's side, with word to the subscriber. */
  deny(topic: string, reason: string): Promise<number[]>;
  /** Resolves when all verifications under way have ended. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Behaviour {
  /** Verifies before it answers the request, as old hubs do; a status instead of its answer's own where given. */
  synchronous: boolean | number;
  /** Never verifies. */
  silent: boolean;
  /** Says no instead of verifying. */
  denies: string | null;
  /** Grants this instead of what was wished; null: does not say. */
  leaseSeconds: number | null | undefined;
  /** Time before it answers a request. */
  delayMs: number;
}

/**
 * A WebSub hub on loopback. It is strict: a request that misses a field is refused, a subscriber that does not repeat
 * the challenge is not kept. `hosts` says where names are served, as a hosts file does.
 */
export async function openHub({
  clock,
  hosts,
}: {
  clock: Pick<Clock, "now">;
  hosts: ReadonlyMap<string, string>;
}): Promise<FakeHub> {
  const held = new Map<string, Held>();
  const requests: FakeHub["requests"] = [];
  const verifications: FakeHub["verifications"] = [];
  const faults: { answer: number | "hang up"; headers: Record<string, string> }[] = [];
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();
  const behaviour: Behaviour = {
    synchronous: false,
    silent: false,
    denies: null,
    leaseSeconds: undefined,
    delayMs: 0,
  };

  const reach = (address: string): string => {
    const url = new URL(address);
    const served = hosts.get(url.host);
    if (!served) throw new Error(`The hub knows no host ${url.host}.`);
    return new URL(`${url.pathname}${url.search}`, served).href;
  };
  const query: FakeHub["query"] = async (callback, fields) => {
    const url = new URL(reach(callback));
    for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
    const answer = await fetch(url, { redirect: "manual" });
    return { status: answer.status, body: await answer.text(), type: answer.headers.get("content-type") ?? "" };
  };
  const problemOf = (form: Record<string, string>): string | null => {
    const { "hub.mode": mode, "hub.topic": topic, "hub.callback": callback, "hub.secret": secret = "" } = form;
    if (mode !== "subscribe" && mode !== "unsubscribe") return "hub.mode is unknown";
    if (!topic || !URL.canParse(topic)) return "hub.topic is no address";
    if (!callback || !URL.canParse(callback)) return "hub.callback is no address";
    if (Buffer.byteLength(secret) >= 200) return "hub.secret is too long";
    return null;
  };
  const verify = async (form: Record<string, string>): Promise<void> => {
    const { "hub.mode": mode = "", "hub.topic": topic = "", "hub.callback": callback = "" } = form;
    const key = `${callback} ${topic}`;
    if (behaviour.denies !== null) {
      await query(callback, { "hub.mode": "denied", "hub.topic": topic, "hub.reason": behaviour.denies });
      return;
    }
    const challenge = randomBytes(12).toString("base64url");
    const granted = behaviour.leaseSeconds === undefined ? form["hub.lease_seconds"] : behaviour.leaseSeconds;
    const { status, body } = await query(callback, {
      "hub.mode": mode,
      "hub.topic": topic,
      "hub.challenge": challenge,
      ...(granted === null || mode === "unsubscribe" ? {} : { "hub.lease_seconds": String(granted) }),
    });
    const wasEcho = status >= 200 && status < 300 && body === challenge;
    verifications.push({ mode, status, body, wasEcho });
    if (!wasEcho) return;
    if (mode === "unsubscribe") held.delete(key);
    else {
      const expiresAt = clock.now().getTime() + Number(granted ?? 86_400) * 1000;
      held.set(key, { topic, callback, secret: form["hub.secret"] ?? null, expiresAt });
    }
  };

  const take = async (request: IncomingMessage): Promise<[status: number, words: string]> => {
    if (request.method !== "POST") return [405, "POST only"];
    if (!request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) return [415, "a form only"];
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    requests.push(form);
    if (behaviour.delayMs > 0) await pause(behaviour.delayMs, undefined, { signal: closing.signal });
    const problem = problemOf(form);
    if (problem) return [400, problem];
    if (behaviour.silent) return [202, ""];
    if (behaviour.synchronous) {
      await verify(form);
      if (typeof behaviour.synchronous === "number") return [behaviour.synchronous, ""];
      return verifications.at(-1)?.wasEcho ? [204, ""] : [409, "not verified"];
    }
    const work = new Promise((resolve) => setImmediate(resolve))
      .then(() => verify(form))
      .catch((error: unknown) => {
        verifications.push({ mode: form["hub.mode"] ?? "", status: 0, body: String(error), wasEcho: false });
      })
      .finally(() => underWay.delete(work));
    underWay.add(work);
    return [202, ""];
  };

  const server = createServer((request, response) => {
    const fault = faults.shift();
    if (fault?.answer === "hang up") return void request.socket.destroy();
    if (fault) return void response.writeHead(fault.answer, fault.headers).end();
    take(request).then(
      ([status, words]) => response.writeHead(status).end(words),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const subscribers = (topic: string): Held[] =>
    [...held.values()].filter((one) => one.topic === topic && one.expiresAt > clock.now().getTime());

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    verifications,
    subscribers,
    query,
    failNext(answer, times = 1, headers = {}) {
      for (let time = 0; time < times; time++) faults.push({ answer, headers });
    },
    set(change) {
      Object.assign(behaviour, change);
    },
    publish(topic, body, { contentType = "application/atom+xml", method = "sha256", secret, gzip = false } = {}) {
      return Promise.all(
        subscribers(topic).map(async (one) => {
          const plain = typeof body === "string" ? Buffer.from(body) : body;
          const bytes = gzip ? gzipSync(plain) : plain;
          const key = secret ?? one.secret;
          const signature =
            method && key
              ? { "x-hub-signature": `${method}=${createHmac(method, key).update(bytes).digest("hex")}` }
              : {};
          const answer = await fetch(reach(one.callback), {
            method: "POST",
            redirect: "manual",
            headers: {
              "content-type": contentType,
              link: `<${topic}>; rel="self"`,
              ...signature,
              ...(gzip ? { "content-encoding": "gzip" } : {}),
            },
            body: bytes as Uint8Array<ArrayBuffer>,
          });
          await answer.body?.cancel();
          if (answer.status === 410) held.delete(`${one.callback} ${topic}`);
          return answer.status;
        }),
      );
    },
    deny(topic, reason) {
      return Promise.all(
        subscribers(topic).map(async ({ callback }) => {
          held.delete(`${callback} ${topic}`);
          return (await query(callback, { "hub.mode": "denied", "hub.topic": topic, "hub.reason": reason })).status;
        }),
      );
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
