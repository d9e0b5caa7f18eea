import type { Command } from "#core/commands/command";
import { editorOf, overheard, withArticle } from "#core/commands/desk-context";
import { auditLines, auditOf } from "#core/desk/audit";
import { plain, textOf } from "#core/spans";

/** Both platforms take 4,096. */
const mostLetters = 3_800;

export const audit: Command = {
  name: "audit",
  summary: "Who did what to a story",
  adminOnly: true,
  async run(context) {
    const { store, mark, spans } = context;
    const cannot = await overheard(context, "audit");
    if (cannot) return [plain(cannot)];
    const text = textOf(spans).trim();
    if (text === "") return [plain(`${mark}audit 12 tells who did what to a story, and which chats it reached.`)];
    const answer = await withArticle(context, text, async (id) => {
      const found = await auditOf(store, id);
      if (!found) return `There is no article ${id}.`;
      const { call, manner } = editorOf(context);
      return newest(await auditLines(store, found, call.by, manner));
    });
    return [plain(answer)];
  },
};

/** As many of the newest lines as one message takes, under the first one. */
function newest([first = "", ...lines]: string[]): string {
  const kept: string[] = [];
  let left = mostLetters - first.length;
  for (const line of lines.toReversed()) {
    left -= line.length + 1;
    if (left < 0) break;
    kept.unshift(line);
  }
  const cutOff = kept.length < lines.length ? ["What came before is too long for a message."] : [];
  return [first, ...cutOff, ...kept].join("\n");
}
