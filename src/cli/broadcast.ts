import { print } from "./environment.ts";
import { Misuse } from "./misuse.ts";
import { withStore } from "./store.ts";
import { nameOf, tellMisuse } from "./subcommands.ts";

type Commands = typeof import("./broadcast/commands.ts");
type BroadcastCommand = ReturnType<Commands["prepare"]>;

const usage = [
  "crier broadcast COMMAND",
  "",
  "  draft [FILE] [--to AUDIENCE | --chat CHAT] [--at TIME] [--signature NAME]   keep a text, and show it as chats will see it",
  "  preview ID             the same, of a draft that is kept",
  "  send ID [now]          send it, at its time where it has one",
  "  at ID TIME             send it at this time, or at another one",
  "  list [--json]          the newest ones, and where they stand",
  "  show ID [--json]       what became of it: sent, failed, skipped, taken back",
  "  pause ID, resume ID    hold what waits, and go on",
  "  recall ID              take it back where it was sent, and send it to no other",
  "  cancel ID              send it to no other",
  "",
  "FILE is a text; without it, or with -, standard input. *bold*, _italics_, ~struck~ and `code` are kept, and so are addresses.",
  "AUDIENCE is a platform, groups, channels, private, topic:Sport, or several with + between them; CHAT is one chat's id or title.",
  "TIME is 18:30, 'tomorrow 07:00' or '2026-11-25 07:00' in the newsroom's TIMEZONE.",
].join("\n");

/** `crier broadcast …`: one text to many chats. It may run beside Crier, which does the sending. */
export async function broadcast(args: string[]): Promise<number> {
  const asked = nameOf(args);
  if (!asked) {
    print(usage);
    return 0;
  }
  const { prepare } = await import("./broadcast/commands.ts");
  try {
    const command: BroadcastCommand = prepare(asked.name, asked.rest);
    return await withStore(command);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    return tellMisuse("broadcast", error);
  }
}
