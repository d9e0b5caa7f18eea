import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { totalOf } from "#core/broadcast/audience";
import { missing, send, show, turn } from "#core/broadcast/desk";
import { reportOf } from "#core/broadcast/report";
import { commandLine, type Manner, standing, titleOf } from "#core/broadcast/say";
import type { Broadcast, Store } from "#core/ports";
import type { Config } from "../../config.ts";
import { complain, print } from "../environment.ts";
import { Misuse, orMisuse } from "../misuse.ts";
import { plain, table } from "../say.ts";
import { type Desk, timeIn } from "./desk.ts";
import { draft, preview } from "./draft.ts";

type Work = (desk: Desk) => Promise<number>;

/** The newest ones that a list shows. */
const listed = 20;

/** Reads what was asked before any store is opened. @throws Misuse */
export function prepare(name: string, args: string[]): (store: Store, config: Config) => Promise<number> {
  const work = read(name, args);
  return (store, config) => {
    const now = new Date();
    const by = { platform: commandLine, person: userInfo().username };
    const manner = { now, timeZone: config.timeZone, command: "crier broadcast" };
    return work({ store, config, call: { key: `cli:${randomUUID()}`, by, now }, manner });
  };
}

function read(name: string, args: string[]): Work {
  switch (name) {
    case "draft":
      return draft(args);
    case "preview":
      return withOne(args, (desk, found) => preview(desk, found));
    case "send": {
      const [id = "", ...words] = args;
      const at = words[0] === "now" ? "now" : null;
      return withOne([id, ...words.slice(at ? 1 : 0)], async ({ store, call, manner }, found) =>
        tell(await send(store, found, at, call, manner, "clock")),
      );
    }
    case "at": {
      const [id = "", ...words] = args;
      if (words.length === 0) throw new Misuse("Say when: crier broadcast at 12 18:30.");
      return withOne([id], async ({ store, call, manner }, found) => {
        const at = timeIn(words.join(" "), manner);
        return tell(await send(store, found, at, call, manner, "clock"));
      });
    }
    case "pause":
    case "resume":
    case "recall":
    case "cancel":
      return withOne(args, async ({ store, call, manner }, found) =>
        tell(await turn(store, found, name, call, manner)),
      );
    case "show": {
      const { json, words } = withJson(args);
      return withOne(words, async ({ store, manner }, found) => {
        if (json) print(JSON.stringify(await everythingOf(store, found), null, 2));
        else tell({ done: true, text: await show(store, found, manner) });
        return 0;
      });
    }
    case "list": {
      const { json, words } = withJson(args);
      if (words.length > 0) throw new Misuse(`“${words[0]}” is too much: crier broadcast list [--json].`);
      return async ({ store, manner }) => {
        const broadcasts = await store.broadcasts.list(listed);
        if (json) print(JSON.stringify(broadcasts, null, 2));
        else if (broadcasts.length === 0) print("No broadcast yet. Draft one: crier broadcast draft FILE");
        else for (const line of lines(broadcasts, manner)) print(line);
        return 0;
      };
    }
    default:
      throw new Misuse(`There is no command "broadcast ${name}".`);
  }
}

const lines = (broadcasts: Broadcast[], manner: Manner): string[] =>
  table([
    ["ID", "CHATS", "STATE", "TEXT"],
    ...broadcasts.map((one) => [
      String(one.id),
      one.chats ? totalOf(one.chats).toLocaleString("en") : "",
      standing(one, manner).replace(/^is /, ""),
      plain(titleOf(one)),
    ]),
  ]);

function withJson(args: string[]): { json: boolean; words: string[] } {
  const { values, positionals } = orMisuse("", () =>
    parseArgs({ args, allowPositionals: true, options: { json: { type: "boolean", default: false } } }),
  );
  return { json: values.json, words: positionals };
}

/** Work with the broadcast that a number names. */
function withOne(args: string[], work: (desk: Desk, found: Broadcast) => Promise<number>): Work {
  const [id = "", ...more] = args;
  if (!/^\d{1,9}$/.test(id) || more.length > 0) throw new Misuse("Name one broadcast by its number.");
  return async (desk) => {
    const found = await desk.store.broadcasts.get(Number(id));
    if (!found) return tell({ done: false, text: missing(Number(id), desk.manner) });
    return work(desk, found);
  };
}

/** Says an answer; 1 where nothing was done. */
function tell({ done, text }: { done: boolean; text: string }): number {
  for (const line of text.split("\n")) {
    if (done) print(plain(line));
    else complain(`crier: ${plain(line)}`);
  }
  return done ? 0 : 1;
}

/** For machines: all but the ids of persons, which may be phone numbers. */
async function everythingOf(store: Store, found: Broadcast): Promise<object> {
  const steps = await store.broadcasts.audit(found.id);
  return {
    ...found,
    report: reportOf(found, await store.broadcasts.tally(found.id)),
    steps: steps.map(({ by, ...step }) => ({ ...step, by: by?.platform ?? null })),
  };
}
