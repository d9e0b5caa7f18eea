import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import type { Answer } from "#core/broadcast/desk";
import { commandLine } from "#core/broadcast/say";
import type { Editor } from "#core/desk/decide";
import { articleNamed } from "#core/desk/named";
import type { ArticleId } from "#core/model";
import type { Store } from "#core/ports";
import { type Config, deskOf } from "../../config.ts";
import { complain, print } from "../environment.ts";
import { Misuse } from "../misuse.ts";
import { plain } from "../say.ts";
import { withStore } from "../store.ts";
import { tellMisuse } from "../subcommands.ts";

/** What a command works with. */
export interface Desk {
  store: Store;
  editor: Editor;
}

/** What was asked, read before any store is opened. Answers the exit code. */
export type Work = (desk: Desk) => Promise<number>;

/** Runs one command of the desk: `read` throws Misuse for what is asked wrongly. It may run beside Crier, which does the sending. */
export async function runDesk(
  args: string[],
  { of, usage, read }: { of: string; usage: string; read(args: string[]): Work },
): Promise<number> {
  if (args.some((arg) => /^(?:help|--help|-h)$/.test(arg))) {
    print(usage);
    return 0;
  }
  try {
    const work = read(args);
    return await withStore((store, config) => work({ store, editor: editorOf(config) }));
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    return tellMisuse(of, error);
  }
}

function editorOf(config: Config): Editor {
  const now = new Date();
  return {
    call: { key: `cli:${randomUUID()}`, by: { platform: commandLine, person: userInfo().username }, now },
    manner: { now, timeZone: config.timeZone, mark: "crier " },
    settings: deskOf(config),
    how: "clock",
  };
}

/** Work on the one article that is named by its number or its link. */
export function onArticle(named: string | undefined, work: (desk: Desk, id: ArticleId) => Promise<number>): Work {
  if (!named?.trim()) throw new Misuse("Name one article, by its number or its link.");
  return async (desk) => {
    const id = await articleNamed(desk.store, named);
    return typeof id === "string" ? tell({ done: false, text: id }) : work(desk, id);
  };
}

/** Says an answer; 1 where nothing was done. */
export function tell({ done, text }: Answer): number {
  for (const line of text.split("\n")) {
    if (done) print(plain(line));
    else complain(`crier: ${plain(line)}`);
  }
  return done ? 0 : 1;
}
