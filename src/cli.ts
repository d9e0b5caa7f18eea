#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
/** One command of the command line. Each loads what it needs when it is called: `crier render` starts no bot. */
interface CliCommand {
  summary: string;
  /** Answers the exit code: 0 done, 1 failed, 2 asked wrongly. */
  load(): Promise<(args: string[]) => Promise<number>>;
}

const cliCommands: Readonly<Record<string, CliCommand>> = {
  start: {
    summary: "run Crier; the sandbox where nothing is configured",
    load: async () => (await import("./cli/start.ts")).start,
  },
  sandbox: {
    summary: "show Crier with a simulated Telegram, WhatsApp and newsroom",
    load: async () => (await import("./cli/start.ts")).sandbox,
  },
  check: {
    summary: "tell what is configured, and try each bot and feed",
    load: async () => (await import("./cli/check.ts")).check,
  },
  chats: {
    summary: "list who gets the news, and decide for a chat: list|show|set|link|unlink",
    load: async () => (await import("./cli/chats.ts")).chats,
  },
  feeds: {
    summary: "list, find, add and remove feeds, and set their rules: list|add|set|test|remove|import|export",
    load: async () => (await import("./cli/feeds.ts")).feeds,
  },
  broadcast: {
    summary:
      "draft, plan, send and steer a text to many chats: draft|preview|send|at|list|show|pause|resume|recall|cancel",
    load: async () => (await import("./cli/broadcast.ts")).broadcast,
  },
  review: {
    summary: "stories that wait for an editor: list|show|send|hold|drop",
    load: async () => (await import("./cli/review.ts")).review,
  },
  watch: {
    summary: "words that make a story wait for an editor: list|add|remove",
    load: async () => (await import("./cli/watch.ts")).watch,
  },
  correct: {
    summary: "correct a story by hand, also where it arrived: ARTICLE --headline TEXT --summary TEXT",
    load: async () => (await import("./cli/correct.ts")).correct,
  },
  retract: {
    summary: "take a story back from everybody who got it: ARTICLE [WHY]",
    load: async () => (await import("./cli/correct.ts")).retract,
  },
  audit: {
    summary: "tell who did what to a story, and which chats it reached: ARTICLE [--chats]",
    load: async () => (await import("./cli/audit.ts")).audit,
  },
  unknown: {
    summary: "messages of which nobody knows whether they arrived: list|send|drop",
    load: async () => (await import("./cli/unknown.ts")).unknown,
  },
  why: {
    summary: "tell what became of an article in a chat, and why: ARTICLE CHAT",
    load: async () => (await import("./cli/why.ts")).why,
  },
  backup: {
    summary: "write all that Crier knows into a file, also while it runs: FILE",
    load: async () => (await import("./cli/backup.ts")).backup,
  },
  restore: {
    summary: "bring a backup back into an empty store: FILE",
    load: async () => (await import("./cli/restore.ts")).restore,
  },
  export: {
    summary: "print all articles, chats or deliveries for other programs: articles|chats|deliveries [--csv|--json]",
    load: async () => (await import("./cli/export.ts")).exportAll,
  },
  erase: {
    summary: "remove a person's or a group's chat with all that is known of it: CHAT --yes",
    load: async () => (await import("./cli/erase.ts")).erase,
  },
  parse: {
    summary: "print what Crier reads in a feed, a sitemap or an article's page: FILE [ADDRESS]",
    load: async () => (await import("./cli/parse.ts")).parse,
  },
  render: {
    summary: "print the exact message for an article: --to telegram|whatsapp [FILE]",
    load: async () => (await import("./cli/render.ts")).render,
  },
};

const usage = (): string =>
  [
    "crier COMMAND",
    "",
    ...Object.entries(cliCommands).map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`),
    "",
    "Settings come from the environment and from .env; .env.example lists them.",
  ].join("\n");

async function main(argv: string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(`${usage()}\n`);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(cliCommands, name) ? cliCommands[name] : undefined;
  if (!command) {
    process.stderr.write(`crier: there is no command "${name}".\n\n${usage()}\n`);
    return 2;
  }
  const run = await command.load();
  return run(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`crier: ${error instanceof Error ? error.message : String(error)}\n`);
  // Whatever was opened before the error must not keep the process.
  process.exit(1);
}
