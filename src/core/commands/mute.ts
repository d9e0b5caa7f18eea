import { wordListCommands } from "#core/commands/word-list";

/** Words and topics of which none may stand in an article. */
export const [mute, unmute] = wordListCommands({
  part: "mutes",
  begins: "You mute",
  add: {
    name: "mute",
    summary: "Nothing with these words",
    example: "horoscope, opinion",
    leaves: ["topics", "follows"],
  },
  remove: { name: "unmute", summary: "Mute words no more", from: ["mutes"] },
});
