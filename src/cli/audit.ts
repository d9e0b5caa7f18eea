import { parseArgs } from "node:util";
import { type Audit, auditLines, auditOf, stateWords } from "#core/desk/audit";
import type { ReachedChat, Store } from "#core/ports";
import { when } from "#core/when";
import { type Desk, onArticle, runDesk, tell, type Work } from "./desk/desk.ts";
import { print } from "./environment.ts";
import { Misuse, orMisuse } from "./misuse.ts";
import { plain, table } from "./say.ts";

const usage = [
  "crier audit ARTICLE [--chats] [--json]",
  "",
  "Who did what to a story, when, and which chats each step reached; with --chats chat by chat. ARTICLE is a number or a link.",
].join("\n");

/** `crier audit ARTICLE`: may run beside Crier, and changes nothing. */
export const audit = (args: string[]): Promise<number> => runDesk(args, { of: "audit", usage, read });

const flag = { type: "boolean", default: false } as const;
/** Chats read at once. */
const page = 1_000;

function read(args: string[]): Work {
  const { values, positionals } = orMisuse("", () =>
    parseArgs({ args, allowPositionals: true, options: { chats: flag, json: flag } }),
  );
  const [named, ...more] = positionals;
  if (more.length > 0) throw new Misuse(`“${more[0]}” is too much: name one article.`);
  return onArticle(named, async (desk, id) => {
    const found = await auditOf(desk.store, id);
    if (!found) return tell({ done: false, text: `There is no article ${id}.` });
    if (values.json) await printJson(desk.store, found, values.chats);
    else await printLines(desk, found, values.chats);
    return 0;
  });
}

async function printLines({ store, editor }: Desk, found: Audit, withChats: boolean): Promise<void> {
  const { call, manner } = editor;
  for (const line of await auditLines(store, found, call.by, manner)) print(plain(line));
  if (!withChats) return;
  for await (const chats of chatsOf(store, found)) {
    const rows = chats.map(({ chat, reason, at, ...copy }) => [
      String(chat.id),
      chat.platform,
      plain(chat.title ?? ""),
      at ? when(at, manner.now, manner.timeZone) : "",
      plain(`${stateWords(copy)}${reason ? `: ${reason}` : ""}`),
    ]);
    for (const line of table([["CHAT", "PLATFORM", "TITLE", "AT", "WHAT"], ...rows])) print(line);
  }
}

/** The chats of all its steps, some at a time: a story may have reached a million. */
async function* chatsOf(store: Store, { article }: Audit): AsyncGenerator<ReachedChat[]> {
  for (let after = { message: 0, chat: 0 }; ; ) {
    const chats = await store.audit.chats(article.id, after, page);
    const last = chats.at(-1);
    if (last) yield chats;
    if (!last || chats.length < page) return;
    after = { message: last.message, chat: last.chat.id };
  }
}

/** For machines: all but the ids of persons, which may be phone numbers. */
async function printJson(store: Store, found: Audit, withChats: boolean): Promise<void> {
  const { article, steps } = found;
  const chats: object[] = [];
  if (withChats) {
    for await (const some of chatsOf(store, found)) {
      chats.push(
        ...some.map(({ chat: { id, platform, kind, title }, ...rest }) => ({
          ...rest,
          chat: { id, platform, kind, title },
        })),
      );
    }
  }
  const told = steps.map(({ by, ...step }) => ({ ...step, by: by?.platform ?? null }));
  print(JSON.stringify({ article, steps: told, ...(withChats ? { chats } : {}) }, null, 2));
}
