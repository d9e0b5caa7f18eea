import type { Command } from "#core/commands/command";
import { askErasure } from "#core/erase";
import { plain, textOf } from "#core/spans";

/** Asked for with a second word, since nothing brings it back. */
export const forgetme: Command = {
  name: "forgetme",
  summary: "Be forgotten here",
  adminOnly: false,
  about: "how",
  async run({ store, chat, from, spans, now, mark }) {
    if (!from.isAdmin && !from.governsChat) return [plain("Only this group's admins can have it forgotten.")];
    if (textOf(spans).trim().toLowerCase() !== "yes") {
      return [
        plain(
          `This ends the news here and erases all that Crier knows of this chat, for good. Write ${mark}forgetme yes.`,
        ),
      ];
    }
    await askErasure(store, chat.id, now);
    return [plain(`All that Crier knows of this chat is erased within minutes. ${mark}start begins anew.`)];
  },
};
