import { audienceWords, chatsWords, counted, totalOf } from "#core/broadcast/audience";
import type { Report } from "#core/broadcast/report";
import { momentWords } from "#core/broadcast/when";
import type { Broadcast, BroadcastAudit, BroadcastState, PlatformCount } from "#core/ports";
import { textOf } from "#core/spans";
import { cut, timeOfDay } from "#core/text";

/** How things are said where they are asked. */
export interface Manner {
  now: Date;
  timeZone: string;
  /** How the command is written there: "/broadcast", "crier broadcast". */
  command: string;
}

/** Messages a second that a platform's bot may send. */
export interface Pace {
  platform: string;
  perSecond: number;
}

/** Where somebody is an author who writes no chat's message. */
export const commandLine = "cli";

/** What a line shows of a broadcast's text. */
const shownLetters = 60;
const shownReasons = 5;

/** "“The bridge is open…”". */
export const titleOf = ({ spans }: Pick<Broadcast, "spans">): string =>
  `“${cut(textOf(spans).replace(/\s+/g, " ").trim(), shownLetters)}”`;

/** Where a broadcast stands, as the end of a sentence that begins with its number. */
export function standing({ state, dueAt }: Pick<Broadcast, "state" | "dueAt">, { now, timeZone }: Manner): string {
  if (state === "scheduled" && dueAt) return `goes out ${momentWords(dueAt, now, timeZone)}`;
  if (state === "draft" && dueAt) return `is a draft for ${momentWords(dueAt, now, timeZone).replace(/^(at|on) /, "")}`;
  return standings[state];
}

const standings: Readonly<Record<BroadcastState, string>> = {
  draft: "is a draft",
  scheduled: "is scheduled",
  running: "is going out",
  paused: "is paused",
  done: "is done",
  cancelled: "is cancelled",
  recalled: "is taken back",
};

/** What a draft is about to do, and how it is sent or dropped. */
export function draftWords(draft: Broadcast, chats: PlatformCount[], paces: readonly Pace[], manner: Manner): string {
  const { id, dueAt, audience } = draft;
  const { now, timeZone, command } = manner;
  const when = dueAt ? `goes out ${momentWords(dueAt, now, timeZone)} (${timeZone})` : "goes out at once";
  return [
    `Broadcast ${id} is a draft: above is what chats will see. Once sent it ${when}.`,
    `To ${audienceWords(audience)}, now ${chatsWords(chats)}; at the platform's pace that takes ${paceWords(chats, paces)}.`,
    `${command} send ${id} sends it, ${command} cancel ${id} drops it.`,
  ].join("\n");
}

/** How long it takes at the pace of the slowest of its platforms: "about 2 minutes". */
export function paceWords(chats: readonly PlatformCount[], paces: readonly Pace[]): string {
  const seconds = chats.map(({ platform, count }) => {
    const pace = paces.find((candidate) => candidate.platform === platform);
    return pace ? count / pace.perSecond : 0;
  });
  return durationWords(Math.max(0, ...seconds) * 1_000);
}

/** "a moment", "about 20 seconds", "about 2 minutes", "about 3 hours". */
function durationWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3) return "a moment";
  if (seconds < 90) return `about ${counted(seconds, "second")}`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `about ${counted(minutes, "minute")}` : `about ${counted(Math.round(minutes / 60), "hour")}`;
}

/** One line a broadcast: its number, its text, where it stands. */
export const listLine = (broadcast: Broadcast, manner: Manner): string =>
  `${broadcast.id}  ${titleOf(broadcast)} ${standing(broadcast, manner)}${
    broadcast.chats ? `, ${counted(totalOf(broadcast.chats), "chat")}` : ""
  }`;

/** What became of it, and of taking it back. */
export function reportWords(broadcast: Broadcast, report: Report, steps: BroadcastAudit[], manner: Manner): string {
  const { id, chats, audience } = broadcast;
  const { timeZone } = manner;
  const lines = [`Broadcast ${id} ${standing(broadcast, manner)}: ${titleOf(broadcast)}`];
  if (chats === null) lines.push(`For ${audienceWords(audience)}.`);
  else
    lines.push(`Sent to ${report.sent.toLocaleString("en")} of ${chatsWords(chats)}.${timesWords(report, timeZone)}`);
  const rest = [
    waitingWords(report),
    report.underWay > 0 ? `${report.underWay.toLocaleString("en")} under way` : "",
    report.failed > 0 ? `${report.failed.toLocaleString("en")} failed` : "",
    report.unknown > 0 ? `${report.unknown.toLocaleString("en")} unknown: it may or may not have arrived` : "",
    report.skipped > 0 ? `${report.skipped.toLocaleString("en")} skipped` : "",
  ].filter(Boolean);
  if (rest.length > 0) lines.push(`${rest.join(", ")}.`);
  lines.push(...reasonLines(report.reasons));
  const { recall } = report;
  if (recall) {
    const back = `Taken back from ${counted(recall.takenBack, "chat")}`;
    const more = [
      recall.waiting > 0 ? `${recall.waiting.toLocaleString("en")} to come` : "",
      recall.left > 0 ? `${recall.left.toLocaleString("en")} could not be` : "",
    ].filter(Boolean);
    lines.push(`${[back, ...more].join(", ")}.`, ...reasonLines(recall.reasons));
  }
  lines.push(stepsWords(steps, manner));
  return lines.join("\n");
}

/** "12 held", "12 waiting", "12 waiting, 3 of them until their quiet hours end". */
function waitingWords({ waiting, held, quiet }: Report): string {
  if (waiting === 0) return "";
  const words = `${waiting.toLocaleString("en")} ${held > 0 ? "held" : "waiting"}`;
  if (quiet === 0) return words;
  return `${words}${quiet === waiting ? "" : `, ${quiet.toLocaleString("en")} of them`} until ${quiet === 1 ? "its chat's" : "their chats'"} quiet hours end`;
}

const reasonLines = (reasons: Report["reasons"]): string[] =>
  reasons
    .slice(0, shownReasons)
    .map(({ state, reason, count }) => `– ${count.toLocaleString("en")} ${state}: ${reason}`);

function timesWords({ firstAt, lastAt }: Report, timeZone: string): string {
  if (!firstAt || !lastAt) return "";
  const [first, last] = [firstAt, lastAt].map((at) => timeOfDay(at, timeZone));
  const span = first === last ? `At ${first}` : `From ${first} to ${last}`;
  return ` ${span}, in ${durationWords(lastAt.getTime() - firstAt.getTime())}.`;
}

/** Who did what, and when: "Drafted at 18:20 on telegram, begun at 18:30 by itself." */
function stepsWords(steps: BroadcastAudit[], { now, timeZone }: Manner): string {
  const words = steps.map(({ step, by, at }) => {
    const who = by ? ` ${placeWords(by.platform)}` : step === "done" ? "" : " by itself";
    return `${step === "recalled" ? "taken back" : step} ${momentWords(at, now, timeZone)}${who}`;
  });
  const said = words.join(", ");
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
}

const placeWords = (platform: string): string =>
  platform === commandLine ? "from the command line" : `on ${platform}`;
