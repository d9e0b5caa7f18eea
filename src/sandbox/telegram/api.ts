import type { Params } from "./params.ts";
import type { User } from "./wire.ts";
import type { World } from "./world.ts";

/** What the methods work on. */
export interface Api {
  world: World;
  bot: User;
  /** Lengths count UTF-16 units instead of code points. */
  strict16: boolean;
  now: () => number;
}

/** Answers with a call's result; throws an ApiError where it is refused. Keyed by the name in lower case. */
export type Methods = Readonly<Record<string, (params: Params) => unknown>>;
