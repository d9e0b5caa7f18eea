import { compilePattern } from "#content/shared/pattern";
import type { ChatRecord, Store } from "#core/ports";
import { explain, findArticle } from "#core/why";
import { complain, print } from "./environment.ts";
import { plain, table } from "./say.ts";
import { readAsked, withStore } from "./store.ts";

const usage = `crier why ARTICLE CHAT [--json]   what became of an article in a chat, and why
ARTICLE is an id, a link or words of its headline; CHAT is an id, a title, a phone number or the platform's own address.`;

/** `crier why ARTICLE CHAT`: may run beside Crier, and changes nothing. */
export async function why(args: string[]): Promise<number> {
  const asked = readAsked(args, { usage, count: 2, flags: ["json"] });
  if (asked === "help") return 0;
  if (!asked) return 2;
  const [articleNamed = "", chatNamed = ""] = asked.words;
  return withStore(async (store, config) => {
    const chat = await findChat(store, chatNamed);
    if (!chat) return 1;
    const found = await findArticle(store, articleNamed);
    if ("missing" in found) {
      if (asked.flags.json)
        print(JSON.stringify({ article: null, chat, deliveries: [], sentences: [found.missing] }, null, 2));
      else print(found.missing);
      return 0;
    }
    const platforms = [...(config.telegram ? ["telegram"] : []), ...(config.whatsapp ? ["whatsapp"] : [])];
    const told = await explain({ store, compilePattern, platforms, timeZone: config.timeZone }, found.id, chat);
    if (asked.flags.json) print(JSON.stringify(told, null, 2));
    else for (const sentence of told?.sentences ?? []) print(plain(sentence));
    return 0;
  });
}

/** The one chat that somebody means; null after it was told that there is none, or more than one. */
export async function findChat(store: Store, named: string): Promise<ChatRecord | null> {
  const chats = await store.why.chats(named);
  const [chat] = chats;
  if (chat && chats.length === 1) return chat;
  if (!chat) complain(`crier: no chat is known by “${named}”. Give its id, its title or the platform's own address.`);
  else {
    complain(`crier: “${named}” is the name of ${chats.length} chats. Give the id of one:`);
    for (const line of table(
      chats.map(({ id, platform, kind, title }) => [String(id), platform, kind, plain(title ?? "")]),
    ))
      complain(`  ${line}`);
  }
  return null;
}
