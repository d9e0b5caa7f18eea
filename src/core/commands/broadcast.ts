import type { Command } from "#core/commands/command";
import { plain, textOf, trimSpans } from "#core/spans";

export const broadcast: Command = {
  name: "broadcast",
  summary: "Send your text to every chat",
  adminOnly: true,
  async run({ store, spans, callKey, mark, now }) {
    const text = trimSpans(spans);
    if (textOf(text) === "")
      return [plain(`Write the text after the command: ${mark}broadcast The bridge is open again.`)];
    const chats = (await store.chats.count()).reduce((sum, { subscribed }) => sum + subscribed, 0);
    if (chats === 0) return [plain(`Nobody would get it: no chat is subscribed. ${mark}start subscribes this one.`)];
    const [newest] = await store.articles.latest(1);
    await store.outbox.add(
      {
        key: `broadcast:${callKey}`,
        lane: "broadcast",
        kind: "broadcast",
        spans: text,
        signature: newest?.source ?? null,
      },
      "subscribed",
      now,
    );
    return [plain(`Going out to ${chats} ${chats === 1 ? "chat" : "chats"}.`)];
  },
};
