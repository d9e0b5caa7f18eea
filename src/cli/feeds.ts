import { FeedError } from "#core/errors";
import { complain, print, readEnvironment } from "./environment.ts";
import type { Desk } from "./feeds/desk.ts";
import { Misuse } from "./feeds/misuse.ts";
import { loadSettings } from "./settings.ts";

type FeedsCommand = (args: string[], desk: () => Promise<Desk>) => Promise<number>;

/** Each loads what it needs when it is called. */
const feedsCommands: Readonly<Record<string, () => Promise<FeedsCommand>>> = {
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
export async function feeds(args: string[]): Promise<number> {
  const [name = "list", ...rest] = args[0]?.startsWith("-") && !/^--?h/.test(args[0]) ? ["list", ...args] : args;
  if (/^(?:help|--help|-h)$/.test(name) || rest.some((arg) => arg === "--help" || arg === "-h")) {
    print(await usage());
    return 0;
  }
  const load = Object.hasOwn(feedsCommands, name) ? feedsCommands[name] : undefined;
  if (!load) {
    complain(`crier: there is no command "feeds ${name}".\n\n${await usage()}`);
    return 2;
  }
  let desk: Desk | undefined;
  try {
    const command = await load();
    return await command(rest, async () => {
      const settings = await loadSettings(readEnvironment(), []);
      if (!settings) throw new WrongSettings();
      const { openDesk } = await import("./feeds/desk.ts");
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
    complain(`crier: ${error.message}\n“crier feeds --help” tells how it is asked.`);
    return 2;
  }
  const { Failure } = await import("./feeds/desk.ts");
  if (error instanceof FeedError || error instanceof Failure) {
    complain(`crier: ${error.message}`);
    return 1;
  }
  throw error;
}
