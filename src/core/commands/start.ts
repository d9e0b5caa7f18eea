import type { Command } from "#core/commands/command";
import { plain } from "#core/spans";

export const start: Command = {
  name: "start",
  summary: "Get every new article here",
  adminOnly: false,
  async run({ store, chat, from, now, mark }) {
    if (!from.isAdmin && !from.governsChat) return [plain("Only this group's admins can start the news here.")];
    const isNew = await store.subscriptions.begin(chat.id, now);
    return [
      plain(isNew ? "You will get every new article here." : "You already get every new article here."),
      plain(`\n${mark}latest shows the newest ones, ${mark}stop ends it.`),
    ];
  },
};
