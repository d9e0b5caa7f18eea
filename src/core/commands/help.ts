import type { Command } from "#core/commands/command";
import { plain } from "#core/spans";

/** Commands by what they are about, each head with those under it. */
const heads: readonly (readonly [head: string, holds: (command: Command) => boolean])[] = [
  ["", ({ about, adminOnly }) => !adminOnly && about === undefined],
  ["What comes", ({ about, adminOnly }) => !adminOnly && about === "what"],
  ["When it comes", ({ about, adminOnly }) => !adminOnly && about === "when"],
  ["How it comes", ({ about, adminOnly }) => !adminOnly && about === "how"],
  ["For editors", ({ adminOnly }) => adminOnly],
];

export const help: Command = {
  name: "help",
  summary: "What you can ask for",
  adminOnly: false,
  async run({ store, commands, mark }) {
    const offered: Command[] = [];
    for (const command of commands) if ((await command.isOffered?.(store)) ?? true) offered.push(command);
    return heads.flatMap(([head, holds]) => {
      const lines = offered.filter(holds).map(({ name, summary }) => `${mark}${name} – ${summary}`);
      if (lines.length === 0) return [];
      const list = plain(lines.join("\n"));
      return head === "" ? [list] : [plain("\n\n"), { text: head, bold: true }, plain("\n"), list];
    });
  },
};
