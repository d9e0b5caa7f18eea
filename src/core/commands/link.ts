import type { Command } from "#core/commands/command";
import { describe } from "#core/commands/decide";
import { entriesIn } from "#core/commands/written";
import { plain } from "#core/spans";

/** How long a code is good: as long as it takes to find the other app. */
const codeMs = 10 * 60_000;

export const link: Command = {
  name: "link",
  summary: "Same choices in another chat",
  adminOnly: false,
  about: "how",
  async run({ store, chat, now, spans, mark }) {
    if (chat.kind !== "private") return [plain("A group decides for itself: only chats in private are linked.")];
    const [code, ...more] = entriesIn(spans);
    if (code === undefined) {
      const fresh = await store.subscriptions.codeFor(chat.id, new Date(now.getTime() + codeMs));
      return [
        plain("Send this in your chat on the other platform, within 10 minutes:\n"),
        { text: `/link ${fresh}`, code: true },
        plain(" or "),
        { text: `!link ${fresh}`, code: true },
        plain(", as commands begin there. From then on what you decide in one counts in both."),
      ];
    }
    const other = more.length > 0 ? null : await store.subscriptions.link(chat.id, code, now);
    if (!other) {
      return [
        plain(`This code does not fit, or is older than 10 minutes. ${mark}link in your other chat gives a new one.`),
      ];
    }
    const words = await describe({ store, chat }, await store.subscriptions.preferences(chat.id));
    const outlook = (await store.subscriptions.has(chat.id))
      ? `${mark}unlink ends it.`
      : `${mark}start begins it here.`;
    return [plain(`Linked: both chats decide the same from now on. ${words}\n${outlook}`)];
  },
};

export const unlink: Command = {
  name: "unlink",
  summary: "Choices for this chat alone",
  adminOnly: false,
  about: "how",
  async run({ store, chat, mark }) {
    if (chat.kind !== "private") return [plain("A group decides for itself: it is linked with no other chat.")];
    const wasLinked = await store.subscriptions.unlink(chat.id);
    return [
      plain(
        wasLinked
          ? `This chat decides for itself again. What was decided stays; ${mark}settings shows it.`
          : `This chat is linked with no other. ${mark}link begins it.`,
      ),
    ];
  },
};
