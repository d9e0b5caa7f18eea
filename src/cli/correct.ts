import { parseArgs } from "node:util";
import { type Correction, correct as mend, retract as takeBack } from "#core/desk/mend";
import { onArticle, runDesk, tell, type Work } from "./desk/desk.ts";
import { Misuse, orMisuse } from "./misuse.ts";

const correctUsage = [
  "crier correct ARTICLE [--headline TEXT] [--summary TEXT] [--kicker TEXT]",
  "",
  "Who got the story sees the new words. They stay until its feed changes the same field. ARTICLE is a number or a link.",
].join("\n");

const retractUsage = [
  "crier retract ARTICLE [WHY]",
  "",
  "Takes a story back from everybody who got it, for good: its feed may still have it. ARTICLE is a number or a link.",
].join("\n");

/** `crier correct ARTICLE …`: an editor's correction. It may run beside Crier, which does the sending. */
export const correct = (args: string[]): Promise<number> =>
  runDesk(args, { of: "correct", usage: correctUsage, read: readCorrect });

/** `crier retract ARTICLE [WHY]`: takes a story back. It may run beside Crier, which does the sending. */
export const retract = (args: string[]): Promise<number> =>
  runDesk(args, { of: "retract", usage: retractUsage, read: readRetract });

const options = { headline: { type: "string" }, summary: { type: "string" }, kicker: { type: "string" } } as const;

function readCorrect(args: string[]): Work {
  const { values, positionals } = orMisuse("", () => parseArgs({ args, allowPositionals: true, options }));
  const [named, ...more] = positionals;
  if (more.length > 0) throw new Misuse(`“${more[0]}” is too much: give the words with --headline or --summary.`);
  const given = { title: values.headline, summary: values.summary, kicker: values.kicker };
  const correction: Correction = {};
  for (const [field, text] of Object.entries(given)) {
    if (text === undefined) continue;
    const said = text.replace(/\s+/g, " ").trim();
    if (said === "") throw new Misuse("A field cannot be made empty.");
    correction[field as keyof Correction] = said;
  }
  if (Object.keys(correction).length === 0) throw new Misuse("Say what is right: --headline, --summary or --kicker.");
  return onArticle(named, async ({ store, editor }, id) => tell(await mend(store, id, correction, editor)));
}

function readRetract(args: string[]): Work {
  const [named, ...words] = args;
  if (words.some((word) => word.startsWith("--"))) throw new Misuse(`“${words[0]}” is unknown here.`);
  return onArticle(named, async ({ store, editor }, id) =>
    tell(await takeBack(store, id, words.join(" ").trim() || null, editor)),
  );
}
