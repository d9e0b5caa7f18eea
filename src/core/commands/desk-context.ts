import type { CommandContext } from "#core/commands/command";
import type { Editor } from "#core/desk/decide";
import { articleNamed } from "#core/desk/named";
import type { ArticleId } from "#core/model";

/** The editor who asks. */
export function editorOf({ chat, from, callKey, now, newsroom, mark }: CommandContext): Editor {
  const { timeZone, desk: settings } = newsroom;
  return {
    call: { key: `call:${callKey}`, by: { platform: chat.platform, person: from.id }, now },
    manner: { now, timeZone, mark },
    settings,
    how: "here",
  };
}

/** Why what is on the desk cannot be spoken of here; null where it can. */
export async function overheard({ store, chat, mark }: CommandContext, name: string): Promise<string | null> {
  if (chat.kind === "private" || !(await store.subscriptions.has(chat.id))) return null;
  return `Readers see what is written here. Write ${mark}${name} to me in private.`;
}

/** Work on the article that the first word names, with the rest of the line; else why it cannot be. */
export async function withArticle<T>(
  { store }: Pick<CommandContext, "store">,
  text: string,
  work: (id: ArticleId, rest: string) => Promise<T>,
): Promise<T | string> {
  const [, named = "", rest = ""] = /^(\S+)\s*([\s\S]*)$/.exec(text.trim()) ?? [];
  const id = await articleNamed(store, named);
  return typeof id === "string" ? id : work(id, rest.trim());
}
