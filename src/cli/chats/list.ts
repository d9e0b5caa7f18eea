import { parseArgs } from "node:util";
import { print } from "../environment.ts";
import { Misuse, orMisuse } from "../misuse.ts";
import { plain, relativeTime, table } from "../say.ts";
import { type Desk, findChat, pagesOf } from "./desk.ts";
import { chatName, shown, standing } from "./say.ts";

const options = {
  json: { type: "boolean", default: false },
  addresses: { type: "boolean", default: false },
} as const;

const head = ["ID", "PLATFORM", "KIND", "SINCE", "ADDRESS", "TITLE"];

/** `crier chats list [--addresses] [--json]`: every chat, since when it is subscribed, and what it gets. */
export async function listChats(args: string[], desk: () => Promise<Desk>): Promise<number> {
  const { values } = orMisuse("", () => parseArgs({ args, options }));
  const opened = await desk();
  let isFirst = true;
  for await (const page of pagesOf(opened.store)) {
    const chats = page.map((chat) => shown(chat, values.addresses));
    if (values.json) {
      for (const chat of chats) {
        print(`${isFirst ? "[" : ","}${JSON.stringify(chat)}`);
        isFirst = false;
      }
      continue;
    }
    const rows = chats.map(({ id, platform, kind, subscribedSince, address, title }) => [
      String(id),
      platform,
      kind,
      subscribedSince ? relativeTime(subscribedSince, opened.now) : "–",
      plain(address),
      plain(title ?? "no title"),
    ]);
    const [first = "", ...lines] = table([head, ...rows]);
    if (isFirst) print(first);
    isFirst = false;
    const indent = " ".repeat(first.indexOf("PLATFORM"));
    for (const [index, chat] of chats.entries()) {
      print(lines[index] ?? "");
      print(`${indent}${chat.subscribedSince ? await opened.words(chat) : standing(chat, opened.now)}`);
    }
  }
  if (values.json) print(isFirst ? "[]" : "]");
  else if (isFirst) print("No chat is known yet: one is when somebody writes to a bot, or adds it to a group.");
  return 0;
}

/** `crier chats show CHAT [--addresses] [--json]`: all of one chat. */
export async function showChat(args: string[], desk: () => Promise<Desk>): Promise<number> {
  const { values, positionals } = orMisuse("", () => parseArgs({ args, options, allowPositionals: true }));
  const [named, ...more] = positionals;
  if (named === undefined || more.length > 0) throw new Misuse("Name one chat, by its id, its address or its title.");
  const opened = await desk();
  const found = await findChat(opened, named);
  const linked = await opened.store.subscriptions.linked(found.id);
  const chat = shown(found, values.addresses);
  if (values.json) {
    print(JSON.stringify({ ...chat, linked: linked.map((other) => shown(other, values.addresses)) }, null, 2));
    return 0;
  }
  const { platform, kind, address } = chat;
  print(`${chatName(found, values.addresses)}: ${kind} on ${platform}, address ${plain(address)}.`);
  print(standing(chat, opened.now));
  print(await opened.words(chat));
  for (const other of linked) {
    print(`${chatName(other, values.addresses)}, decides the same: ${other.kind} on ${other.platform}.`);
  }
  return 0;
}
