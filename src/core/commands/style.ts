import { nameKey } from "#core/article-text";
import type { Command } from "#core/commands/command";
import { decide } from "#core/commands/decide";
import { entriesIn } from "#core/commands/written";
import { plain } from "#core/spans";

export const style: Command = {
  name: "style",
  summary: "Full or brief messages",
  adminOnly: false,
  about: "how",
  async run(context) {
    const { store, chat, spans, mark } = context;
    const written = entriesIn(spans);
    const template = (["full", "brief"] as const).find(
      (name) => written.length === 1 && nameKey(written[0] ?? "") === name,
    );
    if (template) {
      const other = template === "full" ? "brief" : "full";
      return decide(context, (rest) => ({ ...rest, template }), `${mark}style ${other} turns it back.`);
    }
    if (written.length > 0) return [plain(`Write ${mark}style full or ${mark}style brief.`)];
    const isBrief = (await store.subscriptions.preferences(chat.id)).template === "brief";
    return [
      plain(
        isBrief
          ? `Articles come as headline and link. ${mark}style full adds picture and summary.`
          : `Articles come with picture and summary. ${mark}style brief leaves headline and link.`,
      ),
    ];
  },
};
