import type { Command } from "#core/commands/command";
import { describe } from "#core/commands/decide";
import { wantsAllAtOnce } from "#core/preferences";
import { plain } from "#core/spans";

export const start: Command = {
  name: "start",
  summary: "Get new articles here",
  adminOnly: false,
  async run({ store, chat, from, now, mark }) {
    if (!from.isAdmin && !from.governsChat) return [plain("Only this group's admins can start the news here.")];
    const isNew = await store.subscriptions.begin(chat.id, now);
    const preferences = await store.subscriptions.preferences(chat.id);
    const words = wantsAllAtOnce(preferences)
      ? `You ${isNew ? "will" : "already"} get every new article here.`
      : `New articles come here${isNew ? " from now on" : " already"}. ${await describe({ store, chat }, preferences)}`;
    return [plain(`${words}\n${mark}topics chooses among them, ${mark}latest shows the newest, ${mark}stop ends it.`)];
  },
};
