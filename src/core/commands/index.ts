import { audit } from "#core/commands/audit";
import { broadcast } from "#core/commands/broadcast";
import type { Command } from "#core/commands/command";
import { correct, retract } from "#core/commands/correct";
import { feeds } from "#core/commands/feeds";
import { follow, unfollow } from "#core/commands/follow";
import { forgetme } from "#core/commands/forgetme";
import { help } from "#core/commands/help";
import { hoursCommands } from "#core/commands/hours";
import { language } from "#core/commands/language";
import { latest } from "#core/commands/latest";
import { link, unlink } from "#core/commands/link";
import { mute, unmute } from "#core/commands/mute";
import { review } from "#core/commands/review";
import { reset, settings } from "#core/commands/settings";
import { silent } from "#core/commands/silent";
import { start } from "#core/commands/start";
import { stop } from "#core/commands/stop";
import { style } from "#core/commands/style";
import { topics } from "#core/commands/topics";
import { watch } from "#core/commands/watch";

/** All commands, in the order of the help and of the platform's own menu. */
export const commands: readonly Command[] = [
  ...[latest, start, stop, help],
  ...[topics, follow, unfollow, mute, unmute, language, feeds],
  ...hoursCommands,
  ...[silent, style, settings, reset, link, unlink, forgetme],
  ...[broadcast, review, watch, correct, retract, audit],
];
