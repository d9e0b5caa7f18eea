import type { Desk } from "./chats/desk.ts";
import { runSubcommand, type Subcommand } from "./subcommands.ts";

const commands: Readonly<Record<string, () => Promise<Subcommand<Desk>>>> = {
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
  "  --digest 'daily 8, 18'      together in digests; 'weekly Friday 14:00', hourly; 'both 18' at once as well",
  "  --quiet 22:00-07:00         nothing then, the rest together afterwards; 'breaking on' lets breaking news through",
  "  --sabbath Jerusalem         quiet on Sabbath and holidays there; '31.78, 35.22' for any other place",
  "  --limit 5                   articles an hour at most, the rest together",
  "  --zone 'New York'           by whose clock; else by the newsroom's",
  "  --silent on|off             without a sound, where the platform can",
  "  --style full|brief          with picture and summary, or headline and link only",
].join("\n");

/** `crier chats …`: who gets the news, and what each chat wants. It may run beside Crier, which takes up what changed. */
export const chats = (args: string[]): Promise<number> =>
  runSubcommand(args, {
    of: "chats",
    usage: () => usage,
    commands,
    openDesk: async (config) => (await import("./chats/desk.ts")).openDesk(config),
  });
