import { entriesIn } from "#core/commands/written";
import { watch as add, unwatch } from "#core/desk/watch-list";
import { plain as asSpan } from "#core/spans";
import { runDesk, tell, type Work } from "./desk/desk.ts";
import { print } from "./environment.ts";
import { Misuse } from "./misuse.ts";
import { plain } from "./say.ts";

const usage = [
  "crier watch COMMAND",
  "",
  "  list [--json]   words that make a story wait for an editor",
  "  add WORD…       more of them",
  "  remove WORD…    some of them no more; all takes every one away",
  "",
  "A word of several words stands in quotes. Case, accents and vowel marks do not count.",
].join("\n");

/** `crier watch …`: the newsroom's watch-list. It may run beside Crier. */
export const watch = (args: string[]): Promise<number> => runDesk(args, { of: "watch", usage, read });

function read(args: string[]): Work {
  const isList = args[0] === undefined || args[0].startsWith("-");
  const [verb = "list", ...rest] = isList ? ["list", ...args] : args;
  const words = rest.flatMap((word) => entriesIn([asSpan(word)]));
  switch (verb) {
    case "list": {
      if (rest.some((word) => word !== "--json")) throw new Misuse(`“${rest[0]}” is too much: crier watch list.`);
      return async ({ store }) => {
        const known = await store.desk.watchWords();
        if (rest.length > 0) print(JSON.stringify(known, null, 2));
        else if (known.length === 0) print("No word makes a story wait. Add some: crier watch add WORD");
        else for (const word of known) print(plain(word));
        return 0;
      };
    }
    case "add":
      if (words.length === 0) throw new Misuse("Name at least one word.");
      return async ({ store, editor }) => tell(await add(store, words, editor.call.now));
    case "remove":
      if (words.length === 0) throw new Misuse("Name at least one word, or all.");
      return async ({ store }) => tell(await unwatch(store, rest.length === 1 && rest[0] === "all" ? "all" : words));
    default:
      throw new Misuse(`There is no command "watch ${verb}".`);
  }
}
