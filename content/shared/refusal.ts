import { FeedError, type FeedReason } from "#core/errors";
import type { HttpAnswer } from "./http.ts";

/** What a status says of an address, and what can be done about it. */
const meanings: Readonly<Record<number, readonly [said: string, advice: string]>> = {
  401: ["wants a name and password, which Crier has none of", "ask for an open address"],
  402: ["is for those who paid", "ask for an open address"],
  403: ["refuses to answer Crier", "ask the publisher to let Crier through"],
  404: ["is not there", "check the address"],
  406: ["has nothing in a form that Crier reads", "check the address"],
  410: ["is there no longer", "check the address"],
  429: ["asks Crier to come less often", "Crier waits; set FEED_INTERVAL longer if it goes on"],
  451: [
    "may not be shown where Crier runs, for legal reasons",
    "ask the publisher for an address that may be read there",
  ],
};

function meaningOf(status: number): readonly [said: string, advice: string] {
  const known = meanings[status];
  if (known) return known;
  if (status >= 500) return ["has trouble at its server", "it is tried again"];
  if (status >= 300 && status < 400) {
    return ["redirects without saying where to", "ask its owner for the right address"];
  }
  return ["did not answer with anything to read", "check the address"];
}

/** The error for a status that brings nothing to read; `advice` in place of the usual one. */
export function statusError(answer: HttpAnswer, what: string, advice?: string): FeedError {
  const [said, usual] = meaningOf(answer.status);
  return answerError(answer, "http-status", `${what} ${said} (HTTP ${answer.status}): ${advice ?? usual}.`);
}

/** An error that keeps what the answer says of when to come again. */
export const answerError = ({ retryAfterMs }: HttpAnswer, reason: FeedReason, message: string): FeedError =>
  new FeedError(reason, message, retryAfterMs === undefined ? {} : { retryAfterMs });
