import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Chance } from "#tests/crash/random";
import { type Answer, type Call, callTimeoutMs, type Written } from "#tests/crash/wire";

/** A message as its chat holds it. */
export interface Held {
  id: string;
  key: string;
  kind: string;
  text: string;
  /** Taken back. */
  isGone: boolean;
  /** When it arrived, by the test's own count. */
  at: number;
}

/** A platform that outlives the process that speaks to it, and loses answers. It keeps what arrived, and nothing of Crier's. */
export interface Platform {
  origin: string;
  /** What arrived in a chat, the first one first, with what was taken back. */
  held(chat: string): readonly Held[];
  chats(): string[];
  /** Somebody writes to the bot: told until it is taken. */
  write(chat: string, name: string, words: string): void;
  untaken(): number;
  /** From now on nothing goes wrong, or again. */
  setFaults(on: boolean): void;
  calls(): number;
  /** Messages whose sender never heard what became of them: "chat key". */
  unheard: ReadonlySet<string>;
  faults(): Record<string, number>;
  close(): Promise<void>;
}

interface Flight {
  begunAt: number;
  arrive(): string;
}

export async function openPlatform(options: {
  chance: Chance;
  /** Counts the test's own moments. */
  tick(): number;
  /** Whether it can say what arrived. */
  canProve: boolean;
  /** Called with each call that begins. */
  onCall?(call: Call): void;
}): Promise<Platform> {
  const { chance, tick, canProve } = options;
  const chats = new Map<string, Held[]>();
  const written: Written[] = [];
  /** Messages on their way: a network is slower than its answers. */
  const flights = new Map<string, Flight>();
  const unheard = new Set<string>();
  const counts: Record<string, number> = {};
  const listeners = new Set<ServerResponse>();
  let hasFaults = true;
  let nextId = 1;
  let calls = 0;

  const heldIn = (chat: string): Held[] => {
    const held = chats.get(chat) ?? [];
    chats.set(chat, held);
    return held;
  };
  const count = (fault: string): void => {
    counts[fault] = (counts[fault] ?? 0) + 1;
  };
  const begin = ({ chat, key = "", kind = "notice", text = "" }: Call): Flight => {
    let id: string | null = null;
    const flight: Flight = {
      begunAt: performance.now(),
      arrive() {
        if (id === null) {
          id = String(nextId++);
          heldIn(chat).push({ id, key, kind, text, isGone: false, at: tick() });
        }
        if (flights.get(`${chat} ${key}`) === flight) flights.delete(`${chat} ${key}`);
        return id;
      },
    };
    flights.set(`${chat} ${key}`, flight);
    return flight;
  };
  const byId = (chat: string, id: string | undefined): Held | undefined =>
    heldIn(chat).find((message) => message.id === id);

  const find = ({ chat, key = "" }: Call): Answer => {
    if (!canProve) return { found: "unknowable" };
    const flight = flights.get(`${chat} ${key}`);
    // Who asks before a call's time is over is told too little; after it nothing is on its way any more.
    if (flight && performance.now() - flight.begunAt >= callTimeoutMs) flight.arrive();
    return { found: heldIn(chat).find((message) => message.key === key)?.id ?? "absent" };
  };

  /** What is answered, after how long; null for never. */
  const carryOut = (call: Call): { answer: Answer | null; afterMs: number } => {
    const afterMs = hasFaults && chance.in(0.1) ? chance.upTo(250) : chance.upTo(25);
    if (call.what === "find") return { answer: find(call), afterMs };
    const dice = hasFaults ? chance.next() : 1;
    if (dice < 0.03) {
      count("refused for a moment");
      const refused = chance.in(0.3) ? "rate-limited" : "temporary";
      return { answer: { refused, waitMs: 20 + chance.upTo(100) }, afterMs };
    }
    if (call.what !== "send") {
      if (dice < 0.05) {
        count("edit or recall lost before it was done");
        return { answer: null, afterMs };
      }
      const message = byId(call.chat, call.id);
      if (message && call.what === "recall") message.isGone = true;
      else if (message) message.text = call.text ?? "";
      if (dice < 0.08) count("edit or recall done, answer lost");
      return { answer: dice < 0.08 ? null : { id: call.id ?? null }, afterMs };
    }
    if (dice < 0.05) {
      count("lost before it arrived");
      return { answer: null, afterMs };
    }
    const flight = begin(call);
    if (dice < 0.09) {
      count("answer lost, arrives later");
      setTimeout(() => flight.arrive(), chance.upTo(500));
      return { answer: null, afterMs };
    }
    const id = flight.arrive();
    if (dice < 0.13) {
      count("arrived, answer lost");
      return { answer: null, afterMs };
    }
    return { answer: { id }, afterMs };
  };

  const onCall = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = (await json(request)) as Call;
    calls += 1;
    const { answer, afterMs } = carryOut(call);
    response.once("close", () => {
      if (call.what === "send" && !response.writableFinished) unheard.add(`${call.chat} ${call.key}`);
    });
    options.onCall?.(call);
    setTimeout(() => {
      if (answer) response.end(JSON.stringify(answer));
      else response.destroy();
    }, afterMs);
  };
  const tell = (): void => {
    if (written.length === 0) return;
    for (const listener of listeners) listener.end(JSON.stringify(written.slice(0, 1)));
    listeners.clear();
  };

  const server = createServer((request, response) => {
    response.on("error", () => {});
    if (request.url === "/call") void onCall(request, response).catch(() => response.destroy());
    else if (request.url === "/updates") {
      listeners.add(response);
      response.once("close", () => listeners.delete(response));
      tell();
    } else if (request.url === "/taken") {
      void json(request).then(
        (taken) => {
          const { id } = taken as { id: string };
          if (written[0]?.id === id) written.shift();
          response.end("{}");
        },
        () => response.destroy(),
      );
    } else response.writeHead(404).end();
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held: heldIn,
    chats: () => [...chats.keys()],
    write(chat, name, words) {
      written.push({ id: `u${tick()}`, chat, name, words, isAdmin: chat === "editor" });
      tell();
    },
    untaken: () => written.length,
    setFaults(on) {
      hasFaults = on;
    },
    calls: () => calls,
    unheard,
    faults: () => counts,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
