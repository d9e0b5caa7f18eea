import { challengeIn } from "#content/shared/challenge";
import type { HttpAnswer } from "#content/shared/http";
import { FeedError } from "#core/errors";

/** What one look came to; its words are the end of a sentence, without its stop. */
export type Seen = { kind: "there" } | { kind: "problem" | "unproven"; words: string };

export const there: Seen = { kind: "there" };
export const problem = (words: string): Seen => ({ kind: "problem", words });

/** What the words are about. */
type Subject = "its page" | "its picture";

/** Statuses of an answer that has all that was asked for. */
export const isGood = ({ status }: HttpAnswer): boolean => status === 200 || status === 203;

/** A page in front of the site, which lets readers through; null for none. What is not there, or broken, is so for readers as well. */
export function wallBefore(answer: HttpAnswer, subject: Subject): Seen | null {
  const { status } = answer;
  if (status === 404 || status === 410 || (status >= 500 && status !== 503)) return null;
  const said = challengeIn(answer);
  // What can be done about it is for those who read feeds; here nothing has to be done.
  return said === null ? null : { kind: "unproven", words: `${subject} ${said.split(",")[0]}` };
}

/** Why there was no answer. @throws what is no failure of an exchange */
export function noAnswer(error: unknown, subject: Subject, signal: AbortSignal): Seen {
  if (!(error instanceof FeedError)) throw error;
  if (signal.aborted || error.reason === "timeout") return problem(`${subject} does not answer in time`);
  return problem(`${subject} cannot be opened: ${whatHappened(error.message)}`);
}

/** The part of an error's sentence before what to do about it, to go on another sentence. */
const whatHappened = (message: string): string =>
  (message.split(/[:;] /)[0] ?? "").replace(/\.$/, "").replace(/^(?:There|The|This) /, (word) => word.toLowerCase());

/** An address short enough for a sentence. */
export const shown = (address: string): string => (address.length > 200 ? `${address.slice(0, 199)}…` : address);
