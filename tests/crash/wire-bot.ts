import { setTimeout as pause } from "node:timers/promises";
import { SendError } from "#core/errors";
import type { ChatRef, Message, Receipt } from "#core/model";
import type { Bot, BotHealth, Inbox } from "#core/ports";
import { textOf } from "#core/spans";
import { type Answer, type Call, callTimeoutMs, deskChat, platformName, type Written } from "#tests/crash/wire";

/** A bot whose platform is another process, at `origin`: what it was told outlives this one. It waits so long for an answer. */
export function createWireBot(origin: string, giveUpMs: number): Bot {
  const ending = new AbortController();
  let health: BotHealth = { state: "starting" };
  let listening: Promise<void> = Promise.resolve();

  const post = async (path: string, body: unknown, signal: AbortSignal): Promise<unknown> => {
    const answer = await fetch(`${origin}${path}`, { method: "POST", body: JSON.stringify(body), signal });
    return answer.json();
  };
  const call = async (asked: Call): Promise<Answer> => {
    let answer: Answer;
    try {
      answer = (await post("/call", asked, AbortSignal.timeout(giveUpMs))) as Answer;
    } catch (cause) {
      const isLook = asked.what === "find";
      throw new SendError(isLook ? "temporary" : "unknown", "The answer was lost.", { cause });
    }
    if (!("refused" in answer)) return answer;
    throw new SendError(answer.refused, "The platform asks for patience.", { retryAfterMs: answer.waitMs });
  };
  /** Takes what people wrote, one after the other; what was not taken is told again. */
  const listen = async (inbox: Inbox): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        const written = (await post("/updates", {}, ending.signal)) as Written[];
        for (const { id, chat, name, words, isAdmin } of written) {
          const ref: ChatRef = { platform: platformName, address: chat, kind: "private" };
          const from = { id: chat, isAdmin, governsChat: true };
          await inbox({ kind: "command", id, chat: ref, title: chat, from, name, spans: [{ text: words }] });
          await post("/taken", { id }, ending.signal);
        }
      } catch {
        await pause(50);
      }
    }
  };
  const textIn = (message: Message): string => {
    if (message.kind === "article") return message.article.title;
    if (message.kind !== "digest") return textOf(message.spans);
    return message.sections.flatMap(({ articles }) => articles.map(({ title }) => title)).join("\n");
  };

  return {
    platform: platformName,
    limits: { perSecond: 2_000, chatIntervalMs: 0, groupPerMinute: 1_000, concurrency: 12, callTimeoutMs },
    commandMark: "/",
    adminChats: [{ platform: platformName, address: deskChat, kind: "private" }],
    async start(inbox) {
      health = { state: "ready" };
      await inbox({ kind: "health", health });
      listening = listen(inbox);
    },
    async send({ address }, message, key): Promise<Receipt> {
      const sent = await call({ what: "send", chat: address, key, kind: message.kind, text: textIn(message) });
      return { messageId: idIn(sent) };
    },
    async edit({ address }, receipt, message) {
      await call({ what: "edit", chat: address, id: receipt.messageId, text: textIn(message) });
      return receipt;
    },
    async recall({ address }, receipt) {
      await call({ what: "recall", chat: address, id: receipt.messageId });
    },
    async find({ address }, key) {
      const answer = await call({ what: "find", chat: address, key });
      if (!("found" in answer)) throw new SendError("unknown", "That was no answer.");
      const { found } = answer;
      return found === "absent" || found === "unknowable" ? found : { messageId: found };
    },
    health: () => health,
    async stop() {
      health = { state: "stopped" };
      ending.abort();
      await listening;
    },
  };
}

function idIn(answer: Answer): string {
  if (!("id" in answer) || answer.id === null) throw new SendError("unknown", "That was no answer.");
  return answer.id;
}
