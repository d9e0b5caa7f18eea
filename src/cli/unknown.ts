import { parseArgs } from "node:util";
import type { DeliveryId } from "#core/model";
import type { UnknownView } from "#core/ports";
import { complain, print } from "./environment.ts";
import { toLedgerLine } from "./ledger.ts";
import { counted, plain, relativeTime, table } from "./say.ts";
import { withStore } from "./store.ts";

const usage = [
  "crier unknown COMMAND",
  "",
  "  list [--json]   messages of which nobody knows whether they arrived, the newest first",
  "  send ID…        send them again: they may arrive twice",
  "  drop ID…        let them be: they may not have arrived",
  "",
  "A message is unknown when the answer of its platform was lost. Crier looks for it first, and sends breaking news again by itself.",
].join("\n");

/** What is shown at most: more than anybody decides one by one. */
const mostShown = 500;

/** `crier unknown list|send|drop`: may run beside Crier, which takes up what was decided within half a minute. */
export async function unknown(args: string[]): Promise<number> {
  if (args.some((arg) => /^(?:help|--help|-h)$/.test(arg))) {
    print(usage);
    return 0;
  }
  const asked = readArgs(args);
  if (typeof asked === "string") {
    complain(`crier: ${asked}\n\n${usage}`);
    return 2;
  }
  const now = new Date();
  if (asked.command === "list") {
    return withStore(async (store) => {
      const found = await store.outbox.unknown.list(mostShown);
      if (asked.json) print(JSON.stringify(found, null, 2));
      else for (const line of listLines(found, now)) print(line);
      return 0;
    });
  }
  const { command, ids } = asked;
  return withStore(async (store) => {
    const decided = await store.outbox.unknown.decide(ids, command, now);
    const others = ids.filter((id) => !decided.includes(id));
    if (decided.length > 0) print(decidedWords(command, decided.length));
    if (others.length > 0) complain(`crier: ${otherWords(others)}`);
    return others.length === 0 ? 0 : 1;
  });
}

type Asked = { command: "list"; json: boolean } | { command: "send" | "drop"; ids: DeliveryId[] };

/** What was asked; in words, when it was asked wrongly. */
function readArgs(args: string[]): Asked | string {
  let read: { values: { json: boolean }; positionals: string[] };
  try {
    read = parseArgs({ args, allowPositionals: true, options: { json: { type: "boolean", default: false } } });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { values, positionals } = read;
  const [command = "list", ...words] = positionals;
  if (command === "list") return words.length === 0 ? { command, json: values.json } : "list takes no ids.";
  if (command !== "send" && command !== "drop") return `there is no command "unknown ${command}".`;
  if (values.json) return `${command} takes no --json.`;
  const wrong = words.find((word) => !/^[1-9]\d{0,14}$/.test(word));
  if (wrong !== undefined) return `“${plain(wrong)}” is no id; “crier unknown list” shows them.`;
  if (words.length === 0) return `${command} what? Give at least one id.`;
  return { command, ids: [...new Set(words.map(Number))] };
}

function listLines(found: UnknownView[], now: Date): string[] {
  if (found.length === 0) return ["Nothing is unknown: of every message Crier knows whether it arrived."];
  const rows = found.map((view) => {
    const { title, chat, platform } = toLedgerLine(view);
    const lost = view.endedAt ? relativeTime(view.endedAt, now) : "";
    return [String(view.id), lost, platform, plain(chat), plain(title)];
  });
  const [head = "", ...lines] = table([["ID", "LOST", "PLATFORM", "CHAT", "MESSAGE"], ...rows]);
  const indent = " ".repeat(head.indexOf("LOST"));
  const told = found.flatMap(({ isUndecided, reason }, index) => [
    lines[index] ?? "",
    `${indent}${isUndecided ? plain(reason ?? "Nobody knows whether it arrived.") : "Crier is finding out whether it arrived."}`,
  ]);
  const more = found.length === mostShown ? [`These are the newest ${mostShown}.`] : [];
  const next = found.some(({ isUndecided }) => isUndecided)
    ? ["", "“crier unknown send ID” sends one again, “crier unknown drop ID” lets it be; several ids may be given."]
    : [];
  return [head, ...told, ...more, ...next];
}

const decidedWords = (command: "send" | "drop", count: number): string =>
  command === "send"
    ? `${counted(count, "message waits", "messages wait")} to be sent again, at the old place in the queue; a running Crier begins within half a minute.`
    : `${counted(count, "message is", "messages are")} let be.`;

const otherWords = (ids: DeliveryId[]): string =>
  ids.length === 1
    ? `${ids[0]} is not for you to decide: it is known what became of it, or Crier is finding out.`
    : `${ids.join(", ")} are not for you to decide: it is known what became of them, or Crier is finding out.`;
