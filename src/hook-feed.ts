import type { Feed } from "#core/model";
import type { ContentAdapter } from "#core/ports";

/** The feed that stands for what publishing tools hand in: it has rules as others have, and nothing to be read. */
export const hookFeed = { kind: "hook", address: "/hooks/articles" };

/** Nothing is there to be read: it tells by itself. */
export const hookAdapter: ContentAdapter = {
  kind: hookFeed.kind,
  datesAhead: true,
  fetch: async () => ({ kind: "unchanged", freshForMs: 60 * 60_000 }),
};

/** True for the feed of what is handed in. */
export const isHookFeed = ({ kind }: Pick<Feed, "kind">): boolean => kind === hookFeed.kind;
