import { eraseChat } from "#core/erase";
import { complain, print } from "./environment.ts";
import { counted, plain } from "./say.ts";
import { readAsked, withStore } from "./store.ts";
import { findChat } from "./why.ts";

const usage = `crier erase CHAT --yes   removes a person's or a group's chat with all that Crier knows of it
CHAT is an id, a title, a phone number or the platform's own address. Counts of the past stay, without it.`;

/** `crier erase CHAT --yes`: may run beside Crier. */
export async function erase(args: string[]): Promise<number> {
  const asked = readAsked(args, { usage, count: 1, flags: ["yes"] });
  if (asked === "help") return 0;
  if (!asked) return 2;
  return withStore(async (store) => {
    const chat = await findChat(store, asked.words[0] ?? "");
    if (!chat) return 1;
    const name = `chat ${chat.id}${chat.title ? `, “${plain(chat.title)}”,` : ""} on ${chat.platform}`;
    if (!asked.flags.yes) {
      complain(
        `crier: this removes ${name} for good, with its subscription, what it wants, and all that was sent to it. Add --yes to do it.`,
      );
      return 2;
    }
    const { deliveries, isScrubbed } = await eraseChat(store, chat.id);
    print(`Erased ${name} with ${counted(deliveries, "delivery", "deliveries")}, which stay as numbers only.`);
    print("Backups and exports made before still hold it: remove those too.");
    if (isScrubbed) return 0;
    complain(
      "crier: another process was reading in the database all the while: a copy may remain in its log file (crier.db-wal) until Crier is restarted.",
    );
    return 1;
  });
}
