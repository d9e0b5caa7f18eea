import { parseArgs } from "node:util";
import { print } from "../environment.ts";
import { Failure, Misuse, orMisuse } from "../misuse.ts";
import { type Desk, findChat } from "./desk.ts";
import { chatName } from "./say.ts";

/** The code is used at once. */
const codeMs = 60_000;

/** `crier chats link CHAT CHAT`: both decide the same from now on, at first what the first one decided. */
export async function linkChats(args: string[], desk: () => Promise<Desk>): Promise<number> {
  const { positionals } = orMisuse("", () => parseArgs({ args, allowPositionals: true, options: {} }));
  const [one, other, ...more] = positionals;
  if (one === undefined || other === undefined || more.length > 0) {
    throw new Misuse("Name two chats: the second takes over what the first one decided.");
  }
  const opened = await desk();
  const { store, now } = opened;
  const first = await findChat(opened, one);
  const second = await findChat(opened, other);
  if (first.id === second.id) throw new Failure(`${one} and ${other} are the same chat.`);
  await store.transaction(async (tx) => {
    const code = await tx.subscriptions.codeFor(first.id, new Date(now.getTime() + codeMs));
    await tx.subscriptions.link(second.id, code, now);
  });
  print(`${chatName(second)}, decides the same as chat ${first.id} from now on. ${await opened.words(first)}`);
  return 0;
}

/** `crier chats unlink CHAT`: it decides for itself again; what was decided stays. */
export async function unlinkChat(args: string[], desk: () => Promise<Desk>): Promise<number> {
  const { positionals } = orMisuse("", () => parseArgs({ args, allowPositionals: true, options: {} }));
  const [named, ...more] = positionals;
  if (named === undefined || more.length > 0) throw new Misuse("Name one chat, by its id, its address or its title.");
  const opened = await desk();
  const chat = await findChat(opened, named);
  const wasLinked = await opened.store.subscriptions.unlink(chat.id);
  print(wasLinked ? `${chatName(chat)}, decides for itself again.` : `${chatName(chat)}, was linked with no other.`);
  return 0;
}
