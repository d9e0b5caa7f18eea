import type { Call } from "#core/broadcast/life";
import type { Manner } from "#core/broadcast/say";
import { readWhen } from "#core/broadcast/when";
import type { Author, Store } from "#core/ports";
import type { Config } from "../../config.ts";
import { complain } from "../environment.ts";
import { Misuse } from "../misuse.ts";

/** What a command works with. */
export interface Desk {
  store: Store;
  config: Config;
  call: Call & { by: Author };
  manner: Manner;
}

/** @throws Misuse for what is no time, or one that has passed */
export function timeIn(text: string, { now, timeZone }: Manner): Date {
  const read = readWhen(text, now, timeZone);
  if (read && "problem" in read) throw new Misuse(read.problem);
  if (!read || read.length < text.trimEnd().length) {
    throw new Misuse(`“${text}” is no time. Write it as 18:30, 'tomorrow 07:00' or '2026-11-25 07:00'.`);
  }
  if (read.comesTwice) complain("The clocks go back that night and this time comes twice: the first one is meant.");
  return read.at;
}
