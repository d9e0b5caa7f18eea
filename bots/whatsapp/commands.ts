import type { Client, GroupChat, Message } from "whatsapp-web.js";
import type { ChatRef, Person } from "#core/model";
import type { BotEvent } from "#core/ports";
import { trimSpans } from "#core/spans";
import { groupRef, platform } from "./groups.ts";
import { spansFromMarks } from "./marks.ts";
import { isAdmin, resolvePerson } from "./people.ts";

/** What was written while Crier was away is answered if it is not older than this: nobody waits for it any more. */
const freshMs = 10 * 60_000;

/** The command in a message that came in; null where there is none, or where it is too old. */
export async function readCommand(
  client: Client,
  message: Message,
  { admins, now }: { admins: readonly string[]; now: Date },
): Promise<Extract<BotEvent, { kind: "command" }> | null> {
  const [whole, name] = /^\s*!([\p{L}\p{N}_]{1,32})(?=\s|$)/u.exec(message.body ?? "") ?? [];
  if (whole === undefined || name === undefined) return null;
  if (message.fromMe || message.type !== "chat" || !/@(c\.us|lid|g\.us)$/.test(message.from)) return null;
  if (now.getTime() - message.timestamp * 1000 > freshMs) return null;
  const isGroup = message.from.endsWith("@g.us");
  const writer = isGroup ? message.author : message.from;
  if (!writer) return null;
  const id = await resolvePerson(client, writer);
  const chat: ChatRef = isGroup ? groupRef(message.from) : { platform, address: id, kind: "private" };
  const from: Person = {
    id,
    isAdmin: isAdmin(id, admins),
    governsChat: !isGroup || (await governs(client, message.from, [id, writer])),
  };
  return {
    kind: "command",
    id: message.id._serialized,
    chat,
    title: await titleOf(message),
    from,
    name: name.toLowerCase(),
    spans: trimSpans(spansFromMarks(message.body.slice(whole.length))),
  };
}

/** True for a group's admins. */
async function governs(client: Client, group: string, ids: readonly string[]): Promise<boolean> {
  try {
    const { participants } = (await client.getChatById(group)) as GroupChat;
    return participants.some(
      ({ id, isAdmin, isSuperAdmin }) => ids.includes(id._serialized) && (isAdmin || isSuperAdmin),
    );
  } catch {
    // Without an answer the writer counts as any member.
    return false;
  }
}

async function titleOf(message: Message): Promise<string | null> {
  try {
    return (await message.getChat()).name || null;
  } catch {
    return null;
  }
}
