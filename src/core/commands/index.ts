import { broadcast } from "#core/commands/broadcast";
import type { Command } from "#core/commands/command";
import { help } from "#core/commands/help";
import { latest } from "#core/commands/latest";
import { start } from "#core/commands/start";
import { stop } from "#core/commands/stop";

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [latest, start, stop, help, broadcast];
