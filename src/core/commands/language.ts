import type { Command } from "#core/commands/command";
import { decide, describe } from "#core/commands/decide";
import { entriesIn, isAll } from "#core/commands/written";
import { languageFrom } from "#core/languages";
import { plain } from "#core/spans";

export const language: Command = {
  name: "language",
  summary: "Choose languages",
  adminOnly: false,
  about: "what",
  async run(context) {
    const { store, chat, spans, mark } = context;
    const written = entriesIn(spans);
    if (isAll(written)) {
      return decide(context, ({ languages: _, ...rest }) => rest, `${mark}language he, en chooses some of them.`);
    }
    if (written.length === 0) {
      const preferences = await store.subscriptions.preferences(chat.id);
      const words = await describe({ store, chat }, preferences);
      return [plain(`${words}\n${mark}language he, en chooses languages, ${mark}language all takes every one.`)];
    }
    const languages = written.map((name) => languageFrom(name));
    const unknown = written[languages.indexOf(null)];
    if (unknown !== undefined) {
      return [plain(`“${unknown.slice(0, 60)}” is no language: write it as in ${mark}language he, English`)];
    }
    const chosen = languages.filter((tag) => tag !== null);
    return decide(
      context,
      (rest) => ({ ...rest, languages: chosen }),
      `${mark}language all takes every language again.`,
    );
  },
};
