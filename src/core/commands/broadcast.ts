import { audienceHelp, audienceWords, chatsWords, counted, totalOf } from "#core/broadcast/audience";
import { audienceNow, begin, type Call, schedule, steer } from "#core/broadcast/life";
import { reportOf } from "#core/broadcast/report";
import { draftWords, listLine, type Manner, reportWords, standing } from "#core/broadcast/say";
import { momentWords } from "#core/broadcast/when";
import { type Asked, readBroadcast } from "#core/commands/broadcast-read";
import type { Command, CommandContext } from "#core/commands/command";
import type { Span } from "#core/model";
import type { Author, Broadcast } from "#core/ports";
import { plain, textOf } from "#core/spans";

/** Both platforms take 4,096, the newsroom's name and marks included. */
const mostLetters = 4_000;
/** Fits one screen of a phone. */
const listed = 10;

export const broadcast: Command = {
  name: "broadcast",
  summary: "Send your text to every chat",
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
      return send(found, asked.at, context);
    }
    default: {
      const found = await store.broadcasts.get(asked.id);
      if (!found) return missing(asked.id, manner);
      if (asked.kind === "show") {
        const report = reportOf(found, await store.broadcasts.tally(found.id));
        return reportWords(found, report, await store.broadcasts.audit(found.id), manner);
      }
      const call = { key: `call:${callKey}`, by: authorOf(context), now };
      return turn(found, asked.kind, call, context);
    }
  }
}

const missing = (id: number, { command }: Manner): string => `There is no broadcast ${id}. ${command} list shows them.`;

/** Keeps the draft and shows it, in a message of its own, exactly as chats will get it. */
async function draft(asked: Extract<Asked, { kind: "draft" }>, context: CommandContext): Promise<string> {
  const { store, chat, callKey, now, newsroom } = context;
  const manner = mannerOf(context);
  const { spans, audience, at: dueAt, comesTwice } = asked;
  const length = textOf(spans).length;
  if (length === 0) return usage(manner);
  if (length > mostLetters) {
    return `That is too long for one message: ${length.toLocaleString("en")} characters, ${mostLetters.toLocaleString("en")} at most.`;
  }
  if (chat.kind !== "private" && (await store.subscriptions.has(chat.id))) {
    return `Readers see what is written here. Write ${manner.command} to me in private, where a draft can be looked at first.`;
  }
  const chats = await audienceNow(store, { audience });
  if (totalOf(chats) === 0) return nobody(audience, context);
  const [newest] = await store.articles.latest(1);
  const kept = await store.broadcasts.draft(
    { key: callKey, by: authorOf(context), spans, signature: newest?.source ?? null, audience, dueAt },
    now,
  );
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

const nobody = (audience: Broadcast["audience"], { mark }: CommandContext): string =>
  Object.keys(audience).length === 0
    ? `Nobody would get it: no chat is subscribed. ${mark}start subscribes this one.`
    : `Nobody would get it: there are no ${audienceWords(audience).replace(/^chats /, "subscribed chats ")}.`;

/** Sends it at once, or sets its time. */
async function send(found: Broadcast, at: Date | "now" | null, context: CommandContext): Promise<string> {
  const { store, now, callKey, newsroom } = context;
  const { timeZone } = newsroom;
  const manner = mannerOf(context);
  const { id, state } = found;
  const call: Call = { key: `call:${callKey}`, by: authorOf(context), now };
  if (state !== "draft" && state !== "scheduled") return `Broadcast ${id} ${standing(found, manner)} already.`;
  const dueAt = at === "now" ? null : (at ?? found.dueAt);
  if (dueAt && dueAt <= now) {
    const time = momentWords(dueAt, now, timeZone);
    return `Its time, ${time}, has passed: it is ${momentWords(now, now, timeZone).replace("at ", "")} now. ${manner.command} send ${id} now sends it at once, ${manner.command} send ${id} at 18:30 at another time.`;
  }
  if (dueAt) {
    if (state === "scheduled" && dueAt.getTime() === found.dueAt?.getTime()) {
      return `Broadcast ${id} ${standing(found, manner)} already.`;
    }
    await schedule(store, found, dueAt, call);
    return `Broadcast ${id} goes out ${momentWords(dueAt, now, timeZone)} (${timeZone}). ${manner.command} cancel ${id} drops it.`;
  }
  if (totalOf(await audienceNow(store, found)) === 0) return nobody(found.audience, context);
  const chats = await begin(store, found, call, { from: state });
  if (!chats) return `Broadcast ${id} is going out already.`;
  const { command } = manner;
  return `Going out to ${chatsWords(chats)}.\n${command} show ${id} tells how far it is, ${command} pause ${id} holds it, ${command} recall ${id} takes it back.`;
}

const steps = { pause: "paused", resume: "resumed", recall: "recalled", cancel: "cancelled" } as const;

/** Pauses, resumes, takes back or cancels it. */
async function turn(found: Broadcast, verb: keyof typeof steps, call: Call, context: CommandContext): Promise<string> {
  const { store } = context;
  const manner = mannerOf(context);
  const { command } = manner;
  const { id } = found;
  if (!(await steer(store, found, steps[verb], call))) {
    const current = (await store.broadcasts.get(id)) ?? found;
    return `Broadcast ${id} ${standing(current, manner)}: there is nothing to ${verb}.`;
  }
  const report = reportOf(found, await store.broadcasts.tally(id));
  const waiting = counted(report.waiting, "chat");
  const sent = counted(report.sent, "chat");
  switch (verb) {
    case "pause":
      return `Broadcast ${id} is paused: ${sent} ${report.sent === 1 ? "has" : "have"} it, ${waiting} wait. ${command} resume ${id} goes on, ${command} recall ${id} takes it back.`;
    case "resume":
      return `Broadcast ${id} goes on to ${waiting}.`;
    case "cancel":
      return found.chats === null
        ? `Broadcast ${id} is cancelled. Nobody got it.`
        : `Broadcast ${id} is cancelled: ${sent} got it, the rest will not. ${command} recall ${id} takes it back from those.`;
    case "recall":
      return `Broadcast ${id} is being taken back from ${sent}, and goes to no other. ${command} show ${id} tells what the platform no longer lets go.`;
    default:
      return verb satisfies never;
  }
}
