import type { Desk } from "./chats/desk.ts";
import { complain, print, readEnvironment } from "./environment.ts";
import { Misuse } from "./feeds/misuse.ts";
import { loadSettings } from "./settings.ts";

type ChatsCommand = (args: string[], desk: () => Promise<Desk>) => Promise<number>;

/** Each loads what it needs when it is called. */
const chatsCommands: Readonly<Record<string, () => Promise<ChatsCommand>>> = {
  list: async () => (await import("./chats/list.ts")).listChats,
  show: async () => (await import("./chats/list.ts")).showChat,
  set: async () => (await import("./chats/set.ts")).setChat,
  link: async () => (await import("./chats/link.ts")).linkChats,
  unlink: async () => (await import("./chats/link.ts")).unlinkChat,
};

const usage = [
  "crier chats COMMAND",
  "",
  "  list [--addresses] [--json]        every chat: since when it is subscribed, and what it gets",
  "  show CHAT [--addresses] [--json]   all of one chat",
  "  set CHAT WHAT [--clear]            decide for it, and for those linked with it",
  "  link CHAT CHAT                     both decide the same: at first what the first one decided",
  "  unlink CHAT                        it decides for itself again",
  "",
  "CHAT is an id, an address or a title. Addresses and phone numbers are masked unless --addresses is given.",
  "WHAT (each option that is given replaces what was there; '' takes it away; --clear takes all away first)",
  "  --topics 'Sport, Economy'   articles on these topics",
  "  --follow 'ferry, quay'      articles with one of these words; beside topics either is enough",
  "  --mute 'horoscope'          nothing with one of these words or topics",
  "  --language he,en            only these languages",
  "  --feeds 1,3                 only these feeds, by id or name",
  "  --silent on|off             without a sound, where the platform can",
  "  --style full|brief          with picture and summary, or headline and link only",
].join("\n");

/** `crier chats …`: who gets the news, and what each chat wants. It may run beside Crier, which takes up what changed. */
export async function chats(args: string[]): Promise<number> {
  const [name = "list", ...rest] = args[0]?.startsWith("-") && !/^--?h/.test(args[0]) ? ["list", ...args] : args;
  if (/^(?:help|--help|-h)$/.test(name) || rest.some((arg) => arg === "--help" || arg === "-h")) {
    print(usage);
    return 0;
  }
  const load = Object.hasOwn(chatsCommands, name) ? chatsCommands[name] : undefined;
  if (!load) {
    complain(`crier: there is no command "chats ${name}".\n\n${usage}`);
    return 2;
  }
  let desk: Desk | undefined;
  try {
    const command = await load();
    return await command(rest, async () => {
      const settings = await loadSettings(readEnvironment(), []);
      if (!settings) throw new WrongSettings();
      const { openDesk } = await import("./chats/desk.ts");
      desk = await openDesk(settings.config);
      return desk;
    });
  } catch (error) {
    return await explain(error);
  } finally {
    await desk?.close();
  }
}

/** Every problem was told already. */
class WrongSettings extends Error {}

/** Says what went wrong and answers the exit code. */
async function explain(error: unknown): Promise<number> {
  if (error instanceof WrongSettings) return 2;
  if (error instanceof Misuse) {
    complain(`crier: ${error.message}\n“crier chats --help” tells how it is asked.`);
    return 2;
  }
  const { Failure } = await import("./chats/desk.ts");
  if (!(error instanceof Failure)) throw error;
  complain(`crier: ${error.message}`);
  return 1;
}
