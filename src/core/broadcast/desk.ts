import { audienceWords, chatsWords, counted, totalOf } from "#core/broadcast/audience";
import { audienceNow, begin, type Call, schedule, steer } from "#core/broadcast/life";
import { reportOf } from "#core/broadcast/report";
import { type Manner, reportWords, standing } from "#core/broadcast/say";
import { momentWords, nowWords } from "#core/broadcast/when";
import type { Author, Broadcast, BroadcastAudience, PlatformCount, Store } from "#core/ports";
import { textOf } from "#core/spans";

/** What an editor is answered, in a chat or on the command line. */
export interface Answer {
  /** False where nothing was changed. */
  done: boolean;
  text: string;
}

/** Both platforms take 4,096, the newsroom's name and marks included. */
const mostLetters = 4_000;

/** Keeps a text as a draft, where it could be sent; a `signature` left out is the newsroom's own name. */
export async function draft(
  store: Store,
  text: Pick<Broadcast, "spans" | "audience" | "dueAt"> & { signature?: string },
  { key, by, now }: Call & { by: Author },
): Promise<{ kept: Broadcast; chats: PlatformCount[] } | { problem: string }> {
  const { length } = textOf(text.spans);
  if (length > mostLetters) {
    return {
      problem: `That is too long for one message: ${length.toLocaleString("en")} characters, ${mostLetters.toLocaleString("en")} at most.`,
    };
  }
  const chats = await audienceNow(store, text);
  if (totalOf(chats) === 0) return { problem: nobodyWords(text.audience) };
  const signature = text.signature ?? (await store.articles.latest(1))[0]?.source ?? null;
  return { kept: await store.broadcasts.draft({ ...text, signature, key, by }, now), chats };
}

/** An answer that nothing was changed. */
export const refused = (text: string): Answer => ({ done: false, text });

/**
 * Sends a draft at once or at its time, or gives it another time. `"clock"` leaves the sending to the Crier that
 * runs, which looks each second.
 */
export async function send(
  store: Store,
  found: Broadcast,
  at: Date | "now" | null,
  call: Call,
  manner: Manner,
  how: "here" | "clock",
): Promise<Answer> {
  const { id, state } = found;
  const { now, timeZone, command } = manner;
  if (state !== "draft" && state !== "scheduled") return refused(`Broadcast ${id} ${standing(found, manner)} already.`);
  const dueAt = at === "now" ? null : (at ?? found.dueAt);
  if (dueAt && dueAt <= now && state === "draft") {
    return refused(
      `Its time, ${momentWords(dueAt, now, timeZone)}, has passed: it is ${nowWords(now, timeZone)}. ${command} send ${id} now sends it at once, ${command} send ${id} at 18:30 at another time.`,
    );
  }
  if (state === "scheduled" && dueAt && dueAt.getTime() === found.dueAt?.getTime()) {
    return refused(`Broadcast ${id} ${standing(found, manner)} already.`);
  }
  const chats = await audienceNow(store, found);
  if (totalOf(chats) === 0) return refused(nobodyWords(found.audience));
  if (dueAt || how === "clock") {
    if (!(await schedule(store, found, dueAt ?? now, call))) return already(store, found, manner);
    const time = dueAt
      ? `${momentWords(dueAt, now, timeZone)} (${timeZone})`
      : `to ${chatsWords(chats)}, within a second where Crier runs, else when it starts in the next hour`;
    return { done: true, text: `Broadcast ${id} goes out ${time}. ${command} cancel ${id} drops it.` };
  }
  const begun = await begin(store, found, call, { from: state });
  if (!begun) return already(store, found, manner);
  return {
    done: true,
    text: `Going out to ${chatsWords(begun)}.\n${command} show ${id} tells how far it is, ${command} pause ${id} holds it, ${command} recall ${id} takes it back.`,
  };
}

async function already(store: Store, found: Broadcast, manner: Manner): Promise<Answer> {
  const current = (await store.broadcasts.get(found.id)) ?? found;
  return refused(`Broadcast ${found.id} ${standing(current, manner)} already.`);
}

/** Said where an audience has no chats. */
const nobodyWords = (audience: BroadcastAudience): string =>
  Object.keys(audience).length === 0
    ? "Nobody would get it: no chat is subscribed."
    : `Nobody would get it: there are no ${audienceWords(audience).replace(/^chats /, "subscribed chats ")}.`;

const steps = { pause: "paused", resume: "resumed", recall: "recalled", cancel: "cancelled" } as const;

/** Pauses, resumes, takes back or cancels it. */
export async function turn(
  store: Store,
  found: Broadcast,
  verb: keyof typeof steps,
  call: Call,
  manner: Manner,
): Promise<Answer> {
  const { id } = found;
  if (!(await steer(store, found, steps[verb], call))) {
    const current = (await store.broadcasts.get(id)) ?? found;
    return refused(`Broadcast ${id} ${standing(current, manner)}: there is nothing to ${verb}.`);
  }
  return { done: true, text: turned(found, verb, reportOf(found, await store.broadcasts.tally(id)), manner) };
}

function turned(
  { id, chats }: Broadcast,
  verb: keyof typeof steps,
  report: ReturnType<typeof reportOf>,
  { command }: Manner,
): string {
  const sent = counted(report.sent, "chat");
  const waiting = counted(report.waiting, "chat");
  switch (verb) {
    case "pause":
      return `Broadcast ${id} is paused: ${sent} ${report.sent === 1 ? "has" : "have"} it, ${waiting} ${report.waiting === 1 ? "waits" : "wait"}. ${command} resume ${id} goes on, ${command} recall ${id} takes it back.`;
    case "resume":
      return `Broadcast ${id} goes on to ${waiting}.`;
    case "cancel":
      return chats === null
        ? `Broadcast ${id} is cancelled. Nobody got it.`
        : `Broadcast ${id} is cancelled: ${sent} got it, the rest will not. ${command} recall ${id} takes it back from those.`;
    case "recall":
      return `Broadcast ${id} is being taken back from ${sent}, and goes to no other. ${command} show ${id} tells what the platform no longer lets go.`;
    default:
      return verb satisfies never;
  }
}

/** What became of it. */
export async function show(store: Store, found: Broadcast, manner: Manner): Promise<string> {
  const report = reportOf(found, await store.broadcasts.tally(found.id));
  return reportWords(found, report, await store.broadcasts.audit(found.id), manner);
}

export const missing = (id: number, { command }: Manner): string =>
  `There is no broadcast ${id}. ${command} list shows them.`;
