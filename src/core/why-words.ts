import type { Action } from "#core/model";
import type { DeliveryRecord } from "#core/ports";

const doing: Readonly<Record<Action, string>> = {
  send: "to be sent",
  correct: "as a correction",
  recall: "to be taken back",
};

/** One delivery's life in sentences: queued, tried, ended. */
export function deliverySentences(delivery: DeliveryRecord, at: (date: Date) => string): string[] {
  const { key, kind, lane, action, queuedAt } = delivery;
  const it = kind === "article" ? "It" : action === "send" ? "A digest with it" : "What the digest says of it";
  return [
    `${it} was queued ${doing[action]} at ${at(queuedAt)}, in the lane “${lane}” (delivery ${delivery.id} of the message ${key}).`,
    outcome(delivery, at),
  ];
}

function outcome(delivery: DeliveryRecord, at: (date: Date) => string): string {
  const { action, state, reason, attempts, revision, queuedAt, notBefore, claimedAt, endedAt } = delivery;
  const why = reason === null ? "" : ` ${reason}`;
  const tried = attempts === 0 ? "" : ` after ${counted(attempts, "try", "tries")} that sent nothing`;
  const claimed = claimedAt ? `claimed at ${at(claimedAt)}${tried}` : "never claimed";
  const when = endedAt ? ` at ${at(endedAt)}` : "";
  const delay = endedAt ? `, ${duration(endedAt.getTime() - queuedAt.getTime())} after it was queued` : "";
  switch (state) {
    case "pending":
      return `It waits${notBefore ? ` until ${at(notBefore)} at least` : " for its turn"}${tried}.${why}`;
    case "sending":
      return `It was ${claimed} and is under way: the platform has not answered yet.`;
    case "sent": {
      const what = action === "correct" ? "The chat's copy was corrected" : "It was sent";
      return `It was ${claimed}. ${what}${when}${delay}${revision === null ? "" : `, in revision ${revision}`}.`;
    }
    case "recalled":
      return action === "recall"
        ? `It was ${claimed}. It was taken back${when}${delay}.`
        : `It was ${claimed} and sent; it was taken back later.`;
    case "failed":
      return `It was ${claimed}. It failed for good${when}.${why}`;
    case "skipped":
      return `It was skipped${when}, ${claimed}.${why}`;
    case "unknown":
      return `It was ${claimed}. Its answer was lost${when}: it may or may not have arrived, and is not sent again unproven.${why}`;
    case "held":
      return `It is held.${why}`;
    default:
      return state satisfies never;
  }
}

/** "24 Nov 2026, 14:05:03" in a zone. */
export const instant = (at: Date, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone }).format(at);

/** "0.4 seconds", "12 minutes", "3 hours": to the first unit that is full. */
function duration(ms: number): string {
  if (ms < 0) return "an instant";
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} seconds`;
  const [size, word] =
    ms < 3_600_000 ? [60_000, "minute"] : ms < 86_400_000 ? [3_600_000, "hour"] : [86_400_000, "day"];
  return counted(Math.trunc(ms / Number(size)), String(word));
}

export const counted = (count: number, word: string, words = `${word}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? word : words}`;
