import { totalOf } from "#core/broadcast/audience";
import type { Broadcast, BroadcastTally } from "#core/ports";

/** What became of a broadcast, chat by chat, in numbers. */
export interface Report {
  /** Its audience; 0 before it began. */
  chats: number;
  /** Chats that got it, also those from which it was taken back. */
  sent: number;
  /** Their turn is still to come: `held` of them while it is paused, `quiet` of them until their chats' quiet hours end. */
  waiting: number;
  held: number;
  quiet: number;
  underWay: number;
  failed: number;
  /** Its answer was lost: it may or may not have arrived. */
  unknown: number;
  skipped: number;
  /** Why it failed or was skipped, the most frequent first. */
  reasons: Reason[];
  firstAt: Date | null;
  lastAt: Date | null;
  /** What became of taking it back; null where nobody asked for that. */
  recall: { takenBack: number; waiting: number; left: number; reasons: Reason[] } | null;
}

interface Reason {
  state: "failed" | "skipped" | "unknown";
  reason: string;
  count: number;
}

export function reportOf({ chats, state }: Pick<Broadcast, "chats" | "state">, tallies: BroadcastTally[]): Report {
  const sends = tallies.filter(({ action }) => action === "send");
  const recalls = tallies.filter(({ action }) => action === "recall");
  const got = sends.filter((tally) => tally.state === "sent" || tally.state === "recalled");
  const times = got.flatMap(({ firstAt, lastAt }) => [firstAt, lastAt]).flatMap((at) => at?.getTime() ?? []);
  const total = totalOf(chats ?? []);
  // What its fan-out has not written yet waits like the rest.
  const unwritten = ["running", "paused"].includes(state) ? Math.max(0, total - sum(sends)) : 0;
  const held = sum(sends, "held");
  return {
    chats: total,
    sent: sum(got),
    waiting: sum(sends, "pending") + held + unwritten,
    held: state === "paused" ? held : 0,
    quiet: state === "paused" ? 0 : held,
    underWay: sum(sends, "sending"),
    failed: sum(sends, "failed"),
    unknown: sum(sends, "unknown"),
    skipped: sum(sends, "skipped"),
    reasons: reasonsOf(sends),
    firstAt: times.length > 0 ? new Date(Math.min(...times)) : null,
    lastAt: times.length > 0 ? new Date(Math.max(...times)) : null,
    recall:
      state === "recalled"
        ? {
            takenBack: sum(recalls, "recalled"),
            // A chat that is left alone now loses it when its quiet hours end.
            waiting: sum(recalls, "pending") + sum(recalls, "held") + sum(recalls, "sending"),
            left: sum(recalls, "failed") + sum(recalls, "skipped") + sum(recalls, "unknown"),
            reasons: reasonsOf(recalls),
          }
        : null,
  };
}

const sum = (tallies: readonly BroadcastTally[], state?: BroadcastTally["state"]): number =>
  tallies.reduce((total, tally) => (state === undefined || tally.state === state ? total + tally.count : total), 0);

function reasonsOf(tallies: readonly BroadcastTally[]): Reason[] {
  const found = new Map<string, Reason>();
  for (const { state, reason, count } of tallies) {
    if ((state !== "failed" && state !== "skipped" && state !== "unknown") || reason === null) continue;
    const known = found.get(`${state}:${reason}`);
    if (known) known.count += count;
    else found.set(`${state}:${reason}`, { state, reason, count });
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}
