import type { Desk } from "./feeds/desk.ts";
import { runSubcommand, type Subcommand } from "./subcommands.ts";

const commands: Readonly<Record<string, () => Promise<Subcommand<Desk>>>> = {
  list: async () => (await import("./feeds/list.ts")).listFeeds,
  add: async () => (await import("./feeds/add.ts")).addFeed,
  set: async () => (await import("./feeds/set.ts")).setFeed,
  remove: async () => (await import("./feeds/set.ts")).removeFeed,
  test: async () => (await import("./feeds/try.ts")).tryFeed,
  import: async () => (await import("./feeds/lists.ts")).importFeeds,
  export: async () => (await import("./feeds/lists.ts")).exportFeeds,
};

async function usage(): Promise<string> {
  const { ruleHelp } = await import("./feeds/rules.ts");
  return [
    "crier feeds COMMAND",
    "",
    "  list [--json]          every feed: when it was read, and how it is",
    "  add ADDRESS [--kind KIND] [RULES] [--yes|--all]   what a site, a page or a folder has to read",
    "  set FEED RULES [--clear]   what goes out of it, and how",
    "  remove FEED            read it no more",
    "  test FEED [--json]     read it now: its newest articles, and what the rules make of them",
    "  import FILE            add the feeds of an OPML list",
    "  export [FILE]          every feed as OPML",
    "",
    "FEED is an id or an address. KIND is feed, sitemap, page, listing, wordpress or folder; it is found out unless given.",
    ...ruleHelp,
  ].join("\n");
}

/** `crier feeds …`: the feeds that are read. It may run beside Crier, which takes up what changed. */
export const feeds = (args: string[]): Promise<number> =>
  runSubcommand(args, {
    of: "feeds",
    usage,
    commands,
    openDesk: async (config) => (await import("./feeds/desk.ts")).openDesk(config),
  });
