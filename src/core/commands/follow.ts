import { wordListCommands } from "#core/commands/word-list";

/** Words and topics of which one is enough, beside the chosen topics. */
export const [follow, unfollow] = wordListCommands({
  part: "follows",
  begins: "You follow",
  add: { name: "follow", summary: "Get what has these words", example: "ferry, north quay", leaves: ["mutes"] },
  remove: { name: "unfollow", summary: "Follow words no more", from: ["follows", "topics"] },
});
