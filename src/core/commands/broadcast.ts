import { audienceHelp } from "#core/broadcast/audience";
import { draft as keep, missing, send, show, turn } from "#core/broadcast/desk";
import { draftWords, listLine, type Manner } from "#core/broadcast/say";
import { type Asked, readBroadcast } from "#core/commands/broadcast-read";
import type { Command, CommandContext } from "#core/commands/command";
import type { Author } from "#core/ports";
import { plain, textOf } from "#core/spans";

/** Fits one screen of a phone. */
const listed = 10;

export const broadcast: Command = {
  name: "broadcast",
  summary: "Write to many chats, after a look at the draft",
  adminOnly: true,
  async run(context) {
    const { store, spans, now, newsroom, chat } = context;
    const { timeZone, paces } = newsroom;
    const subscribed = (await store.chats.count()).map(({ platform }) => platform);
    const platforms = [...new Set([...paces.map(({ platform }) => platform), ...subscribed])];
    const asked = readBroadcast(spans, { now, timeZone, platforms, here: chat.id });
    return [plain(await answer(asked, context))];
  },
};

const mannerOf = ({ now, newsroom, mark }: CommandContext): Manner => ({
  now,
  timeZone: newsroom.timeZone,
  command: `${mark}broadcast`,
});

const authorOf = ({ chat, from }: CommandContext): Author => ({ platform: chat.platform, person: from.id });

async function answer(asked: Asked, context: CommandContext): Promise<string> {
  const { store, now, callKey } = context;
  const manner = mannerOf(context);
  const call = { key: `call:${callKey}`, by: authorOf(context), now };
  switch (asked.kind) {
    case "problem":
      return asked.text;
    case "draft":
      return draft(asked, context);
    case "list": {
      const broadcasts = await store.broadcasts.list(listed);
      if (broadcasts.length === 0) return `No broadcast yet. ${manner.command} The bridge is open again. drafts one.`;
      return broadcasts.map((one) => listLine(one, manner)).join("\n");
    }
    case "send": {
      const { id } = asked;
      const found = await (id === null ? store.broadcasts.newestOf(authorOf(context)) : store.broadcasts.get(id));
      if (!found) return id === null ? `You have no draft. ${manner.command} TEXT makes one.` : missing(id, manner);
      return (await send(store, found, asked.at, call, manner, "here")).text;
    }
    default: {
      const found = await store.broadcasts.get(asked.id);
      if (!found) return missing(asked.id, manner);
      if (asked.kind === "show") return show(store, found, manner);
      return (await turn(store, found, asked.kind, call, manner)).text;
    }
  }
}

/** Keeps the draft and shows it, in a message of its own, exactly as chats will get it. */
async function draft(asked: Extract<Asked, { kind: "draft" }>, context: CommandContext): Promise<string> {
  const { store, chat, callKey, now, newsroom } = context;
  const manner = mannerOf(context);
  const { spans, audience, at: dueAt, comesTwice } = asked;
  if (textOf(spans) === "") return usage(manner);
  if (chat.kind !== "private" && (await store.subscriptions.has(chat.id))) {
    return `Readers see what is written here. Write ${manner.command} to me in private, where a draft can be looked at first.`;
  }
  const drafted = await keep(store, { spans, audience, dueAt }, { key: callKey, by: authorOf(context), now });
  if ("problem" in drafted) return drafted.problem;
  const { kept, chats } = drafted;
  const preview = { kind: "broadcast", spans: kept.spans, signature: kept.signature } as const;
  await store.outbox.add({ key: `reply:preview:${callKey}`, lane: "reply", ...preview }, { chat: chat.id }, now);
  const twice = comesTwice ? "\nThe clocks go back that night and this time comes twice: the first one is meant." : "";
  return `${draftWords(kept, chats, newsroom.paces, manner)}${twice}`;
}

const usage = ({ command }: Manner): string =>
  [
    `Write the text after the command: ${command} The bridge is open again.`,
    `${command} at 18:30 TEXT, ${command} at 2026-11-25 07:00 TEXT: at that time.`,
    `${command} to AUDIENCE TEXT, where AUDIENCE is ${audienceHelp}; here tries it in this chat alone.`,
    `${command} list, show 12, pause 12, resume 12, recall 12, cancel 12: what became of it.`,
  ].join("\n");
