import { FeedError } from "#core/errors";
import type { Config } from "../config.ts";
import { complain, print, readEnvironment } from "./environment.ts";
import { Failure, Misuse } from "./misuse.ts";
import { loadSettings } from "./settings.ts";

/** One command of several under a name, as in `crier feeds add`. `desk` opens what it works with, when it is first asked for. */
export type Subcommand<Desk> = (args: string[], desk: () => Promise<Desk>) => Promise<number>;

interface Subcommands<Desk> {
  /** "feeds": what stands before them. */
  of: string;
  usage(): string | Promise<string>;
  /** By name; each loads what it needs when it is called. */
  commands: Readonly<Record<string, () => Promise<Subcommand<Desk>>>>;
  openDesk(config: Config): Promise<Desk>;
}

/** The name and the rest of what was asked; `list` where only options are given. Null where help is wanted. */
export function nameOf(args: string[]): { name: string; rest: string[] } | null {
  const [name = "list", ...rest] = args[0]?.startsWith("-") && !/^--?h/.test(args[0]) ? ["list", ...args] : args;
  const isHelp = /^(?:help|--help|-h)$/.test(name) || rest.some((arg) => arg === "--help" || arg === "-h");
  return isHelp ? null : { name, rest };
}

/** Says how a command was asked wrongly, and answers the exit code. */
export function tellMisuse(of: string, { message }: Misuse): number {
  complain(`crier: ${message}\n“crier ${of} --help” tells how it is asked.`);
  return 2;
}

/** Runs the command that was asked for and closes its desk. Answers the exit code: 0 done, 1 failed, 2 asked wrongly. */
export async function runSubcommand<Desk extends { close(): Promise<void> }>(
  args: string[],
  { of, usage, commands, openDesk }: Subcommands<Desk>,
): Promise<number> {
  const asked = nameOf(args);
  if (!asked) {
    print(await usage());
    return 0;
  }
  const load = Object.hasOwn(commands, asked.name) ? commands[asked.name] : undefined;
  if (!load) {
    complain(`crier: there is no command "${of} ${asked.name}".\n\n${await usage()}`);
    return 2;
  }
  let desk: Desk | undefined;
  try {
    const command = await load();
    return await command(asked.rest, async () => {
      const settings = await loadSettings(readEnvironment(), []);
      if (!settings) throw new WrongSettings();
      desk = await openDesk(settings.config);
      return desk;
    });
  } catch (error) {
    if (error instanceof WrongSettings) return 2;
    if (error instanceof Misuse) return tellMisuse(of, error);
    if (!(error instanceof FeedError || error instanceof Failure)) throw error;
    complain(`crier: ${error.message}`);
    return 1;
  } finally {
    await desk?.close();
  }
}

/** Every problem was told already. */
class WrongSettings extends Error {}
