import type { Command } from "#core/commands/command";
import { plain } from "#core/spans";

export const help: Command = {
  name: "help",
  summary: "What you can ask for",
  adminOnly: false,
  async run({ commands, mark }) {
    return [plain(commands.map((command) => `${mark}${command.name} – ${command.summary}`).join("\n"))];
  },
};
