import { parseArgs } from "node:util";
import { drop, hold, send } from "#core/desk/decide";
import { showHeld } from "#core/desk/list";
import { decidedWords, headline, reasonWords, timeWords } from "#core/desk/say";
import { readTime } from "#core/desk/time";
import { textOf } from "#core/spans";
import { when } from "#core/when";
import { print } from "../environment.ts";
import { Misuse, orMisuse } from "../misuse.ts";
import { plain, table } from "../say.ts";
import { type Desk, onArticle, tell, type Work } from "./desk.ts";

/** More than anybody decides one by one. */
const mostShown = 500;

/** `crier review …`. @throws Misuse */
export function readReview(args: string[]): Work {
  const isList = args[0] === undefined || args[0].startsWith("-");
  const [verb = "list", ...rest] = isList ? ["list", ...args] : args;
  const [named, ...words] = rest;
  switch (verb) {
    case "list":
      return list(rest);
    case "show":
      only(words);
      return onArticle(named, async ({ store, editor }, id) => {
        const held = await store.desk.held(id);
        if (held) {
          for (const line of textOf(await showHeld(store, held, editor.manner)).split("\n")) print(plain(line));
          return 0;
        }
        const record = await store.why.article(id);
        return tell({
          done: record !== null,
          text: record
            ? await decidedWords(store, record, editor.call.by, editor.manner)
            : `There is no article ${id}.`,
        });
      });
    case "send": {
      const asked = words.join(" ").replace(/^at\s+/i, "");
      return onArticle(named, async ({ store, editor }, id) => {
        if (asked === "" || /^now$/i.test(asked)) {
          return tell(await send(store, id, asked === "" ? null : "now", editor));
        }
        return tell(await send(store, id, timeIn(asked, editor.manner), editor));
      });
    }
    case "hold": {
      const asked = words.join(" ").replace(/^until\s+/i, "");
      return onArticle(named, async ({ store, editor }, id) =>
        tell(await hold(store, id, asked === "" ? null : timeIn(asked, editor.manner), editor)),
      );
    }
    case "drop":
      return onArticle(named, async ({ store, editor }, id) =>
        tell(await drop(store, id, words.join(" ").trim() || null, editor)),
      );
    default:
      throw new Misuse(`There is no command "review ${verb}".`);
  }
}

function only(words: string[]): void {
  if (words.length > 0) throw new Misuse(`“${words[0]}” is too much.`);
}

/** @throws Misuse for what is no time, or one that has passed */
function timeIn(text: string, manner: Desk["editor"]["manner"]): Date {
  const time = readTime(text, manner);
  if (typeof time === "string") throw new Misuse(time);
  return time.at;
}

function list(args: string[]): Work {
  const { values } = orMisuse("", () => parseArgs({ args, options: { json: { type: "boolean", default: false } } }));
  return async ({ store, editor }) => {
    const held = await store.desk.list(mostShown);
    const { now, timeZone } = editor.manner;
    if (values.json) print(JSON.stringify(held, null, 2));
    else if (held.length === 0) print("Nothing waits for an editor.");
    else {
      const rows = held.map((one) => [
        String(one.article.id),
        when(one.since, now, timeZone),
        one.expiresAt ? timeWords(one.expiresAt, now, timeZone) : "",
        plain(`${headline(one.article)}: ${reasonWords(one, editor.manner)}`),
      ]);
      for (const line of table([["ID", "SINCE", "UNTIL", "STORY"], ...rows])) print(line);
    }
    return 0;
  };
}
