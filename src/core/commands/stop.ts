import type { Command } from "#core/commands/command";
import { plain } from "#core/spans";

export const stop: Command = {
  name: "stop",
  summary: "Get no more of them",
  adminOnly: false,
  async run({ store, chat, from, now, mark }) {
    if (!from.isAdmin && !from.governsChat) return [plain("Only this group's admins can stop the news here.")];
    const was = await store.subscriptions.end(chat.id, now);
    return [
      plain(
        was
          ? `No more articles here. ${mark}start brings them back.`
          : `No articles come here. ${mark}start brings them.`,
      ),
    ];
  },
};
