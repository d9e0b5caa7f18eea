import type { Command, CommandContext } from "#core/commands/command";
import { decide } from "#core/commands/decide";
import { entriesIn, isAll } from "#core/commands/written";
import type { Preferences, Span } from "#core/model";
import { wordKey } from "#core/preferences";
import { plain } from "#core/spans";

type Part = "topics" | "follows" | "mutes";

/** A list of words that a chat decides, with the command that adds to it and the one that takes away. */
interface WordList {
  part: Part;
  /** How a sentence about it begins: "You follow". */
  begins: string;
  add: {
    name: string;
    summary: string;
    /** What follows the command's name where somebody is to be shown how it is written. */
    example: string;
    /** What is added leaves these: the last word counts. */
    leaves: readonly Part[];
  };
  remove: {
    name: string;
    summary: string;
    /** Where the words may stand. */
    from: readonly Part[];
  };
}

export function wordListCommands({ part, begins, add, remove }: WordList): readonly [adds: Command, removes: Command] {
  const show = async ({ store, chat, mark }: CommandContext): Promise<Span[]> => {
    const words = (await store.subscriptions.preferences(chat.id))[part] ?? [];
    if (words.length === 0) return [plain(`${begins} no words. Write them as in ${mark}${add.name} ${add.example}`)];
    return [
      plain(
        `${begins}: ${words.join(", ")}.\n${mark}${remove.name} WORD takes one away, ${mark}${remove.name} all takes them all.`,
      ),
    ];
  };

  return [
    {
      name: add.name,
      summary: add.summary,
      adminOnly: false,
      about: "what",
      async run(context) {
        const written = entriesIn(context.spans);
        if (written.length === 0 || isAll(written)) return show(context);
        return decide(
          context,
          (preferences) => {
            const cleared = without(preferences, add.leaves, written);
            return { ...cleared, [part]: [...(cleared[part] ?? []), ...written] };
          },
          `${context.mark}${remove.name} WORD takes one away again.`,
        );
      },
    },
    {
      name: remove.name,
      summary: remove.summary,
      adminOnly: false,
      about: "what",
      async run(context) {
        const { mark } = context;
        const written = entriesIn(context.spans);
        if (written.length === 0) return show(context);
        return decide(
          context,
          (preferences) => {
            if (isAll(written)) return { ...preferences, [part]: [] };
            const there = new Set(remove.from.flatMap((from) => preferences[from] ?? []).map(wordKey));
            const missing = written.find((word) => !there.has(wordKey(word)));
            return missing === undefined
              ? without(preferences, remove.from, written)
              : `“${missing.slice(0, 60)}” is not among them: nothing is changed. ${mark}${add.name} lists them.`;
          },
          `${mark}settings shows all that is decided here.`,
        );
      },
    },
  ];
}

function without(preferences: Preferences, parts: readonly Part[], words: readonly string[]): Preferences {
  const keys = new Set(words.map(wordKey));
  const left = { ...preferences };
  for (const part of parts) left[part] = (left[part] ?? []).filter((word) => !keys.has(wordKey(word)));
  return left;
}
