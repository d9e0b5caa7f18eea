import type { Command } from "#core/commands/command";
import { decide } from "#core/commands/decide";
import { entriesIn, switchIn } from "#core/commands/written";
import { plain } from "#core/spans";

export const silent: Command = {
  name: "silent",
  summary: "Without a sound, or with it",
  adminOnly: false,
  about: "how",
  async run(context) {
    const { store, chat, spans, mark } = context;
    const written = entriesIn(spans);
    const wished = switchIn(written);
    if (wished !== null) {
      return decide(
        context,
        (rest) => ({ ...rest, silent: wished }),
        `${mark}silent ${wished ? "off" : "on"} turns it back.`,
      );
    }
    if (written.length > 0) return [plain(`Write ${mark}silent on or ${mark}silent off.`)];
    const isSilent = (await store.subscriptions.preferences(chat.id)).silent === true;
    return [
      plain(
        isSilent
          ? `Articles come without a sound, where the platform can. ${mark}silent off turns it on.`
          : `Articles come with a sound. ${mark}silent on turns it off.`,
      ),
    ];
  },
};
