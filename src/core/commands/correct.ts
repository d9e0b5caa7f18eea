import type { Command } from "#core/commands/command";
import { editorOf, overheard, withArticle } from "#core/commands/desk-context";
import { readCorrection } from "#core/desk/correction";
import { correct as mend, retract as takeBack } from "#core/desk/mend";
import { plain, textOf } from "#core/spans";

/** A reason is a line. */
const mostWhy = 300;

export const correct: Command = {
  name: "correct",
  summary: "Correct a story by hand",
  adminOnly: true,
  async run(context) {
    const { store, mark, spans } = context;
    const cannot = await overheard(context, "correct");
    if (cannot) return [plain(cannot)];
    const text = textOf(spans).trim();
    if (text === "") {
      return [
        plain(
          `${mark}correct 12 headline: The bridge is open / summary: It opened at noon.\nWho got the story sees the new words; a feed's later change of the same field goes before it. 12 is the story's number, ${mark}review and ${mark}audit show it; its link works too.`,
        ),
      ];
    }
    const answer = await withArticle(context, text, async (id, rest) => {
      const correction = readCorrection(rest, `${mark}correct ${id}`);
      return typeof correction === "string" ? correction : (await mend(store, id, correction, editorOf(context))).text;
    });
    return [plain(answer)];
  },
};

export const retract: Command = {
  name: "retract",
  summary: "Take a story back everywhere",
  adminOnly: true,
  async run(context) {
    const { store, mark, spans } = context;
    const cannot = await overheard(context, "retract");
    if (cannot) return [plain(cannot)];
    const text = textOf(spans).trim();
    if (text === "") {
      return [
        plain(
          `${mark}retract 12 WHY takes a story back from everybody who got it, for good. 12 is its number; its link works too.`,
        ),
      ];
    }
    const answer = await withArticle(
      context,
      text,
      async (id, why) => (await takeBack(store, id, why.slice(0, mostWhy) || null, editorOf(context))).text,
    );
    return [plain(answer)];
  },
};
