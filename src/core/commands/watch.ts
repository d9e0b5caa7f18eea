import type { Command } from "#core/commands/command";
import { overheard } from "#core/commands/desk-context";
import { entriesIn, isAll } from "#core/commands/written";
import { watch as add, unwatch } from "#core/desk/watch-list";
import type { Span } from "#core/model";
import { plain, textOf } from "#core/spans";

export const watch: Command = {
  name: "watch",
  summary: "Words that make a story wait",
  adminOnly: true,
  async run(context) {
    const { store, spans, now, mark } = context;
    const cannot = await overheard(context, "watch");
    if (cannot) return [plain(cannot)];
    const written = textOf(spans).trim();
    const removed = /^(?:remove(?:\s+|$)|-\s*)/i.exec(written);
    if (written === "") {
      const words = await store.desk.watchWords();
      const example = `${mark}watch bomb, minister adds words, ${mark}watch remove bomb takes one away.`;
      return [
        plain(
          words.length === 0
            ? `No word makes a story wait. ${example}`
            : `A story waits for an editor when one of these stands in it: ${words.join(", ")}.\n${example}`,
        ),
      ];
    }
    if (removed) {
      const words = entriesIn(dropStart(spans, removed[0].length));
      if (words.length === 0) return [plain(`Name the word: ${mark}watch remove bomb.`)];
      return [plain((await unwatch(store, isAll(words) ? "all" : words)).text)];
    }
    return [plain((await add(store, entriesIn(spans), now)).text)];
  },
};

const dropStart = (spans: Span[], length: number): Span[] => [plain(textOf(spans).trim().slice(length))];
