import { SendError } from "#core/errors";
import type { ChatRef, Message, Receipt, Style } from "#core/model";
import type { Bot, BotHealth, BotLimits, Clock, Inbox } from "#core/ports";
import { textOf } from "#core/spans";

interface Held {
  messageId: string;
  key: string;
  text: string;
  at: number;
  edits: number;
  /** As it was sent: an edit cannot change it. */
  style: Style;
}

/** What `find` answers: "truth" by what the chat holds. */
type Found = "truth" | "absent" | "unknowable" | SendError;

export interface FakeBot extends Bot {
  /** What a chat shows now, oldest first. */
  shown(address: string): Held[];
  /** The next calls into this chat fail so; `arrives` when the message gets there all the same, `arrivesAfterMs` later. */
  failNext(
    address: string,
    error: SendError,
    options?: { times?: number; arrives?: boolean; arrivesAfterMs?: number },
  ): void;
  /** What the next looks into this chat tell. */
  findNext(address: string, answer: Found, options?: { times?: number }): void;
  /** Looks that were asked for, in their order. */
  looks(): { address: string; key: string; at: number }[];
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

/** What a message says, as tests name it: an article by its headline, a digest as "digest: One · Two +3 [Corrected 14:05: One]". */
function wordsOf(message: Message): string {
  switch (message.kind) {
    case "article":
      return `${message.article.title}${message.correctedAt ? ` [${message.correctedAt}]` : ""}`;
    case "digest": {
      const { sections, more, corrected } = message;
      const headlines = sections.flatMap(({ articles }) => articles.map(({ title }) => title)).join(" · ");
      const change = corrected && `${corrected.isWithdrawn ? "Withdrawn" : "Corrected"} ${corrected.at}`;
      const tail = `${more > 0 ? ` +${more}` : ""}${corrected ? ` [${change}: ${corrected.article.title}]` : ""}`;
      return `digest: ${headlines}${tail}`;
    }
    default:
      return textOf(message.spans);
  }
}

/** A platform in memory that keeps what it is sent, and fails on request. */
export function createFakeBot({
  clock,
  platform = "fake",
  limits = {},
  callMs = 5,
  finds = "unknowable",
}: {
  clock: Clock;
  platform?: string;
  limits?: Partial<BotLimits>;
  callMs?: number;
  /** What looks tell where nothing else was said: "truth" for a platform that can prove. */
  finds?: "truth" | "unknowable";
}): FakeBot {
  const chats = new Map<string, Held[]>();
  const faults: { address: string; error: SendError; times: number; arrives: boolean; arrivesAfterMs: number }[] = [];
  const answers: { address: string; answer: Found; times: number }[] = [];
  const looks: { address: string; key: string; at: number }[] = [];
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
      if (fault.arrives && fault.arrivesAfterMs > 0) void clock.sleep(fault.arrivesAfterMs).then(work);
      else if (fault.arrives) work();
      throw fault.error;
    } finally {
      underWay -= 1;
    }
  };
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
    send: (chat: ChatRef, message: Message, key: string) =>
      call(chat.address, (): Receipt => {
        const { style = {} } = message;
        const at = clock.now().getTime();
        const held = { messageId: String(nextId++), key, text: wordsOf(message), at, edits: 0, style };
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
    async find({ address }, key) {
      looks.push({ address, key, at: clock.now().getTime() });
      await clock.sleep(callMs);
      const told = answers.find((candidate) => candidate.address === address && candidate.times > 0);
      if (told) told.times -= 1;
      const answer = told?.answer ?? finds;
      if (answer instanceof SendError) throw answer;
      if (answer !== "truth") return answer;
      const held = chatOf(address).find((candidate) => candidate.key === key);
      return held ? { messageId: held.messageId } : "absent";
    },
    health: () => health,
    async stop() {
      health = { state: "stopped" };
    },
    shown: chatOf,
    failNext: (address, error, { times = 1, arrives = false, arrivesAfterMs = 0 } = {}) =>
      void faults.push({ address, error, times, arrives: arrives || arrivesAfterMs > 0, arrivesAfterMs }),
    findNext: (address, answer, { times = 1 } = {}) => void answers.push({ address, answer, times }),
    looks: () => looks,
    tell: (event) => inbox(event),
    setHealth(next) {
      health = next;
    },
    mostAtOnce: () => most,
  };
}
