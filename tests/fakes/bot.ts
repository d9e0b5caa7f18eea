import { SendError } from "#core/errors";
import type { ChatRef, Message, Receipt } from "#core/model";
import type { Bot, BotHealth, BotLimits, Clock, Inbox } from "#core/ports";
import { textOf } from "#core/spans";

interface Held {
  messageId: string;
  text: string;
  at: number;
  edits: number;
}

export interface FakeBot extends Bot {
  /** What a chat shows now, oldest first. */
  shown(address: string): Held[];
  /** The next calls into this chat fail so; `arrives` when the message gets there all the same. */
  failNext(address: string, error: SendError, options?: { times?: number; arrives?: boolean }): void;
  tell: Inbox;
  setHealth(health: BotHealth): void;
  /** Most calls that were under way at once. */
  mostAtOnce(): number;
}

const roomy: BotLimits = {
  perSecond: 1000,
  chatIntervalMs: 0,
  groupPerMinute: 1000,
  concurrency: 8,
  callTimeoutMs: 1000,
};

/** A platform in memory that keeps what it is sent, and fails on request. */
export function createFakeBot({
  clock,
  platform = "fake",
  limits = {},
  callMs = 5,
}: {
  clock: Clock;
  platform?: string;
  limits?: Partial<BotLimits>;
  callMs?: number;
}): FakeBot {
  const chats = new Map<string, Held[]>();
  const faults: { address: string; error: SendError; times: number; arrives: boolean }[] = [];
  let health: BotHealth = { state: "starting" };
  let inbox: Inbox = async () => {};
  let nextId = 1;
  let underWay = 0;
  let most = 0;

  const chatOf = (address: string): Held[] => {
    const held = chats.get(address) ?? [];
    chats.set(address, held);
    return held;
  };
  const call = async <T>(address: string, work: () => T): Promise<T> => {
    underWay += 1;
    most = Math.max(most, underWay);
    try {
      await clock.sleep(callMs);
      const fault = faults.find((candidate) => candidate.address === address && candidate.times > 0);
      if (!fault) return work();
      fault.times -= 1;
      if (fault.arrives) work();
      throw fault.error;
    } finally {
      underWay -= 1;
    }
  };
  const wordsOf = (message: Message): string =>
    message.kind === "article"
      ? `${message.article.title}${message.correctedAt ? ` [${message.correctedAt}]` : ""}`
      : textOf(message.spans);

  return {
    platform,
    limits: { ...roomy, ...limits },
    commandMark: "/",
    adminChats: [{ platform, address: "admin", kind: "private" }],
    async start(given) {
      inbox = given;
      health = { state: "ready" };
      await inbox({ kind: "health", health });
    },
    send: (chat: ChatRef, message: Message) =>
      call(chat.address, (): Receipt => {
        const held = { messageId: String(nextId++), text: wordsOf(message), at: clock.now().getTime(), edits: 0 };
        chatOf(chat.address).push(held);
        return { messageId: held.messageId };
      }),
    edit: (chat, receipt, message) =>
      call(chat.address, () => {
        const held = chatOf(chat.address).find(({ messageId }) => messageId === receipt.messageId);
        if (!held) throw new SendError("rejected", "There is no such message.");
        held.text = wordsOf(message);
        held.edits += 1;
        return receipt;
      }),
    recall: (chat, receipt) =>
      call(chat.address, () => {
        const held = chatOf(chat.address);
        chats.set(
          chat.address,
          held.filter(({ messageId }) => messageId !== receipt.messageId),
        );
      }),
    health: () => health,
    async stop() {
      health = { state: "stopped" };
    },
    shown: chatOf,
    failNext: (address, error, { times = 1, arrives = false } = {}) =>
      void faults.push({ address, error, times, arrives }),
    tell: (event) => inbox(event),
    setHealth(next) {
      health = next;
    },
    mostAtOnce: () => most,
  };
}
