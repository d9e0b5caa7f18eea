import { runDesk } from "./desk/desk.ts";
import { readReview } from "./desk/review.ts";

const usage = [
  "crier review COMMAND",
  "",
  "  list [--json]               stories that wait for an editor, the longest waiting first",
  "  show ARTICLE                one of them, and why it waits",
  "  send ARTICLE [now|at TIME]  let it go: at its time where it has one, at once, or at another time",
  "  hold ARTICLE [until TIME]   let it wait for a time, or until an editor sends it",
  "  drop ARTICLE [WHY]          let it go to nobody",
  "",
  "ARTICLE is a number or a link. TIME is 18:30, 'tomorrow 07:00' or '2026-11-25 07:00' in the newsroom's TIMEZONE.",
].join("\n");

/** `crier review …`: what waits for an editor. It may run beside Crier, which does the sending. */
export const review = (args: string[]): Promise<number> => runDesk(args, { of: "review", usage, read: readReview });
