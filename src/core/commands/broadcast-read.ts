import { readAudience } from "#core/broadcast/audience";
import { readWhen, type When } from "#core/broadcast/when";
import type { BroadcastId, ChatId, Span } from "#core/model";
import type { BroadcastAudience } from "#core/ports";
import { textOf, trimSpans } from "#core/spans";

/** What an editor asks for after "broadcast". */
export type Asked =
  | { kind: "draft"; spans: Span[]; at: Date | null; comesTwice: boolean; audience: BroadcastAudience }
  | { kind: "list" }
  | { kind: "show" | "pause" | "resume" | "recall" | "cancel"; id: BroadcastId }
  /** Without a number the writer's newest one; `at` is null for the time that it has, or at once. */
  | { kind: "send"; id: BroadcastId | null; at: Date | "now" | null }
  /** It cannot be done as it was written, and why. */
  | { kind: "problem"; text: string };

export interface Reading {
  now: Date;
  timeZone: string;
  platforms: readonly string[];
  /** The chat that is written in; null on the command line. */
  here: ChatId | null;
}

const verbs = /^(show|pause|resume|recall|cancel)(?:\s+#?(\d{1,9}))?$/i;
const sending = /^send(?:\s+#?(\d{1,9})(?:\s+(now|at\s+\S.*))?)?$/i;
/** No option is longer than this. */
const longestOption = 200;

/** Reads the command. What begins with neither a verb nor an option is the text itself, and so is the rest after the options. */
export function readBroadcast(spans: Span[], reading: Reading): Asked {
  const written = trimSpans(spans);
  const text = textOf(written);
  if (/^list$/i.test(text)) return { kind: "list" };
  const [, verb, number] = verbs.exec(text) ?? [];
  if (verb) {
    if (!number)
      return { kind: "problem", text: `Say which, by its number, as in “${verb} 12”; “list” shows them all.` };
    return { kind: verb.toLowerCase() as "show" | "pause" | "resume" | "recall" | "cancel", id: Number(number) };
  }
  const send = sending.exec(text);
  if (send) return readSend(send[1], send[2], reading);
  return readDraft(written, reading);
}

function readSend(number: string | undefined, when: string | undefined, { now, timeZone }: Reading): Asked {
  const id = number === undefined ? null : Number(number);
  if (when === undefined) return { kind: "send", id, at: null };
  if (/^now$/i.test(when)) return { kind: "send", id, at: "now" };
  const said = when.replace(/^at\s+/i, "");
  const read = readWhen(said, now, timeZone);
  if (!read || ("length" in read && read.length < said.length)) {
    return { kind: "problem", text: `“${said.slice(0, 40)}” is no time. ${timeHelp}` };
  }
  return "problem" in read
    ? { kind: "problem", text: `${read.problem} ${timeHelp}` }
    : { kind: "send", id, at: read.at };
}

const timeHelp = "Write it as 18:30, tomorrow 07:00 or 2026-11-25 07:00.";

function readDraft(written: Span[], { now, timeZone, platforms, here }: Reading): Asked {
  let rest = written;
  let at: Exclude<When, { problem: string }> | null = null;
  let audience: BroadcastAudience | null = null;
  // Each option once, in any order.
  for (let options = 0; options < 2; options += 1) {
    const head = textOf(rest).slice(0, longestOption);
    const to = /^to\s+([^\s"“]*(?:"[^"\n]{1,80}"|“[^”\n]{1,80}”)?)(?=\s|$)/iu.exec(head);
    const asked: BroadcastAudience | null =
      to && audience === null ? readAudience(to[1] ?? "", { platforms, here }) : null;
    if (to && asked) {
      audience = asked;
      rest = dropStart(rest, to[0].length);
      continue;
    }
    const mark: RegExpExecArray | null = at === null ? /^at\s+/i.exec(head) : null;
    const when: When | null = mark ? readWhen(head.slice(mark[0].length), now, timeZone) : null;
    if (!mark || !when) break;
    if ("problem" in when) return { kind: "problem", text: `${when.problem} ${timeHelp}` };
    at = when;
    rest = dropStart(rest, mark[0].length + when.length);
  }
  const { at: dueAt = null, comesTwice = false } = at ?? {};
  return { kind: "draft", spans: rest, at: dueAt, comesTwice, audience: audience ?? {} };
}

/** The spans without their first `length` letters and the white space after them. */
function dropStart(spans: Span[], length: number): Span[] {
  let left = length;
  const kept = spans.map((span) => {
    const text = span.text.slice(left);
    left = Math.max(0, left - span.text.length);
    return { ...span, text };
  });
  return trimSpans(kept);
}
